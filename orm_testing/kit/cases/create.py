"""Create: what is stored, what is refused, and what stays as it was."""

from datetime import UTC, date, datetime, timedelta

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import DuplicateKeyError, ValidationError
from orm_testing.kit.support.models import PlainCases
from orm_testing.marks import requires

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC).replace(tzinfo=None)
HOUR = timedelta(hours=1)


class Create(PlainCases):
    """A create stores the row that it was given, or nothing."""

    def test_what_was_given_is_stored(self, orm: OrmDsl) -> None:
        """Every field that was given comes back and is stored, and so is what a field is by default."""
        made = orm.create_and_verify(self.Person, id="a", name="Ann", age=30, tags=["x"])
        assert (made.id, made.name, made.age, made.email, made.tags) == ("a", "Ann", 30, None, ["x"])
        other = orm.create_and_verify(self.Person, id="b")
        assert (other.name, other.age, other.tags) == ("nobody", None, [])

    def test_what_comes_back_is_what_is_stored(self, orm: OrmDsl) -> None:
        """The answer is the row as the model reads it, with what the system under test filled, and not the data as it was written."""
        result = orm.create_model(self.Person, id="a", age="30")
        assert result.success
        made = result.instance
        assert made is not None
        assert (type(made), made.age) == (self.Person, 30)
        assert made.created_at is not None
        assert made.updated_at is not None
        assert made == orm.get_and_verify_exists(self.Person, id="a")

    def test_none_is_stored_as_none(self, orm: OrmDsl) -> None:
        """`None` that was given is `None` in the store, and neither text nor a default."""
        made = orm.create_and_verify(self.Person, id="a", age=None, email=None)
        assert (made.age, made.email) == (None, None)

    def test_a_field_may_be_stored_under_another_name(self, orm: OrmDsl) -> None:
        """A field with an alias is written, read, changed and found by its own name."""
        made = orm.create_and_verify(self.Drawn, note="x")
        assert orm.get_and_verify_exists(self.Drawn, note="x").id == made.id
        assert orm.update_and_verify(made, note="y").note == "y"
        assert orm.upsert_and_verify(self.Drawn, id=made.id, note="z").note == "z"

    def test_a_taken_key_is_refused(self, orm: OrmDsl) -> None:
        """A second row with a key is a `DuplicateKeyError` that names the model and the key, and the first row stays."""
        orm.create_and_verify(self.Person, id="a", name="Ann")
        error = orm.expect_create_failure(self.Person, DuplicateKeyError, id="a", name="Bob")
        assert error.fields == ("id",)
        assert error.model == self.Person.__name__
        assert orm.get_and_verify_exists(self.Person, id="a").name == "Ann"

    @requires("unique")
    def test_a_taken_unique_value_is_refused(self, orm: OrmDsl) -> None:
        """A value that another row has of a unique field is a `DuplicateKeyError` that names the model and the field."""
        orm.create_and_verify(self.Person, id="a", email="a@example.com")
        error = orm.expect_create_failure(self.Person, DuplicateKeyError, id="b", email="a@example.com")
        assert error.fields == ("email",)
        assert error.model == self.Person.__name__

    def test_a_create_refused_for_its_key_claims_no_unique_value(self, orm: OrmDsl) -> None:
        """The unique value of a row that was refused for its key is free for another row."""
        orm.create_and_verify(self.Person, id="a", email="a@example.com")
        orm.expect_create_failure(self.Person, DuplicateKeyError, id="a", email="b@example.com")
        orm.create_and_verify(self.Person, id="b", email="b@example.com")

    @requires("unique")
    def test_a_create_refused_for_a_unique_value_claims_no_key(self, orm: OrmDsl) -> None:
        """The key of a row that was refused for a unique value is free for another row."""
        orm.create_and_verify(self.Person, id="a", email="a@example.com")
        orm.expect_create_failure(self.Person, DuplicateKeyError, id="b", email="a@example.com")
        orm.create_and_verify(self.Person, id="b", email="b@example.com")

    @pytest.mark.parametrize(
        "data",
        [
            {"id": "a", "age": "old"},
            {"id": "a", "age": -1},
            {"name": "Ann"},
            {"id": "a", "nmae": "Ann"},
            {"id": "a", "name": None},
            {"id": None},
        ],
        ids=["type", "constraint", "missing", "unknown", "none", "no key"],
    )
    def test_what_the_model_refuses_is_not_stored(self, orm: OrmDsl, data: dict[str, object]) -> None:
        """Data that the model refuses is a `ValidationError`, and nothing is stored."""
        orm.expect_create_failure(self.Person, ValidationError, data)
        assert orm.count_models(self.Person) == 0

    def test_the_stored_row_shares_nothing_with_what_was_given(self, orm: OrmDsl) -> None:
        """Who changes the data after a create, or the object that it answered with, does not change the row."""
        tags = ["x"]
        made = orm.create_and_verify(self.Person, id="a", name="Ann", tags=tags)
        tags.append("given")
        made.tags.append("answered")
        made.name = "Bob"
        found = orm.get_and_verify_exists(self.Person, id="a")
        assert (found.name, found.tags) == ("Ann", ["x"])

    def test_a_default_is_made_anew_for_each_row(self, orm: OrmDsl) -> None:
        """A row whose default was changed leaves the default of the next row as it was."""
        made = orm.create_and_verify(self.Person, id="a")
        made.tags.append("x")
        orm.update_and_verify(made, tags=["y"])
        assert orm.create_and_verify(self.Person, id="b").tags == []

    @requires("clock")
    @pytest.mark.parametrize("named", [{}, {"created_at": None, "updated_at": None, "changed_on": None}])
    def test_times_are_those_of_the_create(self, orm: OrmDsl, named: dict[str, None]) -> None:
        """`auto_now_add` and `auto_now` are the time of the create, unless it names one; naming `None` names none."""
        orm.clock.freeze(NOON)
        made = orm.create_and_verify(self.Person, id="a", **named)
        assert (made.created_at, made.updated_at, made.changed_on) == (NOON, NOON, NOON.date())

    def test_times_that_are_named_stand(self, orm: OrmDsl) -> None:
        """A create that names the times that would be filled stores those."""
        day = date(2020, 1, 1)
        made = orm.create_and_verify(
            self.Person, id="a", created_at=NOON, updated_at=NOON + HOUR, changed_on=day
        )
        assert (made.created_at, made.updated_at, made.changed_on) == (NOON, NOON + HOUR, day)

    def test_given_fills_what_is_not_named(self, orm: OrmDsl) -> None:
        """Rows of which a test names what matters are valid, and differ where they have to."""
        rows = [orm.given(self.Person, age=7) for _ in range(3)]
        assert {row.age for row in rows} == {7}
        assert len({row.id for row in rows}) == len(rows)
