"""Opened SQLite drivers, in memory and in a file, each beside the in-memory driver that it is held to."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from orm_testing import Clock, InMemoryDriver, OrmDsl, SchemaSet
from orm_testing.backends import make_driver, make_store, product_of
from orm_testing.dsl.context import Context
from orm_testing.plugin.services import servers_of
from orm_testing.services.server import Server
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


@pytest.fixture
def postgres_server(request: pytest.FixtureRequest) -> Server:
    """The run's PostgreSQL, as a worker's stores are handed it."""
    from orm_testing_drivers.postgres.service import PostgresProduct

    servers, product = servers_of(request.config), PostgresProduct()
    if reason := servers.unavailable(product):
        pytest.skip(reason)
    return servers.server(product)


@pytest.fixture
def postgres_store(postgres_server: Server, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open, prepare and seal a store of PostgreSQL for these models; `made` adds to the schema before the seal."""
    from orm_testing_drivers.postgres.store import PostgresStore

    stores = []

    def make(*models: type[Any], made: Any = None, server: Server | None = None) -> Any:
        store = PostgresStore()
        store.server = server or postgres_server
        store.open(tmp_path)
        stores.append(store)
        store.prepare(SchemaSet(models))
        if made is not None:
            with store.connect() as connection:
                connection.execute(made)
        store.seal()
        return store

    yield make
    for store in stores:
        store.close()


@pytest.fixture
def postgres(postgres_store: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """A driver of PostgreSQL set up for these models."""
    from orm_testing_drivers.postgres.driver import PostgresDriver

    drivers = []

    def make(*models: type[Any], store: Any = None) -> Any:
        driver = PostgresDriver()
        driver.store = store or postgres_store(*models)
        driver.backend_name = "postgres"
        driver.clock = Clock()
        driver.setup_backend(models)
        drivers.append(driver)
        return driver

    yield make
    for driver in drivers:
        driver.close()


@pytest.fixture
def postgres_dsl(postgres: Callable[..., Any]) -> Callable[..., OrmDsl]:
    """A DSL client on PostgreSQL for these models."""

    def make(*models: type[Any], store: Any = None) -> OrmDsl:
        driver = postgres(*models, store=store)
        return OrmDsl(Context(driver, "postgres", models, driver.clock), driver)

    return make


@pytest.fixture(scope="session")
def mysql_server(request: pytest.FixtureRequest) -> Server:
    """The run's server of MariaDB or MySQL."""
    return _server(request.config, "mysql")


def _server(config: pytest.Config, backend: str) -> Server:
    product, servers = product_of(backend), servers_of(config)
    reason = servers.unavailable(product)
    if reason is not None:
        pytest.skip(reason)
    return servers.server(product)


@pytest.fixture
def on_mysql(mysql_server: Server, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A driver of MySQL set up for these models, on a store of its own or on one that is given."""
    closing = ExitStack()

    def make(*models: type[Any], store: Any = None) -> Any:
        if store is None:
            store = make_store("mysql")
            store.server = mysql_server
            store.open(tmp_path)
            closing.callback(store.close)
            store.prepare(SchemaSet(models))
            store.seal()
        driver = make_driver("mysql")
        driver.store, driver.backend_name, driver.clock = store, "mysql", Clock()
        driver.setup_backend(models)
        closing.callback(driver.close)
        return driver

    with closing:
        yield make


@pytest.fixture
def on_backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """A driver of a backend set up for these models, on a store of its own: on that server, or on the run's."""
    closing = ExitStack()

    def make(name: str, *models: type[Any], server: Server | None = None, store: Any = None) -> Any:
        if store is None:
            store = make_store(name)
            store.server = server or _server(request.config, name)
            store.open(tmp_path)
            closing.callback(store.close)
            store.prepare(SchemaSet(models))
            store.seal()
        driver = make_driver(name)
        driver.store, driver.backend_name, driver.clock = store, name, Clock()
        driver.setup_backend(models)
        closing.callback(driver.close)
        return driver

    with closing:
        yield make
