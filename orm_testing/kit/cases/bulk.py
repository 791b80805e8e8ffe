"""Bulk: many rows in one operation, all of them or none."""

from datetime import UTC, datetime
from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import DuplicateKeyError, OperationError, ValidationError
from orm_testing.kit.support.models import PlainCases
from orm_testing.marks import requires

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC).replace(tzinfo=None)
HELD = {"id": "held", "email": "held@example.com"}
GOOD: tuple[dict[str, Any], ...] = (
    {"id": "a", "email": "a@example.com"},
    {"id": "b", "email": "b@example.com"},
    {"id": "c", "email": "c@example.com"},
)
MANY = 120


@requires("bulk")
class Bulk(PlainCases):
    """A bulk create stores every row that it was given, or none."""

    def test_every_row_is_stored(self, orm: OrmDsl) -> None:
        """The rows come back in the order in which they were given, and are stored beside those that were there."""
        orm.create_and_verify(self.Person, HELD)
        rows = orm.create_many_and_verify(
            self.Person, [{"id": key, "name": key.upper()} for key in ("c", "a", "b")]
        )
        assert [(row.id, row.name) for row in rows] == [("c", "C"), ("a", "A"), ("b", "B")]
        assert [row.id for row in orm.all_models(self.Person)] == ["a", "b", "c", "held"]

    @pytest.mark.parametrize("size", [0, 1, 2], ids=["none", "one", "two"])
    def test_a_batch_may_be_small(self, orm: OrmDsl, size: int) -> None:
        """No rows, one and two are batches as any other."""
        rows = orm.create_many_and_verify(self.Person, GOOD[:size])
        assert [row.id for row in rows] == [row["id"] for row in GOOD[:size]]
        assert orm.count_models(self.Person) == size

    def test_each_row_names_its_own_fields(self, orm: OrmDsl) -> None:
        """Rows of one batch may name different fields; what a row does not name is at its default in that row."""
        rows = orm.create_many_and_verify(
            self.Person, [{"id": "a"}, {"id": "b", "age": 1}, {"id": "c", "name": "Cid", "tags": ["x"]}]
        )
        assert [(row.name, row.age, row.tags) for row in rows] == [
            ("nobody", None, []),
            ("nobody", 1, []),
            ("Cid", None, ["x"]),
        ]

    @requires("clock")
    def test_times_are_those_of_the_batch(self, orm: OrmDsl) -> None:
        """`auto_now_add` and `auto_now` are filled in each row that does not name them."""
        orm.clock.freeze(NOON)
        later = NOON.replace(hour=13)
        rows = orm.create_many_and_verify(self.Person, [{"id": "a"}, {"id": "b", "created_at": later}])
        assert [row.created_at for row in rows] == [NOON, later]
        assert [row.updated_at for row in rows] == [NOON, NOON]

    def test_keys_are_drawn_for_each_row(self, orm: OrmDsl) -> None:
        """Each row has a key of its own, which is the one that it is found by; one that is given is kept."""
        given = orm.create_and_verify(self.Drawn).id
        rows = orm.create_many_and_verify(
            self.Drawn, [{"name": "a"}, {"name": "b"}, {"id": None, "name": "c"}]
        )
        assert len({row.id for row in rows} - {given}) == len(rows)
        for row in rows:
            assert orm.get_and_verify_exists(self.Drawn, id=row.id).name == row.name

    @requires("autoincrement")
    def test_keys_are_counted_for_each_row(self, orm: OrmDsl) -> None:
        """The keys rise in the order of the rows; one that is given is kept, and not made again."""
        rows = orm.create_many_and_verify(self.Counted, [{"name": name} for name in "abc"])
        keys = [row.id for row in rows if row.id is not None]
        assert keys == sorted(set(keys))
        assert [row.name for row in orm.all_models(self.Counted)] == ["a", "b", "c"]
        given = keys[-1] + 2
        more = orm.create_many_and_verify(
            self.Counted, [{"name": "d"}, {"id": given, "name": "e"}, {"name": "f"}]
        )
        assert more[1].id == given
        assert len({row.id for row in more} - {*keys}) == len(more)
        assert orm.create_and_verify(self.Counted).id not in {*keys, *(row.id for row in more)}

    def test_a_batch_may_be_large(self, orm: OrmDsl) -> None:
        """More than a hundred rows are one batch, each in its place; where a transaction is bounded, as many as it holds."""
        bound = orm.driver.capabilities.get("transaction_items")
        size = MANY if bound is None else min(MANY, bound // 2)
        rows = orm.create_many_and_verify(self.Drawn, [{"name": f"{number}"} for number in range(size)])
        assert [row.name for row in rows] == [f"{number}" for number in range(size)]
        assert orm.count_models(self.Drawn) == size

    @pytest.mark.parametrize("place", [0, 1, 3], ids=["first", "within", "last"])
    @pytest.mark.parametrize(
        ("fault", "error", "fields"),
        [
            ({"id": "held"}, DuplicateKeyError, ("id",)),
            ({"id": "b"}, DuplicateKeyError, ("id",)),
            ({"id": "d", "age": -1}, ValidationError, ("age",)),
            ({"id": "d", "nmae": "Dan"}, ValidationError, ("nmae",)),
            ({}, ValidationError, ("id",)),
        ],
        ids=["key", "key within", "constraint", "unknown", "no key"],
    )
    def test_one_bad_row_and_none_is_stored(
        self,
        orm: OrmDsl,
        fault: dict[str, Any],
        error: type[OperationError],
        fields: tuple[str, ...],
        place: int,
    ) -> None:
        """A row that is refused, wherever it stands, refuses the batch: nothing is stored, and nothing claimed."""
        held = orm.create_and_verify(self.Person, HELD)
        refused = orm.expect_create_many_failure(self.Person, error, [*GOOD[:place], fault, *GOOD[place:]])
        assert refused.fields == fields
        assert orm.all_models(self.Person) == [held]
        orm.create_many_and_verify(self.Person, GOOD)

    @requires("unique")
    @pytest.mark.parametrize("place", [0, 1, 3], ids=["first", "within", "last"])
    @pytest.mark.parametrize("taken", ["held", "b"], ids=["by a row", "within"])
    def test_one_taken_unique_value_and_none_is_stored(self, orm: OrmDsl, taken: str, place: int) -> None:
        """A unique value that a stored row has, or another of the batch, refuses the batch as a taken key does."""
        held = orm.create_and_verify(self.Person, HELD)
        fault = {"id": "d", "email": f"{taken}@example.com"}
        rows = [*GOOD[:place], fault, *GOOD[place:]]
        refused = orm.expect_create_many_failure(self.Person, DuplicateKeyError, rows)
        assert refused.fields == ("email",)
        assert orm.all_models(self.Person) == [held]
        orm.create_many_and_verify(self.Person, [*GOOD, fault | {"email": "d@example.com"}])

    @requires("autoincrement")
    def test_a_refused_batch_has_made_no_key_that_is_taken(self, orm: OrmDsl) -> None:
        """After a batch that was refused, keys are made that no row has."""
        made = orm.create_and_verify(self.Counted)
        orm.expect_create_many_failure(self.Counted, DuplicateKeyError, [{"name": "a"}, {"id": made.id}])
        rows = orm.create_many_and_verify(self.Counted, [{"name": "b"}, {"name": "c"}])
        assert len({row.id for row in rows} - {made.id}) == len(rows)
        orm.query_and_verify_count(self.Counted, 3)
