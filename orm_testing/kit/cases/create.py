"""Create: what is stored, what is refused, and what stays as it was."""

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import DuplicateKeyError, ValidationError
from orm_testing.kit.support import models
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.marks import requires


class Create(Cases):
    """A create stores the row that it was given, or nothing."""

    Person = stored(models.Person)
    Seat = stored(models.Seat)
    Counted = stored(models.Counted)
    Drawn = stored(models.Drawn)

    def test_what_was_given_is_stored(self, orm: OrmDsl) -> None:
        """Every field that was given comes back and is stored, and so is what a field is by default."""
        made = orm.create_and_verify(self.Person, id="a", name="Ann", age=30)
        assert (made.id, made.name, made.age, made.email) == ("a", "Ann", 30, None)
        assert orm.create_and_verify(self.Person, id="b").name == "nobody"

    def test_a_taken_key_is_refused(self, orm: OrmDsl) -> None:
        """A second row with a key is a `DuplicateKeyError` that names the model and the key, and the first row stays."""
        orm.create_and_verify(self.Person, id="a", name="Ann")
        error = orm.expect_create_failure(self.Person, DuplicateKeyError, id="a", name="Bob")
        assert error.fields == ("id",)
        assert error.model == self.Person.__name__
        assert orm.get_and_verify_exists(self.Person, id="a").name == "Ann"

    @requires("unique")
    def test_a_taken_unique_value_is_refused(self, orm: OrmDsl) -> None:
        """A value that another row has of a unique field is a `DuplicateKeyError` that names the field."""
        orm.create_and_verify(self.Person, id="a", email="a@example.com")
        error = orm.expect_create_failure(self.Person, DuplicateKeyError, id="b", email="a@example.com")
        assert error.fields == ("email",)

    @pytest.mark.parametrize(
        "data",
        [{"id": "a", "age": "old"}, {"id": "a", "age": -1}, {"name": "Ann"}, {"id": "a", "nmae": "Ann"}],
        ids=["type", "constraint", "missing", "unknown"],
    )
    def test_what_the_model_refuses_is_not_stored(self, orm: OrmDsl, data: dict[str, object]) -> None:
        """Data that the model refuses is a `ValidationError`, and nothing is stored."""
        orm.expect_create_failure(self.Person, ValidationError, data)
        assert orm.count_models(self.Person) == 0
