"""The drivers of MariaDB and MySQL: `MysqlDriver` on PyMySQL, and `AsyncMysqlDriver` on asyncmy.

Known differences from the contract:

- a name is of characters up to U+FFFF, so no emoji names a table or a field, and ends in no space;
- an integer has 64 bits (`integer_bits`);
- a Decimal has at most 35 digits before the point and 30 after it (`decimal_places`), and comes back without trailing
  zeros (`decimal_scale`); what does not fit is a `ValueRangeError`, never rounded;
- a float is finite: NaN and the infinities are `ValueRangeError`; the sum of floats is the server's, whose last digit
  may differ from Python's;
- text cannot hold a lone surrogate: `ValueRangeError`;
- a key or a unique value of text is told from others by its first 768 characters (fewer where it has several parts), one
  of bytes by its first 3072: two that differ only later are `DuplicateKeyError`; a key that other rows refer to is no
  longer than that, or `ValueRangeError`;
- values are ordered by their first 16,384 bytes;
- an aware datetime is a DATETIME(6) in UTC, since a TIMESTAMP ends in 2038; a timedelta is a number of microseconds in 64
  bits;
- structured values are equal where their canonical JSON is; they nest 31 deep on MariaDB (`structure_depth`), and hold no NaN:
  `ValueRangeError`;
- a row that refers to itself by a field that is never None cannot be deleted: `ForeignKeyError`;
- a change of the schema commits the transaction (`transactional_ddl` is absent), and one that the server refuses half-way
  stays half done;
- a deadlock undoes the whole transaction, not the statement alone: all that follows in it is `ConflictError`, and so is
  its commit.

This was run on MariaDB; MySQL 8, which has another collation (utf8mb4_0900_bin) and a JSON type of its own, could not be had.

asyncmy was chosen over aiomysql: in one run here an insert with its commit took 443 to 507 µs (aiomysql: 505 to 528) and a
select 467 to 534 (572 to 616); it has wheels for Python 3.10 to 3.15, and aiomysql needs names that PyMySQL 1.3 will drop.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from orm_testing.capabilities import Capabilities
from orm_testing.errors import ConflictError, OperationError
from orm_testing.operations import BeginOperation, ClearOperation, DeleteOperation, Operation
from orm_testing.schema import ModelSchema, SchemaSet
from orm_testing_drivers.mysql.errors import NO_SAVEPOINT, number_of, structured, translated
from orm_testing_drivers.mysql.queries import MysqlQueries
from orm_testing_drivers.mysql.tables import tables_of
from orm_testing_drivers.mysql.types import DIGITS, PLACES, TYPES
from orm_testing_drivers.sql.aio import AsyncSqlDriver
from orm_testing_drivers.sql.autocommit import AutocommitWork
from orm_testing_drivers.sql.driver import SqlDriver

_DEEPEST = 31
"""How deep JSON nests on MariaDB, whose parser counts the text at the bottom as well; MySQL takes more."""

_CAPABILITIES = Capabilities(
    "aggregates", "autoincrement", "backdoor", "bulk", "clock", "foreign_keys", "transactions", "unique",
    "conditional_writes", "empty_key", "null_character_in_text", "sessions", "users", "overlapping_transactions", "schema", "evolution",
    datetime_precision="microsecond", integer_bits=64, decimal_digits=DIGITS, decimal_places=PLACES, structure_depth=_DEEPEST,
    filtering="store", ordering="store",
    isolation_levels=("read uncommitted", "read committed", "repeatable read", "serializable"),
    anomalies={
        "read uncommitted": ("G1a", "G1b", "G1c", "OTV", "PMP", "P4", "G-single", "G2-item", "G2"),
        "read committed": ("PMP", "P4", "G-single", "G2-item", "G2"),
        "repeatable read": ("PMP", "P4", "G-single", "G2-item", "G2"),
        "serializable": (),
    },
)  # fmt: skip


class MysqlWork(AutocommitWork):
    types = TYPES
    queries = MysqlQueries()
    indexes_references = True
    no_rule = "restrict"

    def __init__(self, schemas: SchemaSet) -> None:
        super().__init__(schemas)
        self._structured = structured(schemas)
        self._undone = False
        self._level: str | None = None
        self._let_go = {schema.model_class: list(self._self_references(schema)) for schema in schemas}

    @classmethod
    def tables_of(cls, schemas: SchemaSet) -> dict[ModelSchema, sa.Table]:
        return tables_of(schemas, cls.types)

    def tell_begin(self, connection: sa.Connection) -> None:
        if self._level is not None:
            self.isolate(connection, self._level)
        super().tell_begin(connection)

    def begin(self, connection: sa.Connection, operation: BeginOperation) -> None:
        """The server wants to know the level before the transaction begins."""
        self._level = operation.isolation
        try:
            super().begin(connection, BeginOperation())
        finally:
            self._level = None

    def run(self, connection: sa.Connection, operation: Operation) -> Any:
        """Once the server has undone the transaction, nothing is done as if inside it: all there is left is to end it."""
        try:
            if not self._undone or operation.verb == "rollback":
                return super().run(connection, operation)
            if operation.verb == "commit":
                self.undo(self.transactions.pop())
            raise ConflictError(
                "the server has undone the whole transaction, and not only the operation that failed"
            )
        finally:
            self._undone = self._undone and bool(self.transactions)

    def undo(self, unit: sa.Transaction) -> None:
        try:
            super().undo(unit)
        except DBAPIError as error:
            if number_of(error.orig) != NO_SAVEPOINT:
                raise
            self._undone = True

    def delete(self, connection: sa.Connection, operation: DeleteOperation) -> None:
        """InnoDB keeps a row that refers to itself, unless it first no longer does."""
        rows = self.rows_of(operation.model_class)
        for statement in self._let_go[rows.schema.model_class]:
            connection.execute(statement, rows.by_key(rows.schema.key_of(operation.instance)))
        super().delete(connection, operation)

    def clear(self, connection: sa.Connection, operation: ClearOperation) -> None:
        """Every table, in no order: they all go, whatever refers to what."""
        connection.exec_driver_sql("SET foreign_key_checks = 0")
        try:
            for rows in self.tables.values():
                connection.execute(rows.table.delete())
        finally:
            connection.exec_driver_sql("SET foreign_key_checks = 1")

    def translate(self, error: BaseException) -> OperationError | None:
        return translated(error, self._structured)

    def _self_references(self, schema: ModelSchema) -> Iterator[sa.Update]:
        columns = self.tables[schema.model_class].table.c
        for field, parent in self.schemas.parents(schema):
            if parent is schema and field.nullable and field.on_delete == "restrict":
                key = columns[schema.key[0]]
                named = key == sa.bindparam(f"key {key.key}", type_=key.type)
                itself = sa.and_(named, columns[field.name] == key)
                yield sa.update(key.table).where(itself).values({field.name: None})


class MysqlDriver(SqlDriver):
    capabilities = _CAPABILITIES | {"trio": True}
    work_class = MysqlWork


class AsyncMysqlDriver(AsyncSqlDriver):
    capabilities: Any = _CAPABILITIES
    work_class = MysqlWork
    drivername = "mysql+asyncmy"
