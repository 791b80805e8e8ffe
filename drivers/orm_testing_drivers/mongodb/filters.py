"""Conditions and orders as the store is asked: the meaning is that of `orm_testing.filters`."""

from collections.abc import Sequence
from typing import Any

from orm_testing.errors import ValueRangeError
from orm_testing.filters import TEXT_LOOKUPS, Condition, Group
from orm_testing.schema import FieldSchema
from orm_testing_drivers.mongodb.layout import Layout, Place
from orm_testing_drivers.mongodb.values import is_nan

Query = dict[str, Any]

_NEVER: Query = {"_id": {"$in": []}}
_LONGEST_PATTERN = 30_000
"""How long a regular expression may be in bytes; MongoDB takes 32,764."""


class _NotHere(Exception):  # noqa: N818  (it says who judges, and is no error)
    """The store cannot judge this condition."""


def split(where: Group, layout: Layout) -> tuple[Query, Group]:
    """What the store is asked, and the conditions that it cannot judge."""
    served, rest = [], []
    for part in where.parts:
        try:
            served.append(_part(part, layout))
        except _NotHere:
            rest.append(part)
    return _joined("$and", served), Group("all", tuple(rest))


def sorting(order: Sequence[tuple[FieldSchema, bool]], layout: Layout) -> list[tuple[str, int]]:
    """The paths to sort by: None last whichever way, and NaN after the numbers."""
    paths: dict[str, int] = {}
    for field, descending in order:
        place = layout.places[field.name]
        way = -1 if descending else 1
        if place.none:
            paths.setdefault(place.none, 1)
        if place.nan:
            paths.setdefault(place.nan, way)
        paths.setdefault(place.by, way)
    return list(paths.items())


def _joined(operator: str, parts: list[Query]) -> Query:
    if not parts:
        return dict(_NEVER) if operator == "$or" else {}
    return parts[0] if len(parts) == 1 and operator != "$nor" else {operator: parts}


def _part(part: Group | Condition, layout: Layout) -> Query:
    if isinstance(part, Condition):
        return _judged(part.lookup, part.value, layout.places[part.field.name], layout)
    operator = {"all": "$and", "any": "$or", "none": "$nor"}[part.joined]
    return _joined(operator, [_part(inner, layout) for inner in part.parts])


def _judged(lookup: str, value: Any, place: Place, layout: Layout) -> Query:
    if lookup in TEXT_LOOKUPS:
        return _looked_into(lookup, value, place, layout)
    if lookup == "between":
        return {"$and": [_judged("gte", value[0], place, layout), _judged("lte", value[1], place, layout)]}
    if lookup in ("gt", "gte", "lt", "lte"):
        return _compared(f"${lookup}", value, place, layout)
    values = [None] if lookup == "isnull" else [value] if lookup in ("exact", "ne") else value
    if lookup in ("exact", "in") or (lookup == "isnull" and value):
        return _among(values, place, layout)
    return _not_among(values, place, layout)


def _among(values: Sequence[Any], place: Place, layout: Layout) -> Query:
    held, nan = _encoded(values, place, layout)
    found: Query = {place.by: {"$eq": held[0]} if len(held) == 1 else {"$in": held}}
    if not nan:
        return found
    assert place.nan is not None
    return {"$or": [found, {place.nan: {"$eq": 1}}]}


def _not_among(values: Sequence[Any], place: Place, layout: Layout) -> Query:
    held, nan = _encoded(values, place, layout)
    known = [None, *(value for value in held if value is not None)]
    found: Query = {place.by: {"$ne": None} if len(known) == 1 else {"$nin": known}}
    if nan:
        assert place.nan is not None
        found[place.nan] = {"$eq": None}
    return found


def _encoded(values: Sequence[Any], place: Place, layout: Layout) -> tuple[list[Any], bool]:
    """Values as they are compared, less those that no row can have; and whether NaN is among them."""
    held, nan = [], False
    for value in values:
        if place.nan and value is not None and is_nan(value):
            nan = True
            continue
        if value is not None and place.field.kind == "json" and not place.field.could_be(value):
            continue
        try:
            held.append(None if value is None else layout.codec.compared(place.field, value))
        except ValueRangeError:
            continue
    return held, nan


def _compared(operator: str, value: Any, place: Place, layout: Layout) -> Query:
    if place.nan and is_nan(value):
        return {
            "$gt": dict(_NEVER),
            "$gte": {place.nan: {"$eq": 1}},
            "$lt": {place.by: {"$ne": None}, place.nan: {"$eq": None}},
            "$lte": {place.by: {"$ne": None}},
        }[operator]
    try:
        found: Query = {place.by: {operator: layout.codec.compared(place.field, value)}}
    except ValueRangeError as error:
        raise _NotHere from error
    if not place.nan:
        return found
    if operator in ("$gt", "$gte"):
        return {"$or": [found, {place.nan: {"$eq": 1}}]}
    return {**found, place.nan: {"$eq": None}}


def _looked_into(lookup: str, value: str, place: Place, layout: Layout) -> Query:
    try:
        layout.codec.compared(place.field, value)
    except ValueRangeError:
        return dict(_NEVER)
    if not value:
        return {place.by: {"$ne": None}}
    pattern = "".join(_literal(character, folding=lookup.startswith("i")) for character in value)
    if len(pattern.encode()) > _LONGEST_PATTERN:
        raise _NotHere
    if lookup.endswith("startswith"):
        pattern = f"^{pattern}"
    elif lookup.endswith("endswith"):
        pattern = f"{pattern}{layout.dialect.text_end}"
    return {place.by: {"$regex": pattern}}


def _literal(character: str, *, folding: bool) -> str:
    """A pattern of just this character, as PCRE, RE2 and Python read it; the `i…` lookups fold ASCII alone."""
    if not character.isascii():
        return character
    if not character.isalnum():
        return f"\\x{ord(character):02x}"
    return f"[{character.lower()}{character.upper()}]" if folding and character.isalpha() else character
