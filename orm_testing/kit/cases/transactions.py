"""Transactions: all of one happens or nothing of it, and until it has happened it is its own affair."""

from collections.abc import Callable
from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import (
    DuplicateKeyError,
    InvalidQueryError,
    NotFoundError,
    ValidationError,
    ValueRangeError,
)
from orm_testing.kit.support.models import PlainCases
from orm_testing.marks import requires

Write = Callable[["Transactions", OrmDsl], object]

MANY = 120
"""How many rows a transaction writes where there is no bound to them."""

WRITES: dict[str, Write] = {
    "create": lambda self, orm: orm.create_and_verify(self.Person, id="b", email="b"),
    "create with a key of the store's": lambda self, orm: orm.create_and_verify(self.Counted, name="x"),
    "update": lambda self, orm: orm.update_and_verify(self.Person(id="a"), name="Eve", email="e"),
    "delete": lambda self, orm: orm.delete_and_verify(self.Person(id="a")),
    "upsert of a new row": lambda self, orm: orm.upsert_and_verify(self.Person, id="b"),
    "upsert of a row": lambda self, orm: orm.upsert_and_verify(self.Person, id="a", name="Eve"),
    "clear": lambda _, orm: orm.clear_storage().success,
    "several": lambda self, orm: (
        orm.delete_and_verify(self.Person(id="a")),
        orm.create_and_verify(self.Person, id="a", name="Eve"),
        orm.create_and_verify(self.Seat, room="r", number=1),
    ),
}
every_write = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


@requires("transactions")
class Transactions(PlainCases):
    """What a block wrote stays when it ends well, and is undone when it does not."""

    def stored(self, orm: OrmDsl) -> list[Any]:
        """All that is in the store, by its own word."""
        return [row for model in (self.Person, self.Seat, self.Counted) for row in orm.all_models(model)]

    @every_write
    def test_what_a_block_wrote_stays(self, orm: OrmDsl, write: Write) -> None:
        """At the end of a block that ends well, each kind of write is in the store as it was inside."""
        orm.create_and_verify(self.Person, id="a", name="Ann", email="a")
        before = self.stored(orm)
        with orm.transaction():
            write(self, orm)
            inside = self.stored(orm)
        assert self.stored(orm) == inside != before

    @every_write
    def test_what_a_block_wrote_is_undone(self, orm: OrmDsl, write: Write) -> None:
        """A block that ends with an error has left no trace of any kind of write, in no model, and the error goes on."""
        orm.create_and_verify(self.Person, id="a", name="Ann", email="a")
        before = self.stored(orm)
        with pytest.raises(KeyError, match="mine"):
            self.broken_off(orm, lambda: write(self, orm))
        assert self.stored(orm) == before

    @requires("bulk")
    def test_rows_created_at_once_are_undone(self, orm: OrmDsl) -> None:
        """Rows that one operation created inside a block are undone with it, and stay with it."""
        with orm.expect_rollback(ZeroDivisionError):
            orm.create_many_and_verify(self.Person, [{"id": "a"}, {"id": "b"}])
            raise ZeroDivisionError
        with orm.transaction():
            orm.create_many_and_verify(self.Person, [{"id": "a"}, {"id": "c"}])
        assert [row.id for row in orm.all_models(self.Person)] == ["a", "c"]

    def test_a_block_sees_what_it_wrote(self, orm: OrmDsl) -> None:
        """Inside, every way of reading answers with what the block wrote before."""
        gone = orm.create_and_verify(self.Person, id="gone")
        orm.create_and_verify(self.Person, id="old", name="Old")
        with orm.transaction():
            orm.create_and_verify(self.Person, id="new", name="New")
            orm.update_and_verify(self.Person(id="old"), name="New")
            orm.delete_and_verify(gone)
            assert orm.get_and_verify_exists(self.Person, id="new").name == "New"
            assert orm.get_and_verify_exists(self.Person, id="old").name == "New"
            orm.get_and_verify_not_exists(self.Person, id="gone")
            assert [row.id for row in orm.query_and_verify_count(self.Person, 2, name="New")] == [
                "new",
                "old",
            ]
            orm.query_and_verify_count(self.Person, 0, name="Old")
            assert [row.id for row in orm.all_models(self.Person)] == ["new", "old"]
            assert (orm.count_models(self.Person), orm.count_models(self.Person, name="Old")) == (2, 0)
            assert orm.model_exists(self.Person, id="new")
            assert not orm.model_exists(self.Person, id="gone")

    @requires("unique")
    def test_keys_and_unique_values_are_given_back(self, orm: OrmDsl) -> None:
        """Inside and after a rollback, what a row took is taken, and what it gave up is free, as the rows say."""
        row = orm.create_and_verify(self.Person, id="a", email="a")
        with orm.expect_rollback(ZeroDivisionError):
            orm.update_and_verify(row, email="x")
            orm.create_and_verify(self.Person, id="b", email="a")
            orm.expect_create_failure(self.Person, DuplicateKeyError, id="c", email="x")
            raise ZeroDivisionError
        orm.expect_create_failure(self.Person, DuplicateKeyError, id="c", email="a")
        orm.create_and_verify(self.Person, id="b", email="x")

    def test_an_inner_rollback_undoes_the_inner_block(self, orm: OrmDsl) -> None:
        """A nested block that ends with an error is undone alone: what came before it and after it stays."""
        with orm.transaction():
            orm.create_and_verify(self.Person, id="before")
            with orm.expect_rollback(ValueError):
                orm.create_and_verify(self.Person, id="inner")
                orm.update_and_verify(self.Person(id="before"), name="Eve")
                raise ValueError
            assert orm.get_and_verify_exists(self.Person, id="before").name == "nobody"
            orm.create_and_verify(self.Person, id="after")
        assert [row.id for row in orm.all_models(self.Person)] == ["after", "before"]

    def test_an_inner_commit_is_kept_with_the_outer_block(self, orm: OrmDsl) -> None:
        """A nested block that ends well is part of the outer one, and stays with it."""
        with orm.transaction():
            with orm.transaction():
                orm.create_and_verify(self.Person, id="a")
            with orm.transaction():
                orm.update_and_verify(self.Person(id="a"), name="Eve")
            assert orm.get_and_verify_exists(self.Person, id="a").name == "Eve"
        assert orm.get_and_verify_exists(self.Person, id="a").name == "Eve"

    def test_an_outer_rollback_undoes_inner_commits(self, orm: OrmDsl) -> None:
        """What a nested block committed is undone with the outer one."""
        with orm.expect_rollback(ValueError):
            orm.create_and_verify(self.Person, id="outer")
            with orm.transaction():
                orm.create_and_verify(self.Person, id="inner")
            raise ValueError
        assert self.stored(orm) == []

    def test_a_block_in_the_middle_is_undone_with_what_is_in_it(self, orm: OrmDsl) -> None:
        """Of three levels, a rollback of the second undoes what the third committed, and leaves the first."""
        with orm.transaction():
            orm.create_and_verify(self.Person, id="first")
            with orm.expect_rollback(ValueError):
                orm.create_and_verify(self.Person, id="second")
                with orm.transaction():
                    orm.create_and_verify(self.Person, id="third")
                raise ValueError
            with orm.transaction():
                orm.create_and_verify(self.Person, id="third")
        assert [row.id for row in orm.all_models(self.Person)] == ["first", "third"]

    def test_a_failed_operation_does_not_poison_the_block(self, orm: OrmDsl) -> None:
        """After each kind of failure inside a block the next operation works, and all but what failed is kept."""
        orm.create_and_verify(self.Person, id="a", email="a")
        with orm.transaction():
            orm.create_and_verify(self.Person, id="b")
            orm.expect_create_failure(self.Person, DuplicateKeyError, id="a")
            orm.create_and_verify(self.Person, id="c")
            orm.expect_create_failure(self.Person, ValidationError, id="d", age="old")
            orm.expect_update_failure(self.Person(id="nobody"), NotFoundError, name="x")
            orm.expect_delete_failure(self.Person(id="nobody"), NotFoundError)
            orm.expect_query_failure(self.Person, InvalidQueryError, nmae="x")
            orm.get_and_verify_not_exists(self.Person, id="nobody")
            orm.update_and_verify(self.Person(id="a"), name="Eve")
        assert [row.id for row in orm.all_models(self.Person)] == ["a", "b", "c"]
        assert orm.get_and_verify_exists(self.Person, id="a").name == "Eve"

    @requires("unique")
    def test_a_refused_unique_value_does_not_poison_the_block(self, orm: OrmDsl) -> None:
        """The same holds of a unique value that is taken, by an earlier row or one of the block's own."""
        orm.create_and_verify(self.Person, id="a", email="a")
        with orm.transaction():
            own = orm.create_and_verify(self.Person, id="b", email="b")
            orm.expect_create_failure(self.Person, DuplicateKeyError, id="c", email="a")
            orm.expect_create_failure(self.Person, DuplicateKeyError, id="c", email="b")
            orm.expect_update_failure(own, DuplicateKeyError, email="a")
            orm.expect_upsert_failure(self.Person, DuplicateKeyError, id="c", email="a")
            orm.create_and_verify(self.Person, id="c", email="c")
        assert [row.email for row in orm.all_models(self.Person)] == ["a", "b", "c"]

    def test_blocks_follow_each_other(self, orm: OrmDsl) -> None:
        """A block begins with what those before it left, however they ended, and what comes after a block stands by itself."""
        with orm.expect_rollback(ValueError):
            orm.create_and_verify(self.Person, id="a")
            raise ValueError
        with orm.transaction():
            orm.create_and_verify(self.Person, id="a", name="Ann")
        with orm.expect_rollback(ValueError):
            assert orm.update_and_verify(self.Person(id="a"), name="Eve").name == "Eve"
            raise ValueError
        orm.create_and_verify(self.Person, id="b")
        with orm.expect_rollback(ValueError):
            orm.delete_and_verify(self.Person(id="b"))
            raise ValueError
        assert [(row.id, row.name) for row in orm.all_models(self.Person)] == [("a", "Ann"), ("b", "nobody")]

    def test_a_block_that_writes_nothing_changes_nothing(self, orm: OrmDsl) -> None:
        """A block that only reads ends well, and one that does nothing may end with an error."""
        orm.create_and_verify(self.Person, id="a")
        with orm.transaction():
            assert orm.count_models(self.Person) == 1
        with orm.expect_rollback(ValueError):
            raise ValueError
        orm.query_and_verify_count(self.Person, 1)

    def test_a_reset_in_mid_test_ends_a_block(self, orm: OrmDsl) -> None:
        """`reset` gives the store as a test starts with it, however many blocks are open, and what follows is none of them."""
        orm.create_and_verify(self.Person, id="a")
        orm.transaction().__enter__()
        orm.create_and_verify(self.Person, id="b")
        orm.transaction().__enter__()
        orm.create_and_verify(self.Person, id="c")
        orm.reset()
        assert self.stored(orm) == []
        with orm.transaction():
            orm.create_and_verify(self.Person, id="b")
        orm.query_and_verify_count(self.Person, 1)

    @requires("transaction_items")
    def test_a_block_writes_as_many_rows_as_declared(self, orm: OrmDsl) -> None:
        """A block that writes `transaction_items` rows commits; one more is a `ValueRangeError`, and none of them is kept."""
        most = orm.driver.capabilities["transaction_items"]
        self.seated(orm, "r", most or MANY)
        orm.query_and_verify_count(self.Seat, most or MANY)
        if most is None:
            return
        with pytest.raises(ValueRangeError):
            self.seated(orm, "s", most + 1)
        orm.query_and_verify_count(self.Seat, 0, room="s")
        orm.query_and_verify_count(self.Seat, most)

    def broken_off(self, orm: OrmDsl, write: Callable[[], object]) -> None:
        """A block that writes, and ends with an error."""
        with orm.transaction():
            write()
            raise KeyError("mine")

    def seated(self, orm: OrmDsl, room: str, number: int) -> None:
        """A block that creates this many rows."""
        with orm.transaction():
            for seat in range(number):
                assert orm.create_model(self.Seat, room=room, number=seat).success
