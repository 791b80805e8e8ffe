"""What is done with values everywhere alike: copying them, and telling whether two are the same."""

import copy
import dataclasses
import datetime
import decimal
import enum
import math
import uuid
from collections.abc import Mapping
from typing import Any

IMMUTABLE: frozenset[type] = frozenset(
    {
        str, int, float, bool, bytes, type(None), decimal.Decimal, uuid.UUID,
        datetime.datetime, datetime.date, datetime.time, datetime.timedelta,
    }
)  # fmt: skip


def copied(value: Any) -> Any:
    """A copy that shares nothing that can change; values that cannot change are themselves."""
    if type(value) in IMMUTABLE or isinstance(value, enum.Enum):
        return value
    return copy.deepcopy(value)


def copied_row(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if type(value) in IMMUTABLE else copied(value) for name, value in row.items()}


def same(one: Any, other: Any, *, scale: bool = True) -> bool:
    """Equal in value and in type, all the way down: `True` is not `1`, and NaN is NaN.

    With `scale`, `Decimal("1.0")` is not `Decimal("1.00")`.
    """
    kind = type(one)
    if kind is not type(other):
        return False
    if one is other:
        return True
    if kind is float:
        return bool(one == other) or (math.isnan(one) and math.isnan(other))
    if kind is decimal.Decimal:
        if scale or one.is_nan():
            return bool(one.as_tuple() == other.as_tuple())
        return bool(one == other)
    return bool(one == other) if kind in IMMUTABLE else _same_composite(one, other, scale)


def _same_composite(one: Any, other: Any, scale: bool) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(
            same(value, other[key], scale=scale) for key, value in one.items()
        )
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(
            same(mine, yours, scale=scale) for mine, yours in zip(one, other, strict=True)
        )
    if isinstance(one, set | frozenset):
        return one == other and {(type(member), member) for member in one} == {
            (type(member), member) for member in other
        }
    if hasattr(type(one), "model_fields"):
        mine, yours = (getattr(each, "__pydantic_extra__", None) or {} for each in (one, other))
        return _same_composite(one.__dict__, other.__dict__, scale) and _same_composite(mine, yours, scale)
    if dataclasses.is_dataclass(one):
        return all(
            same(getattr(one, field.name), getattr(other, field.name), scale=scale)
            for field in dataclasses.fields(one)
        )
    return bool(one == other)


def number_of_rows(number: int) -> str:
    """`1 row`, `2 rows`: as messages say it."""
    return f"{number} row{'' if number == 1 else 's'}"
