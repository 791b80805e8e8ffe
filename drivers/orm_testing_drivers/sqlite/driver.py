"""The drivers of SQLite: `SqliteDriver`, and `AsyncSqliteDriver` through aiosqlite.

Known differences from the contract:

- an integer has 64 bits (`integer_bits`);
- a timedelta is a number of microseconds, and has 64 bits: 292,000 years;
- a float cannot be NaN, which SQLite takes for NULL: `ValueRangeError`;
- a float zero has no sign (`negative_zero` is absent);
- text cannot hold a lone surrogate: `ValueRangeError`;
- structured values are equal where their canonical JSON is;
- the sum of floats is SQLite's, whose last digit may differ from Python's, and is `None` where it would be NaN;
- a database holds one writing transaction at a time: another session waits, then gets `ConflictError`; in memory
  it waits to read as well;
- inside a transaction, a table that others refer to cannot evolve: `UnsupportedError`;
- a column cannot be called `%(name)s` after a field of the same statement: SQLAlchemy takes it for a parameter.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from orm_testing.capabilities import Capabilities
from orm_testing.errors import OperationError
from orm_testing.schema import SchemaSet
from orm_testing_drivers.sql.aio import AsyncSqlDriver
from orm_testing_drivers.sql.driver import SqlDriver
from orm_testing_drivers.sql.work import SqlWork
from orm_testing_drivers.sqlite.errors import constraints_of, translated
from orm_testing_drivers.sqlite.queries import SqliteQueries
from orm_testing_drivers.sqlite.types import TYPES

_CAPABILITIES = Capabilities(
    "aggregates", "autoincrement", "backdoor", "bulk", "clock", "foreign_keys", "transactions", "unique",
    "astral_names", "decimal_scale", "float_infinity", "null_character_in_text", "schema", "evolution", "transactional_ddl",
    "empty_key",
    datetime_precision="microsecond", integer_bits=64, isolation_levels=("serializable",), anomalies={"serializable": ()},
    filtering="store", ordering="store",
)  # fmt: skip


class SqliteWork(SqlWork):
    types = TYPES
    queries = SqliteQueries()
    counting_options = {"sqlite_autoincrement": True}  # noqa: RUF012  (typed in the base class)

    def __init__(self, schemas: SchemaSet) -> None:
        super().__init__(schemas)
        self._constraints = constraints_of(schemas)

    @contextmanager
    def unchecked(self, connection: sa.Connection) -> Iterator[None]:
        """Inside a transaction this cannot be."""
        if connection.in_transaction():
            yield
            return
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        try:
            yield
        finally:
            cursor.execute("PRAGMA foreign_keys=ON")

    def counts(self, connection: sa.Connection, name: str) -> bool:
        query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
        made = connection.execute(query, {"name": name}).scalar_one()
        return "AUTOINCREMENT" in made.upper().split("(", 1)[-1]

    def begin_unit(self, connection: sa.Connection, *, writes: bool) -> sa.Transaction:
        """A write locks as it begins: one that first reads could not wait for the lock later."""
        transaction = super().begin_unit(connection, writes=writes)
        statement = "BEGIN IMMEDIATE" if writes else "BEGIN"
        self.statements.append((statement, ()))
        try:
            connection.connection.cursor().execute(statement)
        except sqlite3.Error as error:
            self.undo(transaction)
            raise sa.exc.DBAPIError(statement, (), error) from error
        return transaction

    def isolate(self, connection: sa.Connection, level: str) -> None:
        """SQLite has the one level that is declared."""

    def translate(self, error: BaseException) -> OperationError | None:
        return translated(error, self._constraints)


class SqliteDriver(SqlDriver):
    capabilities = _CAPABILITIES | {"trio": True}
    work_class = SqliteWork


class AsyncSqliteDriver(AsyncSqlDriver):
    capabilities: Any = _CAPABILITIES
    work_class = SqliteWork


class SqliteFileDriver(SqliteDriver):
    """On a file several sessions take turns; in memory they would be in each other's way."""

    capabilities = SqliteDriver.capabilities | {"conditional_writes": True, "sessions": True}


class AsyncSqliteFileDriver(AsyncSqliteDriver):
    capabilities = AsyncSqliteDriver.capabilities | {"conditional_writes": True, "sessions": True}
