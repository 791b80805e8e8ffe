"""What the SQL of MariaDB and MySQL says in its own way."""

import math
import sys
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from orm_testing.aggregates import EXACT
from orm_testing.schema import FieldSchema
from orm_testing_drivers.mysql.types import LARGEST_DECIMAL, PLACES, shortest
from orm_testing_drivers.sql.queries import Clause, Queries, bound
from orm_testing_drivers.sql.types import Coded


class MysqlQueries(Queries):
    """Text is looked into as bytes, so that no collation has a say."""

    def text(self, column: Clause, lookup: str, value: str) -> Clause:
        held: Any = sa.cast(column, sa.LargeBinary)
        if lookup.startswith("i"):
            held, lookup = _folded(held), lookup.removeprefix("i")
            value = "".join(chr(ord(char) + 32) if "A" <= char <= "Z" else char for char in value)
        wanted = value.encode()
        if lookup == "contains":
            return sa.func.instr(held, wanted) > 0
        part = sa.func.left if lookup == "startswith" else sa.func.right
        return part(held, len(wanted), type_=sa.LargeBinary) == wanted

    def total(self, column: sa.Column[Any], field: FieldSchema) -> Clause:
        if field.kind == "float":
            return sa.func.sum(column)
        if field.kind == "int":
            return sa.func.sum(column, type_=Coded(sa.Numeric(), Decimal, int))
        if field.kind == "decimal":
            return sa.func.sum(column, type_=Coded(mysql.DECIMAL(), Decimal, shortest))
        return sa.func.sum(column, type_=column.type)

    def bound(self, field: FieldSchema, value: Any) -> tuple[Any, int]:
        """Numbers are finite; a Decimal has only so many digits before and after its point."""
        nearest, side = bound(field, value)
        if field.kind == "decimal":
            return _nearest_decimal(nearest)
        if field.kind == "float" and math.isinf(nearest):
            return math.copysign(sys.float_info.max, nearest), -1 if nearest > 0 else 1
        return nearest, side


def _nearest_decimal(value: Decimal) -> tuple[Decimal, int]:
    if value.is_nan() or value > LARGEST_DECIMAL:
        return LARGEST_DECIMAL, -1
    if value < -LARGEST_DECIMAL:
        return LARGEST_DECIMAL.copy_negate(), 1
    below = value.quantize(Decimal(1).scaleb(-PLACES), rounding=ROUND_FLOOR, context=EXACT)
    return below, -1 if below < value else 0


def _folded(held: Clause) -> Clause:
    """ASCII letters in lower case: Georgian, as which the bytes are taken, has no cases of its own."""
    return sa.cast(
        sa.func.lower(sa.func.convert(held.op("USING")(sa.literal_column("geostd8")))), sa.LargeBinary
    )
