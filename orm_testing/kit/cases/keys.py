"""Keys: by what a row is known, what no two rows share, and who makes a key."""

from uuid import UUID

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import (
    DuplicateKeyError,
    MultipleResultsError,
    NotFoundError,
    ValidationError,
    ValueRangeError,
)
from orm_testing.kit.support.models import PlainCases
from orm_testing.marks import requires


class Keys(PlainCases):
    """A row is known by its whole key, given or made by the store; unique values are of one row."""

    def test_rows_differ_by_any_part_of_their_key(self, orm: OrmDsl) -> None:
        """Rows that share some parts of a composite key are rows of their own."""
        places = [("r", 1), ("r", 2), ("s", 1), ("s", 2)]
        for room, number in places:
            orm.create_and_verify(self.Seat, room=room, number=number)
        for room, number in places:
            seat = orm.get_and_verify_exists(self.Seat, room=room, number=number)
            assert (seat.room, seat.number) == (room, number)
        assert isinstance(orm.get_model(self.Seat, room="r").error, MultipleResultsError)
        orm.get_and_verify_not_exists(self.Seat, room="r", number=3)

    def test_a_taken_composite_key_is_refused(self, orm: OrmDsl) -> None:
        """The whole key taken is a `DuplicateKeyError` that names all its parts."""
        orm.create_and_verify(self.Seat, room="r", number=1)
        error = orm.expect_create_failure(self.Seat, DuplicateKeyError, room="r", number=1, taken=True)
        assert (error.fields, error.model) == (("room", "number"), self.Seat.__name__)

    def test_a_row_is_changed_by_its_whole_key(self, orm: OrmDsl) -> None:
        """Of rows that share a part of the key, one is updated; with no such key, none."""
        seat = orm.create_and_verify(self.Seat, room="r", number=1)
        orm.create_and_verify(self.Seat, room="r", number=2)
        orm.create_and_verify(self.Seat, room="s", number=1)
        orm.update_and_verify(seat, taken=True)
        [taken] = orm.query_and_verify_count(self.Seat, 1, taken=True)
        assert (taken.room, taken.number) == ("r", 1)
        orm.expect_update_failure(self.Seat(room="s", number=2), NotFoundError, taken=True)
        orm.expect_update_failure(seat, ValidationError, number=3)
        orm.expect_delete_failure(self.Seat(room="s", number=2), NotFoundError)

    @pytest.mark.parametrize("data", [{"room": "r"}, {"number": 1}, {"room": "r", "number": None}])
    def test_a_key_has_all_its_parts(self, orm: OrmDsl, data: dict[str, object]) -> None:
        """A row without a part of its key is a `ValidationError`, and not stored."""
        orm.expect_create_failure(self.Seat, ValidationError, data)
        orm.expect_upsert_failure(self.Seat, ValidationError, data)

    @requires("autoincrement")
    def test_the_store_counts(self, orm: OrmDsl) -> None:
        """Each new row has an integer key beyond the last one, by which it is found, changed and removed."""
        one, two, three = (orm.create_and_verify(self.Counted, name=name) for name in ("a", "b", "c"))
        assert type(one.id) is type(two.id) is type(three.id) is int
        assert one.id < two.id < three.id
        assert orm.get_and_verify_exists(self.Counted, id=two.id).name == "b"
        assert orm.update_and_verify(two, name="x").id == two.id
        orm.delete_and_verify(two)
        assert [row.name for row in orm.all_models(self.Counted)] == ["a", "c"]

    @requires("autoincrement")
    @pytest.mark.parametrize("ahead", [1, 2, 100])
    def test_a_key_that_was_given_is_not_made(self, orm: OrmDsl, ahead: int) -> None:
        """A counted key may be given, and is kept; the keys made after it lie beyond it."""
        made = orm.create_and_verify(self.Counted, name="a").id
        assert made is not None
        given = orm.create_and_verify(self.Counted, id=made + ahead, name="b").id
        assert given == made + ahead
        keys = [orm.create_and_verify(self.Counted).id or 0 for _ in range(3)]
        assert [given, *keys] == sorted({given, *keys})

    @requires("autoincrement")
    def test_a_key_is_not_made_twice(self, orm: OrmDsl) -> None:
        """The key of a row that was deleted is not given to another, be it the last one, or all are gone."""
        rows = [orm.create_and_verify(self.Counted) for _ in range(3)]
        orm.delete_and_verify(rows[2])
        again = orm.create_and_verify(self.Counted)
        seen = {row.id for row in rows}
        assert again.id not in seen
        for row in (rows[0], rows[1], again):
            orm.delete_and_verify(row)
        assert orm.create_and_verify(self.Counted).id not in {*seen, again.id}

    @requires("autoincrement")
    def test_none_leaves_a_counted_key_to_the_store(self, orm: OrmDsl) -> None:
        """A key that is given as `None` is made."""
        assert type(orm.create_and_verify(self.Counted, id=None).id) is int

    def test_the_store_draws(self, orm: OrmDsl) -> None:
        """Each new row has a UUID that no other row has, by which it is found; `None` leaves it to the store."""
        rows = [orm.create_and_verify(self.Drawn, id=None, name=f"{number}") for number in range(5)]
        assert {type(row.id) for row in rows} == {UUID}
        assert len({row.id for row in rows}) == len(rows)
        for row in rows:
            assert orm.get_and_verify_exists(self.Drawn, id=row.id).name == row.name

    def test_a_drawn_key_may_be_given(self, orm: OrmDsl) -> None:
        """A UUID that is given is kept, and taken after that."""
        given = UUID(int=7)
        assert orm.create_and_verify(self.Drawn, id=given).id == given
        error = orm.expect_create_failure(self.Drawn, DuplicateKeyError, id=given)
        assert (error.fields, error.model) == (("id",), self.Drawn.__name__)

    @requires("autoincrement")
    def test_a_counted_key_that_is_taken_is_refused(self, orm: OrmDsl) -> None:
        """A key that the store made cannot be given to another row."""
        made = orm.create_and_verify(self.Counted, name="a")
        error = orm.expect_create_failure(self.Counted, DuplicateKeyError, id=made.id)
        assert (error.fields, error.model) == (("id",), self.Counted.__name__)

    def test_an_integer_key_is_as_wide_as_declared(self, orm: OrmDsl) -> None:
        """Within `integer_bits` a key is kept to the last digit; beyond, it is a `ValueRangeError`, and nothing is stored."""
        bits = orm.driver.capabilities["integer_bits"]
        widest = 2 ** ((bits or 200) - 1) - 1
        for number in (widest, -widest):
            assert orm.create_and_verify(self.Seat, room="r", number=number).number == number
            assert orm.get_and_verify_exists(self.Seat, number=number).number == number
        if bits is not None:
            orm.expect_create_failure(self.Seat, ValueRangeError, room="r", number=2**bits)

    @requires("autoincrement")
    def test_a_counted_key_is_as_wide_as_declared(self, orm: OrmDsl) -> None:
        """A wide key that is given is kept, and one beyond `integer_bits` refused; keys can be made after both."""
        bits = orm.driver.capabilities["integer_bits"]
        wide = 2 ** ((bits or 200) - 2)
        assert orm.create_and_verify(self.Counted, id=wide).id == wide
        if bits is not None:
            orm.expect_create_failure(self.Counted, ValueRangeError, id=2**bits)
        assert orm.create_and_verify(self.Counted).id not in {None, wide}


@requires("unique")
class Uniques(PlainCases):
    """No two rows of a model have the same value of a unique field, or of fields that are unique together."""

    def test_none_is_no_value(self, orm: OrmDsl) -> None:
        """Any number of rows may have `None` where a value would have to be unique, alone or together with others."""
        rows = [orm.create_and_verify(self.Person, id=key, email=None) for key in ("a", "b", "c")]
        orm.update_and_verify(rows[0], email="a@example.com")
        orm.update_and_verify(rows[0], email=None)
        orm.upsert_and_verify(self.Person, id="d")
        for number in (1, 2):
            orm.create_and_verify(self.Seat, room="r", number=number, row="A", place=None)

    def test_values_are_unique_together(self, orm: OrmDsl) -> None:
        """Fields that are unique together may each be repeated, and only all of them not; the error names all."""
        orm.create_and_verify(self.Seat, room="r", number=1, row="A", place=7)
        orm.create_and_verify(self.Seat, room="r", number=2, row="A", place=8)
        orm.create_and_verify(self.Seat, room="r", number=3, row="B", place=7)
        error = orm.expect_create_failure(self.Seat, DuplicateKeyError, room="r", number=4, row="A", place=7)
        assert (error.fields, error.model) == (("row", "place"), self.Seat.__name__)

    def test_an_update_of_one_of_them_is_enough(self, orm: OrmDsl) -> None:
        """An update that makes two rows alike in all of them is refused, though it names but one."""
        orm.create_and_verify(self.Seat, room="r", number=1, row="A", place=7)
        seat = orm.create_and_verify(self.Seat, room="r", number=2, row="B", place=7)
        error = orm.expect_update_failure(seat, DuplicateKeyError, row="A")
        assert error.fields == ("row", "place")
        assert orm.update_and_verify(seat, row="C").row == "C"

    @pytest.mark.parametrize("other", ["A", "a ", "aa", "á"], ids=ascii)
    def test_values_that_differ_are_different(self, orm: OrmDsl, other: str) -> None:
        """Text that differs in case, in a space at its end or in an accent is another value."""
        orm.create_and_verify(self.Person, id="a", email="a")
        orm.create_and_verify(self.Person, id="b", email=other)
        assert orm.get_and_verify_exists(self.Person, email=other).id == "b"
        assert orm.expect_create_failure(self.Person, DuplicateKeyError, id="c", email=other).fields == (
            "email",
        )

    def test_a_value_that_was_changed_is_free(self, orm: OrmDsl) -> None:
        """What a row had before an update others may have; what it has now they may not."""
        row = orm.create_and_verify(self.Person, id="a", email="a@example.com")
        orm.update_and_verify(row, email="b@example.com")
        orm.create_and_verify(self.Person, id="b", email="a@example.com")
        orm.expect_create_failure(self.Person, DuplicateKeyError, id="c", email="b@example.com")
        orm.expect_update_failure(row, DuplicateKeyError, email="a@example.com")

    def test_a_value_may_be_another_row_s_key(self, orm: OrmDsl) -> None:
        """Keys and unique values are told apart."""
        orm.create_and_verify(self.Person, id="a", email="b")
        orm.create_and_verify(self.Person, id="b", email="a")
        assert orm.get_and_verify_exists(self.Person, email="a").id == "b"
