"""`SqlDriver`: a driver on SQLAlchemy Core, for every SQL database.

Known differences from the contract, beside those that each product adds:

- none.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Any, ClassVar

import sqlalchemy as sa

from orm_testing.driver import DriverInterface, Rights
from orm_testing.errors import ConfigurationError, OperationError
from orm_testing.operations import Operation
from orm_testing.schema import SchemaSet
from orm_testing.store import Stale, Store
from orm_testing_drivers.sql.store import SqlStore
from orm_testing_drivers.sql.work import SqlWork


class OneWay:
    """For a driver whose operations all go one way: its `execute_operation`, sync or async, is each `execute_…`."""

    execute_operation: Callable[[Any], Any]

    def _executed(self, operation: Any) -> Any:
        return self.execute_operation(operation)

    execute_create = _executed
    execute_create_many = _executed
    execute_get = _executed
    execute_update = _executed
    execute_delete = _executed
    execute_upsert = _executed
    execute_query = _executed
    execute_count = _executed
    execute_exists = _executed
    execute_aggregate = _executed
    execute_clear = _executed
    execute_create_schema = _executed
    execute_drop_schema = _executed
    execute_schema_exists = _executed
    execute_describe = _executed
    execute_ddl = _executed
    execute_evolve = _executed
    execute_begin = _executed
    execute_commit = _executed
    execute_rollback = _executed


class SqlDriver(OneWay, DriverInterface):
    """Holds one connection for its life; `work_class` says what the product does in its own way."""

    work_class: ClassVar[type[SqlWork]]

    def __init__(self) -> None:
        self._closing = ExitStack()

    def open(self) -> None:
        self._closing.callback(sql_store(self).dismiss)
        self.engine = sql_store(self).engine()
        self._closing.callback(self.engine.dispose)
        record_statements(self.engine, self)
        self._connect()
        self._closing.callback(self._disconnect)

    def close(self) -> None:
        self._closing.close()

    def session(self, rights: Rights = "all") -> "SqlDriver":
        session = type(self)()
        session.backend_name, session.clock = self.backend_name, self.clock
        session.store = sql_store(self).for_user(rights)
        session.setup_backend([schema.model_class for schema in self.work.prepared])
        session.work.learn(self.work.schemas)
        return session

    def prepare(self, models: Sequence[type[Any]]) -> None:
        self.work = self.work_class(SchemaSet(tuple(models)))
        self._closing.callback(self.work.abandon)

    def execute_operation(self, operation: Operation) -> Any:
        self.statements = self.work.started(self.clock)
        return self.work.run(self.connection, operation)

    def transaction_connection(self) -> Any:
        return self.connection.connection.driver_connection if self.work.transactions else None

    def leaks(self) -> list[str]:
        return super().leaks() + self.work.leaks()

    def reset(self) -> None:
        self.work.abandon()
        if sql_store(self).unsettled:
            self._reopen()
        try:
            super().reset()
        except Stale:
            self._renew()

    def translate_error(self, error: Exception) -> OperationError | None:
        return self.work.translated(error)

    def _connect(self) -> None:
        """With what every connection of ours begins with, which unsettles nothing."""
        store = sql_store(self)
        before = store.unsettled
        self.connection = self.engine.connect()
        store.unsettled = before

    def _disconnect(self) -> None:
        self.connection.close()

    def _reopen(self) -> None:
        """Go on with a connection that no test has used."""
        with suppress(Exception):  # what is closed here may be gone
            self._disconnect()
        self._connect()
        sql_store(self).unsettled = False

    def _renew(self) -> None:
        """Go on with a new store, as it was prepared: connections to the old one are of no more use."""
        with suppress(Exception):  # what is closed here may be gone
            self.close()
        sql_store(self).renew()
        self.setup_backend([schema.model_class for schema in self.work.prepared])


def sql_store(driver: Any) -> SqlStore:
    """The driver's store; `ConfigurationError` where its backend was registered without one that holds SQL."""
    store: Store | None = driver.store
    if not isinstance(store, SqlStore):
        raise ConfigurationError(
            f"{type(driver).__name__} needs a SQL store, and has {store!r}. Register its backend with store=…, such as"
            ' register_backend("mine", store="sqlite", driver=…).'
        )
    return store


def record_statements(engine: sa.Engine, driver: Any) -> None:
    """From now on the driver's `statements` get what runs on the engine's connections, but for the end of a transaction.

    The dialect tells it: events of the engine's own take a sixth of the time of `create_and_verify` on SQLite.
    """

    def ran(_cursor: Any, statement: str, parameters: Any, _context: Any) -> None:
        driver.statements.append((statement, parameters))

    def ran_without(cursor: Any, statement: str, context: Any) -> None:
        ran(cursor, statement, (), context)

    driver.statements = []
    sa.event.listen(engine, "do_execute", ran)
    sa.event.listen(engine, "do_executemany", ran)
    sa.event.listen(engine, "do_execute_no_params", ran_without)
