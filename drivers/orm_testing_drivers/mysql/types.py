"""How MariaDB and MySQL store what they have their own way with. Text has the collation of its database, which is binary."""

import datetime
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

from orm_testing.aggregates import EXACT
from orm_testing.errors import ValueRangeError
from orm_testing.kinds import bare, stored_form
from orm_testing.schema import FieldSchema
from orm_testing_drivers.sql.types import COMMON, Coded, Types

BYTES_IN_KEY = 3072
"""What InnoDB takes into one index."""

_BYTES_PER_CHARACTER = 4
DIGITS, PLACES = 65, 30
LARGEST_DECIMAL = Decimal(10**DIGITS - 1).scaleb(-PLACES, EXACT)
_WIDTHS = {"uuid": 32 * _BYTES_PER_CHARACTER, "decimal": 30}


def width(field: FieldSchema) -> int | None:
    """How many bytes of an index a value takes at most; None where that is unbounded."""
    if field.kind == "text":
        longest = _longest(field)
        return longest * _BYTES_PER_CHARACTER if longest else None
    if field.kind == "bytes":
        return _longest(field)
    if field.kind == "enum":
        return max(len(str(stored_form(member))) for member in bare(field.python_type)) * _BYTES_PER_CHARACTER
    return _WIDTHS.get(field.kind, 8)


def _longest(field: FieldSchema) -> int | None:
    """The declared length, unless it is more than a row of several such columns could hold."""
    most = BYTES_IN_KEY // (_BYTES_PER_CHARACTER if field.kind == "text" else 1)
    return field.max_length if field.max_length and field.max_length <= most else None


class Bounded(Coded):
    """Text or bytes that a foreign key compares whole: no longer than an index can be."""

    cache_ok = True

    def __init__(self, field: FieldSchema) -> None:
        most = BYTES_IN_KEY // (_BYTES_PER_CHARACTER if field.kind == "text" else 1)
        stored_as: TypeEngine[Any] = sa.String(most) if field.kind == "text" else mysql.VARBINARY(most)

        def fitting(value: Any) -> Any:
            if len(value) > most:
                raise _refused(
                    field, f"a key that rows refer to is at most {most} long here, not {len(value)}"
                )
            return value

        super().__init__(stored_as, fitting, lambda value: value)


def _text(field: FieldSchema) -> TypeEngine[Any]:
    longest = _longest(field)
    return sa.String(longest) if longest else mysql.LONGTEXT()


def _bytes(field: FieldSchema) -> TypeEngine[Any]:
    longest = _longest(field)
    return mysql.VARBINARY(longest) if longest else mysql.LONGBLOB()


def _float(field: FieldSchema) -> TypeEngine[Any]:
    def finite(value: Any) -> float:
        if not math.isfinite(value):
            raise _refused(field, f"no column of numbers holds {value!r}")
        return float(value)

    return Coded(mysql.DOUBLE(asdecimal=False), finite, lambda value: value)


def _decimal(field: FieldSchema) -> TypeEngine[Any]:
    return Coded(mysql.DECIMAL(DIGITS, PLACES), _held(field), shortest)


def _held(field: FieldSchema) -> Callable[[Any], Decimal]:
    def held(value: Any) -> Decimal:
        number = Decimal(value)
        if number.is_finite():
            _, digits, exponent = number.normalize(EXACT).as_tuple()
            assert isinstance(exponent, int)
            if exponent >= -PLACES and len(digits) + exponent <= DIGITS - PLACES:
                return number
        raise _refused(field, f"DECIMAL({DIGITS}, {PLACES}) cannot hold {value!r}")

    return held


def shortest(number: Decimal) -> Decimal:
    """The number without the zeros that fill its column, and never as a power of ten."""
    least = number.normalize(EXACT)
    return least.quantize(Decimal(1), context=EXACT) if least == least.to_integral_value() else least


class _Json(sa.types.UserDefinedType[str]):
    """The column type JSON, whose values SQLAlchemy leaves as the text that they are."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "JSON"


def _utc(value: datetime.datetime) -> datetime.datetime:
    return value.astimezone(datetime.UTC).replace(tzinfo=None)


def _refused(field: FieldSchema, why: str) -> ValueRangeError:
    return ValueRangeError(f"{field.name}: {why}", fields=(field.name,))


TYPES: Types = {
    **COMMON,
    "float": _float,
    "decimal": _decimal,
    "text": _text,
    "bytes": _bytes,
    "uuid": lambda _: sa.Uuid(native_uuid=False),  # MariaDB's own type is ordered by other digits first
    "time": lambda _: mysql.TIME(fsp=6),
    "datetime": lambda _: mysql.DATETIME(fsp=6),
    "aware_datetime": lambda _: Coded(
        mysql.DATETIME(fsp=6), _utc, lambda value: value.replace(tzinfo=datetime.UTC)
    ),
    "json": lambda field: Coded(_Json(), field.to_json, field.from_json),
}
