"""What SQLite's SQL says in its own way."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from orm_testing.schema import FieldSchema
from orm_testing_drivers.sql.queries import Clause, Queries
from orm_testing_drivers.sql.types import Coded
from orm_testing_drivers.sqlite.connection import TOTAL


class SqliteQueries(Queries):
    """Text is looked into as bytes: LIKE folds case, and substr stops at a null character. Of no bytes its answer is NULL."""

    def text(self, column: Clause, lookup: str, value: str) -> Clause:
        held: Any = column
        if lookup.startswith("i"):
            held, lookup = sa.func.lower(column), lookup.removeprefix("i")
            value = "".join(chr(ord(char) + 32) if "A" <= char <= "Z" else char for char in value)
        held = sa.cast(held, sa.LargeBinary)
        wanted = value.encode()
        if lookup == "contains":
            return sa.func.instr(held, wanted) > 0
        part = (held, 1, len(wanted)) if lookup == "startswith" else (held, -len(wanted))
        return sa.func.coalesce(sa.func.substr(*part, type_=sa.LargeBinary), b"") == wanted

    def total(self, column: sa.Column[Any], field: FieldSchema) -> Clause:
        if field.kind == "float":
            return sa.func.sum(column)
        if field.kind == "int":
            return sa.func.__getattr__(TOTAL)(column, type_=Coded(sa.Text(), str, int))
        if field.kind == "decimal":
            return sa.func.__getattr__(TOTAL)(column, type_=Coded(sa.Text(), str, Decimal))
        return sa.func.__getattr__(TOTAL)(column, type_=column.type)
