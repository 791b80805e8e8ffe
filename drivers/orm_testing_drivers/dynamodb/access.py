"""`Access`: how the rows of a selection are reached: by their partition, by an index, or by reading the whole table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orm_testing.errors import ValueRangeError
from orm_testing.filters import Condition, Group
from orm_testing.schema import FieldSchema
from orm_testing_drivers.dynamodb.expressions import Speech, Words
from orm_testing_drivers.dynamodb.tables import MAX_HASH_BYTES, MAX_SORT_BYTES, Index, joined_text
from orm_testing_drivers.dynamodb.values import size_of
from orm_testing_drivers.nosql.collection import EVERYTHING, Selection
from orm_testing_drivers.nosql.selecting import divided

_RANGES = {"exact": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


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
    first = table.fitting(table.hash, exact[table.hash], MAX_HASH_BYTES)
    said = [f"{words.name(table.hash.column)} = {words.value(first)}"]
    used = [_condition(selection.where, table.hash)]
    if table.sort is not None:
        found = _range_of(speech, selection.where, table.sort, words)
        if found is not None:
            used.append(found[0])
            said.append(found[1])
    elif table.joined:
        known = [exact[part] for part in table.joined if part in exact]
        known = known[: next((n for n, part in enumerate(table.joined) if part not in exact), len(known))]
        if known:
            assert table.sort_column is not None
            text = words.value({"S": joined_text(table.joined, known)})
            column = words.name(table.sort_column)
            whole = len(known) == len(table.joined)
            said.append(f"{column} = {text}" if whole else f"begins_with({column}, {text})")
    apart = [table.hash] if table.sort is None else [table.hash, table.sort]
    access = _filtered(speech, _without(selection.where, used), words, apart)
    access.arguments |= {"KeyConditionExpression": " AND ".join(said), "ConsistentRead": True}
    _put_in_order(access, speech, selection)
    return access


def _of_index(speech: Speech, selection: Selection, index: Index, exact: Mapping[FieldSchema, Any]) -> Access:
    table, words = speech.table, Words()
    first = table.fitting(index.hash, exact[index.hash], MAX_HASH_BYTES)
    said = [f"{words.name(index.hash.column)} = {words.value(first)}"]
    used = [_condition(selection.where, index.hash)]
    apart = [index.hash]
    if index.sort is not None:
        apart.append(index.sort)
        found = _range_of(speech, selection.where, index.sort, words)
        if found is not None:
            used.append(found[0])
            said.append(found[1])
    access = _filtered(speech, _without(selection.where, used), words, apart)
    access.arguments |= {"KeyConditionExpression": " AND ".join(said), "IndexName": index.name}
    return access


def _serves(index: Index, exact: Mapping[FieldSchema, Any]) -> bool:
    """A row without a value of one of its fields is not in an index."""
    if index.hash not in exact:
        return False
    return index.sort is None or not index.sort.nullable or index.sort in exact


def _range_of(speech: Speech, where: Group, field: FieldSchema, words: Words) -> tuple[Condition, str] | None:
    """The one condition on the sort key that a Query can take, and how it is said."""
    for part in _conditions(where):
        if part.field is not field or not (speech.can(part) or part.lookup == "exact"):
            continue
        if part.lookup in _RANGES and part.value is not None:
            if part.lookup == "exact":
                value = speech.table.fitting(field, part.value, MAX_SORT_BYTES)
            else:
                value = speech.attribute(field, part.value)
                if not 0 < size_of(value) <= MAX_SORT_BYTES:
                    continue
            return part, f"{words.name(field.column)} {_RANGES[part.lookup]} {words.value(value)}"
        if part.lookup == "startswith" and part.value:
            value = speech.table.fitting(field, part.value, MAX_SORT_BYTES)
            return part, f"begins_with({words.name(field.column)}, {words.value(value)})"
    return None


def _filtered(speech: Speech, where: Group, words: Words, apart: Sequence[FieldSchema] = ()) -> Access:
    """The conditions as far as they can be said in a filter; the others are left."""
    access = Access(words)
    served, access.rest = divided(where, lambda condition: speech.can(condition, apart))
    said = speech.say(served, words)
    if isinstance(said, str) and not words.fits(said):
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
