"""Aggregates as a pipeline, where the product can; the rest is done from the rows."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from orm_testing.aggregates import Aggregate, average
from orm_testing.filters import in_order
from orm_testing.schema import FieldSchema
from orm_testing_drivers.mongodb.layout import Layout, Place
from orm_testing_drivers.mongodb.values import decoded, from_compared

Answer = Mapping[str, Any]

_STEPPED = frozenset({"int", "timedelta"})
_NANS: Mapping[str, Any] = {"float": float("nan"), "decimal": Decimal("NaN")}


def can(aggregates: Sequence[Aggregate], fields: Sequence[FieldSchema], layout: Layout) -> bool:
    """Whether the pipeline answers as the contract says: a sum of Decimals would be rounded, NaN is nobody's group."""
    texts = {"decimal", "float"} & layout.codec.beside.keys()
    if any(field.kind in ("float", "decimal") for field in fields):
        return False
    for aggregate in aggregates:
        field, function = aggregate.field, aggregate.function
        if field is None:
            continue
        if not layout.dialect.groups or (function in ("min", "max") and field.kind in texts):
            return False
        if function in ("sum", "avg") and field.kind == "decimal":
            return False
    return True


def grouped(aggregates: Sequence[Aggregate], fields: Sequence[FieldSchema], layout: Layout) -> dict[str, Any]:
    """The stage `$group`: each aggregate by its number, with what `rows` needs to know beside it."""
    places = layout.places
    stage: dict[str, Any] = {
        "_id": {f"g{number}": f"${places[field.name].by}" for number, field in enumerate(fields)} or None
    }
    for number, aggregate in enumerate(aggregates):
        if aggregate.field is None:
            stage[f"a{number}"] = {"$sum": 1}
            continue
        place = places[aggregate.field.name]
        stage[f"n{number}"] = {
            "$sum": {"$cond": [{"$eq": [{"$ifNull": [f"${place.by}", None]}, None]}, 0, 1]}
        }
        if aggregate.function in ("sum", "avg"):
            stage[f"a{number}"] = {"$sum": f"${place.at}"}
        elif aggregate.function in ("min", "max"):
            stage[f"a{number}"] = {f"${aggregate.function}": _number(place)}
            if place.nan:
                stage[f"nan{number}"] = {"$sum": f"${place.nan}"}
    return stage


def rows(
    answers: Sequence[Answer], aggregates: Sequence[Aggregate], fields: Sequence[FieldSchema]
) -> list[dict[str, Any]] | None:
    """What the store answered, in order; None where it could not be exact after all."""
    made = []
    for answer in answers or ([] if fields else [{}]):
        row = {}
        for number, field in enumerate(fields):
            held = answer["_id"].get(f"g{number}")
            row[field.name] = None if held is None else from_compared(field, held)
        for number, aggregate in enumerate(aggregates):
            total = answer.get(f"a{number}")
            stepped = aggregate.field is not None and aggregate.field.kind in _STEPPED
            if stepped and aggregate.function in ("sum", "avg") and isinstance(total, float):
                return None
            row[aggregate.name] = _value(aggregate, number, answer)
        made.append(row)
    return in_order(made, [(field, False) for field in fields])


def _number(place: Place) -> Any:
    """The value, where it is not NaN."""
    if not place.nan:
        return f"${place.by}"
    return {"$cond": [{"$eq": [{"$ifNull": [f"${place.nan}", 0]}, 1]}, None, f"${place.by}"]}


def _value(aggregate: Aggregate, number: int, answer: Answer) -> Any:
    held, values = answer.get(f"a{number}"), answer.get(f"n{number}", 0)
    field = aggregate.field
    if field is None:
        return held or 0
    if aggregate.function == "count":
        return values
    if not values:
        return None
    if aggregate.function in ("min", "max"):
        nans = answer.get(f"nan{number}", 0)
        if nans and (aggregate.function == "max" or held is None):
            return _NANS[field.kind]
        return from_compared(field, held)
    total = decoded(field, held)
    return total if aggregate.function == "sum" else average(total, values, field)
