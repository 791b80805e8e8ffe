"""Update: what it names and nothing else, in one row, or nothing at all."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import DuplicateKeyError, NotFoundError, ValidationError
from orm_testing.kit.support.models import Person, PlainCases
from orm_testing.marks import requires

LATE = datetime(2024, 2, 29, 23, 30, tzinfo=UTC).replace(tzinfo=None)
HOUR = timedelta(hours=1)


class Update(PlainCases):
    """An update changes the fields that it names, of the row that has the key."""

    def people(self, orm: OrmDsl) -> Person:
        """Ann, who is returned, and Bob beside her."""
        orm.create_and_verify(self.Person, id="b", name="Bob", age=40, email="b@example.com", tags=["b"])
        return orm.create_and_verify(
            self.Person, id="a", name="Ann", age=30, email="a@example.com", tags=["a"]
        )

    @pytest.mark.parametrize(
        "changes",
        [
            {"name": "Eve"},
            {"name": ""},
            {"age": 0},
            {"age": None},
            {"email": None},
            {"email": "e@example.com"},
            {"tags": []},
            {"name": "Eve", "age": 31, "tags": ["x", "y"]},
        ],
        ids=["text", "no text", "zero", "none", "no unique value", "unique value", "empty list", "several"],
    )
    def test_what_is_named_changes(self, orm: OrmDsl, changes: dict[str, Any]) -> None:
        """The fields that are named have their new values, empty ones and `None` included, and all else is as it was."""
        before = self.people(orm)
        changed = orm.update_and_verify(before, changes)
        was = {"id": "a", "name": "Ann", "age": 30, "email": "a@example.com", "tags": ["a"]}
        meant = was | changes
        assert {name: getattr(changed, name) for name in meant} == meant
        assert changed.created_at == before.created_at
        assert orm.get_and_verify_exists(self.Person, id="b").name == "Bob"

    def test_true_becomes_false_again(self, orm: OrmDsl) -> None:
        """A truth value goes both ways."""
        seat = orm.create_and_verify(self.Seat, room="r", number=1)
        seat = orm.update_and_verify(seat, taken=True)
        assert seat.taken is True
        assert orm.update_and_verify(seat, taken=False).taken is False

    def test_updates_add_up(self, orm: OrmDsl) -> None:
        """Each update builds on what the one before it left."""
        row = self.people(orm)
        orm.update_and_verify(row, name="Eve")
        orm.update_and_verify(row, age=31)
        last = orm.update_and_verify(row, email=None)
        assert (last.name, last.age, last.email) == ("Eve", 31, None)

    def test_only_the_key_of_the_instance_counts(self, orm: OrmDsl) -> None:
        """Other values of the instance are not written, though they differ from the row: it may be old."""
        old = self.people(orm)
        orm.update_and_verify(old, name="Eve", tags=["x"])
        old.email = "old@example.com"
        changed = orm.update_and_verify(old, age=31)
        assert (changed.name, changed.tags, changed.age) == ("Eve", ["x"], 31)
        assert changed.email == "a@example.com"

    @pytest.mark.parametrize("changes", [{}, {"name": "Ann"}, {"name": "Ann", "id": "a"}, {"tags": ["a"]}])
    def test_an_update_may_change_nothing(self, orm: OrmDsl, changes: dict[str, Any]) -> None:
        """An update that names nothing, or what is so already, succeeds, and the row is as it was."""
        row = self.people(orm)
        same = orm.update_and_verify(row, changes)
        same = orm.update_and_verify(same, changes)
        assert (same.id, same.name, same.age, same.tags) == ("a", "Ann", 30, ["a"])

    @pytest.mark.parametrize(
        "changes",
        [
            {"age": "old"},
            {"age": -1},
            {"name": None},
            {"nmae": "Eve"},
            {"id": "c"},
            {"id": "b"},
            {"id": None},
            {"name": "Eve", "age": -1},
        ],
        ids=["type", "constraint", "none", "unknown", "new key", "taken key", "no key", "only one of two"],
    )
    def test_what_the_model_refuses_changes_nothing(self, orm: OrmDsl, changes: dict[str, Any]) -> None:
        """Changes that the model refuses, and a change of the key, are a `ValidationError`, and the row stays as it was."""
        orm.expect_update_failure(self.people(orm), ValidationError, changes)
        assert orm.get_and_verify_exists(self.Person, id="a").name == "Ann"

    def test_a_row_that_is_not_there_is_not_found(self, orm: OrmDsl) -> None:
        """The update of a row that never was, or that was deleted, is a `NotFoundError`, and makes none."""
        row = orm.create_and_verify(self.Person, id="a")
        orm.delete_and_verify(row)
        orm.expect_update_failure(row, NotFoundError, name="Eve")
        orm.create_and_verify(self.Person, id="b")
        orm.expect_update_failure(row, NotFoundError, name="Eve")
        orm.expect_update_failure(self.Person(id="c"), NotFoundError, name="Eve")

    @requires("unique")
    def test_a_taken_unique_value_is_refused(self, orm: OrmDsl) -> None:
        """An update to what another row has of a unique field is a `DuplicateKeyError`, and leaves all that it named."""
        row = self.people(orm)
        error = orm.expect_update_failure(row, DuplicateKeyError, name="Eve", email="b@example.com")
        assert (error.fields, error.model) == (("email",), self.Person.__name__)
        assert orm.get_and_verify_exists(self.Person, id="a").name == "Ann"

    def test_a_row_keeps_its_own_unique_value(self, orm: OrmDsl) -> None:
        """A row may be given the unique value that it has."""
        row = self.people(orm)
        assert orm.update_and_verify(row, email="a@example.com", name="Eve").name == "Eve"

    @requires("unique")
    def test_a_refused_update_claims_no_unique_value(self, orm: OrmDsl) -> None:
        """What an update that was refused would have taken is free, and what the row had it has still."""
        row = self.people(orm)
        orm.expect_update_failure(row, ValidationError, email="e@example.com", age=-1)
        orm.expect_create_failure(self.Person, DuplicateKeyError, id="c", email="a@example.com")
        orm.create_and_verify(self.Person, id="c", email="e@example.com")

    @requires("clock")
    def test_times_are_those_of_the_last_write(self, orm: OrmDsl) -> None:
        """`auto_now` is the time of each update, to the smallest step that is declared; `auto_now_add` stays."""
        orm.clock.freeze(LATE)
        row = orm.create_and_verify(self.Person, id="a")
        step = timedelta(**{f"{orm.driver.capabilities['datetime_precision']}s": 1})
        orm.clock.advance(step)
        row = orm.update_and_verify(row, name="Ann")
        assert (row.created_at, row.updated_at, row.changed_on) == (LATE, LATE + step, LATE.date())
        orm.clock.advance(HOUR)
        row = orm.update_and_verify(row)
        later = LATE + step + HOUR
        assert (row.created_at, row.updated_at, row.changed_on) == (LATE, later, later.date())

    @requires("clock")
    def test_times_that_are_named_stand(self, orm: OrmDsl) -> None:
        """An update that names the times that would be filled writes those; naming `None` names none."""
        row = orm.create_and_verify(self.Person, id="a")
        day = date(2020, 1, 1)
        row = orm.update_and_verify(row, created_at=LATE, updated_at=LATE - HOUR, changed_on=day)
        assert (row.created_at, row.updated_at, row.changed_on) == (LATE, LATE - HOUR, day)
        orm.clock.freeze(LATE + HOUR)
        row = orm.update_and_verify(row, updated_at=None, changed_on=None)
        assert (row.updated_at, row.changed_on) == (LATE + HOUR, (LATE + HOUR).date())

    @requires("clock")
    def test_a_refused_update_is_no_write(self, orm: OrmDsl) -> None:
        """An update that was refused leaves the time of the last write."""
        orm.clock.freeze(LATE)
        row = self.people(orm)
        orm.clock.advance(HOUR)
        orm.expect_update_failure(row, ValidationError, age=-1)
        assert orm.get_and_verify_exists(self.Person, id="a").updated_at == LATE

    def test_the_answer_is_the_whole_row(self, orm: OrmDsl) -> None:
        """An update answers with the row as it is stored now, and leaves the instance that it was given."""
        row = self.people(orm)
        result = orm.update_model(row, age="31")
        assert result.success
        changed = result.instance
        assert changed is not None
        assert changed == orm.get_and_verify_exists(self.Person, id="a")
        assert (changed.age, changed.name, row.age) == (31, "Ann", 30)

    def test_the_stored_row_shares_nothing_with_what_was_given(self, orm: OrmDsl) -> None:
        """Who changes the data after an update, or the object that it answered with, does not change the row."""
        tags = ["x"]
        changed = orm.update_and_verify(self.people(orm), tags=tags)
        tags.append("given")
        changed.tags.append("answered")
        assert orm.get_and_verify_exists(self.Person, id="a").tags == ["x"]
