"""How SQLite stores the kinds that it has no type of its own for."""

import datetime
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine

from orm_testing.errors import ValueRangeError
from orm_testing.schema import FieldSchema
from orm_testing_drivers.sql.types import COMMON, Coded, Types
from orm_testing_drivers.sqlite.connection import DECIMAL


def _float(field: FieldSchema) -> TypeEngine[Any]:
    return Coded(sa.Double(), _number(field), lambda value: value)


def _number(field: FieldSchema) -> Callable[[Any], float]:
    def encode(value: Any) -> float:
        if math.isnan(value):
            raise ValueRangeError(f"{field.name}: SQLite takes NaN for NULL", fields=(field.name,))
        return float(value)

    return encode


def _utc(value: datetime.datetime) -> datetime.datetime:
    return value.astimezone(datetime.UTC).replace(tzinfo=None)


TYPES: Types = {
    **COMMON,
    "int": lambda _: sa.Integer(),
    "float": _float,
    "decimal": lambda _: Coded(sa.Text(collation=DECIMAL), str, lambda value: Decimal(str(value))),
    "aware_datetime": lambda _: Coded(sa.DateTime(), _utc, lambda value: value.replace(tzinfo=datetime.UTC)),
    "json": lambda field: Coded(sa.Text(), field.to_json, field.from_json),
}
