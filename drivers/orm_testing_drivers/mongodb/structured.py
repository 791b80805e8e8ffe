"""Structured values as documents: what a document cannot hold is said by a key that no escaped name can be."""

import math
from collections.abc import Mapping
from typing import Any

from orm_testing.errors import ValueRangeError
from orm_testing.schema import FieldSchema
from orm_testing_drivers.mongodb.dialects import Dialect
from orm_testing_drivers.mongodb.names import escaped, unescaped

DEEPEST = 90
"""How deep structured values nest: a document nests 100 deep in all."""

_INT, _FLOAT, _LIST = "%int", "%float", "%list"


def packed(field: FieldSchema, value: Any, dialect: Dialect, depth: int = 0, *, in_list: bool = False) -> Any:
    """What JSON read, as part of a document."""
    if depth > DEEPEST:
        raise ValueRangeError(
            f"{field.name}: structured values nest {DEEPEST} deep at most", fields=(field.name,)
        )
    if isinstance(value, dict):
        return {escaped(name): packed(field, inner, dialect, depth + 1) for name, inner in value.items()}
    if isinstance(value, list):
        made = [packed(field, inner, dialect, depth + 1, in_list=True) for inner in value]
        return {_LIST: made} if in_list and not dialect.nested_arrays else made
    if isinstance(value, float):
        plain = dialect.unfinite or (math.isfinite(value) and (value or math.copysign(1, value) > 0))
        return value if plain else {_FLOAT: repr(value)}
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        return {_INT: str(value)}
    return value


def unpacked(held: Any) -> Any:
    """What `packed` was given."""
    if isinstance(held, list):
        return [unpacked(inner) for inner in held]
    if not isinstance(held, Mapping):
        return held
    if len(held) == 1:
        ((name, inner),) = held.items()
        if name in (_INT, _FLOAT):
            return int(inner) if name == _INT else float(inner)
        if name == _LIST:
            return unpacked(inner)
    return {unescaped(name): unpacked(inner) for name, inner in held.items()}
