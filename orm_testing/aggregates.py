"""Aggregates: `"count"`, `"age__count"`, `"age__sum"`, `"age__avg"`, `"age__min"`, `"age__max"`.

Over no values, `count` is 0 and the others are `None`. A sum has the type of its field; an average is a float, or a
Decimal of Decimals, and is the sum divided by the count.
"""

import decimal
import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from orm_testing.errors import InvalidQueryError, nearest
from orm_testing.filters import field_named, in_order, order_key
from orm_testing.schema import FieldSchema, ModelSchema

Function = Literal["count", "sum", "avg", "min", "max"]
EXACT = decimal.Context(prec=decimal.MAX_PREC, traps=[])
"""Adds decimals without rounding; infinities that cancel each other out are NaN."""
_SUMMED = frozenset({"int", "float", "decimal", "timedelta"})


@dataclass(frozen=True, slots=True)
class Aggregate:
    """One parsed aggregate; `field` is None for the count of rows. `name` is its key in the answer."""

    name: str
    function: Function
    field: FieldSchema | None


def parse_aggregates(names: Sequence[str], schema: ModelSchema) -> list[Aggregate]:
    """The aggregates that an operation names; `InvalidQueryError` where one has no meaning."""
    if not names:
        raise InvalidQueryError(
            'name at least one aggregate, such as "count" or "age__sum".', model=schema.name
        )
    return [_parse(name, schema) for name in names]


def _parse(name: str, schema: ModelSchema) -> Aggregate:
    if name == "count":
        return Aggregate(name, "count", None)
    stem, _, function = name.rpartition("__")
    functions: tuple[Function, ...] = get_args(Function)
    if function not in functions or not stem:
        raise InvalidQueryError(
            f"{name!r} is not an aggregate.{nearest(function, functions)} Write"
            ' "count", or a field and one of count, sum, avg, min, max: "age__sum".',
            model=schema.name,
        )
    field = field_named(stem, schema)
    if (function in ("sum", "avg") and field.kind not in _SUMMED) or (
        function in ("min", "max") and field.kind in ("json", "bool")
    ):
        raise InvalidQueryError(
            f"{name!r}: a field of {field.kind} has no {function}.", model=schema.name, fields=(stem,)
        )
    return Aggregate(name, function, field)


def grouping(names: Sequence[str], schema: ModelSchema) -> list[FieldSchema]:
    """The fields to group by."""
    fields = [field_named(name, schema) for name in ([names] if isinstance(names, str) else names)]
    for field in fields:
        if field.kind == "json":
            raise InvalidQueryError(
                f"{field.name!r} holds structured data and cannot be grouped by.", model=schema.name
            )
    return fields


def average(total: Any, count: int, field: FieldSchema) -> Any:
    """The average from a sum and a count that the store made."""
    if not count or total is None:
        return None
    if field.kind in ("decimal", "timedelta"):
        return total / count
    return float(total) / count


def aggregated(
    rows: Sequence[dict[str, Any]], aggregates: Sequence[Aggregate], fields: Sequence[FieldSchema]
) -> list[dict[str, Any]]:
    """The answer to an aggregate operation from its rows in memory: a dict per group, in the order of the groups' values."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {} if fields else {(): []}
    for row in in_order(rows, [(field, False) for field in fields]):
        groups.setdefault(tuple(row[field.name] for field in fields), []).append(row)
    return [
        {field.name: value for field, value in zip(fields, group, strict=True)}
        | {aggregate.name: computed(aggregate, members) for aggregate in aggregates}
        for group, members in groups.items()
    ]


def computed(aggregate: Aggregate, rows: Sequence[dict[str, Any]]) -> Any:
    """The aggregate of rows in memory: its meaning, in executable form."""
    if aggregate.field is None:
        return len(rows)
    values = [row[aggregate.field.name] for row in rows if row[aggregate.field.name] is not None]
    if aggregate.function == "count":
        return len(values)
    if not values:
        return None
    if aggregate.function in ("min", "max"):
        return (min if aggregate.function == "min" else max)(values, key=order_key)
    total = functools.reduce(EXACT.add if aggregate.field.kind == "decimal" else operator.add, values)
    return total if aggregate.function == "sum" else average(total, len(values), aggregate.field)
