"""Conditions as DynamoDB's expressions say them: every name and value stands for itself by a placeholder."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from orm_testing.errors import ValueRangeError
from orm_testing.filters import Condition, Group
from orm_testing.kinds import Kind
from orm_testing.schema import FieldSchema
from orm_testing.values import same
from orm_testing_drivers.dynamodb.products import Traits
from orm_testing_drivers.dynamodb.tables import Table
from orm_testing_drivers.dynamodb.values import Attribute, size_of

LONGEST = 4096
MOST_OPERATORS = 300
_MOST_IN_LIST = 100
_COMPARED = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_SAID = frozenset({"exact", "ne", "in", "not_in", "between", "contains", "startswith", "isnull", *_COMPARED})
_ORDERED = frozenset({"between", *_COMPARED})
_BEYOND = "\ud7ff"
"""Text up to here is in the same order as UTF-8 and as UTF-16."""

_WORDS = re.compile(r"[#:]\d+")
Said = str | bool
"""A condition as an expression; or that it always, or never, holds."""


@dataclass(slots=True)
class Words:
    """The placeholders of one request."""

    names: dict[str, str] = field(default_factory=dict)
    values: dict[str, Attribute] = field(default_factory=dict)
    operators: int = 0

    def name(self, column: str) -> str:
        return self.names.setdefault(column, f"#{len(self.names)}")

    def value(self, attribute: Attribute) -> str:
        word = f":{len(self.values)}"
        self.values[word] = attribute
        return word

    def arguments(self, *expressions: str) -> dict[str, Any]:
        """What a request is given beside its expressions: a word that none of them has would be an error."""
        used = set(_WORDS.findall(" ".join(expressions)))
        names = {word: column for column, word in self.names.items() if word in used}
        values = {word: value for word, value in self.values.items() if word in used}
        made: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
        return made | ({"ExpressionAttributeValues": values} if values else {})

    def fits(self, said: str) -> bool:
        return len(said) <= LONGEST and self.operators <= MOST_OPERATORS


class Speech:
    """What can be said to one product about the rows of one table, and how."""

    def __init__(self, table: Table, traits: Traits) -> None:
        self.table = table
        self.traits = traits

    def can(self, condition: Condition, apart: Sequence[FieldSchema | None] = ()) -> bool:
        """Whether an expression can say it; a filter of a Query cannot speak of the fields of its key, which are `apart`."""
        lookup = condition.lookup
        if lookup not in _SAID or condition.field in apart:
            return False
        if lookup == "isnull":
            return True
        try:
            values = self._values(condition)
        except ValueRangeError:
            return False
        return sum(map(size_of, values)) <= self.traits.largest_item and self._is_judged(condition, values)

    def _is_judged(self, condition: Condition, values: Sequence[Attribute]) -> bool:
        """Whether the product judges as it should."""
        field = condition.field
        if field.kind == "json":
            return self.traits.compares_documents and _exact(condition)
        if condition.lookup not in _ORDERED:
            return True
        if self.table.codecs[field.name].type == "BOOL":
            return False
        return self.traits.compares_utf8 or all(
            max(each.get("S", ""), default="") <= _BEYOND for each in values
        )

    def say(self, part: Group | Condition, words: Words) -> Said:
        """A condition that `can` be said."""
        if isinstance(part, Condition):
            return self._say_one(part, words)
        said = [self.say(inner, words) for inner in part.parts]
        if part.joined == "all":
            return _joined(said, "AND", words)
        found = _joined(said, "OR", words)
        if part.joined == "any":
            return found
        words.operators += 1
        return f"(NOT {found})" if isinstance(found, str) else not found

    def _say_one(self, condition: Condition, words: Words) -> Said:
        lookup, value = condition.lookup, condition.value
        column = words.name(condition.field.column)
        words.operators += 2
        there, absent = f"attribute_exists({column})", f"attribute_not_exists({column})"
        if value is None or lookup == "isnull":
            return absent if lookup == "exact" or value else there
        if value == "" and lookup in ("contains", "startswith"):
            return there
        if lookup in ("in", "not_in"):
            return self._say_list(condition, column, words)
        made = [words.value(each) for each in self._values(condition)]
        first, last = made[0], made[-1]
        said = {
            "ne": f"({there} AND {column} <> {first})",
            "between": f"({column} >= {first} AND {column} <= {last})",
            "contains": f"contains({column}, {first})",
            "startswith": f"begins_with({column}, {first})",
        }
        return said.get(lookup) or f"{column} {_COMPARED.get(lookup, '=')} {first}"

    def _say_list(self, condition: Condition, column: str, words: Words) -> Said:
        made = [words.value(each) for each in self._values(condition)]
        lists = [made[start : start + _MOST_IN_LIST] for start in range(0, len(made), _MOST_IN_LIST)]
        words.operators += 2 * len(lists)
        among: Said = _joined([f"{column} IN ({', '.join(each)})" for each in lists], "OR", words)
        if condition.lookup == "not_in":
            there = f"attribute_exists({column})"
            return f"({there} AND NOT {among})" if isinstance(among, str) else there
        if None in condition.value:
            return _joined([among, f"attribute_not_exists({column})"], "OR", words)
        return among

    def _values(self, condition: Condition) -> list[Attribute]:
        several = condition.lookup in ("in", "not_in", "between")
        values = condition.value if several else [condition.value]
        return [self.attribute(condition.field, value) for value in values if value is not None]

    def attribute(self, field: FieldSchema, value: Any) -> Attribute:
        """What a value of the field is compared with; `ValueRangeError` where nothing stored can be compared so."""
        return self.table.codecs[field.name].attribute(_FITTED.get(field.kind, _as_it_is)(value))


def _exact(condition: Condition) -> bool:
    """A structured value is compared by what is stored of it, so it has to be what would come back."""
    values = condition.value if condition.lookup in ("in", "not_in") else [condition.value]
    field = condition.field
    try:
        return all(value is None or same(field.from_json(field.to_json(value)), value) for value in values)
    except ValueError:
        return False


def _joined(said: Sequence[Said], word: str, words: Words) -> Said:
    """What holds all the time says nothing of what is joined by AND; what never holds, of what is joined by OR."""
    neutral = word == "AND"
    if any(each is not neutral for each in said if isinstance(each, bool)):
        return not neutral
    texts = [each for each in said if isinstance(each, str)]
    if not texts:
        return neutral
    words.operators += len(texts) - 1
    return texts[0] if len(texts) == 1 else f"({f' {word} '.join(texts)})"


def nested(said: str) -> int:
    """How deep the parentheses of an expression nest."""
    return max(accumulate({"(": 1, ")": -1}.get(char, 0) for char in said), default=0)


def _as_it_is(value: Any) -> Any:
    return value


def _as_float(value: Any) -> float:
    try:
        made = float(value)
    except OverflowError as error:
        raise ValueRangeError(str(error)) from error
    if made != value:
        raise ValueRangeError(f"no float is {value}")
    return made


_FITTED: Mapping[Kind, Callable[[Any], Any]] = {"float": _as_float}
