"""Pages: limits and offsets of every size, and pages that together are the whole."""

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.everything import Everything
from orm_testing.kit.support.people import PEOPLE

HUGE = [2**31, 2**63 - 1, 10**30]


class Pages(Cases):
    """A page is so many rows from so far on, of the order that the whole has."""

    Everything = stored(Everything)

    def load(self, orm: OrmDsl) -> None:
        """Nine rows, with ties and `None` in most fields."""
        for row in PEOPLE:
            orm.create_and_verify(self.Everything, row)

    @pytest.mark.parametrize(
        ("limit", "offset", "expected"),
        [
            (0, 0, []), (1, 0, [1]), (2, 0, [1, 2]), (9, 0, [1, 2, 3, 4, 5, 6, 7, 8, 9]), (10, 0, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
            (None, 1, [2, 3, 4, 5, 6, 7, 8, 9]), (None, 8, [9]), (None, 9, []), (None, 10, []), (1, 1, [2]), (3, 2, [3, 4, 5]),
            (5, 7, [8, 9]), (0, 3, []), (1, 9, []),
        ],
    )  # fmt: skip
    def test_limit_and_offset(self, orm: OrmDsl, limit: int | None, offset: int, expected: list[int]) -> None:
        """A limit of 0 is no rows, None is all of them, and beyond the end there is nothing."""
        found = orm.query_and_verify_count(self.Everything, len(expected), limit=limit, offset=offset)
        assert [row.id for row in found] == expected

    @pytest.mark.parametrize("size", [1, 2, 4])
    @pytest.mark.parametrize("order", [[], ["number"], ["-number", "text"], ["-text"]], ids=",".join)
    def test_pages_are_the_whole(self, orm: OrmDsl, order: list[str], size: int) -> None:
        """Pages one after the other are the whole, in its order, whatever ties the order leaves."""
        whole = [row.id for row in orm.query_and_verify_count(self.Everything, 9, order_by=order)]
        found = [
            row.id
            for start in range(0, 10, size)
            for row in orm.query_models(self.Everything, order_by=order, limit=size, offset=start).data
        ]
        assert found == whole

    def test_pages_of_what_was_selected(self, orm: OrmDsl) -> None:
        """Rows that do not match take no place in a page."""
        found = orm.query_and_verify_count(
            self.Everything, 2, order_by=["-id"], limit=2, offset=1, number__gte=20
        )
        assert [row.id for row in found] == [4, 3]
        assert orm.query_models(self.Everything, number=20, limit=1, offset=3).data == []

    @pytest.mark.parametrize("number", HUGE)
    def test_a_page_of_any_size(self, orm: OrmDsl, number: int) -> None:
        """A limit that no store can reach is none, and beyond an offset of that size there is nothing."""
        orm.query_and_verify_count(self.Everything, 9, limit=number)
        orm.query_and_verify_count(self.Everything, 1, limit=number, offset=8)
        orm.query_and_verify_count(self.Everything, 0, limit=number, offset=number)
        orm.query_and_verify_count(self.Everything, 0, offset=number)
