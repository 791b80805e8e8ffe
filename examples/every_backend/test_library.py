"""A lending library on every backend: nothing in the tests says which one it is on."""

from datetime import date
from decimal import Decimal

import pytest

from orm_testing import (
    DuplicateKeyError,
    Field,
    Model,
    MultiBackendTestBase,
    NotFoundError,
    ValidationError,
    any_of,
    requires,
)


class Member(Model):
    number: str = Field(primary_key=True)
    email: str = Field(unique=True)
    name: str
    city: str = Field("Rome", index=True)


class Loan(Model):
    branch: str = Field(primary_key=True)
    book: str = Field(primary_key=True)
    member: str
    due: date
    fee: Decimal = Decimal("0.00")
    pages: list[int] = []


DUE = date(2030, 2, 28)


class OfTheLibrary(MultiBackendTestBase):
    ENABLED_BACKENDS = [
        "inmemory", "sqlite", "sqlite_file", "postgres", "mysql", "mongodb", "dynamodb", "redis", "s3", "diary",
    ]  # fmt: skip

    def get_test_models(self):
        return [Member, Loan]

    @pytest.fixture
    def alice(self, orm):
        """The member whom most tests start with."""
        return orm.create_and_verify(Member, number="m1", email="alice@example.com", name="Alice")


class TestMembers(OfTheLibrary):
    def test_a_number_is_given_once(self, orm, alice):
        """A member's number is taken; data that the model refuses does not reach the store."""
        orm.expect_create_failure(Member, DuplicateKeyError, number="m1", email="b", name="Bob")
        orm.expect_create_failure(Member, ValidationError, number="m2", email="b")

    @requires("unique")
    def test_an_email_belongs_to_one(self, orm, alice):
        """And can be taken by another once it is given up."""
        orm.expect_create_failure(Member, DuplicateKeyError, number="m2", email=alice.email, name="Bob")
        orm.update_and_verify(alice, email="new@example.com")
        orm.create_and_verify(Member, number="m2", email=alice.email, name="Bob")

    def test_a_member_moves(self, orm, alice):
        """An update writes what it names; a row that was replaced has what was left out by default."""
        assert orm.update_and_verify(alice, city="Oslo").name == "Alice"
        again = orm.upsert_and_verify(Member, number="m1", email=alice.email, name="Alicia")
        assert again.city == "Rome"

    def test_a_member_leaves(self, orm, alice):
        """Who has left is found no more, and can be neither changed nor deleted."""
        orm.delete_and_verify(alice)
        orm.get_and_verify_not_exists(Member, number="m1")
        orm.expect_update_failure(alice, NotFoundError, city="Oslo")
        orm.expect_delete_failure(alice, NotFoundError)


class TestLoans(OfTheLibrary):
    def test_values_come_back_as_they_went_in(self, orm):
        """A date, an exact number and a list, under a key of two parts."""
        loan = orm.create_and_verify(
            Loan, branch="a/b", book="Ä \U0001f600", member="m1", due=DUE, fee="1.10", pages=[7, 2**40]
        )
        assert orm.get_and_verify_exists(Loan, branch="a/b", book=loan.book).fee == Decimal("1.1")

    def test_overdue_loans_are_found(self, orm):
        """Every lookup and every order works, whether or not the store can serve it."""
        for number, member in enumerate(["ann", "Bob", "cid"]):
            due = DUE.replace(day=number + 1)
            orm.create_and_verify(Loan, branch="east", book=f"b{number}", member=member, due=due)
        late = orm.query_and_verify_count(Loan, 2, due__lt=date(2030, 2, 3), order_by="-member")
        assert [loan.member for loan in late] == ["ann", "Bob"]
        orm.query_and_verify_count(Loan, 2, any_of(book="b2", member__icontains="B"))
        [second] = orm.query_and_verify_count(Loan, 1, branch="east", order_by="-due", limit=1, offset=1)
        assert second.book == "b1"

    @requires("bulk", "aggregates")
    def test_fees_are_added_up(self, orm):
        """Many loans are stored at once; sums are exact, by branch and in the order of the branches."""
        fees = {"west": ["0.10", "0.20"], "east": ["1.00"]}
        orm.create_many_and_verify(
            Loan,
            [
                {"branch": branch, "book": str(number), "member": "m1", "due": DUE, "fee": Decimal(fee)}
                for branch, all_fees in fees.items()
                for number, fee in enumerate(all_fees)
            ],
        )
        assert orm.aggregate(Loan, "count", "fee__sum", group_by="branch") == [
            {"branch": "east", "count": 1, "fee__sum": Decimal(1)},
            {"branch": "west", "count": 2, "fee__sum": Decimal("0.3")},
        ]

    @requires("transactions")
    def test_a_loan_that_fails_leaves_no_trace(self, orm, alice):
        """What belongs together is stored together, or not at all."""
        with orm.transaction():
            orm.create_and_verify(Loan, branch="east", book="b1", member="m1", due=DUE)
            orm.update_and_verify(alice, city="Oslo")
        with orm.expect_rollback(RuntimeError):
            orm.delete_and_verify(alice)
            raise RuntimeError
        orm.get_and_verify_exists(Member, number="m1", city="Oslo")

    @requires("sessions")
    def test_a_book_is_lent_once(self, orm):
        """Four want it at the same moment, and one gets it."""

        def borrow(client, worker):
            return client.create_model(
                Loan, branch="east", book="b1", member=f"m{worker.number}", due=DUE
            ).success

        assert sorted(orm.concurrently(4, borrow)) == [False, False, False, True]
