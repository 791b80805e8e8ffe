"""Values as text that is in order where they are, and equal where they are: for indexes and keys that compare text."""

import datetime
import math
import struct
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from orm_testing.errors import ValueRangeError
from orm_testing.kinds import Kind, stored_form
from orm_testing.schema import FieldSchema

_STEP = datetime.timedelta(microseconds=1)
_MIRROR = str.maketrans("0123456789", "9876543210")
_LENGTHS = 4
"""How many digits tell the length of a number."""


def ordered_text(field: FieldSchema, value: Any) -> str:
    """Text of a value of the field, which is not None, by whose code points it is ordered among others of the field."""
    if field.kind == "json":
        return field.to_json(value)
    if field.kind == "enum":
        stored = stored_form(value)
        return stored if isinstance(stored, str) else ordered_int(stored)
    return _TEXTS[field.kind](value)


def ordered_int(value: int) -> str:
    """The sign, the number of digits and the digits; of negative numbers mirrored, so that the larger comes first."""
    try:
        digits = str(abs(value))
    except ValueError as error:
        raise ValueRangeError(f"a number is too long for an index: {error}") from error
    text = f"{len(digits):0{_LENGTHS}d}{digits}"
    return f"1{text}" if value >= 0 else f"0{text.translate(_MIRROR)}"


def _ordered_float(value: float) -> str:
    if math.isnan(value):
        return "g"
    (bits,) = struct.unpack(">Q", struct.pack(">d", value + 0.0))
    return f"{bits ^ (0xFFFFFFFFFFFFFFFF if bits >> 63 else 1 << 63):016x}"


def _ordered_decimal(value: Decimal) -> str:
    if value.is_nan():
        return "9"
    if value.is_infinite():
        return "4" if value > 0 else "0"
    if not value:
        return "2"
    digits = "".join(map(str, value.as_tuple().digits)).strip("0")
    adjusted = value.adjusted()
    if value > 0:
        return f"3{ordered_int(adjusted)}{digits}"
    return f"1{ordered_int(-adjusted)}{digits.translate(_MIRROR)}~"


_TEXTS: Mapping[Kind, Callable[[Any], str]] = {
    "bool": lambda value: "1" if value else "0",
    "int": ordered_int,
    "float": _ordered_float,
    "decimal": _ordered_decimal,
    "text": str,
    "bytes": bytes.hex,
    "uuid": lambda value: value.hex,
    "date": datetime.date.isoformat,
    "time": lambda value: value.isoformat("microseconds"),
    "datetime": lambda value: value.isoformat("T", "microseconds"),
    "aware_datetime": lambda value: value.astimezone(datetime.UTC).replace(tzinfo=None).isoformat("T", "microseconds"),
    "timedelta": lambda value: ordered_int(value // _STEP),
}  # fmt: skip
