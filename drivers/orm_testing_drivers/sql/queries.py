"""Parsed filters, orders and aggregates in SQL, with the meaning that `orm_testing.filters` gives them.

Every condition is true or false, never NULL: it says itself that a value is there. So `none_of` is a plain NOT.
"""

import math
import operator
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from orm_testing.aggregates import Aggregate
from orm_testing.filters import TEXT_LOOKUPS, Condition, Group
from orm_testing.schema import FieldSchema

Clause = sa.ColumnElement[Any]

_LIMITS: Mapping[str, tuple[Any, Any]] = {
    "int": (-(2**63), 2**63 - 1),
    "timedelta": (timedelta(microseconds=-(2**63)), timedelta(microseconds=2**63 - 1)),
}
_LARGEST = sys.float_info.max
_SURROGATE = re.compile("[\ud800-\udfff]")
_AFTER_SURROGATES = "\ue000"

_COMPARE: Mapping[str, Mapping[int, Callable[[Any, Any], Any]]] = {
    "lt": {0: operator.lt, 1: operator.lt, -1: operator.le},
    "lte": {0: operator.le, 1: operator.lt, -1: operator.le},
    "gt": {0: operator.gt, 1: operator.ge, -1: operator.gt},
    "gte": {0: operator.ge, 1: operator.ge, -1: operator.gt},
}
"""How to compare with a bound, by the side of the value on which the bound lies."""

_EXTREMES: Mapping[str, Any] = {"min": sa.func.min, "max": sa.func.max}


def bound(field: FieldSchema, value: Any) -> tuple[Any, int]:
    """The value that a column can be compared with, and its side: 0 where it is `value`, 1 above it, -1 below it.

    No value that the column can hold lies between the two.
    """
    if field.kind in _LIMITS:
        lowest, highest = _LIMITS[field.kind]
        nearest = min(max(value, lowest), highest)
        return nearest, (nearest > value) - (nearest < value)
    if field.kind == "decimal":
        return Decimal(value), 0
    if field.kind == "text" and (found := _SURROGATE.search(value)):
        return f"{value[: found.start()]}{_AFTER_SURROGATES}", 1
    if field.kind != "float":
        return value, 0
    if isinstance(value, float):
        return (math.inf, -1) if math.isnan(value) else (value, 0)
    nearest = float(min(max(value, -int(_LARGEST)), int(_LARGEST)))
    return nearest, (nearest > value) - (nearest < value)


class Queries(ABC):
    """Makes SQL of what was asked; what products say differently is for a subclass."""

    @abstractmethod
    def text(self, column: Clause, lookup: str, value: str) -> Clause:
        """A lookup into text, by code point; the `i…` forms fold ASCII case. `value` is not empty, and could be stored."""

    @abstractmethod
    def total(self, column: sa.Column[Any], field: FieldSchema) -> Clause:
        """The exact sum of a column, of the field's own type, NULL over no values."""

    def extreme(self, function: Any, column: sa.Column[Any], field: FieldSchema) -> Clause:
        """The least or the greatest value: `function` is SQL's own."""
        found: Clause = function(column)
        return found

    def bound(self, field: FieldSchema, value: Any) -> tuple[Any, int]:
        """What of the product's values is nearest to one that is asked for; see the function of this name."""
        return bound(field, value)

    def could_hold(self, field: FieldSchema, value: Any) -> bool:
        """Whether a column could have exactly this value, which is not None."""
        return field.could_be(value) if field.kind == "json" else self.bound(field, value)[1] == 0

    def among(self, column: sa.Column[Any], field: FieldSchema, values: Sequence[Any]) -> Clause:
        """Whether the column, which is not NULL, equals one of these values."""
        if len(values) == 1:
            return column == sa.literal(values[0], column.type)
        return column.in_(values)

    def where(self, table: sa.Table, part: Group | Condition) -> Clause:
        if isinstance(part, Condition):
            return self._condition(table.c[part.field.name], part)
        clauses = [self.where(table, inner) for inner in part.parts]
        if part.joined == "all":
            return sa.and_(sa.true(), *clauses)
        found = sa.or_(sa.false(), *clauses)
        return found if part.joined == "any" else sa.not_(found)

    def order(self, table: sa.Table, order: Sequence[tuple[FieldSchema, bool]]) -> list[Clause]:
        """`None` last whichever way a field is ordered."""
        clauses: list[Clause] = []
        for field, descending in order:
            column = table.c[field.name]
            if column.nullable:
                clauses.append(column.is_(None))
            clauses.append(column.desc() if descending else column.asc())
        return clauses

    def aggregates(self, table: sa.Table, aggregates: Sequence[Aggregate]) -> list[Clause]:
        """Two columns for each aggregate: its value, or for an average the sum, and how many values there are."""
        clauses: list[Clause] = []
        for aggregate in aggregates:
            field = aggregate.field
            if field is None:
                clauses += [sa.func.count(), sa.func.count()]
                continue
            column = table.c[field.name]
            count = sa.func.count(column)
            if aggregate.function == "count":
                value: Clause = count
            elif aggregate.function in _EXTREMES:
                value = self.extreme(_EXTREMES[aggregate.function], column, field)
            else:
                value = self.total(column, field)
            clauses += [value, count]
        return clauses

    def _condition(self, column: sa.Column[Any], condition: Condition) -> Clause:
        field, lookup, value = condition.field, condition.lookup, condition.value
        if lookup == "isnull" or value is None:
            return column.is_(None) if value is True or lookup == "exact" else column.is_not(None)
        if lookup in ("exact", "in"):
            return self._is_one_of(column, field, [value] if lookup == "exact" else value)
        if lookup in ("ne", "not_in"):
            found = self._is_one_of(column, field, [value] if lookup == "ne" else value)
            return sa.and_(column.is_not(None), sa.not_(found))
        if lookup == "between":
            low, high = value
            clause = sa.and_(
                self._compared(column, field, "gte", low), self._compared(column, field, "lte", high)
            )
        elif lookup in TEXT_LOOKUPS:
            clause = self._looked_into(column, field, lookup, value)
        else:
            clause = self._compared(column, field, lookup, value)
        return sa.and_(column.is_not(None), clause) if column.nullable else clause

    def _is_one_of(self, column: sa.Column[Any], field: FieldSchema, values: Sequence[Any]) -> Clause:
        asked = [value for value in values if value is not None]
        equal = [value for value in asked if self.could_hold(field, value)]
        if field.kind != "json":
            equal = [self.bound(field, value)[0] for value in equal]
        found = self.among(column, field, equal) if equal else sa.false()
        if column.nullable and equal:
            found = sa.and_(column.is_not(None), found)
        return sa.or_(column.is_(None), found) if len(asked) < len(values) else found

    def _looked_into(self, column: sa.Column[Any], field: FieldSchema, lookup: str, value: str) -> Clause:
        if not value:
            return sa.true()
        return self.text(column, lookup, value) if self.could_hold(field, value) else sa.false()

    def _compared(self, column: sa.Column[Any], field: FieldSchema, lookup: str, value: Any) -> Clause:
        limit, side = self.bound(field, value)
        clause: Clause = _COMPARE[lookup][side](column, sa.literal(limit, column.type))
        return clause
