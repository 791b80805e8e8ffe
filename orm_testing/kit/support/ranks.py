"""Rows of `Everything` whose fields stand in one known order, so that what a query finds is told by ranks, whatever the type."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from orm_testing.kit.support.everything import Address, Colour, Level
from orm_testing.kit.support.values import EAST, WEST

ORDERED: Mapping[str, Sequence[Any]] = {
    "number": [-11, -10, -9, 2, 9, 10, 11],
    "real": [-1e10, -1.5, 0.0, 0.1, 1.0, 2.5e20, 1e30],
    "exact": [Decimal(-10), Decimal("-9.25"), Decimal(0), Decimal("0.1"), Decimal("0.10000000000000000001"), Decimal(9), Decimal(10)],
    "text": ["", "B", "Z", "a", "z", "\u00e9", "\U0001f600"],
    "raw": [b"", b"\x00", b"\x00\x00", b"\x7f", b"\x80", b"\xff", b"\xff\x00"],
    "uid": [UUID(int=number) for number in (0, 1, 2, 2**64, 2**64 + 1, 2**127, 2**128 - 1)],
    "colour": [Colour.WHITE, Colour.BLACK, Colour.BLUE, Colour.CYAN, Colour.GREEN, Colour.RED, Colour.YELLOW],
    "level": [Level.BELOW, Level.NONE, Level.FIRST, Level.SECOND, Level.USUAL, Level.HIGH, Level.TOP],
    "day": [date.min, date(999, 12, 31), date(1000, 1, 1), date(2024, 2, 29), date(2024, 3, 1), date(9999, 12, 30), date.max],
    "at": [time.min, time(0, 0, 0, 1), time(0, 0, 0, 10), time(9, 59, 59), time(10), time(23, 59, 59, 999998), time.max],
    "naive": [
        datetime.min, datetime(999, 12, 31, 23), datetime(1969, 12, 31), datetime(2024, 2, 29, 1), datetime(2024, 2, 29, 1, 0, 1),  # noqa: DTZ901
        datetime(2024, 12, 31, 23, 59, 59), datetime(2025, 1, 1),
    ],
    "aware": [
        datetime(1, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, 9, tzinfo=EAST),
        datetime(2024, 1, 1, 4, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=WEST), datetime(9999, 12, 31, tzinfo=UTC),
    ],
    "took": [
        timedelta(days=-10), timedelta(microseconds=-1), timedelta(), timedelta(microseconds=1), timedelta(seconds=1), timedelta(days=10), timedelta(days=1000),
    ],
}  # fmt: skip
"""By field, seven values from the least to the greatest, chosen so that the wrong order of comparing them shows."""

STRUCTURED: Mapping[str, Sequence[Any]] = {
    "numbers": [[], [1, 2], [2, 1], [1], [1, 2, 3], [0], [1, 1]],
    "tags": [{}, {"a": 1}, {"a": True}, {"a": 1, "b": 2}, {"a": 1, "b": 3}, {"a": None}, {"b": None}],
    "pair": [(0, ""), (1, "a"), (1, "A"), (2, "a"), (2, "b"), (3, ""), (3, " ")],
    "members": [set(), {1}, {2}, {1, 2, 3}, {1, 2, 4}, {-1, 1}, {1000}],
    "home": [
        Address(street=""), Address(street="a"), Address(street="A"), Address(street="b", names=[frozenset({"x", "y"})]), Address(street="b"),
        Address(street="c", before=Address(street="a")), Address(street="c"),
    ],
    "thing": [0, 1, 1.0, True, "True", [1], [1.0]],
}  # fmt: skip
"""The same of values that have no order: seven that differ."""

RANKS: Mapping[str, Sequence[Any]] = {**ORDERED, **STRUCTURED}

STORED: Mapping[int, int | None] = {1: 1, 2: 3, 3: 5, 4: 3, 5: None}
"""The rank of each row's values, by its `id`. The ranks between them are of no row."""

TRUTH: Mapping[int, bool] = {1: False, 2: True}
"""The flags of the rows that have one."""

ROWS = [
    {"id": key, "flag": TRUTH.get(key)}
    | {field: None if rank is None else values[rank] for field, values in RANKS.items()}
    for key, rank in STORED.items()
]

Asked = Mapping[str, Sequence[tuple[Any, list[int]]]]

EQUALITY: Asked = {
    "exact": [(3, [2, 4]), (2, []), (None, [5])],
    "ne": [(3, [1, 3]), (2, [1, 2, 3, 4]), (None, [1, 2, 3, 4])],
    "in": [([3, 5], [2, 3, 4]), ([2], []), ([], []), ([1, None], [1, 5]), ([None], [5])],
    "not_in": [([3], [1, 3]), ([2], [1, 2, 3, 4]), ([], [1, 2, 3, 4]), ([1, None], [2, 3, 4])],
}
"""By lookup, ranks and the rows that are to be found by the values of these ranks."""

ORDER: Asked = {
    "gt": [(0, [1, 2, 3, 4]), (1, [2, 3, 4]), (3, [3]), (4, [3]), (5, [])],
    "gte": [(1, [1, 2, 3, 4]), (3, [2, 3, 4]), (4, [3]), (6, [])],
    "lt": [(1, []), (3, [1]), (4, [1, 2, 4]), (6, [1, 2, 3, 4])],
    "lte": [(0, []), (1, [1]), (3, [1, 2, 4]), (4, [1, 2, 4])],
    "between": [((1, 3), [1, 2, 4]), ((3, 3), [2, 4]), ((2, 4), [2, 4]), ((3, 1), []), ((5, 6), [3])],
}
"""The same of the lookups that compare."""


ASKED: Asked = {**EQUALITY, **ORDER}


def of_rank(field: str, rank: Any) -> Any:
    """The value of a rank, or the values of several."""
    if isinstance(rank, list | tuple):
        return [of_rank(field, each) for each in rank]
    return None if rank is None else RANKS[field][rank]
