"""What PostgreSQL's SQL says in its own way."""

import math
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from orm_testing.schema import FieldSchema
from orm_testing_drivers.postgres.types import BY_CODE_POINT
from orm_testing_drivers.sql.queries import Clause, Queries, bound
from orm_testing_drivers.sql.types import Coded

_NULL_CHARACTER = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""As JSON says it: after a backslash that is itself said, `u0000` is text."""


class PostgresQueries(Queries):
    """Text is compared by code point for its columns are so collated, in which `lower` folds ASCII alone."""

    def text(self, column: Clause, lookup: str, value: str) -> Clause:
        held: Any = column
        if lookup.startswith("i"):
            held, lookup = sa.func.lower(column), lookup.removeprefix("i")
            value = "".join(chr(ord(char) + 32) if "A" <= char <= "Z" else char for char in value)
        if lookup == "contains":
            return sa.func.strpos(held, value) > 0
        if lookup == "startswith":
            return sa.func.left(held, len(value)) == value
        return sa.func.right(held, len(value)) == value

    def total(self, column: sa.Column[Any], field: FieldSchema) -> Clause:
        if field.kind == "int":
            return sa.func.sum(column, type_=Coded(sa.Numeric(), Decimal, int))
        return sa.func.sum(column, type_=column.type)

    def extreme(self, function: Any, column: sa.Column[Any], field: FieldSchema) -> Clause:
        """UUIDs and bytes have no least or greatest before PostgreSQL 18; as hexadecimal text they have."""
        if field.kind == "uuid":
            return sa.cast(function(sa.cast(column, sa.Text).collate(BY_CODE_POINT)), column.type)
        if field.kind == "bytes":
            found = function(sa.func.encode(column, "hex").collate(BY_CODE_POINT))
            return sa.func.decode(found, "hex", type_=column.type)
        return super().extreme(function, column, field)

    def bound(self, field: FieldSchema, value: Any) -> tuple[Any, int]:
        """NaN is a number like others here; no text that is stored lies between one with a null character and its head."""
        if field.kind == "timedelta" or (
            field.kind == "float" and isinstance(value, float) and math.isnan(value)
        ):
            return value, 0
        if field.kind == "text" and "\0" in value:
            nearest, side = bound(field, value.partition("\0")[0])
            return nearest, side or -1
        return bound(field, value)

    def could_hold(self, field: FieldSchema, value: Any) -> bool:
        """JSONB has no null character either."""
        if not super().could_hold(field, value):
            return False
        return field.kind != "json" or _NULL_CHARACTER.search(field.to_json(value)) is None

    def among(self, column: sa.Column[Any], field: FieldSchema, values: Sequence[Any]) -> Clause:
        """To JSONB, 1 and 1.0 are equal; written out they are not."""
        if field.kind != "json":
            return super().among(column, field, values)
        written = [sa.cast(sa.literal(value, column.type), column.type) for value in values]
        held = sa.cast(sa.type_coerce(column, column.type), sa.Text)
        return held.in_([sa.cast(each, sa.Text) for each in written])
