"""Faults of values: of what is stored of them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from struct import pack, unpack
from typing import Any

from orm_testing.kit.cases.limits import Limits
from orm_testing.kit.cases.structures import Structures
from orm_testing.kit.cases.values import Values
from orm_testing.kit.mutants.selecting import Storing
from orm_testing.schema import FieldSchema

_FLOAT32 = 1e38
"""Some value that a float of 32 bits can still have."""


class TruncatesMicroseconds(Storing):
    """Datetimes are cut to the second."""

    themes = (Values, Limits)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value.replace(microsecond=0) if isinstance(value, datetime) else value


class TimesLoseMicroseconds(Storing):
    """Times of the day are cut to the second."""

    themes = (Values, Limits)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value.replace(microsecond=0) if field.kind == "time" else value


class DurationsLoseMicroseconds(Storing):
    """Durations are cut to the second."""

    themes = (Values, Limits)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return timedelta(seconds=int(value.total_seconds())) if isinstance(value, timedelta) else value


class AwareTimesLoseTheirOffset(Storing):
    """The hour of an aware datetime is taken for that of UTC."""

    themes = (Values, Structures)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value.replace(tzinfo=UTC) if field.kind == "aware_datetime" and value.tzinfo else value


class BeginsIn1970(Storing):
    """Times before 1970 are stored as its beginning."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return max(value, datetime(1970, 1, 1)) if field.kind == "datetime" and not value.tzinfo else value


class DropsTheScaleOfADecimal(Storing):
    """A Decimal loses the zeros at its end."""

    themes = (Limits, Values)
    needs = ("decimal_scale",)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value.normalize() if isinstance(value, Decimal) else value


class DecimalsAreFloats(Storing):
    """A Decimal goes through a float."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return Decimal(str(float(value))) if isinstance(value, Decimal) else value


class FloatsHave32Bits(Storing):
    """A float is rounded to 32 bits, where they hold one as large."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        fits = isinstance(value, float) and abs(value) < _FLOAT32
        return unpack("f", pack("f", value))[0] if fits else value


class FloatsOf15Digits(Storing):
    """A float is rounded to fifteen digits."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return float(f"{value:.14e}") if isinstance(value, float) and abs(value) < _FLOAT32 else value


class ForgetsTheSignOfZero(Storing):
    """`-0.0` becomes `0.0`."""

    themes = (Limits, Values)
    needs = ("negative_zero",)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value + 0.0 if isinstance(value, float) and not value else value


class NotANumberIsNone(Storing):
    """NaN is stored as `None`."""

    needs = ("float_nan",)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return None if isinstance(value, float) and value != value else value  # noqa: PLR0124


class InfinityIsTheLargestFloat(Storing):
    """Infinity is stored as the largest number."""

    needs = ("float_infinity",)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return max(-1.7e308, min(1.7e308, value)) if isinstance(value, float) and value == value else value  # noqa: PLR0124


class IntegersAreFloats(Storing):
    """An integer goes through a float, which has 53 bits for it."""

    themes = (Values, Limits)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return int(float(value)) if field.kind == "int" and abs(value) < 2**63 - 512 else value


class IntegersWrap(Storing):
    """An integer beyond 32 bits begins again from below."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return (value + 2**31) % 2**32 - 2**31 if field.kind == "int" and type(value) is int else value


class BytesHave64Kilobytes(Storing):
    """Bytes are cut after 65,535 of them."""

    themes = (Values, Limits)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value[:65_535] if isinstance(value, bytes) else value


class BytesEndAtANull(Storing):
    """Bytes end at the first that is null."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value.partition(b"\0")[0] if isinstance(value, bytes) else value


class NoneWithinIsDropped(Storing):
    """A key of a dict whose value is `None` is left out."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return (
            {name: part for name, part in value.items() if part is not None}
            if isinstance(value, dict)
            else value
        )


class EmptyStructuresAreNone(Storing):
    """An empty list, dict or set is stored as `None`."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return None if isinstance(value, list | dict | set) and not value else value


class ListsAreSorted(Storing):
    """Lists of numbers lose their order."""

    themes = (Values, Structures)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        numbers = isinstance(value, list) and all(type(part) is int for part in value)
        return sorted(value) if numbers else value


class CutsDeepStructures(Storing):
    """What lies deeper than twenty lists and dicts in a structure is stored as text."""

    themes = (Values, Structures)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return _cut(value, 20) if field.kind == "json" and isinstance(value, list | dict) else value


class CutsVeryDeepStructures(Storing):
    """What lies deeper than forty lists and dicts in a structure, or on the last level that the store takes, is stored as text."""

    themes = (Structures,)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        depth = min(40, (self.capabilities.get("structure_depth") or 50) - 1)
        return _cut(value, depth) if field.kind == "json" and isinstance(value, list | dict) else value


class FlagsAreOne(Storing):
    """Of several flags, the lowest is stored."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return type(value)(value & -value) if field.name == "rights" else value


class ClipsWhatIsTooWide(Storing):
    """An integer that is too wide is stored as the widest one."""

    themes = (Limits,)
    needs = ("integer_bits",)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        bits = self.capabilities.get("integer_bits") or 64
        most = 2 ** (bits - 1) - 1
        return max(-most - 1, min(most, value)) if field.kind == "int" else value


def _cut(value: Any, depth: int) -> Any:
    if not depth:
        return repr(value)
    if isinstance(value, dict):
        return {name: _cut(part, depth - 1) for name, part in value.items()}
    return [_cut(part, depth - 1) for part in value] if isinstance(value, list) else value
