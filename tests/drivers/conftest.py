"""Opened SQLite drivers, in memory and in a file, each beside the in-memory driver that it is held to."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orm_testing import Clock, InMemoryDriver, OrmDsl, SchemaSet
from orm_testing.dsl.context import Context
from orm_testing_drivers.sqlite import SqliteDriver, SqliteFileStore, SqliteMemoryStore


@pytest.fixture(params=[SqliteMemoryStore, SqliteFileStore], ids=["memory", "file"])
def store_class(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def stored(store_class: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open, prepare and seal a store for these models."""
    stores = []

    def make(*models: type[Any]) -> Any:
        store = store_class()
        store.open(tmp_path)
        stores.append(store)
        store.prepare(SchemaSet(models))
        store.seal()
        return store

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def opened(stored: Callable[..., Any]) -> Iterator[Callable[..., SqliteDriver]]:
    """A driver set up for these models."""
    drivers = []

    def make(*models: type[Any], store: Any = None) -> SqliteDriver:
        driver = SqliteDriver()
        driver.store = store or stored(*models)
        driver.backend_name = "sqlite"
        driver.clock = Clock()
        driver.setup_backend(models)
        drivers.append(driver)
        return driver

    yield make
    for driver in drivers:
        driver.close()


@pytest.fixture
def dsl(opened: Callable[..., SqliteDriver]) -> Callable[..., OrmDsl]:
    """A DSL client on SQLite for these models."""

    def make(*models: type[Any]) -> OrmDsl:
        driver = opened(*models)
        return OrmDsl(Context(driver, "sqlite", models, driver.clock), driver)

    return make


@pytest.fixture
def oracle() -> Callable[..., InMemoryDriver]:
    """The in-memory driver set up for these models."""

    def make(*models: type[Any]) -> InMemoryDriver:
        driver = InMemoryDriver()
        driver.clock = Clock()
        driver.setup_backend(models)
        return driver

    return make
