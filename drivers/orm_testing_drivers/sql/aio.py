"""`AsyncSqlDriver`: the work of `SqlDriver` on a connection of SQLAlchemy's asyncio extension.

Known differences from the contract, beside those that each product adds:

- it runs on asyncio only: SQLAlchemy has no trio (the capability `trio` is absent).
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

import sqlalchemy as sa

from orm_testing.driver import AsyncDriverInterface, Rights
from orm_testing.errors import ConfigurationError, OperationError
from orm_testing.operations import Operation
from orm_testing.schema import SchemaSet, schema_of
from orm_testing.store import Stale
from orm_testing_drivers.sql.driver import OneWay, record_statements, sql_store
from orm_testing_drivers.sql.work import SqlWork


class AsyncSqlDriver(OneWay, AsyncDriverInterface):
    """Opened and closed in each test's event loop; the engine, which is bound to none, keeps its compiled statements."""

    work_class: ClassVar[type[SqlWork]]
    _engine: Any = None

    async def open(self) -> None:
        if self._engine is None:
            self._engine = self._made_engine()
        self.connection = await self._engine.connect()

    async def close(self) -> None:
        try:
            await self.connection.run_sync(lambda _: self.work.abandon())
        finally:
            await self.connection.close()
            sql_store(self).dismiss()

    async def session(self, rights: Rights = "all") -> "AsyncSqlDriver":
        session = type(self)()
        session.backend_name, session.clock = self.backend_name, self.clock
        session.store = sql_store(self).for_user(rights)
        session.prepare([schema.model_class for schema in self.work.prepared])
        session.work.learn(self.work.schemas)
        await session.open()
        return session

    def prepare(self, models: Sequence[type[Any]]) -> None:
        self.work = self.work_class(SchemaSet(tuple(models)))

    async def execute_operation(self, operation: Operation) -> Any:
        self.statements = self.work.started(self.clock)
        return await self.connection.run_sync(self.work.run, operation)

    async def rows(
        self, model_class: type[Any], key: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """As in `DriverInterface.rows`; inside a transaction, on the connection that it runs on."""
        if not self.work.transactions:
            return await super().rows(model_class, key)
        store, schema = sql_store(self), schema_of(model_class)

        def read(connection: sa.Connection) -> list[dict[str, Any]]:
            return store.rows(schema, key, connection.connection)

        found: list[dict[str, Any]] = await self.connection.run_sync(read)
        return found

    async def has_table(self, model_class: type[Any]) -> bool:
        store, schema = sql_store(self), schema_of(model_class)
        if not self.work.transactions:
            return store.has_table(schema)

        def look(connection: sa.Connection) -> bool:
            return store.has_table(schema, connection.connection)

        found: bool = await self.connection.run_sync(look)
        return found

    async def count_rows(self, model_class: type[Any]) -> int:
        if self.work.transactions:
            return await super().count_rows(model_class)
        return sql_store(self).count(schema_of(model_class))

    def leaks(self) -> list[str]:
        return super().leaks() + self.work.leaks()

    async def reset(self) -> None:
        await self.connection.run_sync(lambda _: self.work.abandon())
        try:
            await super().reset()
        except Stale:
            await self._renew()

    def translate_error(self, error: Exception) -> OperationError | None:
        return self.work.translated(error)

    async def _renew(self) -> None:
        """As in `SqlDriver`; an engine knows the name of the database that it first reached."""
        with suppress(Exception):
            await self.close()
        self._engine = None
        sql_store(self).renew()
        self.prepare([schema.model_class for schema in self.work.prepared])
        await self.open()

    def _made_engine(self) -> Any:
        store = sql_store(self)
        try:
            import greenlet  # type: ignore[import-untyped]  # noqa: F401  (SQLAlchemy asks for it only when the first statement runs)

            engine = store.async_engine()
        except ImportError as error:
            raise ConfigurationError(
                f"{type(self).__name__} needs {error.name}, which is not installed: pip install 'orm-testing[async]'"
            ) from error
        record_statements(engine.sync_engine, self)
        return engine
