"""Conditions together: all of them, any of them, none of them, and these within each other."""

from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import InvalidQueryError
from orm_testing.filters import MOST_NESTED, all_of, any_of, none_of
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.everything import Colour, Everything
from orm_testing.kit.support.people import PEOPLE

EVERYBODY = [1, 2, 3, 4, 5, 6, 7, 8, 9]

FOUND: list[tuple[Any, list[int]]] = [
    ({}, EVERYBODY),
    (None, EVERYBODY),
    ({"text": "Ann", "number": 30}, [1]),
    ({"number__gte": 10, "number__lt": 30, "text__isnull": False}, [2, 7, 8]),
    ({"number__gt": 30, "text": "Ann"}, []),
    ([{"text": "Ann"}, {"number": 30}], [1]),
    ([{"number": 20}, any_of(text="Bob", colour=Colour.BLUE)], [2, 4]),
    ([], EVERYBODY),
    (any_of(text="Cid", number=10), [7, 8]),
    (any_of({"text": "Ann", "number": 30}, {"text": "Bob", "number": 20}), [1, 2]),
    (any_of(number=None, text=None), [4, 5, 6]),
    (any_of(number__isnull=True), [5, 6]),
    (any_of(), []),
    (any_of({}), EVERYBODY),
    (any_of(text="nobody"), []),
    (all_of(text="Bob", number__isnull=True), [5]),
    (all_of({"text": "Ann"}, {"number": 10}), [8]),
    (all_of(), EVERYBODY),
    (none_of(text="Ann", number=20), [3, 5, 6, 9]),
    (none_of(number__gt=10), [5, 6, 8, 9]),
    (none_of({"text": "Ann", "number": 30}), [2, 3, 4, 5, 6, 7, 8, 9]),
    (none_of(number__ne=20), [2, 4, 5, 6, 7]),
    (none_of(text__contains="n"), [2, 4, 5, 6, 7, 9]),
    (none_of(text=None), [1, 2, 3, 5, 7, 8, 9]),
    (none_of(), EVERYBODY),
    (none_of({}), []),
    (none_of(none_of(number=20)), [2, 4, 7]),
    (none_of(none_of(number__gt=20)), [1, 3]),
    (none_of(any_of(text="Bob", number__lt=20), colour=None), [1, 3, 4]),
    (any_of(all_of(text="Ann", number=10), none_of(colour__in=[Colour.RED, Colour.BLUE])), [6, 7, 8, 9]),
    (all_of(any_of(number=20, colour=Colour.RED), none_of(text="Bob")), [1, 4, 7]),
    (
        any_of(all_of(any_of(text="Ann", number=0), none_of(flag=True)), all_of(none_of(any_of(number__lte=30)))),
        [5, 6, 9],
    ),
    ([any_of({"text": "Bob", "colour": Colour.RED}, {"number__isnull": True}), {"id__gt": 2}], [5, 6]),
    (any_of([{"text": "Ann"}, {"number": 30}], {"id": 9}), [1, 9]),
]  # fmt: skip


class Conditions(Cases):
    """Conditions hold together, and `any_of`, `all_of` and `none_of` nest as deep as anyone writes them."""

    Everything = stored(Everything)

    def load(self, orm: OrmDsl) -> None:
        """Nine rows of whose fields several matter."""
        for row in PEOPLE:
            orm.create_and_verify(self.Everything, row)

    @pytest.mark.parametrize(("filters", "expected"), FOUND, ids=[repr(filters) for filters, _ in FOUND])
    def test_what_conditions_find(self, orm: OrmDsl, filters: Any, expected: list[int]) -> None:
        """The rows found are those that the conditions mean; `None` among the values makes no condition unknown."""
        found = orm.query_and_verify_count(self.Everything, len(expected), filters)
        assert [row.id for row in found] == expected
        assert orm.count_models(self.Everything, filters) == len(expected)

    def test_groups_nest_deeply(self, orm: OrmDsl) -> None:
        """Forty groups within each other mean what one of them would."""
        deep = any_of(number=20)
        for _ in range(13):
            deep = all_of(none_of(none_of(deep)))
        assert [row.id for row in orm.query_and_verify_count(self.Everything, 3, deep)] == [2, 4, 7]

    @pytest.mark.parametrize("depth", range(1, MOST_NESTED + 1))
    def test_groups_of_different_meaning_nest(self, orm: OrmDsl, depth: int) -> None:
        """Each group within another takes from what that finds, or adds to it, as deep as groups may nest."""
        deep, expected = all_of(number=20, id__gt=2), {4, 7}
        for step in range(1, depth):
            deep = none_of(deep, id=step % 9 + 1)
            expected = set(range(1, 10)) - expected - {step % 9 + 1}
        found = orm.query_and_verify_count(self.Everything, len(expected), deep)
        assert {row.id for row in found} == expected

    def test_groups_that_nest_too_deeply_are_refused(self, orm: OrmDsl) -> None:
        """One group more than `MOST_NESTED` is an `InvalidQueryError`, before a store is asked what none could answer."""
        deep = all_of(number=20, id__gt=2)
        for step in range(MOST_NESTED):
            deep = none_of(deep, id=step)
        orm.expect_query_failure(self.Everything, InvalidQueryError, deep)

    def test_many_conditions(self, orm: OrmDsl) -> None:
        """A group of hundreds of conditions, and a lookup of hundreds of values, are answered like others."""
        many = any_of(*({"id": number} for number in range(7, 400)))
        orm.query_and_verify_count(self.Everything, 3, many)
        orm.query_and_verify_count(self.Everything, 3, id__in=list(range(7, 1_500)))
        orm.query_and_verify_count(self.Everything, 6, id__not_in=list(range(7, 1_500)))

    def test_iterators_are_read_once(self, orm: OrmDsl) -> None:
        """An iterator among the conditions means its values, in groups and lists too."""
        for filters in ({"id__in": iter([1])}, any_of(id__in=iter([1])), [{"id__in": iter([1])}]):
            orm.query_and_verify_count(self.Everything, 1, filters)

    def test_what_is_wrong_deep_within_is_refused(self, orm: OrmDsl) -> None:
        """An unknown field or lookup is an `InvalidQueryError` however deep it stands, and whatever stands beside it."""
        for wrong in (
            any_of({"nmuber": 1}),
            none_of(all_of(id=1), any_of(number__biggest=1)),
            [{"id": 99}, {"nmuber": 1}],
        ):
            orm.expect_query_failure(self.Everything, InvalidQueryError, wrong)
