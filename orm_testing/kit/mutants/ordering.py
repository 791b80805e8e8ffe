"""Faults of order."""

import enum
from itertools import count
from typing import Any

from orm_testing.filters import order_key
from orm_testing.kit.cases.ordering import Ordering
from orm_testing.kit.cases.pages import Pages
from orm_testing.kit.cases.queries import Queries
from orm_testing.kit.cases.text_queries import TextQueries
from orm_testing.kit.mutants.selecting import Sorting, by_fields
from orm_testing.schema import ModelSchema


class OrdersNoneFirst(Sorting):
    """`None` comes before all values."""

    themes = (Ordering, Queries)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        if not order:
            return rows
        first = order[0].removeprefix("-")
        return sorted(rows, key=lambda row: vars(row)[first] is not None)


class DescendingPutsNoneFirst(Sorting):
    """`None` comes first where a field is ordered downwards, as if it were the greatest value."""

    themes = (Ordering, Queries)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        if not order or not order[0].startswith("-"):
            return rows
        return sorted(rows, key=lambda row: vars(row)[order[0][1:]] is not None)


class IgnoresTheOrder(Sorting):
    """Rows come by key, whatever the order asked for."""

    themes = (Ordering,)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        return by_fields(rows, schema.key, order_key)


class IgnoresTheSecondField(Sorting):
    """Of several fields to order by, the first is looked at."""

    themes = (Ordering,)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        return by_fields(rows, [*order[:1], *schema.key], order_key)


class IgnoresTheDirection(Sorting):
    """Every order is upwards."""

    themes = (Ordering,)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        return by_fields(rows, [*(name.removeprefix("-") for name in order), *schema.key], order_key)


class OrdersAllFieldsAsTheFirst(Sorting):
    """The direction of the first field is that of all."""

    themes = (Ordering,)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        sign = "-" if order and order[0].startswith("-") else ""
        return by_fields(rows, [*(sign + name.removeprefix("-") for name in order), *schema.key], order_key)


class TiesGoBackwards(Sorting):
    """Rows that an order leaves equal come by key, the last first."""

    themes = (Ordering, Pages)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        named = {name.removeprefix("-") for name in order}
        return by_fields(rows, [*order, *(f"-{name}" for name in schema.key if name not in named)], order_key)


class TiesChange(Sorting):
    """Rows that an order leaves equal come in an order that changes from one query to the next."""

    themes = (Pages, Ordering)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        self.turn = vars(self).setdefault("turns", count())
        sign = "-" if next(self.turn) % 2 else ""
        named = {name.removeprefix("-") for name in order}
        return by_fields(
            rows, [*order, *(sign + name for name in schema.key if name not in named)], order_key
        )


class WithoutAnOrderTheLastComesFirst(Sorting):
    """Without an order rows come by key downwards."""

    themes = (Ordering, Queries)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        return rows if order else rows[::-1]


class OrdersTextWithoutCase(Sorting):
    """Text is ordered as if it had no capitals."""

    themes = (TextQueries, Queries)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        return by_fields(rows, [*order, *schema.key], _without_case)


class OrdersTextByUtf16(Sorting):
    """Text is ordered by the units of UTF-16, by which characters beyond U+FFFF come before some that are not."""

    themes = (TextQueries,)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        return by_fields(rows, [*order, *schema.key], _in_units)


class OrdersNumbersAsText(Sorting):
    """Numbers are ordered as their digits are."""

    themes = (Queries, Ordering)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        return by_fields(rows, [*order, *schema.key], _as_digits)


class OrdersEnumsByName(Sorting):
    """Enums are ordered by the names of their members, and not by what is stored of them."""

    themes = (Queries,)

    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        return by_fields(
            rows,
            [*order, *schema.key],
            lambda value: value.name if isinstance(value, enum.Enum) else order_key(value),
        )


def _without_case(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else order_key(value)


def _in_units(value: Any) -> Any:
    return value.encode("utf-16-be", "surrogatepass") if isinstance(value, str) else order_key(value)


def _as_digits(value: Any) -> Any:
    return str(value) if type(value) is int else order_key(value)
