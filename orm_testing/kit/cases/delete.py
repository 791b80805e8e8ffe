"""Delete: one row goes, whole, and leaves nothing behind."""

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import NotFoundError
from orm_testing.kit.support.models import PlainCases


class Delete(PlainCases):
    """A delete removes the row that has the key, with all that it held, and no other."""

    def test_the_row_is_gone_and_others_stay(self, orm: OrmDsl) -> None:
        """The row that has the key goes, by every way of looking, and its neighbours stay."""
        rows = [orm.create_and_verify(self.Person, id=key, name="Ann") for key in ("a", "b", "c")]
        orm.delete_and_verify(rows[1])
        assert [row.id for row in orm.all_models(self.Person)] == ["a", "c"]
        assert orm.count_models(self.Person) == len(rows) - 1
        assert orm.model_exists(self.Person, id="b") is False
        orm.query_and_verify_count(self.Person, 2, name="Ann")

    def test_the_last_row_can_go(self, orm: OrmDsl) -> None:
        """Where there was one row, there is none."""
        orm.delete_and_verify(orm.create_and_verify(self.Person, id="a"))
        assert orm.all_models(self.Person) == []

    def test_it_answers_nothing(self, orm: OrmDsl) -> None:
        """A delete that worked says so, and answers nothing."""
        result = orm.delete_model(orm.create_and_verify(self.Person, id="a"))
        assert result.success
        assert result.data is None
        assert result.instance is None

    def test_a_row_that_is_not_there_is_not_found(self, orm: OrmDsl) -> None:
        """The delete of a row that never was is a `NotFoundError`, and the others stay."""
        orm.expect_delete_failure(self.Person(id="a"), NotFoundError)
        orm.create_and_verify(self.Person, id="b")
        orm.expect_delete_failure(self.Person(id="a"), NotFoundError)

    def test_a_row_goes_once(self, orm: OrmDsl) -> None:
        """The second delete of a row is a `NotFoundError`."""
        row = orm.create_and_verify(self.Person, id="a")
        orm.delete_and_verify(row)
        orm.expect_delete_failure(row, NotFoundError)

    def test_only_the_key_of_the_instance_counts(self, orm: OrmDsl) -> None:
        """The row goes though it changed since the instance was read, and though the instance has other values."""
        old = orm.create_and_verify(self.Person, id="a", name="Ann", email="a@example.com")
        other = orm.create_and_verify(self.Person, id="b", name="Bob", email="b@example.com")
        orm.update_and_verify(old, name="Eve")
        orm.delete_and_verify(old)
        other.name, other.email = "Ann", "a@example.com"
        orm.delete_and_verify(other)

    def test_a_key_is_free_again(self, orm: OrmDsl) -> None:
        """A new row may have the key of one that went, and has nothing else of it."""
        row = orm.create_and_verify(self.Person, id="a", name="Ann", age=30, tags=["x"])
        orm.delete_and_verify(row)
        again = orm.create_and_verify(self.Person, id="a")
        assert (again.name, again.age, again.tags) == ("nobody", None, [])
        orm.delete_and_verify(again)
        upserted = orm.upsert_and_verify(self.Person, id="a", age=1)
        assert (upserted.name, upserted.age) == ("nobody", 1)

    def test_unique_values_are_free_again(self, orm: OrmDsl) -> None:
        """A new row may have the unique values of one that went."""
        orm.delete_and_verify(orm.create_and_verify(self.Person, id="a", email="a@example.com"))
        orm.create_and_verify(self.Person, id="b", email="a@example.com")
        orm.delete_and_verify(orm.create_and_verify(self.Seat, room="r", number=1, place=7))
        orm.create_and_verify(self.Seat, room="r", number=2, place=7)

    def test_a_row_goes_by_its_whole_key(self, orm: OrmDsl) -> None:
        """Rows that share a part of the key stay."""
        seat = orm.create_and_verify(self.Seat, room="r", number=1)
        orm.create_and_verify(self.Seat, room="r", number=2)
        orm.create_and_verify(self.Seat, room="s", number=1)
        orm.delete_and_verify(seat)
        assert [(row.room, row.number) for row in orm.all_models(self.Seat)] == [("r", 2), ("s", 1)]

    def test_a_key_that_the_store_made_can_go(self, orm: OrmDsl) -> None:
        """A row is deleted by the key that came back."""
        one, two = (orm.create_and_verify(self.Drawn, name=name) for name in ("one", "two"))
        orm.delete_and_verify(one)
        assert [row.id for row in orm.all_models(self.Drawn)] == [two.id]
