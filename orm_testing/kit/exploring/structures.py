"""Values for fields of structured data, made from their annotations."""

import dataclasses
import datetime
import decimal
import enum
import itertools
import types
import typing
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import pydantic

from orm_testing.kinds import bare

_MOST = 6
"""How many values of one type there are within a value of another."""

_PLAIN: Mapping[Any, Sequence[Any]] = {
    bool: (True, False),
    int: (1, 0, -1, 2**53 + 1),
    float: (1.5, 0.0, 1.0, -2.25),
    str: ("a", "", "b'\"\\", "é", "$x", "\U0001f600"),
    bytes: (b"a", b"", b"\xff"),
    decimal.Decimal: (decimal.Decimal("1.10"), decimal.Decimal(0)),
    uuid.UUID: (uuid.UUID(int=1), uuid.UUID(int=2**127)),
    datetime.date: (datetime.date(2024, 2, 29), datetime.date.min),
    datetime.time: (datetime.time(1, 2, 3, 4), datetime.time()),
    datetime.datetime: (datetime.datetime(2024, 2, 29, 1, 2, 3, 4), datetime.datetime(1969, 12, 31)),  # noqa: DTZ001
    pydantic.AwareDatetime: (datetime.datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=datetime.UTC),),
    datetime.timedelta: (datetime.timedelta(days=-1, microseconds=1), datetime.timedelta(1)),
    type(None): (None,),
}
_ANYTHING: Sequence[Any] = (
    "a", 1, True, 1.0, 1.5, None, "", [], {}, {"a": 1, "b": [True, None, {"": 0.5}]}, [1, "1", [False]], {"$set": 1, "a.b": "'"},
)  # fmt: skip
_UNKNOWN: Sequence[Any] = ("https://example.com/", "a@example.com", "1.2.3.4", "/a", *_ANYTHING)
"""What types that are told nowhere here may be made of."""


def candidates(annotation: Any, depth: int = 0) -> list[Any]:
    """Some values of a type, the simplest first; none where none can be told."""
    plain = bare(annotation)
    origin, parts = typing.get_origin(plain), typing.get_args(plain)
    if plain is Any or plain in _PLAIN or origin is typing.Literal:
        return list(_ANYTHING if plain is Any else parts or _PLAIN[plain])
    if origin in (typing.Union, types.UnionType):
        return [value for part in parts for value in candidates(part, depth)[:_MOST]]
    if (origin or plain) in _CONTAINERS:
        return _contained(origin or plain, parts, depth)
    return _made_of(plain, depth) if isinstance(plain, type) else _validated(plain)


def _made_of(kind: type[Any], depth: int) -> list[Any]:
    if issubclass(kind, enum.Enum):
        return list(kind)
    composed = dataclasses.is_dataclass(kind) or hasattr(kind, "model_fields")
    return _composed(kind, depth) if composed else _validated(kind)


_CONTAINERS = frozenset({list, set, frozenset, tuple, dict, Sequence, Mapping})


def _contained(container: Any, parts: tuple[Any, ...], depth: int) -> list[Any]:
    if container in (dict, Mapping):
        keys, values = (candidates(part, depth + 1)[:_MOST] for part in parts or (str, Any))
        whole = dict(zip(keys, itertools.cycle(values), strict=False)) if values else {}
        return [{}, dict(list(whole.items())[:1]), whole, dict(reversed(whole.items()))]
    if container is tuple and parts and parts[-1] is not Ellipsis:
        columns = [candidates(part, depth + 1) for part in parts]
        return [tuple(row) for row in zip(*columns, strict=False)][:_MOST]
    make = container if container in (set, frozenset, tuple) else list
    members = candidates(parts[0] if parts else Any, depth + 1)[:_MOST]
    made = [[], members[:1], members[:2], members[::-1]] + (
        [members[:1] * 2] if make in (list, tuple) else []
    )
    try:
        return [make(some) for some in made]
    except TypeError:  # members that cannot be in a set
        return [make()]


def _composed(kind: Any, depth: int) -> list[Any]:
    """Instances of a model or a dataclass: with all defaults, and with each field in turn at each of its values."""
    if depth > 1:
        return _built(kind, {})
    if hasattr(kind, "model_fields"):
        told = {name: (info.annotation, info.is_required()) for name, info in kind.model_fields.items()}
    else:
        hints = typing.get_type_hints(kind)
        missing = dataclasses.MISSING
        told = {
            each.name: (hints[each.name], each.default is missing and each.default_factory is missing)
            for each in dataclasses.fields(kind)
        }
    pools = {name: candidates(annotation, depth + 1) for name, (annotation, _) in told.items()}
    least = {name: pool[0] for name, pool in pools.items() if pool and told[name][1]}
    made = _built(kind, least)
    for turn in range(1, _MOST):
        made += _built(kind, least | {name: pool[turn % len(pool)] for name, pool in pools.items() if pool})
    return made


def _built(kind: Any, fields: Mapping[str, Any]) -> list[Any]:
    try:
        if hasattr(kind, "model_fields"):
            return [kind.model_validate(dict(fields), by_name=True, by_alias=False)]
        return [kind(**fields)]
    except (TypeError, ValueError):
        return []


def _validated(kind: Any) -> list[Any]:
    """What a type that pydantic knows makes of plain values."""
    try:
        adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(kind)
    except pydantic.errors.PydanticUserError:
        return []
    made = []
    for value in _UNKNOWN:
        try:
            made.append(adapter.validate_python(value))
        except pydantic.ValidationError:
            continue
    return made
