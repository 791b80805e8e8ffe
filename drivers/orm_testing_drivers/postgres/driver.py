"""The drivers of PostgreSQL: `PostgresDriver` and `AsyncPostgresDriver`, both through psycopg 3.

The async driver is psycopg's own, in asyncio; SQLAlchemy wants greenlet for it, which the extra `async` brings.

Known differences from the contract:

- an integer has 64 bits (`integer_bits`);
- text, structured values included, cannot hold a null character or a lone surrogate: `ValueRangeError`;
- a Decimal comes back equal, and with its trailing zeros, but without an exponent, and zero without a sign
  (`decimal_scale` is absent); a digit beyond the 16,383rd place is a `ValueRangeError`;
- structured values cannot hold a float that is NaN or infinite: `ValueRangeError`;
- the sum of floats is PostgreSQL's, whose last digit may differ from Python's;
- a key that a test gives moves the sequence that makes keys beyond it, which the driver does, not PostgreSQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from psycopg.types.json import JsonLoader
from psycopg.types.string import TextLoader

from orm_testing.capabilities import Capabilities
from orm_testing.errors import OperationError
from orm_testing.schema import SchemaSet
from orm_testing_drivers.postgres.errors import columns_of, translated
from orm_testing_drivers.postgres.queries import PostgresQueries
from orm_testing_drivers.postgres.types import TYPES
from orm_testing_drivers.sql.aio import AsyncSqlDriver
from orm_testing_drivers.sql.autocommit import AutocommitWork
from orm_testing_drivers.sql.driver import SqlDriver
from orm_testing_drivers.sql.rows import ModelTable

_CAPABILITIES = Capabilities(
    "aggregates", "autoincrement", "backdoor", "bulk", "clock", "foreign_keys", "transactions", "unique",
    "astral_names", "float_infinity", "float_nan", "sessions", "overlapping_transactions", "users", "schema", "evolution",
    "transactional_ddl", "conditional_writes", "empty_key", "negative_zero",
    datetime_precision="microsecond", integer_bits=64, filtering="store", ordering="store",
    isolation_levels=("read committed", "repeatable read", "serializable"),
    anomalies={
        "read committed": ("PMP", "P4", "G-single", "G2-item", "G2"),
        "repeatable read": ("G2-item", "G2"),
        "serializable": (),
    },
)  # fmt: skip

_MOVED = sa.text(
    "SELECT setval(made, :key) FROM (SELECT CAST(pg_get_serial_sequence(:table, :column) AS regclass) AS made) AS keys"
    " WHERE coalesce(pg_sequence_last_value(made), 0) < :key"
)


class PostgresWork(AutocommitWork):
    types = TYPES
    queries = PostgresQueries()

    def __init__(self, schemas: SchemaSet) -> None:
        super().__init__(schemas)
        self._columns = columns_of(schemas)

    def key_given(self, connection: sa.Connection, rows: ModelTable, key: int) -> None:
        """A sequence knows nothing of keys that it did not make, and would make them once more."""
        table = connection.dialect.identifier_preparer.format_table(rows.table)
        column = rows.schema.by_name[rows.schema.key[0]].column
        connection.execute(_MOVED, {"table": table, "column": column, "key": key})

    @contextmanager
    def inspecting(self, connection: sa.Connection) -> Iterator[None]:
        """SQLAlchemy asks the catalogue for JSON, and expects it read."""
        adapters = connection.connection.driver_connection.adapters  # type: ignore[union-attr]
        adapters.register_loader("json", JsonLoader)
        try:
            yield
        finally:
            adapters.register_loader("json", TextLoader)

    def translate(self, error: BaseException) -> OperationError | None:
        return translated(error, self._columns)


class PostgresDriver(SqlDriver):
    capabilities = _CAPABILITIES | {"trio": True}
    work_class = PostgresWork


class AsyncPostgresDriver(AsyncSqlDriver):
    capabilities: Any = _CAPABILITIES
    work_class = PostgresWork
