"""The backdoor: an independent look at what is stored."""

from orm_testing.dsl.client import OrmDsl
from orm_testing.kit.support.plain import Plain
from orm_testing.marks import requires


@requires("backdoor")
class Backdoor(Plain):
    """The backdoor tells what is stored, all of it and only that, and at once."""

    def test_it_tells_every_field_of_every_row(self, orm: OrmDsl) -> None:
        """The rows are those that were written, field by field, in a stable order, and counted."""
        made = [
            orm.create_and_verify(self.Person, id=key, name=key.upper(), age=7) for key in ("b", "a", "c")
        ]
        rows = orm.driver.rows(self.Person)
        expected = [dict(orm.driver.values_of(row)) for row in made]
        assert sorted(rows, key=lambda row: row["id"]) == sorted(expected, key=lambda row: row["id"])
        assert orm.driver.rows(self.Person) == rows
        assert orm.driver.committed_rows(self.Person) == rows
        assert orm.driver.count_rows(self.Person) == len(made)

    def test_it_tells_the_rows_with_a_key(self, orm: OrmDsl) -> None:
        """Asked for a key, or for values of other fields, it tells the rows that have them; of none it tells none."""
        for number in (1, 2):
            orm.create_and_verify(self.Seat, room="r", number=number, taken=number == 1)
        orm.create_and_verify(self.Seat, room="s", number=1)
        assert [row["number"] for row in orm.driver.rows(self.Seat, {"room": "r", "number": 2})] == [2]
        assert orm.driver.rows(self.Seat, {"room": "s", "number": 2}) == []
        assert {row["number"] for row in orm.driver.rows(self.Seat, {"room": "r"})} == {1, 2}
        assert [row["number"] for row in orm.driver.rows(self.Seat, {"taken": True})] == [1]

    def test_it_tells_nothing_of_other_models(self, orm: OrmDsl) -> None:
        """Rows of one model are none of another's, where their keys are alike too."""
        orm.create_and_verify(self.Person, id="1")
        orm.create_and_verify(self.Drawn)
        assert orm.driver.rows(self.Seat) == orm.driver.rows(self.Counted) == []
        assert [orm.driver.count_rows(model) for model in (self.Person, self.Drawn, self.Seat)] == [1, 1, 0]

    def test_it_tells_what_is_stored_now(self, orm: OrmDsl) -> None:
        """What was changed, removed or put back is told at once, however often it was asked before."""
        row = orm.create_and_verify(self.Person, id="a", name="Ann")
        for name in ("Bob", "Cid"):
            assert orm.update_model(row, name=name).success
            assert [each["name"] for each in orm.driver.rows(self.Person)] == [name]
        assert orm.delete_model(row).success
        assert orm.driver.rows(self.Person) == orm.driver.rows(self.Person, {"id": "a"}) == []
        assert orm.driver.count_rows(self.Person) == 0

    def test_what_it_tells_is_a_copy(self, orm: OrmDsl) -> None:
        """Whoever changes the rows that it told changes nothing that is stored."""
        orm.create_and_verify(self.Person, id="a", name="Ann")
        orm.driver.rows(self.Person)[0]["name"] = "Bob"
        assert orm.get_and_verify_exists(self.Person, id="a").name == "Ann"

    @requires("transactions")
    def test_inside_a_transaction_it_tells_what_that_wrote(self, orm: OrmDsl) -> None:
        """Inside a transaction it tells what the transaction sees, and after a rollback nothing of it."""
        with orm.expect_rollback(ValueError):
            assert orm.create_model(self.Person, id="a").success
            assert [row["id"] for row in orm.driver.rows(self.Person)] == ["a"]
            assert orm.driver.count_rows(self.Person) == 1
            raise ValueError
        assert orm.driver.rows(self.Person) == []
