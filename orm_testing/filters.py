"""Conditions on rows: what a test writes (`age__gte=30`, `any_of(...)`), parsed, checked and evaluated.

Rules that hold on every backend: all conditions hold together; text compares by code point and minds case, the
`i…` lookups fold ASCII case; `None` equals only `None`, and no other lookup ever matches it.
"""

import datetime
import decimal
import enum
import math
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from orm_testing.errors import InvalidQueryError, nearest
from orm_testing.kinds import Kind, bare, stored_form
from orm_testing.schema import FieldSchema, ModelSchema, schema_of
from orm_testing.values import IMMUTABLE, same

LOOKUPS = (
    "exact", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "between", "contains", "icontains",
    "startswith", "istartswith", "endswith", "iendswith", "isnull",
)  # fmt: skip
TEXT_LOOKUPS = frozenset({"contains", "icontains", "startswith", "istartswith", "endswith", "iendswith"})
_JSON_LOOKUPS = frozenset({"exact", "ne", "in", "not_in", "isnull"})

MOST_NESTED = 16
"""How deep groups nest at the most, where each means something else than the one around it: what every product can take."""

_DEEPEST = 150
"""How deep they are written at the most."""

_TYPES: dict[Kind, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
    "decimal": (decimal.Decimal, int),
    "text": (str,),
    "bytes": (bytes,),
    "uuid": (uuid.UUID,),
    "date": (datetime.date,),
    "time": (datetime.time,),
    "datetime": (datetime.datetime,),
    "aware_datetime": (datetime.datetime,),
    "timedelta": (datetime.timedelta,),
}

Joined = Literal["any", "all", "none"]


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined: `any_of`, `all_of` or `none_of`."""

    joined: Joined
    parts: tuple[Any, ...]

    def __repr__(self) -> str:
        return f"{self.joined}_of({', '.join(map(repr, self.parts))})"


@dataclass(frozen=True, slots=True)
class Condition:
    """One parsed condition: a lookup of one field against a value of the field's type."""

    field: FieldSchema
    lookup: str
    value: Any


def any_of(*parts: Any, **lookups: Any) -> Group:
    """At least one holds: each mapping (all of it), each group, each keyword."""
    return Group("any", (*parts, *({name: value} for name, value in lookups.items())))


def all_of(*parts: Any, **lookups: Any) -> Group:
    """Every one holds."""
    return Group("all", (*parts, *({name: value} for name, value in lookups.items())))


def none_of(*parts: Any, **lookups: Any) -> Group:
    """Not one holds."""
    return Group("none", (*parts, *({name: value} for name, value in lookups.items())))


def parse(filters: Any, schema: ModelSchema) -> Group:
    """The conditions of an operation's `filters` as one `all_of` whose leaves are `Condition`s.

    No group in it means just what one group around it would.

    Raises:
        InvalidQueryError: An unknown field or lookup, a value that the field cannot have, or groups that nest too deeply.
    """
    if not filters:
        return Group("all", ())
    parsed = _parse(filters, schema, 1)
    if _depth(parsed) > MOST_NESTED:
        raise _too_deep(MOST_NESTED, schema)
    return parsed if isinstance(parsed, Group) and parsed.joined == "all" else Group("all", (parsed,))


def _parse(part: Any, schema: ModelSchema, depth: int) -> Group | Condition:
    if depth > _DEEPEST:
        raise _too_deep(_DEEPEST, schema)
    if isinstance(part, Group):
        return _joined(part.joined, [_parse(inner, schema, depth + 1) for inner in part.parts])
    if isinstance(part, Mapping):
        return _joined("all", [_condition(name, value, schema) for name, value in part.items()])
    if isinstance(part, Sequence) and not isinstance(part, str):
        return _joined("all", [_parse(inner, schema, depth + 1) for inner in part])
    raise InvalidQueryError(
        f"filters are a mapping such as {{'age__gte': 30}}, a group such as any_of(...), or a list of these;"
        f" {part!r} is neither.",
        model=schema.name,
    )


def _joined(joined: Joined, parts: Sequence[Group | Condition]) -> Group | Condition:
    """The parts joined, without the groups among them that can be told in this one."""
    told = {"all": ("all",), "any": ("any",), "none": ("any",)}[joined]
    flat: list[Group | Condition] = []
    for part in parts:
        flat += part.parts if isinstance(part, Group) and part.joined in told else [part]
    if len(flat) != 1:
        return Group(joined, tuple(flat))
    (alone,) = flat
    if joined != "none":
        return alone
    if isinstance(alone, Group) and alone.joined == "none":
        return _joined("any", alone.parts)
    return Group("none", (alone,))


def _depth(part: Group | Condition) -> int:
    return 1 + max(map(_depth, part.parts), default=0) if isinstance(part, Group) else 0


def _too_deep(most: int, schema: ModelSchema) -> InvalidQueryError:
    return InvalidQueryError(f"groups of conditions nest {most} deep at the most.", model=schema.name)


def _condition(name: str, value: Any, schema: ModelSchema) -> Condition:
    if not isinstance(name, str):
        raise InvalidQueryError(f"a condition is named by a field, not by {name!r}.", model=schema.name)
    field = schema.by_name.get(name)
    lookup = "exact"
    if field is None and "__" in name:
        stem, _, lookup = name.rpartition("__")
        field = field_named(stem, schema)
        if lookup not in LOOKUPS:
            raise InvalidQueryError(
                f"{name}: {lookup!r} is not a lookup.{nearest(lookup, LOOKUPS)} Known are: {', '.join(LOOKUPS)}.",
                model=schema.name,
                fields=(field.name,),
            )
    field = field or field_named(name, schema)
    return Condition(field, lookup, _checked(field, lookup, value, schema))


def field_named(name: str, schema: ModelSchema) -> FieldSchema:
    """The field; `InvalidQueryError`, with the nearest name, where the model has none such."""
    field = schema.by_name.get(name) if isinstance(name, str) else None
    if field is None:
        raise InvalidQueryError(
            f"{schema.name} has no field {name!r}.{nearest(str(name), schema.by_name)}",
            model=schema.name,
            fields=(str(name),),
        )
    return field


def _checked(field: FieldSchema, lookup: str, value: Any, schema: ModelSchema) -> Any:
    def refuse(why: str) -> InvalidQueryError:
        return InvalidQueryError(
            f"{schema.name}.{field.name}__{lookup}: {why}", model=schema.name, fields=(field.name,)
        )

    if lookup in TEXT_LOOKUPS and field.kind != "text":
        raise refuse(f"looks into text, and the field holds {field.kind}.")
    if field.kind == "json" and lookup not in _JSON_LOOKUPS:
        raise refuse("the field holds structured data, which has no order.")
    if lookup == "isnull":
        if not isinstance(value, bool):
            raise refuse(f"takes True or False, not {value!r}.")
        return value
    if lookup in ("in", "not_in", "between"):
        if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
            raise refuse(f"takes several values, not {value!r}.")
        values = [_plain(field, each, refuse, nullable=lookup != "between") for each in value]
        if lookup == "between" and len(values) != 2:  # noqa: PLR2004
            raise refuse(f"takes a low and a high value, not {len(values)} values.")
        return values
    return _plain(field, value, refuse, nullable=lookup in ("exact", "ne"))


def _plain(
    field: FieldSchema, value: Any, refuse: Callable[[str], InvalidQueryError], *, nullable: bool
) -> Any:
    if value is None:
        if nullable:
            return None
        raise refuse("None has no order; ask with `isnull`.")
    if field.kind == "enum":
        members = bare(field.python_type)
        if isinstance(value, members):
            return value
        try:
            return members(value)
        except ValueError:
            raise refuse(f"{value!r} is not a {members.__name__}.") from None
    if field.kind == "json":
        return value
    expected = _TYPES[field.kind]
    wrong = not isinstance(value, expected) or (isinstance(value, bool) and field.kind != "bool")
    if wrong or (field.kind == "date" and isinstance(value, datetime.datetime)):
        raise refuse(f"compares with {expected[0].__name__}, not {type(value).__name__} {value!r}.")
    if field.kind in ("datetime", "aware_datetime", "time"):
        aware = value.tzinfo is not None
        if aware != (field.kind == "aware_datetime"):
            held = "aware" if field.kind == "aware_datetime" else "naive"
            raise refuse(
                f"the field holds {held} {'times' if field.kind == 'time' else 'datetimes'}, and {value!r} is not."
            )
    return value


def matches(where: Group | Condition, row: Mapping[str, Any]) -> bool:
    """Whether a row, by field name, satisfies parsed conditions: the meaning of a filter, in executable form."""
    if isinstance(where, Condition):
        tests = _STRUCTURED if where.field.kind == "json" else _TESTS
        return tests[where.lookup](row[where.field.name], where.value)
    if where.joined == "all":
        return all(matches(part, row) for part in where.parts)
    found = any(matches(part, row) for part in where.parts)
    return found if where.joined == "any" else not found


def order_key(value: Any) -> Any:
    """A value as it is ordered among values of its field: enums by what is stored, NaN after all numbers."""
    if isinstance(value, enum.Enum):
        return stored_form(value)
    if isinstance(value, float):
        return (1, 0.0) if math.isnan(value) else (0, value)
    if isinstance(value, decimal.Decimal):
        return (1, 0) if value.is_nan() else (0, value)
    return value


def parse_order(order_by: Sequence[str], schema: ModelSchema) -> list[tuple[FieldSchema, bool]]:
    """The fields to order by, each with whether it descends; the key comes last, so that pages are stable."""
    names = [order_by] if isinstance(order_by, str) else list(order_by)
    order: list[tuple[FieldSchema, bool]] = []
    for name in names:
        field = field_named(name.removeprefix("-") if isinstance(name, str) else name, schema)
        if field.kind == "json":
            raise InvalidQueryError(
                f"order_by={name!r}: {schema.name}.{field.name} holds structured data, which has no order.",
                model=schema.name,
                fields=(field.name,),
            )
        order.append((field, name.startswith("-")))
    named = {field.name for field, _ in order}
    return order + [(schema.by_name[part], False) for part in schema.key if part not in named]


def in_order(
    rows: Iterable[dict[str, Any]], order: Sequence[tuple[FieldSchema, bool]]
) -> list[dict[str, Any]]:
    """The rows in this order, with `None` last whichever way a field is ordered."""
    ordered = list(rows)
    for field, descending in reversed(order):
        name = field.name
        present = [row for row in ordered if row[name] is not None]
        present.sort(key=lambda row: order_key(row[name]), reverse=descending)
        ordered = present + [row for row in ordered if row[name] is None]
    return ordered


def select_rows(rows: Iterable[dict[str, Any]], operation: Any) -> list[dict[str, Any]]:
    """The rows, by field name, that an operation's `filters` mean; those of a query in its order and of its page.

    A store that cannot filter or sort for itself answers a query with it, and a get, a count and an exists as well.
    """
    schema = schema_of(operation.model_class)
    where = parse(operation.filters, schema)
    found = [row for row in rows if matches(where, row)]
    if not hasattr(operation, "order_by"):
        return found
    check_page(operation.limit, operation.offset, schema)
    ordered = in_order(found, parse_order(operation.order_by, schema))
    return ordered[operation.offset :][: operation.limit]


def check_page(limit: int | None, offset: int, schema: ModelSchema) -> None:
    """Raise `InvalidQueryError` for a limit or an offset that is no count."""
    for name, value in (("limit", limit), ("offset", offset)):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise InvalidQueryError(f"{name} is a number from 0 on, not {value!r}.", model=schema.name)


def holds(filters: Any, row: Mapping[str, Any]) -> bool | None:
    """Whether conditions hold for a row of a model that is not pydantic's; None where that cannot be told."""
    if isinstance(filters, Mapping):
        told = [_holds(name, value, row) for name, value in filters.items()]
    elif isinstance(filters, Sequence) and not isinstance(filters, str):
        told = [holds(part, row) for part in filters]
    else:
        return None
    return None if None in told else all(told)


def _holds(name: str, value: Any, row: Mapping[str, Any]) -> bool | None:
    if name in row:
        return _equal(row[name], value)
    field, _, lookup = name.rpartition("__")
    if field not in row or lookup not in _TESTS:
        return None
    try:
        return _TESTS[lookup](row[field], value)
    except (TypeError, AttributeError, IndexError):  # the lookup does not suit the value that is held
        return None


def _fold(text: str) -> str:
    return "".join(chr(ord(char) + 32) if "A" <= char <= "Z" else char for char in text)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda held, value: (
        held is not None and compare(_comparable(held, value), _comparable(value, held))
    )


def _comparable(value: Any, other: Any) -> Any:
    if (
        isinstance(value, int)
        and not isinstance(value, bool | enum.Enum)
        and isinstance(other, float | decimal.Decimal)
    ):
        return (0, value)
    return order_key(value)


def _equal(held: Any, value: Any) -> bool:
    if type(held) not in IMMUTABLE and not isinstance(held, enum.Enum):
        return same(held, value)
    return held is value or (
        held is not None and value is not None and bool(_comparable(held, value) == _comparable(value, held))
    )


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": _equal,
    "ne": lambda held, value: held is not None and not _equal(held, value),
    "gt": _ordered(lambda held, value: held > value),
    "gte": _ordered(lambda held, value: held >= value),
    "lt": _ordered(lambda held, value: held < value),
    "lte": _ordered(lambda held, value: held <= value),
    "in": lambda held, values: any(_equal(held, value) for value in values),
    "not_in": lambda held, values: held is not None and not any(_equal(held, value) for value in values),
    "between": lambda held, pair: _TESTS["gte"](held, pair[0]) and _TESTS["lte"](held, pair[1]),
    "contains": lambda held, value: held is not None and value in held,
    "icontains": lambda held, value: held is not None and _fold(value) in _fold(held),
    "startswith": lambda held, value: held is not None and held.startswith(value),
    "istartswith": lambda held, value: held is not None and _fold(held).startswith(_fold(value)),
    "endswith": lambda held, value: held is not None and held.endswith(value),
    "iendswith": lambda held, value: held is not None and _fold(held).endswith(_fold(value)),
    "isnull": lambda held, value: (held is None) is value,
}

_STRUCTURED: dict[str, Callable[[Any, Any], bool]] = {
    "exact": same,
    "ne": lambda held, value: held is not None and not same(held, value),
    "in": lambda held, values: any(same(held, value) for value in values),
    "not_in": lambda held, values: held is not None and not any(same(held, value) for value in values),
    "isnull": _TESTS["isnull"],
}
"""Where a field may hold anything, `True` is not `1`, and `1` is not `1.0`."""
