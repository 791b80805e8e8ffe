"""The descriptors of this package's backends."""

import subprocess
import sys

from orm_testing.driver import AsyncDriverInterface, DriverInterface
from orm_testing.store import Store


def test_each_name_leads_to_a_class_of_its_kind():
    """Driver, async driver and store of each backend can be imported."""
    import importlib

    from orm_testing_drivers import backends

    for backend in (backends.sqlite, backends.sqlite_file, backends.postgres, backends.mysql):
        for reference, kind in (
            (backend.driver, DriverInterface),
            (backend.async_driver, AsyncDriverInterface),
            (backend.store, Store),
        ):
            module, _, name = reference.partition(":")
            assert issubclass(getattr(importlib.import_module(module), name), kind)


def test_sync_drivers_need_no_library_of_async_ones():
    """Every backend is imported where neither greenlet nor an async client is installed, as after a plain install."""
    code = """
import sys
sys.modules |= dict.fromkeys(["greenlet", "aiosqlite", "asyncmy"])
from orm_testing.backends import driver_class, product_of
for name in ("sqlite", "sqlite_file", "postgres", "mysql"):
    print(driver_class(name).__name__, type(product_of(name)).__name__)
"""
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert printed.stdout.split() == [
        "SqliteDriver", "NoneType", "SqliteFileDriver", "NoneType", "PostgresDriver", "PostgresProduct", "MysqlDriver", "MysqlProduct",
    ]  # fmt: skip


def test_naming_backends_imports_nothing_heavy():
    """Neither SQLAlchemy nor pydantic is loaded to learn which backends there are."""
    code = "import sys, orm_testing_drivers.backends; print([n for n in ('sqlalchemy', 'aiosqlite') if n in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert printed.stdout.strip() == "[]"
