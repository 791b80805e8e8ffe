"""What a store cannot select, sort or cut for itself, done here, and said to be done here."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from orm_testing.filters import Condition, Group, in_order, matches
from orm_testing.schema import FieldSchema, ModelSchema
from orm_testing_drivers.nosql.collection import Key, Row, Selected, Selection


def divided(where: Group, can: Callable[[Condition], bool]) -> tuple[Group, Group]:
    """The conditions that a store can judge, and the rest: a row matches where it matches both."""
    served = tuple(part for part in where.parts if _whole(part, can))
    rest = tuple(part for part in where.parts if not _whole(part, can))
    return Group("all", served), Group("all", rest)


def _whole(part: Group | Condition, can: Callable[[Condition], bool]) -> bool:
    if isinstance(part, Condition):
        return can(part)
    return all(_whole(inner, can) for inner in part.parts)


def exact_key(where: Group, schema: ModelSchema) -> Key | None:
    """The key, where the conditions are that the row has just this key, and a row can have it."""
    exact = {
        part.field.name: part.value
        for part in where.parts
        if isinstance(part, Condition) and part.lookup == "exact"
    }
    if len(where.parts) != len(exact) or exact.keys() != set(schema.key) or None in exact.values():
        return None
    try:
        key = tuple([_of_kind(schema.by_name[name], exact[name]) for name in schema.key])
    except OverflowError:
        return None
    return key if key == tuple([exact[name] for name in schema.key]) else None


def _of_kind(field: FieldSchema, value: Any) -> Any:
    """A value as the field would hold it: a condition may name a float or a Decimal by a whole number."""
    if type(value) is int and field.kind in ("float", "decimal"):
        return float(value) if field.kind == "float" else Decimal(value)
    return value


def finished(selection: Selection, selected: Selected) -> tuple[list[Row], tuple[str, ...]]:
    """The rows as they were asked for, and what had to be done here for that."""
    rows, work = selected.rows, []
    if selected.rest.parts:
        rows = [row for row in rows if matches(selected.rest, row)]
        work.append("filter")
    if selection.order and not selected.ordered:
        rows = in_order(rows, selection.order)
        work.append("order")
    if not selected.paged and (selection.limit is not None or selection.offset):
        rows = rows[selection.offset :][: selection.limit]
        work.append("page")
    return rows, tuple(work)
