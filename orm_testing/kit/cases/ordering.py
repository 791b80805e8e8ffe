"""Order: by several fields, upwards and downwards, with `None` last and ties by key."""

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.everything import Colour, Everything
from orm_testing.kit.support.people import PEOPLE

ORDERS = [
    ([], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    (["id"], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
    (["-id"], [9, 8, 7, 6, 5, 4, 3, 2, 1]),
    (["number"], [9, 8, 2, 4, 7, 1, 3, 5, 6]),
    (["-number"], [1, 3, 2, 4, 7, 8, 9, 5, 6]),
    (["number", "-id"], [9, 8, 7, 4, 2, 3, 1, 6, 5]),
    (["text"], [9, 1, 8, 2, 5, 7, 3, 4, 6]),
    (["-text"], [3, 7, 2, 5, 1, 8, 9, 4, 6]),
    (["text", "number"], [9, 8, 1, 2, 5, 7, 3, 4, 6]),
    (["text", "-number"], [9, 1, 8, 2, 5, 7, 3, 4, 6]),
    (["-text", "number"], [3, 7, 2, 5, 8, 1, 9, 4, 6]),
    (["-text", "-number"], [3, 7, 2, 5, 1, 8, 9, 4, 6]),
    (["colour", "-number", "text"], [3, 4, 8, 1, 2, 5, 7, 9, 6]),
    (["-colour", "number", "-text"], [2, 1, 5, 8, 4, 3, 9, 7, 6]),
    (["real"], [4, 9, 5, 1, 2, 7, 8, 3, 6]),
    (["-real"], [8, 7, 2, 1, 5, 9, 4, 3, 6]),
    (["exact"], [8, 9, 7, 3, 1, 2, 5, 4, 6]),
    (["flag", "-number"], [2, 7, 9, 1, 3, 8, 4, 5, 6]),
    (["-flag", "number", "text"], [8, 1, 3, 9, 2, 7, 4, 5, 6]),
]


class Ordering(Cases):
    """Rows come in the order asked for, the same every time."""

    Everything = stored(Everything)

    def load(self, orm: OrmDsl) -> None:
        """Nine rows, with ties and `None` in most fields, that were not created in the order of their keys."""
        for row in [*PEOPLE[4:], *PEOPLE[:4]]:
            orm.create_and_verify(self.Everything, row)

    @pytest.mark.parametrize(
        ("order", "expected"), ORDERS, ids=[",".join(order) or "none" for order, _ in ORDERS]
    )
    def test_order(self, orm: OrmDsl, order: list[str], expected: list[int]) -> None:
        """Each field orders what those before it leave equal, `None` comes last either way, and ties go by key."""
        found = orm.query_and_verify_count(self.Everything, len(PEOPLE), order_by=order)
        assert [row.id for row in found] == expected

    def test_order_of_what_was_selected(self, orm: OrmDsl) -> None:
        """The rows that match are ordered, also by a field that no condition names."""
        found = orm.query_and_verify_count(self.Everything, 3, order_by=["-text"], colour=Colour.BLUE)
        assert [row.id for row in found] == [3, 8, 4]

    def test_an_update_does_not_move_a_row(self, orm: OrmDsl) -> None:
        """Without an order rows come by key, whichever was written last."""
        orm.update_and_verify(orm.get_and_verify_exists(self.Everything, id=1), text="last")
        orm.upsert_and_verify(self.Everything, PEOPLE[1])
        assert [row.id for row in orm.all_models(self.Everything)] == [row["id"] for row in PEOPLE]
