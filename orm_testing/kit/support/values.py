"""The table of values: for each field of `Everything`, values that a store is likely to get wrong."""

import array
import itertools
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pydantic

from orm_testing.kit.support.everything import Address, Colour, Level, Mixed, Point, Rights
from orm_testing.values import same

WEST = timezone(timedelta(hours=-7, minutes=-30))
EAST = timezone(timedelta(hours=5, minutes=45))


def nested(depth: int) -> Any:
    """Lists in dicts in lists, so many deep."""
    value: Any = "the bottom"
    for level in range(depth):
        value = {"down": value} if level % 2 else [value]
    return value


_DEPTH = 30
_MATRIX = array.array("d", [0.1, -0.0, math.inf, 5e-324, *range(1000)])

VALUES: Mapping[str, Mapping[str, Any]] = {
    "flag": {"true": True, "false": False},
    "number": {
        "zero": 0, "minus one": -1, "32 bits": 2**31 - 1, "beyond 32 bits": 2**31, "beyond a float": 2**53 + 1,
        "64 bits": 2**63 - 1, "64 bits below zero": -(2**63),
    },
    "real": {
        "zero": 0.0, "a half": -1.5, "a tenth": 0.1, "a third": 1 / 3, "more than 32 bits": 16777217.0, "whole": 3.0,
        "beyond exact integers": 2.0**53 + 2, "large": 1.2345678901234567e100, "small": 1.2345678901234567e-100,
        "largest": sys.float_info.max, "least normal": sys.float_info.min, "least": 5e-324,
        "negative zero": -0.0, "infinity": math.inf, "minus infinity": -math.inf, "not a number": math.nan,
    },
    "exact": {
        "zero": Decimal(0), "scale of zero": Decimal("0.00"), "trailing zero": Decimal("1.10"), "a tenth": Decimal("0.1"),
        "negative": Decimal("-0.001"), "exponent": Decimal("1E+3"), "beyond a float": Decimal("0.1234567890123456789"),
        "29 digits": Decimal("12345678901234567890.123456789"), "small": Decimal("1E-20"),
    },
    "text": {
        "empty": "", "space": " ", "space around": "  a  ", "line ends": "\r\n\t\v\f", "a number": "007", "a truth": "true",
        "null as a word": "null", "sharp s": "stra\u00dfe STRASSE", "dotless i": "\u0131I\u0130i", "sigma": "\u03a3\u03c3\u03c2",
        "composed": "\u00e9", "decomposed": "e\u0301", "compatibility": "\ufb01\u2460\uff21", "hangul": "\uac00 \u1100\u1161",
        "combining": "a\u0300\u0301\u0302\u0303", "right to left": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627", "overrides": "\u202eabc\u2066\u2069",
        "no width": "\u200b\u200d\u2060", "byte order": "\ufefftext", "astral": "\U0001f600\U00020000", "family": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "private": "\ue000\U0010ffff", "no character": "\ufffe\uffff", "control": "\x01\x1b\x7f\x85\u2028\u2029", "soft hyphen": "a\u00adb",
        "long": "x\u00e9" * 5_000, "null character": "a\x00b", "null character alone": "\x00", "null character last": "a\x00",
        "lone surrogate": "a\ud800", "surrogates reversed": "\udc00\ud800",
    },
    "raw": {
        "empty": b"", "null": b"\x00", "no text": b"\xff\xfe\x80", "every byte": bytes(range(256)), "text": b"text", "base64": b"YQ==",
        "spaces": b" a \n", "array": _MATRIX.tobytes(), "100 kB": bytes(range(250)) * 400,
    },
    "uid": {
        "zero": UUID(int=0), "all ones": UUID(int=2**128 - 1), "some": UUID("12345678-1234-5678-9abc-def012345678"),
    },
    "colour": {"member": Colour.RED, "other case": Colour.WHITE},
    "level": {"member": Level.FIRST, "zero": Level.NONE, "negative": Level.BELOW},
    "mixed": {"integer": Mixed.ONE, "text": Mixed.TWO, "float": Mixed.THREE},
    "rights": {"one": Rights.READ, "both": Rights.READ | Rights.WRITE, "none": Rights(0)},
    "word": {"literal": "yes"},
    "day": {"first": date.min, "last": date.max, "leap": date(2024, 2, 29), "before 1970": date(1969, 12, 31), "century": date(1900, 3, 1)},
    "at": {"first": time.min, "last": time.max, "noon": time(12), "microsecond": time(12, 30, 15, 1)},
    "naive": {
        "first": datetime.min, "last": datetime.max, "midnight": datetime(2024, 2, 29), "before 1970": datetime(1969, 12, 31, 23, 59, 59, 999999),  # noqa: DTZ901
        "microsecond": datetime(2024, 2, 29, 1, 2, 3, 4), "hour that was skipped": datetime(2024, 3, 31, 2, 30), "hour that came twice": datetime(2024, 10, 27, 2, 30),
    },
    "aware": {
        "first": datetime(1, 1, 1, tzinfo=UTC), "last": datetime.max.replace(tzinfo=UTC), "west": datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=WEST),
        "east": datetime(2024, 1, 1, 3, tzinfo=EAST), "before 1970": datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    },
    "took": {
        "none": timedelta(), "microsecond": timedelta(microseconds=1), "backwards": timedelta(microseconds=-1), "days": timedelta(days=10_000, microseconds=-1),
        "minus a day": timedelta(days=-1), "years": timedelta(days=365 * 9_000, seconds=1),
    },
    "numbers": {"empty": [], "one": [0], "order": [3, 1, 2, 1], "beyond 64 bits": [-(2**70)], "beyond a float": [2**53 + 1]},
    "tags": {
        "empty": {}, "order of keys": {"b": 1, "a": 2}, "empty key": {"": ""}, "None within": {"a": None, "b": [None]},
        "types": {"a": True, "b": 1, "c": 1.0, "d": 1.5, "e": "1", "f": False, "g": 0}, "hostile": {"$set": {"a.b": 1}, "'\"": "\\", "_id": 1},
        "unicode": {"\U0001f600": "e\u0301", "\u00e9": "\u00e9"}, "keys of digits": {"1": 1, "01": 2}, "empty within": {"a": {}, "b": [], "c": [[]]},
    },
    "days": {"typed keys": {date(2024, 2, 29): 1, date.min: 2}},
    "pair": {"tuple": (1, "a"), "empty text": (0, "")},
    "members": {"empty": set(), "several": {8, 0, -1, 1000}},
    "home": {
        "small": Address(street=""), "typed": Address(street="'", since=datetime(2024, 1, 1, 0, 0, 0, 1)),
        "nested": Address(street="a", before=Address(street="b", names=[frozenset({"x", "y"}), frozenset()])),
    },
    "point": {"dataclass": Point(0.1, Decimal("1.10"))},
    "url": {"url": pydantic.HttpUrl("https://example.com/a?b=c#d")},
    "thing": {
        "true": True, "one": 1, "one as a float": 1.0, "text": "1", "empty text": "", "list": [1, [2.5, None]], "deep": nested(_DEPTH), "null character": {"a\x00": "\x00"},
    },
}  # fmt: skip
"""By field and by what is particular about each; `None`, which all fields may be, apart."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of the table."""

    field: str
    name: str
    value: Any

    def __str__(self) -> str:
        return f"{self.field}-{self.name}".replace(" ", "_")


SAMPLES = tuple(
    Sample(field, name, value) for field, named in VALUES.items() for name, value in named.items()
)


def held(value: Any, capabilities: Mapping[str, Any]) -> bool:
    """Whether a backend that declares these capability values can hold the value."""
    if isinstance(value, dict):
        return all(held(part, capabilities) for part in itertools.chain(value, value.values()))
    if isinstance(value, list):
        return all(held(part, capabilities) for part in value)
    judge = _JUDGES.get(type(value))
    return judge is None or judge(value, capabilities)


def _held_text(value: str, capabilities: Mapping[str, Any]) -> bool:
    if any("\ud800" <= character <= "\udfff" for character in value):
        return "lone_surrogates_in_text" in capabilities
    return "\x00" not in value or "null_character_in_text" in capabilities


def _held_decimal(value: Decimal, capabilities: Mapping[str, Any]) -> bool:
    digits = capabilities.get("decimal_digits")
    return digits is None or len(value.as_tuple().digits) <= digits


def _held_bytes(value: bytes, capabilities: Mapping[str, Any]) -> bool:
    most = capabilities.get("max_item_bytes")
    return most is None or len(value) < most


def _held_float(value: float, capabilities: Mapping[str, Any]) -> bool:
    if math.isnan(value):
        return "float_nan" in capabilities
    if math.isinf(value):
        return "float_infinity" in capabilities
    least, largest = capabilities.get("float_least"), capabilities.get("float_magnitude")
    return not value or ((least or 0.0) <= abs(value) <= (largest or math.inf))


_JUDGES: Mapping[type, Callable[[Any, Mapping[str, Any]], bool]] = {
    float: _held_float,
    str: _held_text,
    Decimal: _held_decimal,
    bytes: _held_bytes,
}


def as_held(value: Any, capabilities: Mapping[str, Any]) -> Any:
    """The value as it comes back: a time in UTC and of the declared precision, a zero without its sign where that is lost."""
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            value = value.astimezone(UTC)
        if capabilities.get("datetime_precision") == "millisecond":
            return value.replace(microsecond=value.microsecond // 1000 * 1000)
    if isinstance(value, float) and value == 0 and "negative_zero" not in capabilities:
        return 0.0
    return value


def alike(one: Any, other: Any, capabilities: Mapping[str, Any]) -> bool:
    """Whether a value came back: equal and of its type all the way down, with its sign and, where it is kept, its scale."""
    if (
        isinstance(one, float)
        and isinstance(other, float)
        and math.copysign(1, one) != math.copysign(1, other)
    ):
        return math.isnan(one) and math.isnan(other)
    return same(one, other, scale="decimal_scale" in capabilities)
