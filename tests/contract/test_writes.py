"""Writes, keys, relations and transactions mean the same on every backend."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from everywhere import BACKENDS

from orm_testing import (
    DuplicateKeyError,
    Field,
    ForeignKeyError,
    Model,
    MultiBackendTestBase,
    MultipleResultsError,
    NotFoundError,
    ValidationError,
    ValueRangeError,
    requires,
)


class Account(Model):
    tenant: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    email: str = Field(unique=True)
    nick: str | None = Field(None, unique=True)
    city: str = "x"
    balance: Decimal = Decimal(0)
    created_at: datetime | None = Field(None, auto_now_add=True)
    updated_at: datetime | None = Field(None, auto_now=True)
    changed_on: date | None = Field(None, auto_now=True)

    __unique__ = [("city", "balance")]


class Counted(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = Field(max_length=5)


class Named(Model):
    id: UUID | None = Field(None, primary_key=True, generated=True)
    name: str = Field(alias="Full Name")


class Parent(Model):
    id: str = Field(primary_key=True)
    boss: str | None = Field(None, references="Parent")


class Kept(Model):
    id: str = Field(primary_key=True)
    parent: str = Field(references=Parent)


class Gone(Model):
    id: str = Field(primary_key=True)
    parent: str = Field(references=Parent, on_delete="cascade")


class Orphan(Model):
    id: str = Field(primary_key=True)
    parent: str | None = Field(None, references=Parent, on_delete="set_null")


class Under(Model):
    id: str = Field(primary_key=True)
    gone: str = Field(references=Gone)


ONE = {"tenant": "t", "number": 1, "email": "a", "balance": Decimal("1.50")}


class Base(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Under, Kept, Gone, Orphan, Parent, Account, Counted, Named]


class TestWrites(Base):
    def test_duplicates_name_their_fields(self, orm):
        """Each key and unique constraint refuses a second row, names its fields, and changes nothing."""
        orm.create_and_verify(Account, ONE, nick="n")
        for change, fields in [
            ({"email": "b", "balance": Decimal(2)}, ("tenant", "number")),
            ({"number": 2, "balance": Decimal(2)}, ("email",)),
            ({"number": 2, "email": "b", "balance": Decimal(2), "nick": "n"}, ("nick",)),
            ({"number": 2, "email": "b"}, ("city", "balance")),
        ][: None if "unique" in orm.driver.capabilities else 1]:
            error = orm.expect_create_failure(Account, DuplicateKeyError, {**ONE, **change})
            assert error.fields == fields
            assert error.model == "Account"

    def test_none_is_no_value_of_a_unique_field(self, orm):
        """Any number of rows may have `None` where a value would have to be unique."""
        orm.create_and_verify(Account, ONE)
        orm.create_and_verify(Account, ONE | {"number": 2, "email": "b", "city": "y"})

    def test_update_is_partial_and_validated(self, orm):
        """An update changes what it names, refuses what the model refuses, and never the key."""
        row = orm.create_and_verify(Account, ONE)
        changed = orm.update_and_verify(row, balance=Decimal("2.500"))
        assert (changed.email, changed.balance) == ("a", Decimal("2.500"))
        orm.expect_update_failure(row, ValidationError, balance="much")
        orm.expect_update_failure(row, ValidationError, number=2)
        orm.expect_update_failure(row, ValidationError, nmae="x")
        orm.create_and_verify(Account, ONE | {"number": 2, "email": "b"})
        if "unique" in orm.driver.capabilities:
            assert orm.expect_update_failure(row, DuplicateKeyError, email="b").fields == ("email",)

    def test_what_is_not_there_is_not_found(self, orm):
        """Update and delete of an absent row are `NotFoundError`; so is get; several matches are another error."""
        absent = Account(**ONE)
        orm.expect_update_failure(absent, NotFoundError, city="y")
        orm.expect_delete_failure(absent, NotFoundError)
        orm.get_and_verify_not_exists(Account, tenant="t", number=1)
        orm.create_and_verify(Account, ONE)
        orm.create_and_verify(Account, ONE | {"number": 2, "email": "b", "city": "y"})
        assert isinstance(orm.get_model(Account, tenant="t").error, MultipleResultsError)
        orm.get_and_verify_not_exists(Account, tenant="u")

    def test_upsert_replaces_the_whole_row(self, orm):
        """What an upsert does not name goes back to its default; the time of creation is kept."""
        orm.clock.freeze(datetime(2024, 1, 1))
        orm.upsert_and_verify(Account, ONE, city="y", nick="n")
        orm.clock.advance(hours=1)
        row = orm.upsert_and_verify(Account, ONE)
        assert (row.city, row.nick) == ("x", None)
        assert row.created_at == datetime(2024, 1, 1)
        assert row.updated_at == datetime(2024, 1, 1, 1)
        orm.create_and_verify(Account, ONE | {"number": 2, "email": "b", "balance": Decimal(9)})
        if "unique" in orm.driver.capabilities:
            orm.expect_upsert_failure(Account, DuplicateKeyError, ONE | {"email": "b"})

    def test_the_clock_fills_times(self, orm):
        """`auto_now_add` is the time of the create, `auto_now` that of each write; what is named is kept."""
        orm.clock.freeze(datetime(2024, 2, 29, 23, 59, 59, 999999))
        row = orm.create_and_verify(Account, ONE)
        assert row.created_at == row.updated_at == datetime(2024, 2, 29, 23, 59, 59, 999999)
        orm.clock.advance(timedelta(microseconds=1))
        row = orm.update_and_verify(row, city="y")
        assert row.created_at == datetime(2024, 2, 29, 23, 59, 59, 999999)
        assert (row.updated_at, row.changed_on) == (datetime(2024, 3, 1), date(2024, 3, 1))
        row = orm.update_and_verify(row, updated_at=datetime(2020, 1, 1))
        assert row.updated_at == datetime(2020, 1, 1)

    def test_create_many_is_all_or_nothing(self, orm):
        """One bad row, and none is written; generated keys are those of the rows."""
        rows = orm.create_many_and_verify(Counted, [{"name": "a"}, {"name": "b"}, {"name": "c"}])
        assert len({row.id for row in rows}) == 3
        assert orm.create_many_and_verify(Counted, []) == []
        many = [
            ONE,
            ONE | {"number": 2, "email": "b", "city": "y"},
            ONE | {"number": 3, "email": "b", "city": "z"},
        ]
        with pytest.raises(AssertionError, match="DuplicateKeyError"):
            orm.create_many_and_verify(Account, many)
        orm.query_and_verify_count(Account, 0)

    def test_generated_keys(self, orm):
        """The store makes integer keys and UUIDs; a key that is given is kept, and not made again."""
        one, two = (orm.create_and_verify(Counted, name=name) for name in "ab")
        assert two.id > one.id
        orm.create_and_verify(Counted, id=100, name="c")
        assert orm.create_and_verify(Counted, name="d").id == 101
        orm.delete_and_verify(orm.get_and_verify_exists(Counted, id=101))
        assert orm.create_and_verify(Counted, name="e").id == 102
        named = orm.create_and_verify(Named, name="x")
        assert isinstance(named.id, UUID)
        orm.upsert_and_verify(Named, id=named.id, name="y")
        orm.upsert_and_verify(Named, name="z")
        orm.query_and_verify_count(Named, 2)

    def test_values_out_of_range_are_refused(self, orm):
        """What a store cannot hold exactly is an error, by its declared width."""
        bits = orm.driver.capabilities["integer_bits"]
        if bits is not None:
            orm.expect_create_failure(Counted, ValueRangeError, id=2**bits, name="x")
        orm.expect_create_failure(Counted, ValidationError, name="too long")

    def test_clear_storage_removes_every_row(self, orm):
        """The system under test's own way to empty itself leaves nothing."""
        orm.create_and_verify(Parent, id="p")
        orm.create_and_verify(Kept, id="k", parent="p")
        assert orm.clear_storage()
        orm.query_and_verify_count(Parent, 0)
        orm.query_and_verify_count(Kept, 0)

    def test_given_fills_what_the_test_does_not_name(self, orm):
        """Rows are valid, distinct, and have the parents that they need."""
        rows = [orm.given(Account, city="y") for _ in range(5)]
        assert {row.city for row in rows} == {"y"}
        assert len({row.email for row in rows}) == 5
        assert orm.given(Under).gone == orm.all_models(Gone)[0].id


@requires("foreign_keys")
class TestRelations(Base):
    def family(self, orm):
        parent = orm.create_and_verify(Parent, id="p")
        for model in (Kept, Gone, Orphan):
            orm.create_and_verify(model, id="c", parent="p")
        return parent

    def test_a_reference_to_nothing_is_refused(self, orm):
        """A row cannot refer to one that is not there, by create, update or upsert."""
        error = orm.expect_create_failure(Kept, ForeignKeyError, id="c", parent="nobody")
        assert error.model == "Kept"
        orm.create_and_verify(Parent, id="p")
        kept = orm.create_and_verify(Kept, id="c", parent="p")
        orm.expect_update_failure(kept, ForeignKeyError, parent="nobody")
        orm.expect_upsert_failure(Kept, ForeignKeyError, id="c", parent="nobody")

    def test_restrict_keeps_the_parent(self, orm):
        """A parent that is referred to stays, and so do all its children."""
        parent = self.family(orm)
        orm.expect_delete_failure(parent, ForeignKeyError)

    def test_cascade_and_set_null(self, orm):
        """Without the child that restricts, the others go or are set to `None`."""
        parent = self.family(orm)
        orm.delete_and_verify(orm.get_and_verify_exists(Kept, id="c"))
        orm.delete_and_verify(parent)
        orm.get_and_verify_not_exists(Gone, id="c")
        assert orm.get_and_verify_exists(Orphan, id="c").parent is None

    def test_a_cascade_that_meets_a_restriction_changes_nothing(self, orm):
        """Deep below, one row that restricts keeps everything as it was."""
        parent = self.family(orm)
        orm.delete_and_verify(orm.get_and_verify_exists(Kept, id="c"))
        orm.create_and_verify(Under, id="u", gone="c")
        orm.expect_delete_failure(parent, ForeignKeyError)

    def test_a_row_may_refer_to_itself(self, orm):
        """A self reference is created and deleted in one go; a boss with people cannot go."""
        alone = orm.create_and_verify(Parent, id="alone", boss="alone")
        orm.delete_and_verify(alone)
        boss = orm.create_and_verify(Parent, id="boss")
        orm.create_and_verify(Parent, id="worker", boss="boss")
        orm.expect_delete_failure(boss, ForeignKeyError)


@requires("transactions")
class TestTransactions(Base):
    def test_a_transaction_commits(self, orm):
        """What a block wrote stays."""
        with orm.transaction():
            orm.create_and_verify(Parent, id="a")
        orm.get_and_verify_exists(Parent, id="a")

    def test_an_exception_rolls_back_and_goes_on(self, orm):
        """The block's error reaches the test, and its writes are gone."""
        row = orm.create_and_verify(Account, ONE)
        with orm.expect_rollback(ZeroDivisionError):
            orm.update_and_verify(row, city="y")
            orm.create_and_verify(Parent, id="a")
            1 / 0  # noqa: B018
        with pytest.raises(KeyError), orm.transaction():
            orm.delete_and_verify(row)
            raise KeyError
        assert orm.get_and_verify_exists(Account, number=1).city == "x"

    def test_transactions_nest(self, orm):
        """The inner one's fate is its own; the outer one's is that of both."""
        with orm.transaction():
            orm.create_and_verify(Parent, id="outer")
            with orm.expect_rollback(ValueError):
                orm.create_and_verify(Parent, id="inner")
                raise ValueError
            with orm.transaction():
                orm.create_and_verify(Parent, id="kept")
        orm.query_and_verify_count(Parent, 2)
        with orm.expect_rollback(ValueError):
            with orm.transaction():
                orm.create_and_verify(Parent, id="committed inside")
            raise ValueError

    @requires("foreign_keys")
    def test_a_failed_operation_does_not_poison_the_transaction(self, orm):
        """After each kind of failure inside a transaction, the next operation works, and all of it commits."""
        with orm.transaction():
            orm.create_and_verify(Account, ONE)
            orm.expect_create_failure(Account, DuplicateKeyError, ONE)
            orm.expect_create_failure(Kept, ForeignKeyError, id="k", parent="nobody")
            orm.expect_create_failure(Account, ValidationError, ONE | {"number": "x"})
            orm.expect_update_failure(Account(**ONE | {"number": 7}), NotFoundError, city="y")
            orm.create_and_verify(Parent, id="p")
        orm.get_and_verify_exists(Account, number=1)
        orm.get_and_verify_exists(Parent, id="p")

    def test_reset_in_mid_test_ends_a_transaction(self, orm):
        """`reset` gives the store as a test starts with it, whatever is open."""
        orm.transaction().__enter__()
        orm.create_and_verify(Parent, id="a")
        orm.reset()
        orm.query_and_verify_count(Parent, 0)
        with orm.transaction():
            orm.create_and_verify(Parent, id="b")
        orm.query_and_verify_count(Parent, 1)
