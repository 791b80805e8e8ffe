"""Read: the row that is meant, as it is now, and the truth about what is not there."""

from datetime import UTC, datetime

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import MultipleResultsError, NotFoundError
from orm_testing.kit.support.models import PlainCases
from orm_testing.marks import requires

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC).replace(tzinfo=None)


class Read(PlainCases):
    """A read answers with the rows that match, as they are stored, and changes nothing."""

    def test_a_row_is_found_by_its_key(self, orm: OrmDsl) -> None:
        """The row with the key comes back whole, and not one of its neighbours."""
        for key, age in (("a", 1), ("b", 2), ("c", 3)):
            orm.create_and_verify(self.Person, id=key, age=age, email=f"{key}@example.com", tags=[key])
        found = orm.get_and_verify_exists(self.Person, id="b")
        assert (found.id, found.age, found.email, found.tags) == ("b", 2, "b@example.com", ["b"])
        assert found.created_at is not None

    @pytest.mark.parametrize(
        "conditions",
        [{"email": "b@example.com"}, {"age": 2}, {"id": "b", "age": 2}, {"name": "Ann", "age": 2}],
        ids=["unique", "field", "key and field", "two fields"],
    )
    def test_a_row_is_found_by_any_condition(self, orm: OrmDsl, conditions: dict[str, object]) -> None:
        """The one row that meets every condition is found, whether or not they name its key."""
        orm.create_and_verify(self.Person, id="a", name="Ann", age=1, email="a@example.com")
        orm.create_and_verify(self.Person, id="b", name="Ann", age=2, email="b@example.com")
        assert orm.get_and_verify_exists(self.Person, conditions).id == "b"

    @pytest.mark.parametrize(
        "conditions",
        [{"id": "b"}, {"email": "b@example.com"}, {"age": 2}, {"id": "a", "age": 2}, {"age": 1, "id": "b"}],
        ids=["key", "unique", "field", "the field is not so", "the key is not so"],
    )
    def test_what_is_not_there_is_not_found(self, orm: OrmDsl, conditions: dict[str, object]) -> None:
        """Where no row meets every condition, the answer is a `NotFoundError`, whatever other rows there are."""
        orm.get_and_verify_not_exists(self.Person, conditions)
        orm.create_and_verify(self.Person, id="a", age=1, email="a@example.com")
        orm.get_and_verify_not_exists(self.Person, conditions)
        result = orm.get_model(self.Person, conditions)
        assert isinstance(result.error, NotFoundError)
        assert result.instance is None

    def test_several_rows_are_not_one(self, orm: OrmDsl) -> None:
        """A get that several rows match is a `MultipleResultsError`, and none of them."""
        orm.create_and_verify(self.Person, id="a", age=1)
        orm.create_and_verify(self.Person, id="b", age=1)
        result = orm.get_model(self.Person, age=1)
        assert isinstance(result.error, MultipleResultsError)
        assert result.instance is None

    def test_a_read_sees_every_write_before_it(self, orm: OrmDsl) -> None:
        """A row that was read is read again as an update, an upsert and a delete left it."""
        row = orm.create_and_verify(self.Person, id="a", name="one")
        assert orm.get_and_verify_exists(self.Person, id="a").name == "one"
        orm.update_and_verify(row, name="two")
        assert orm.get_and_verify_exists(self.Person, id="a").name == "two"
        orm.upsert_and_verify(self.Person, id="a", name="three")
        assert orm.get_and_verify_exists(self.Person, id="a").name == "three"
        orm.delete_and_verify(row)
        orm.get_and_verify_not_exists(self.Person, id="a")
        orm.create_and_verify(self.Person, id="a", name="four")
        assert orm.get_and_verify_exists(self.Person, id="a").name == "four"

    def test_objects_that_were_read_are_copies(self, orm: OrmDsl) -> None:
        """Who changes an object that a get or a query answered with does not change the row, nor what is read next."""
        orm.create_and_verify(self.Person, id="a", name="Ann", tags=["x"])
        [queried] = orm.query_and_verify_count(self.Person, 1)
        for read in (orm.get_and_verify_exists(self.Person, id="a"), queried):
            read.name = "Bob"
            read.tags.append("y")
        found = orm.get_and_verify_exists(self.Person, id="a")
        [again] = orm.query_and_verify_count(self.Person, 1)
        assert (found.name, found.tags) == (again.name, again.tags) == ("Ann", ["x"])

    @requires("clock")
    def test_reading_changes_nothing(self, orm: OrmDsl) -> None:
        """No way of reading a row counts as a write of it."""
        orm.clock.freeze(NOON)
        orm.create_and_verify(self.Person, id="a")
        orm.clock.advance(hours=1)
        orm.get_and_verify_exists(self.Person, id="a")
        orm.query_and_verify_count(self.Person, 1, id="a")
        assert orm.model_exists(self.Person, id="a")
        assert orm.count_models(self.Person, id="a") == 1
        [row] = orm.all_models(self.Person)
        assert row == orm.first(self.Person)
        assert row.updated_at == NOON
        assert orm.get_and_verify_exists(self.Person, id="a").updated_at == NOON

    def test_an_empty_store_has_no_rows(self, orm: OrmDsl) -> None:
        """Of a model that has no rows each read says so, and none fails."""
        assert orm.all_models(self.Person) == []
        assert orm.first(self.Person) is None
        assert orm.count_models(self.Person) == 0
        assert orm.model_exists(self.Person) is False
        orm.query_and_verify_count(self.Person, 0)
        orm.get_and_verify_not_exists(self.Person, id="a")

    def test_every_row_is_read(self, orm: OrmDsl) -> None:
        """All rows come back, in the order of their keys, and are counted."""
        keys = ["c", "a", "b"]
        for key in keys:
            orm.create_and_verify(self.Person, id=key)
        assert [row.id for row in orm.all_models(self.Person)] == sorted(keys)
        assert orm.count_models(self.Person) == len(keys)
        first = orm.first(self.Person)
        assert first is not None
        assert first.id == "a"
        assert orm.model_exists(self.Person, id="c") is True
        assert orm.model_exists(self.Person, id="d") is False
