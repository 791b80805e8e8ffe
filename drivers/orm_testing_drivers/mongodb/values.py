"""Values as the store holds them, and as it compares them where that is not the same."""

import datetime
import hashlib
import json
import math
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any
from uuid import UUID

from bson import Binary, Decimal128

from orm_testing.errors import ValueRangeError
from orm_testing.kinds import Kind, member_of, stored_form
from orm_testing.operations import shown
from orm_testing.schema import FieldSchema
from orm_testing_drivers.mongodb.dialects import Dialect
from orm_testing_drivers.mongodb.structured import packed, unpacked
from orm_testing_drivers.nosql.ordered import ordered_text

Code = Callable[[FieldSchema, Any], Any]

_EPOCH = datetime.datetime.fromtimestamp(0, datetime.UTC).replace(tzinfo=None)
_STEP = datetime.timedelta(microseconds=1)
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


class Codec:
    """The encoding of values for one product. What it cannot hold is a `ValueRangeError`."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        beside: dict[Kind, Code] = {
            "datetime": _micros,
            "aware_datetime": _micros,
            "bytes": lambda _, value: value.decode("latin-1"),
            "json": lambda field, value: hashlib.sha256(_utf8(field, field.to_json(value))).hexdigest(),
        }
        if not dialect.orders_decimals:
            beside["decimal"] = ordered_text
        if not dialect.sorts_nan:
            beside["float"] = ordered_text
        self.beside = beside
        """How values of these kinds are compared: by something else than what is stored for people to read."""
        self.encode: dict[Kind, Code] = {
            "bool": lambda _, value: value,
            "int": _integer,
            "float": self._float,
            "decimal": _decimal128 if dialect.decimal128 else lambda _, value: str(value),
            "text": _text,
            "bytes": lambda _, value: Binary(value),
            "uuid": lambda _, value: Binary.from_uuid(value),
            "enum": lambda field, value: _member(field, stored_form(value)),
            "date": lambda _, value: datetime.datetime.combine(value, datetime.time()),
            "time": lambda _, value: value.isoformat("microseconds"),
            "datetime": _to_the_millisecond,
            "aware_datetime": lambda field, value: _to_the_millisecond(field, _naive(value)),
            "timedelta": lambda field, value: _integer(field, value // _STEP),
            "json": lambda field, value: packed(field, json.loads(field.to_json(value)), dialect),
        }
        code = {**self.encode, **beside}
        self.compare: dict[Kind, Code] = {
            **code,
            "float": lambda field, value: code["float"](field, _as_float(field, value)),
            "decimal": lambda field, value: code["decimal"](field, Decimal(value)),
        }

    def compared(self, field: FieldSchema, value: Any) -> Any:
        """The same as it is compared and ordered: among values of its field, or with what a condition names."""
        return self.compare[field.kind](field, value)

    def _float(self, field: FieldSchema, value: float) -> float:
        if not self.dialect.unfinite and value - value != 0:
            raise out_of_range(field, value, "floats are finite here")
        return value


def decoded(field: FieldSchema, held: Any) -> Any:
    """The value that was encoded as `held`."""
    decode = DECODE.get(field.kind)
    return held if decode is None else decode(field, held)


def with_rest(field: FieldSchema, value: datetime.datetime, micros: int | None) -> datetime.datetime:
    """A datetime to the microsecond, where the number beside it is of its millisecond: else somebody else has written it."""
    if micros is None:
        return value
    whole: datetime.datetime = from_compared(field, micros)
    return whole if _to_the_millisecond(field, whole) == value else value


def is_nan(value: Any) -> bool:
    """Whether a float or a Decimal is NaN."""
    return value.is_nan() if isinstance(value, Decimal) else not isinstance(value, int) and math.isnan(value)


def from_compared(field: FieldSchema, held: Any) -> Any:
    """The value that is compared as `held`, for kinds whose form for comparing says all."""
    if field.kind in ("datetime", "aware_datetime"):
        value = _EPOCH + held * _STEP
        return value if field.kind == "datetime" else value.replace(tzinfo=datetime.UTC)
    if field.kind == "bytes":
        return held.encode("latin-1")
    return decoded(field, held)


def out_of_range(field: FieldSchema, value: Any, why: str) -> ValueRangeError:
    told = shown(value)
    return ValueRangeError(
        f"{field.name}={told if len(told) < 100 else told[:97] + '...'}: {why}",  # noqa: PLR2004
        fields=(field.name,),
    )


def _integer(field: FieldSchema, value: int) -> int:
    if not _LEAST <= value <= _MOST:
        raise out_of_range(field, value, "an integer has 64 bits")
    return value


def _as_float(field: FieldSchema, value: float) -> float:
    """What a field of floats is compared with: a whole number, where it is one of them."""
    if type(value) is not int:
        return value
    try:
        near = float(value)
    except OverflowError as error:
        raise out_of_range(field, value, "no float is so large") from error
    if near != value:
        raise out_of_range(field, value, "no float is this number")
    return near


def _decimal128(field: FieldSchema, value: Decimal) -> Decimal128:
    try:
        held = Decimal128(value)
    except DecimalException as error:
        raise out_of_range(field, value, "a Decimal128 has 34 digits") from error
    if held.to_decimal().as_tuple() != value.as_tuple():
        raise out_of_range(field, value, "a Decimal128 has another exponent")
    return held


def _text(field: FieldSchema, value: str) -> str:
    if not value.isascii():
        _utf8(field, value)
    return value


def _utf8(field: FieldSchema, value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise out_of_range(field, value, "text is UTF-8, which has no lone surrogates") from error


def _member(field: FieldSchema, stored: Any) -> Any:
    return _text(field, stored) if isinstance(stored, str) else _integer(field, stored)


def _naive(value: datetime.datetime) -> datetime.datetime:
    return value.astimezone(datetime.UTC).replace(tzinfo=None) if value.tzinfo else value


def _micros(_: FieldSchema, value: datetime.datetime) -> int:
    return (_naive(value) - _EPOCH) // _STEP


def _to_the_millisecond(_: FieldSchema, value: datetime.datetime) -> datetime.datetime:
    return value - value.microsecond % 1000 * _STEP  # `replace` takes four times as long


DECODE: dict[Kind, Code] = {
    "int": lambda _, held: int(held),
    "float": lambda _, held: float(held),
    "decimal": lambda _, held: held.to_decimal() if isinstance(held, Decimal128) else Decimal(held),
    "bytes": lambda _, held: bytes(held),
    "uuid": lambda _, held: held if isinstance(held, UUID) else UUID(bytes=bytes(held)),
    "enum": lambda field, held: member_of(field.python_type, held),
    "date": lambda _, held: held.date(),
    "time": lambda _, held: datetime.time.fromisoformat(held),
    "aware_datetime": lambda _, held: held.replace(tzinfo=datetime.UTC),
    "timedelta": lambda _, held: held * _STEP,
    "json": lambda field, held: field.from_json(json.dumps(unpacked(held))),
}
