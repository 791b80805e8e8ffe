"""`Access`: how the rows of a selection are reached: by their partition, by an index, or by reading the whole table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from orm_testing.errors import ValueRangeError
from orm_testing.filters import Condition, Group, order_key
from orm_testing.schema import FieldSchema
from orm_testing_drivers.dynamodb.expressions import Speech, Words, nested
from orm_testing_drivers.dynamodb.tables import MAX_HASH_BYTES, MAX_SORT_BYTES, Index
from orm_testing_drivers.dynamodb.values import size_of
from orm_testing_drivers.nosql.collection import EVERYTHING, Selection
from orm_testing_drivers.nosql.selecting import divided

_RANGES = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "between": "BETWEEN"}


@dataclass(slots=True)
class Access:
    """One kind of request, and the conditions that it leaves to us. `nothing` where no row can match."""

    words: Words = field(default_factory=Words)
    arguments: dict[str, Any] = field(default_factory=dict)
    rest: Group = EVERYTHING
    ordered: bool = False
    nothing: bool = False

    @property
    def by_key(self) -> bool:
        """Whether it is a Query; else it is a Scan."""
        return "KeyConditionExpression" in self.arguments

    def request(self) -> dict[str, Any]:
        expressions = [text for name, text in self.arguments.items() if name.endswith("Expression")]
        return self.arguments | self.words.arguments(*expressions)


def access_to(speech: Speech, selection: Selection) -> Access:
    """The best way to a selection. Only what reads the table itself is sure to know what was written just before."""
    table = speech.table
    exact = {
        part.field: part.value
        for part in _conditions(selection.where)
        if part.lookup == "exact" and part.value is not None
    }
    try:
        if table.hash in exact:
            return _of_partition(speech, selection, exact)
        if speech.traits.indexes_at_once:
            for index in sorted(table.indexes, key=lambda each: each.sort not in exact):
                if _serves(index, exact):
                    return _of_index(speech, selection, index, exact)
    except ValueRangeError:
        return Access(nothing=True)
    access = _filtered(speech, selection.where, Words())
    access.arguments["ConsistentRead"] = True
    return access


def _of_partition(speech: Speech, selection: Selection, exact: Mapping[FieldSchema, Any]) -> Access:
    table, words = speech.table, Words()
    said, used = _keys(speech, selection.where, (table.hash, table.sort), exact, words)
    known = list(takewhile(exact.__contains__, table.joined))
    if known and table.sort_column is not None:
        column = words.name(table.sort_column)
        text = words.value(table.joined_attribute([exact[part] for part in known]))
        whole = len(known) == len(table.joined)
        said.append(f"{column} = {text}" if whole else f"begins_with({column}, {text})")
    access = _filtered(speech, _without(selection.where, used), words, (table.hash, table.sort))
    access.arguments |= {"KeyConditionExpression": " AND ".join(said), "ConsistentRead": True}
    _put_in_order(access, speech, selection)
    return access


def _of_index(speech: Speech, selection: Selection, index: Index, exact: Mapping[FieldSchema, Any]) -> Access:
    words, fields = Words(), (index.hash, index.sort)
    said, used = _keys(speech, selection.where, fields, exact, words)
    access = _filtered(speech, _without(selection.where, used), words, fields)
    access.arguments |= {"KeyConditionExpression": " AND ".join(said), "IndexName": index.name}
    return access


def _keys(
    speech: Speech,
    where: Group,
    fields: tuple[FieldSchema, FieldSchema | None],
    exact: Mapping[FieldSchema, Any],
    words: Words,
) -> tuple[list[str], list[Condition]]:
    """What is said of the key, and the conditions that this covers."""
    first, second = fields
    value = speech.table.fitting(first, exact[first], MAX_HASH_BYTES)
    said = [f"{words.name(first.column)} = {words.value(value)}"]
    used = [_condition(where, first)]
    found = None if second is None else _range_of(speech, where, second, words)
    if found is not None:
        used.append(found[0])
        said.append(found[1])
    return said, used


def _serves(index: Index, exact: Mapping[FieldSchema, Any]) -> bool:
    """A row without a value of one of its fields is not in an index."""
    if index.hash not in exact:
        return False
    return index.sort is None or not index.sort.nullable or index.sort in exact


def _range_of(speech: Speech, where: Group, field: FieldSchema, words: Words) -> tuple[Condition, str] | None:
    """The one condition on the sort key that a Query can take, and how it is said."""
    column = words.name(field.column)
    for part in _conditions(where):
        if part.field is not field or part.value in (None, "", b""):
            continue
        if part.lookup in ("exact", "startswith"):
            value = words.value(speech.table.fitting(field, part.value, MAX_SORT_BYTES))
            return (
                part,
                f"begins_with({column}, {value})" if part.lookup == "startswith" else f"{column} = {value}",
            )
        if part.lookup in _RANGES and speech.can(part):
            values = part.value if part.lookup == "between" else [part.value]
            made = [speech.attribute(field, value) for value in values]
            if all(0 < size_of(each) <= MAX_SORT_BYTES for each in made) and order_key(
                values[0]
            ) <= order_key(values[-1]):
                return part, f"{column} {_RANGES[part.lookup]} {' AND '.join(map(words.value, made))}"
    return None


def _filtered(speech: Speech, where: Group, words: Words, apart: Sequence[FieldSchema | None] = ()) -> Access:
    """The conditions as far as they can be said in a filter; the others are left."""
    access = Access(words)
    served, access.rest = divided(where, lambda condition: speech.can(condition, apart))
    said = speech.say(served, words)
    if isinstance(said, str) and not (words.fits(said) and nested(said) <= speech.traits.nested):
        said, access.rest = True, where
    if isinstance(said, str):
        access.arguments["FilterExpression"] = said
    access.nothing = said is False
    return access


def _put_in_order(access: Access, speech: Speech, selection: Selection) -> None:
    """A partition is in the order of its sort key, either way."""
    table = speech.table
    parts = (table.sort,) if table.sort is not None else table.joined
    order = [(field, descends) for field, descends in selection.order if field is not table.hash]
    first = order[: len(parts)]
    if [field for field, _ in first] == list(parts) and len({descends for _, descends in first}) <= 1:
        access.ordered = True
        if first and first[0][1]:
            access.arguments["ScanIndexForward"] = False


def _conditions(where: Group) -> Iterator[Condition]:
    """The conditions that hold for every row of the selection."""
    for part in where.parts:
        if isinstance(part, Condition):
            yield part
        elif part.joined == "all":
            yield from _conditions(part)


def _condition(where: Group, field: FieldSchema) -> Condition:
    *_, last = (
        part
        for part in _conditions(where)
        if part.field is field and part.lookup == "exact" and part.value is not None
    )
    return last


def _without(where: Group, used: Sequence[Condition]) -> Group:
    parts: list[Any] = []
    for part in where.parts:
        if isinstance(part, Group) and part.joined == "all":
            parts.append(_without(part, used))
        elif not any(part is each for each in used):
            parts.append(part)
    return Group(where.joined, tuple(parts))
