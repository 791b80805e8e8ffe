"""Models that refer to each other, writes that belong together, and time that stands still."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from orm_testing import DuplicateKeyError, Field, ForeignKeyError, Model, MultiBackendTestBase


class Hotel(Model):
    name: str = Field(primary_key=True)
    stars: int = Field(ge=1, le=5)


class Guest(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str


class Booking(Model):
    __unique__ = [("hotel", "room")]

    id: int | None = Field(None, primary_key=True, generated=True)
    hotel: str = Field(references=Hotel)
    guest: int = Field(references=Guest, on_delete="cascade")
    agent: int | None = Field(None, references=Guest, on_delete="set_null")
    room: int
    price: Decimal = Decimal("80.00")
    created: datetime | None = Field(None, auto_now_add=True)
    changed: datetime | None = Field(None, auto_now=True)


class OfAHotel(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]

    def get_test_models(self):
        return [Hotel, Guest, Booking]


class TestReferences(OfAHotel):
    def test_a_parent_that_is_not_there(self, orm):
        """A booking needs its hotel and its guest."""
        orm.expect_create_failure(Booking, ForeignKeyError, hotel="Nowhere", guest=1, room=1)

    def test_restrict(self, orm):
        """A hotel with bookings cannot go: that is what a reference means unless it says otherwise."""
        booking = orm.given(Booking)
        hotel = orm.get_and_verify_exists(Hotel, name=booking.hotel)
        orm.expect_delete_failure(hotel, ForeignKeyError)

    def test_cascade(self, orm):
        """The bookings of a guest go with the guest."""
        booking = orm.given(Booking)
        orm.delete_and_verify(orm.get_and_verify_exists(Guest, id=booking.guest))
        orm.get_and_verify_not_exists(Booking, id=booking.id)

    def test_set_null(self, orm):
        """A booking outlives its agent, and forgets who that was."""
        agent = orm.given(Guest)
        booking = orm.given(Booking, agent=agent.id)
        orm.delete_and_verify(agent)
        assert orm.get_and_verify_exists(Booking, id=booking.id).agent is None

    def test_one_room_once(self, orm):
        """A room is booked once in each hotel."""
        booking = orm.given(Booking)
        taken = {"hotel": booking.hotel, "guest": booking.guest, "room": booking.room}
        orm.expect_create_failure(Booking, DuplicateKeyError, **taken)
        orm.given(Booking, room=booking.room)


class TestTransactions(OfAHotel):
    def test_commit(self, orm):
        """What a transaction wrote is there when it has ended."""
        with orm.transaction():
            orm.given(Hotel, name="Ritz")
        orm.get_and_verify_exists(Hotel, name="Ritz")

    def test_rollback(self, orm):
        """An exception undoes the whole transaction, and goes on."""
        with pytest.raises(RuntimeError), orm.transaction():
            orm.given(Hotel, name="Ritz")
            raise RuntimeError
        orm.get_and_verify_not_exists(Hotel, name="Ritz")

    def test_expected_rollback(self, orm):
        """`expect_rollback` says it in one verb, and looks at every model of the test."""
        orm.given(Hotel, name="Ritz")
        with orm.expect_rollback(DuplicateKeyError):
            orm.given(Guest)
            raise orm.create_model(Hotel, name="Ritz", stars=1).error

    def test_nested(self, orm):
        """A transaction within another is undone alone."""
        with orm.transaction():
            orm.given(Hotel, name="Ritz")
            with orm.expect_rollback(RuntimeError):
                orm.given(Hotel, name="Savoy")
                raise RuntimeError
        assert [hotel.name for hotel in orm.all_models(Hotel)] == ["Ritz"]


class TestTime(OfAHotel):
    def test_the_clock(self, orm):
        """A frozen clock is what `auto_now` and `auto_now_add` read, and it moves when it is told to."""
        noon = orm.clock.freeze(datetime(2030, 1, 1, 12))
        booking = orm.given(Booking)
        assert booking.created == booking.changed == noon.replace(tzinfo=None)
        orm.clock.advance(hours=2)
        changed = orm.update_and_verify(booking, price=Decimal("75.50"))
        assert changed.created == booking.created
        assert changed.changed - booking.changed == timedelta(hours=2)


class TestManyBookings(OfAHotel):
    def load(self, orm):
        """Data for all tests of the class: made once, and put back for each."""
        hotels = [orm.given(Hotel, name=name) for name in ("Ritz", "Savoy")]
        guest = orm.given(Guest)
        prices = ["100.00", "250.00", "80.50"]
        orm.create_many_and_verify(
            Booking,
            [
                {
                    "hotel": hotel.name,
                    "guest": guest.id,
                    "room": room,
                    "price": Decimal(price) + len(hotel.name),
                }
                for hotel in hotels
                for room, price in enumerate(prices)
            ],
        )

    def test_aggregate(self, orm):
        """The sums are made by the store, and are as exact as its values."""
        assert orm.aggregate(Booking, "count", "price__sum") == {"count": 6, "price__sum": Decimal("888.00")}

    def test_aggregate_by_hotel(self, orm):
        """There is one answer for each group, in the order of the groups."""
        dearest = orm.aggregate(Booking, "price__max", group_by="hotel", room__lte=1)
        assert dearest == [
            {"hotel": "Ritz", "price__max": Decimal("254.00")},
            {"hotel": "Savoy", "price__max": Decimal("255.00")},
        ]

    def test_clear(self, orm):
        """A test may destroy what was loaded."""
        assert orm.clear_storage().success
        orm.query_and_verify_count(Booking, 0)

    def test_still_loaded(self, orm):
        """The next test has it again."""
        orm.query_and_verify_count(Booking, 6)
