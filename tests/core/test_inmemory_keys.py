"""Keys in memory: generated, composite, given in another form; and times that the store fills."""

import datetime
import enum
import uuid

import pytest

from orm_testing import (
    ConfigurationError,
    DuplicateKeyError,
    Field,
    InMemoryDriver,
    Model,
    NotFoundError,
    ValidationError,
)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Numbered(Model):
    id: int | None = Field(None, generated=True)
    name: str = ""


class Marked(Model):
    id: uuid.UUID | None = Field(None, generated=True)
    name: str = ""


class Lettered(Model):
    id: str = Field(generated=True)
    name: str = ""


class Seat(Model):
    row: int = Field(primary_key=True)
    number: int = Field(primary_key=True)
    taken: bool = False


class Paint(Model):
    color: Color = Field(primary_key=True)
    litres: int = 0


class Thing(Model):
    id: uuid.UUID = Field(primary_key=True)
    name: str = ""


class Stamped(Model):
    id: int = Field(primary_key=True)
    name: str = ""
    made: datetime.datetime | None = Field(None, auto_now_add=True)
    touched: datetime.datetime | None = Field(None, auto_now=True)


MODELS = (Numbered, Marked, Lettered, Seat, Paint, Thing, Stamped)
NOON = datetime.datetime.fromisoformat("2024-01-01T12:00:00")
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def orm(make_orm):
    """A client for models with keys of all sorts."""
    return make_orm(*MODELS)


@pytest.mark.parametrize("verb", ["create_and_verify", "upsert_and_verify"])
def test_integer_keys_count_up(orm, verb):
    """A key made by the store is the next integer, and goes on after one that was named."""
    write = getattr(orm, verb)
    assert [write(Numbered).id, write(Numbered).id] == [1, 2]
    assert write(Numbered, id=10).id == 10
    assert write(Numbered).id == 11
    assert write(Numbered, id=5).id == 5
    assert write(Numbered).id == 12


@pytest.mark.parametrize("verb", ["create_and_verify", "upsert_and_verify"])
@pytest.mark.parametrize(
    ("model", "data"), [(Numbered, {"id": None}), (Marked, {"id": None}), (Stamped, {"id": 1, "made": None})]
)
def test_naming_none_leaves_the_value_to_the_store(orm, verb, model, data):
    """A generated key or a time that is given as None is filled, which is no difference to what was given."""
    row = getattr(orm, verb)(model, data)
    assert all(getattr(row, name) is not None for name in data)


@pytest.mark.parametrize(("model", "kind"), [(Marked, uuid.UUID), (Lettered, str)])
def test_uuid_keys_are_made(orm, model, kind):
    """A generated key of UUID or str is made where none is named, and found again."""
    one, other = orm.create_many_and_verify(model, [{"name": "a"}, {"name": "b"}])
    assert type(one.id) is type(other.id) is kind
    assert one.id != other.id
    assert orm.get_and_verify_exists(model, id=other.id).name == "b"
    assert orm.upsert_and_verify(model, id=one.id, name="c").id == one.id
    assert orm.count_models(model) == 2


def test_a_reset_starts_keys_anew_and_a_mark_keeps_its_own(orm):
    """After a reset keys begin again at 1, and behind those of the rows that `mark` keeps."""
    orm.create_and_verify(Numbered)
    orm.reset()
    assert orm.create_and_verify(Numbered, name="marked").id == 1
    assert orm.driver.mark() is True
    orm.create_and_verify(Numbered)
    orm.reset()
    assert [row.name for row in orm.all_models(Numbered)] == ["marked"]
    assert orm.create_and_verify(Numbered).id == 2
    orm.driver.unmark()
    orm.reset()
    assert orm.all_models(Numbered) == []


def test_a_composite_key_is_one_key(orm):
    """Rows differ by any part of their key, and are found, changed and removed by all of them."""
    orm.create_and_verify(Seat, row=1, number=1)
    orm.create_and_verify(Seat, row=1, number=2)
    orm.create_and_verify(Seat, row=2, number=1)
    assert orm.expect_create_failure(Seat, DuplicateKeyError, row=1, number=2).fields == ("row", "number")
    seat = orm.get_and_verify_exists(Seat, row=1, number=2)
    orm.update_and_verify(seat, taken=True)
    orm.upsert_and_verify(Seat, row=2, number=1, taken=True)
    orm.query_and_verify_count(Seat, 2, taken=True)
    orm.delete_and_verify(seat)
    orm.get_and_verify_not_exists(Seat, row=1, number=2)
    orm.expect_update_failure(seat, NotFoundError, taken=False)
    assert [(each.row, each.number) for each in orm.all_models(Seat)] == [(1, 1), (2, 1)]


@pytest.mark.parametrize(
    ("model", "given", "key"),
    [(Paint, "red", {"color": Color.RED}), (Thing, str(uuid.UUID(int=7)), {"id": uuid.UUID(int=7)})],
)
def test_a_key_in_another_form_is_the_same_key(orm, model, given, key):
    """What the model reads as one key is one row to create, get and upsert alike."""
    name = next(iter(key))
    orm.create_and_verify(model, {name: given})
    orm.expect_create_failure(model, DuplicateKeyError, key)
    assert orm.upsert_model(model, {name: given}).error is None
    assert orm.count_models(model) == 1


def test_an_enum_key_is_found_by_its_value(orm):
    """A filter by an enum's value finds the row by its key as it does by any other field."""
    orm.create_and_verify(Paint, color=Color.RED)
    assert [each.color for each in orm.query_models(Paint, color__in=["red"]).data] == [Color.RED]
    assert [each.color for each in orm.query_models(Paint, color="red").data] == [Color.RED]


def test_a_row_without_a_key_is_refused(make_orm):
    """A key that may be None is refused as a declaration, in words that say what to write."""

    class Loose(Model):
        id: str | None = Field(None, primary_key=True)

    with pytest.raises(
        ConfigurationError, match=r"Loose.id: a key is never None. Write its type without `\| None`"
    ):
        make_orm(Loose)


def test_times_are_filled_from_the_clock(orm):
    """A create stamps both times, an update the second, an upsert too, and the first is kept."""
    orm.clock.freeze(NOON)
    row = orm.create_and_verify(Stamped, id=1)
    assert (row.made, row.touched) == (NOON, NOON)
    orm.clock.advance(HOUR)
    row = orm.update_and_verify(row, name="x")
    assert (row.made, row.touched) == (NOON, NOON + HOUR)
    orm.clock.advance(HOUR)
    row = orm.upsert_and_verify(Stamped, id=1, name="y")
    assert (row.made, row.touched) == (NOON, NOON + 2 * HOUR)
    assert orm.upsert_and_verify(Stamped, id=2).made == NOON + 2 * HOUR


def test_a_time_that_is_named_stands(orm):
    """A time that a write names is stored as it is."""
    row = orm.create_and_verify(Stamped, id=1, made=NOON, touched=NOON)
    assert (row.made, row.touched) == (NOON, NOON)
    assert orm.update_and_verify(row, touched=NOON + HOUR).touched == NOON + HOUR
    assert orm.upsert_and_verify(Stamped, id=1, made=NOON + HOUR).made == NOON + HOUR


def test_a_running_clock_stamps_naive_utc(orm):
    """Without a freeze, a naive time field holds the present in UTC."""
    before = orm.clock.now().replace(tzinfo=None)
    made = orm.create_and_verify(Stamped, id=1).made
    assert before <= made <= orm.clock.now().replace(tzinfo=None)


def test_a_write_that_fails_stamps_nothing(orm):
    """A refused update leaves the time of the last write as it was."""
    orm.clock.freeze(NOON)
    row = orm.create_and_verify(Stamped, id=1)
    orm.clock.advance(HOUR)
    orm.expect_update_failure(row, ValidationError, name=None)
    assert orm.get_and_verify_exists(Stamped, id=1).touched == NOON


def test_the_driver_says_what_it_is():
    """The fingerprint names the interpreter, and the class says what it can."""
    assert "CPython 3." in InMemoryDriver().fingerprint()
    assert {"transactions", "foreign_keys", "unique"} <= set(InMemoryDriver.capabilities)
