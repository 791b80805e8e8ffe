"""Upsert: the whole row, whether or not there was one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import DuplicateKeyError, ValidationError
from orm_testing.kit.support.models import PlainCases
from orm_testing.marks import requires

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC).replace(tzinfo=None)
HOUR = timedelta(hours=1)


class Upsert(PlainCases):
    """An upsert puts the whole row in its place: a new one, or in the stead of the one that has its key."""

    def test_a_row_that_is_not_there_is_created(self, orm: OrmDsl) -> None:
        """Where no row has the key, one is made as a create makes it."""
        orm.create_and_verify(self.Person, id="b", name="Bob")
        row = orm.upsert_and_verify(self.Person, id="a", age=30)
        assert (row.name, row.age, row.tags) == ("nobody", 30, [])
        assert row.created_at is not None
        assert [each.id for each in orm.all_models(self.Person)] == ["a", "b"]

    def test_a_row_that_is_there_is_replaced(self, orm: OrmDsl) -> None:
        """What the upsert does not name goes back to its default, and no row is added."""
        orm.create_and_verify(self.Person, id="a", name="Ann", age=30, email="a@example.com", tags=["x"])
        row = orm.upsert_and_verify(self.Person, id="a", age=31)
        assert (row.name, row.age, row.email, row.tags) == ("nobody", 31, None, [])
        assert orm.count_models(self.Person) == 1

    def test_the_same_upsert_again_changes_nothing(self, orm: OrmDsl) -> None:
        """A row that is upserted as it is stays so."""
        first = orm.upsert_and_verify(self.Person, id="a", name="Ann", email="a@example.com", tags=["x"])
        again = orm.upsert_and_verify(self.Person, id="a", name="Ann", email="a@example.com", tags=["x"])
        assert (again.name, again.email, again.tags) == (first.name, first.email, first.tags)
        assert orm.count_models(self.Person) == 1

    def test_the_answer_is_what_is_stored(self, orm: OrmDsl) -> None:
        """An upsert answers with the row as the model reads it, and not with the data as it was written."""
        orm.create_and_verify(self.Person, id="a")
        result = orm.upsert_model(self.Person, id="a", age="30")
        assert result.success
        assert result.instance == orm.get_and_verify_exists(self.Person, id="a", age=30)

    @pytest.mark.parametrize(
        "data",
        [
            {"id": "a", "age": -1},
            {"name": "Ann"},
            {"id": "a", "nmae": "Ann"},
            {"id": None},
            {"id": "a", "name": None},
        ],
        ids=["constraint", "missing", "unknown", "no key", "none"],
    )
    @pytest.mark.parametrize("there", [False, True], ids=["absent", "present"])
    def test_what_the_model_refuses_changes_nothing(
        self, orm: OrmDsl, data: dict[str, Any], there: bool
    ) -> None:
        """Data that the model refuses is a `ValidationError`: the row stays as it was, or absent."""
        if there:
            orm.create_and_verify(self.Person, id="a", name="Ann", email="a@example.com")
        orm.expect_upsert_failure(self.Person, ValidationError, data)
        assert orm.count_models(self.Person) == there

    @requires("unique")
    @pytest.mark.parametrize("there", [False, True], ids=["absent", "present"])
    def test_a_taken_unique_value_is_refused(self, orm: OrmDsl, there: bool) -> None:
        """A unique value of another row is a `DuplicateKeyError` that names it, and replaces neither row."""
        orm.create_and_verify(self.Person, id="b", email="b@example.com")
        if there:
            orm.create_and_verify(self.Person, id="a", name="Ann", email="a@example.com")
        error = orm.expect_upsert_failure(self.Person, DuplicateKeyError, id="a", email="b@example.com")
        assert (error.fields, error.model) == (("email",), self.Person.__name__)

    @requires("unique")
    def test_a_taken_pair_of_values_is_refused(self, orm: OrmDsl) -> None:
        """Fields that are unique together are so when one of them is a default."""
        orm.create_and_verify(self.Seat, room="r", number=1, place=7)
        orm.create_and_verify(self.Seat, room="r", number=2, row="B", place=7)
        error = orm.expect_upsert_failure(self.Seat, DuplicateKeyError, room="r", number=2, place=7)
        assert error.fields == ("row", "place")

    def test_a_row_keeps_its_own_unique_value(self, orm: OrmDsl) -> None:
        """A row may be replaced by one with the same unique value."""
        orm.create_and_verify(self.Person, id="a", email="a@example.com")
        assert orm.upsert_and_verify(self.Person, id="a", email="a@example.com", age=1).age == 1

    @requires("unique")
    def test_a_unique_value_that_was_replaced_is_free(self, orm: OrmDsl) -> None:
        """What the row had is free for others, and what it has is taken."""
        orm.create_and_verify(self.Person, id="a", email="a@example.com")
        orm.upsert_and_verify(self.Person, id="a", email="b@example.com")
        orm.create_and_verify(self.Person, id="b", email="a@example.com")
        orm.expect_create_failure(self.Person, DuplicateKeyError, id="c", email="b@example.com")

    @requires("clock")
    def test_the_time_of_creation_is_kept(self, orm: OrmDsl) -> None:
        """`auto_now_add` of a row that is replaced stays; `auto_now` is the time of the upsert."""
        orm.clock.freeze(NOON)
        row = orm.upsert_and_verify(self.Person, id="a", name="Ann")
        assert (row.created_at, row.updated_at, row.changed_on) == (NOON, NOON, NOON.date())
        later = orm.clock.advance(days=1).replace(tzinfo=None)
        row = orm.upsert_and_verify(self.Person, id="a")
        assert (row.created_at, row.updated_at, row.changed_on) == (NOON, later, later.date())
        row = orm.upsert_and_verify(self.Person, id="a", created_at=None)
        assert row.created_at == NOON

    def test_times_that_are_named_stand(self, orm: OrmDsl) -> None:
        """An upsert that names the times that would be filled or kept writes those."""
        orm.create_and_verify(self.Person, id="a")
        row = orm.upsert_and_verify(self.Person, id="a", created_at=NOON, updated_at=NOON + HOUR)
        assert (row.created_at, row.updated_at) == (NOON, NOON + HOUR)

    def test_a_row_is_known_by_its_whole_key(self, orm: OrmDsl) -> None:
        """Rows that share a part of the key stay as they are."""
        orm.create_and_verify(self.Seat, room="r", number=1, taken=True)
        orm.create_and_verify(self.Seat, room="s", number=2, taken=True)
        orm.upsert_and_verify(self.Seat, room="r", number=2)
        orm.upsert_and_verify(self.Seat, room="r", number=1)
        seats = [(row.room, row.number, row.taken) for row in orm.all_models(self.Seat)]
        assert seats == [("r", 1, False), ("r", 2, False), ("s", 2, True)]

    def test_a_key_that_the_store_draws(self, orm: OrmDsl) -> None:
        """Without a key a row is added under a new one; with the key of a row that row is replaced; with a new one it is kept."""
        made = orm.upsert_and_verify(self.Drawn, name="one")
        assert orm.upsert_and_verify(self.Drawn, id=made.id, name="two").id == made.id
        other = orm.upsert_and_verify(self.Drawn, id=None, name="three")
        assert other.id != made.id
        orm.delete_and_verify(made)
        assert orm.upsert_and_verify(self.Drawn, id=made.id, name="four").id == made.id
        assert {row.name for row in orm.all_models(self.Drawn)} == {"three", "four"}

    @requires("autoincrement")
    def test_a_key_that_the_store_counts(self, orm: OrmDsl) -> None:
        """An upsert makes the next key where none is given, and does not make one again that was given."""
        made = orm.upsert_and_verify(self.Counted, name="one")
        assert made.id is not None
        given = made.id + 1
        assert orm.upsert_and_verify(self.Counted, id=given, name="two").id == given
        assert orm.upsert_and_verify(self.Counted, name="three").id not in {made.id, given}
        assert orm.upsert_and_verify(self.Counted, id=given, name="four").id == given
        orm.query_and_verify_count(self.Counted, 3)
