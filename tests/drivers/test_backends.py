"""The descriptors of this package's backends."""

import subprocess
import sys

from orm_testing.driver import AsyncDriverInterface, DriverInterface
from orm_testing.store import Store


def test_each_name_leads_to_a_class_of_its_kind():
    """Driver, async driver and store of each backend can be imported."""
    import importlib

    from orm_testing_drivers import backends

    for backend in (backends.sqlite, backends.sqlite_file):
        for reference, kind in (
            (backend.driver, DriverInterface),
            (backend.async_driver, AsyncDriverInterface),
            (backend.store, Store),
        ):
            module, _, name = reference.partition(":")
            assert issubclass(getattr(importlib.import_module(module), name), kind)


def test_naming_backends_imports_nothing_heavy():
    """Neither SQLAlchemy nor pydantic is loaded to learn which backends there are."""
    code = "import sys, orm_testing_drivers.backends; print([n for n in ('sqlalchemy', 'aiosqlite') if n in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert printed.stdout.strip() == "[]"
