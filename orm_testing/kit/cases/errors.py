"""Errors: each arrives as its class on every backend, and says what it is about."""

from collections.abc import Callable
from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import (
    AccessError,
    CheckError,
    DuplicateKeyError,
    InvalidQueryError,
    MultipleResultsError,
    NotFoundError,
    OperationError,
    OrmTestingError,
    UnsupportedError,
    ValidationError,
    ValueRangeError,
)
from orm_testing.filters import any_of, none_of
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.models import PlainCases
from orm_testing.kit.support.slipping import Slipping
from orm_testing.marks import requires
from orm_testing.results import OperationResult

Ask = Callable[[OrmDsl, Any], object]

FLAWED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown field": ({"filters": {"nmae": "x"}}, "nmae"),
    "unknown lookup": ({"filters": {"name__near": "x"}}, "name"),
    "unknown field in a group": ({"filters": any_of({"name": "x"}, none_of(nmae="x"))}, "nmae"),
    "value of another type": ({"filters": {"age__gt": "old"}}, "age"),
    "unknown order": ({"order_by": ["-nmae"]}, "nmae"),
}
"""Queries that ask for what is not there, and the field that each is about."""

ASKED: dict[str, Ask] = {
    "get": lambda orm, model: _raised(orm.get_model(model, nmae="x")),
    "query": lambda orm, model: _raised(orm.query_models(model, nmae="x")),
    "count": lambda orm, model: orm.count_models(model, nmae="x"),
    "exists": lambda orm, model: orm.model_exists(model, nmae="x"),
    "first": lambda orm, model: orm.first(model, nmae="x"),
}
"""Every way of asking by conditions."""

LACKING: dict[str, tuple[str, Ask]] = {
    "aggregate": ("aggregates", lambda orm, model: orm.aggregate(model, "count")),
    "create_many": ("bulk", lambda orm, model: orm.create_many_and_verify(model, [{"id": "b"}])),
    "transaction": ("transactions", lambda orm, _: _in_a_block(orm)),
    "schema_exists": ("schema", lambda orm, model: orm.schema_exists(model)),
    "describe": ("schema", lambda orm, model: orm.describe(model)),
    "ddl": ("schema", lambda orm, model: orm.ddl(model)),
    "attach": ("attachments", lambda orm, model: orm.attach(model(id="a"), "photo", b"x")),
    "concurrently": (
        "sessions",
        lambda orm, _: orm.concurrently(1, lambda client, _: client.get_backend_name()),
    ),
    "as_user": ("users", lambda orm, _: orm.as_user(read_only=True)),
}
"""What a driver may be unable to do: the capability that it needs, and how it is asked for."""


def _raised(result: OperationResult[Any]) -> None:
    if result.error is not None:
        raise result.error


def _in_a_block(orm: OrmDsl) -> None:
    with orm.transaction():
        pass


class Errors(PlainCases):
    """What goes wrong is told by an error of the library's tree, with the model and the fields that it is about."""

    @pytest.mark.parametrize("verb", ["create", "upsert", "update"])
    def test_data_that_the_model_refuses(self, orm: OrmDsl, verb: str) -> None:
        """A value of the wrong type is a `ValidationError` that names the model and the field, with the model's own error as its cause."""
        row = orm.create_and_verify(self.Person, id="a")
        if verb == "create":
            error = orm.expect_create_failure(self.Person, ValidationError, id="b", age="old")
        elif verb == "upsert":
            error = orm.expect_upsert_failure(self.Person, ValidationError, id="a", age="old")
        else:
            error = orm.expect_update_failure(row, ValidationError, age="old")
        assert (error.model, error.fields) == (self.Person.__name__, ("age",))
        assert error.__cause__ is not None
        self.tells_of_the_store(error)

    def test_every_field_that_is_refused_is_named(self, orm: OrmDsl) -> None:
        """Of several values that the model refuses, the `ValidationError` names each field."""
        error = orm.expect_create_failure(self.Person, ValidationError, id="a", age="old", name=1)
        assert set(error.fields) == {"age", "name"}
        error = orm.expect_create_failure(self.Person, ValidationError, id="a", nmae="Ann")
        assert (error.model, error.fields) == (self.Person.__name__, ("nmae",))

    def test_a_key_that_is_taken(self, orm: OrmDsl) -> None:
        """A key that is taken is a `DuplicateKeyError` that names the model and every field of the key."""
        orm.create_and_verify(self.Person, id="a")
        orm.create_and_verify(self.Seat, room="r", number=1)
        for model, data, fields in (
            (self.Person, {"id": "a"}, ("id",)),
            (self.Seat, {"room": "r", "number": 1}, ("room", "number")),
        ):
            error = orm.expect_create_failure(model, DuplicateKeyError, data)
            assert (error.model, error.fields) == (model.__name__, fields)
            self.tells_of_the_store(error)

    @requires("unique")
    def test_a_unique_value_that_is_taken(self, orm: OrmDsl) -> None:
        """A unique value that is taken is a `DuplicateKeyError` that names the model and the fields that are unique together."""
        orm.create_and_verify(self.Person, id="a", email="a")
        other = orm.create_and_verify(self.Person, id="b")
        orm.create_and_verify(self.Seat, room="r", number=1, place=1)
        for error in (
            orm.expect_create_failure(self.Person, DuplicateKeyError, id="c", email="a"),
            orm.expect_update_failure(other, DuplicateKeyError, email="a"),
            orm.expect_upsert_failure(self.Person, DuplicateKeyError, id="b", email="a"),
        ):
            assert (error.model, error.fields) == (self.Person.__name__, ("email",))
            self.tells_of_the_store(error)
        error = orm.expect_create_failure(self.Seat, DuplicateKeyError, room="r", number=2, place=1)
        assert (error.model, error.fields) == (self.Seat.__name__, ("row", "place"))

    def test_a_row_that_is_absent(self, orm: OrmDsl) -> None:
        """To get, to change and to delete what is not there is a `NotFoundError` that names the model."""
        absent = self.Person(id="a")
        for error in (
            orm.get_model(self.Person, id="a").error,
            orm.get_model(self.Person, name="Ann").error,
            orm.expect_update_failure(absent, NotFoundError, name="Ann"),
            orm.expect_delete_failure(absent, NotFoundError),
        ):
            assert isinstance(error, NotFoundError)
            assert error.model == self.Person.__name__
            self.tells_of_the_store(error)

    def test_more_rows_than_one(self, orm: OrmDsl) -> None:
        """To get one row where several match is a `MultipleResultsError` that names the model, and none is answered."""
        for key in "ab":
            orm.create_and_verify(self.Person, id=key, name="Ann")
        result = orm.get_model(self.Person, name="Ann")
        assert isinstance(result.error, MultipleResultsError)
        assert result.error.model == self.Person.__name__
        assert result.data is None

    @pytest.mark.parametrize("query", FLAWED)
    def test_a_query_for_what_is_not_there(self, orm: OrmDsl, query: str) -> None:
        """An unknown field or lookup, or a value of another type, is an `InvalidQueryError` that names the model and the field."""
        asked, field = FLAWED[query]
        orm.create_and_verify(self.Person, id="a", age=1)
        error = orm.expect_query_failure(self.Person, InvalidQueryError, **asked)
        assert (error.model, error.fields) == (self.Person.__name__, (field,))

    @pytest.mark.parametrize("verb", ASKED)
    def test_every_way_of_asking_knows_its_fields(self, orm: OrmDsl, verb: str) -> None:
        """An unknown field is an `InvalidQueryError` whoever asks, and where there are no rows to ask about as well."""
        with pytest.raises(InvalidQueryError) as caught:
            ASKED[verb](orm, self.Person)
        assert (caught.value.model, caught.value.fields) == (self.Person.__name__, ("nmae",))

    def test_a_page_that_is_none(self, orm: OrmDsl) -> None:
        """A negative limit or offset is an `InvalidQueryError`."""
        orm.expect_query_failure(self.Person, InvalidQueryError, limit=-1)
        orm.expect_query_failure(self.Person, InvalidQueryError, offset=-1)

    def test_a_number_that_the_store_cannot_hold(self, orm: OrmDsl) -> None:
        """An integer beyond `integer_bits` is a `ValueRangeError`, and where there is no such bound it is kept."""
        bits = orm.driver.capabilities["integer_bits"]
        wide = 2**200 if bits is None else 2**bits
        if bits is None:
            assert orm.create_and_verify(self.Person, id="a", age=wide).age == wide
            return
        row = orm.create_and_verify(self.Person, id="a", age=1)
        for error in (
            orm.expect_create_failure(self.Person, ValueRangeError, id="b", age=wide),
            orm.expect_update_failure(row, ValueRangeError, age=wide),
            orm.expect_upsert_failure(self.Person, ValueRangeError, id="a", age=wide),
        ):
            self.tells_of_the_store(error)

    @pytest.mark.parametrize("verb", LACKING)
    def test_what_the_backend_cannot_do(self, orm: OrmDsl, verb: str) -> None:
        """What needs a capability that is not declared is an `UnsupportedError` that names it; what is declared is done."""
        capability, ask = LACKING[verb]
        orm.create_and_verify(self.Person, id="a")
        if capability in orm.driver.capabilities:
            ask(orm, self.Person)
            return
        with pytest.raises(UnsupportedError) as caught:
            ask(orm, self.Person)
        assert caught.value.capability == capability

    def test_an_error_is_over_once_it_is_told(self, orm: OrmDsl) -> None:
        """After each kind of error the client goes on, and the row that was there is as it was."""
        row = orm.create_and_verify(self.Person, id="a", name="Ann")
        orm.expect_create_failure(self.Person, DuplicateKeyError, id="a")
        orm.expect_update_failure(row, ValidationError, age="old")
        orm.expect_delete_failure(self.Person(id="b"), NotFoundError)
        orm.expect_query_failure(self.Person, InvalidQueryError, nmae="x")
        orm.create_and_verify(self.Person, id="b")
        assert orm.update_and_verify(row, age=1).name == "Ann"

    @requires("users")
    def test_what_a_user_may_not_do(self, orm: OrmDsl) -> None:
        """A user who may only read does; each write of theirs is an `AccessError`, and nothing changes."""
        row = orm.create_and_verify(self.Person, id="a", age=3)
        reader = orm.as_user(read_only=True)
        assert reader.get_and_verify_exists(self.Person, id="a").age == 3
        for error in (
            reader.expect_create_failure(self.Person, AccessError, id="b"),
            reader.expect_update_failure(row, AccessError, age=4),
            reader.expect_upsert_failure(self.Person, AccessError, id="a", age=4),
            reader.expect_delete_failure(row, AccessError),
        ):
            self.tells_of_the_store(error)

    @requires("users")
    def test_what_a_user_may_do(self, orm: OrmDsl) -> None:
        """A user who may change rows does, and sees and is seen by the others."""
        orm.create_and_verify(self.Person, id="a")
        writer = orm.as_user(read_only=False)
        writer.create_and_verify(self.Person, id="b")
        writer.delete_and_verify(writer.get_and_verify_exists(self.Person, id="a"))
        assert [row.id for row in orm.all_models(self.Person)] == ["b"]

    def tells_of_the_store(self, error: OperationError) -> None:
        """It says something, and what stands behind it is no error of the library but the one of the model or the store, or nothing."""
        assert str(error)
        assert not isinstance(error.__cause__, OrmTestingError)


@requires("schema")
class StoreErrors(Cases):
    """What the model lets through, a constraint of the table may still refuse."""

    Slipping = stored(Slipping)

    def test_what_a_column_does_not_hold(self, orm: OrmDsl) -> None:
        """A `None` in a column that the store describes as one without is a `CheckError`, by every write, and nothing changes."""
        (column,) = [each for each in orm.describe(self.Slipping).columns if each.name == "text"]
        assert not column.nullable
        row = orm.create_and_verify(self.Slipping, id="a")
        for error in (
            orm.expect_create_failure(self.Slipping, CheckError, id="b", text=""),
            orm.expect_update_failure(row, CheckError, text=""),
            orm.expect_upsert_failure(self.Slipping, CheckError, id="a", text=""),
        ):
            assert str(error)
            assert not isinstance(error.__cause__, OrmTestingError)
