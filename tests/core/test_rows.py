"""From what a caller gives to a valid row."""

import datetime
import decimal
import uuid
from typing import Any

import pydantic
import pytest

from orm_testing import Clock, Field, Model, ValidationError, schema_of
from orm_testing.rows import RowMaker, stamp

NOON = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC)
LATER = NOON + datetime.timedelta(hours=1)
NAIVE_NOON = NOON.replace(tzinfo=None)


class Inner(pydantic.BaseModel):
    city: str
    zip_code: str = pydantic.Field("", alias="zip")


class Note(Model):
    id: int = Field(generated=True)
    text: str = Field(alias="body", max_length=10)
    stars: int = Field(0, ge=0)
    made: datetime.datetime | None = Field(None, auto_now_add=True)
    touched: datetime.datetime | None = Field(None, auto_now=True)
    sent: pydantic.AwareDatetime | None = None
    alarm: datetime.time | None = None
    facts: dict[str, Any] = Field(default_factory=dict)
    where: Inner | None = None


@pytest.fixture
def clock():
    """A clock that stands still at noon."""
    clock = Clock()
    clock.freeze(NOON)
    return clock


@pytest.fixture
def maker():
    """What makes rows of `Note`."""
    return RowMaker(schema_of(Note))


def test_what_is_absent_is_filled(maker, clock):
    """Defaults and times are filled, and the integer key waits for the store, which is not asked here."""
    note = maker.new({"text": "hi"}, clock)
    assert (note.id, note.stars, note.made, note.touched) == (None, 0, NAIVE_NOON, NAIVE_NOON)


def test_what_is_named_stands(maker, clock):
    """A key, a default or a time that the caller names is not filled over."""
    long_ago = datetime.datetime.fromisoformat("1999-12-31T23:59:59")
    note = maker.new({"id": 7, "text": "hi", "stars": 3, "made": long_ago, "touched": long_ago}, clock)
    assert (note.id, note.stars, note.made, note.touched) == (7, 3, long_ago, long_ago)


def test_a_row_that_replaces_another_keeps_its_birth(maker, clock):
    """With `kept`, `auto_now_add` is the replaced row's, and `auto_now` is the clock's."""
    note = maker.new({"text": "hi"}, clock, kept={"made": None, "touched": None})
    assert (note.made, note.touched) == (None, NAIVE_NOON)


@pytest.mark.parametrize(
    ("annotation", "kind"), [(uuid.UUID, uuid.UUID), (str, str), (uuid.UUID | None, uuid.UUID)]
)
def test_generated_uuids_are_made_and_differ(annotation, kind, clock):
    """A generated key of UUID or str is a fresh UUID of that type for every row."""
    model = pydantic.create_model(
        "Keyed", __base__=Model, id=(annotation, Field(generated=True)), name=(str, "")
    )
    maker = RowMaker(schema_of(model))
    keys = [maker.new({}, clock).id for _ in range(5)]
    assert len(set(keys)) == 5
    assert all(type(key) is kind and uuid.UUID(str(key)).version == 4 for key in keys)
    assert maker.new({"id": keys[0]}, clock).id == keys[0]


@pytest.mark.parametrize(
    ("data", "says", "fields"),
    [
        ({"txet": "x"}, r"Note has no field 'txet'\. Did you mean 'text'\?", ("txet",)),
        ({"zz": 1, "aa": 2}, r"no field 'aa', 'zz'", ("aa", "zz")),
        ({"body": "x"}, r"no field 'body'", ("body",)),
        ({}, r"Note refuses the data: text: Field required", ("text",)),
        ({"text": "x" * 11}, r"text: String should have at most 10", ("text",)),
        ({"text": "x", "stars": -1}, r"stars: .*greater than or equal to 0", ("stars",)),
        ({"text": None, "stars": "many"}, r"text: .*; stars: ", ("text", "stars")),
        ({"text": "x", "where": {"town": 1}}, r"where\.city: ", ("where",)),
        ({"text": "x", "made": NOON}, r"Note\.made: the field is naive.*declare AwareDatetime", ("made",)),
        ({"text": "x", "sent": NAIVE_NOON}, r"sent: .*timezone", ("sent",)),
        ({"text": "x", "alarm": NOON.timetz()}, r"alarm: .*a time without a zone", ("alarm",)),
        ({"text": "x", "facts": {"d": decimal.Decimal(1)}}, r"facts: .*a precise type", ("facts",)),
        ({"text": "x", "facts": {"d": (1, 2)}}, r"facts: .*would not come back the same", ("facts",)),
    ],
)
def test_what_the_model_refuses_is_an_error_with_its_fields(maker, clock, data, says, fields):
    """Bad data is a `ValidationError` that names model and fields, whichever check found it."""
    with pytest.raises(ValidationError, match=says) as caught:
        maker.new(data, clock)
    assert (caught.value.model, caught.value.fields) == ("Note", fields)


def test_pydantics_error_is_the_cause(maker, clock):
    """The native error stands behind the library's."""
    with pytest.raises(ValidationError) as caught:
        maker.new({}, clock)
    assert isinstance(caught.value.__cause__, pydantic.ValidationError)


def test_an_aware_datetime_becomes_utc(maker, clock):
    """An aware value is the same instant, in UTC."""
    there = NOON.astimezone(datetime.timezone(datetime.timedelta(hours=9)))
    sent = maker.new({"text": "x", "sent": there}, clock).sent
    assert sent == NOON
    assert sent.utcoffset() == datetime.timedelta()


@pytest.mark.parametrize(
    "value",
    [
        Inner(city="Łódź"),
        {"city": "Rome"},
        Inner(city="Rome", zip="00100"),
        {"city": "Rome", "zip": "00100"},
    ],
)
def test_a_nested_model_is_taken(maker, clock, value):
    """A nested model goes in as an instance or as its data, with its aliases."""
    assert maker.new({"text": "x", "where": value}, clock).where == Inner.model_validate(value)


@pytest.mark.parametrize(
    "facts", [{}, {"a": [1, 2.5, None, True, {"b": "😀"}]}, {"t": "null \x00 char"}, {"inf": 1e308}]
)
def test_faithful_json_is_taken(maker, clock, facts):
    """What comes back from JSON the same is valid data for a field without a precise type."""
    assert maker.new({"text": "x", "facts": facts}, clock).facts == facts


def test_half_a_surrogate_pair_in_json_is_refused_as_data(maker, clock):
    """Text that JSON cannot carry is a failure of the data, not a crash of the driver."""
    with pytest.raises(ValidationError, match="facts: ") as caught:
        maker.new({"text": "x", "facts": {"half": "\ud800"}}, clock)
    assert caught.value.fields == ("facts",)


def changed(maker, clock, changes):
    current = maker.new({"id": 1, "text": "old", "stars": 2}, clock).__dict__
    clock.freeze(LATER)
    return maker.changed(current, changes, clock)


def test_a_change_is_what_was_named_and_the_time(maker, clock):
    """An update writes the named fields, as the model reads them, and `auto_now`; nothing else."""
    assert changed(maker, clock, {"stars": "5"}) == {"stars": 5, "touched": LATER.replace(tzinfo=None)}


def test_a_time_that_the_change_names_stands(maker, clock):
    """`auto_now` gives way to an update that names the field."""
    assert changed(maker, clock, {"touched": NAIVE_NOON}) == {"touched": NAIVE_NOON}


def test_a_change_of_the_key_is_refused_and_naming_it_is_not(maker, clock):
    """The key may be named as it is, and cannot be another."""
    assert changed(maker, clock, {"id": 1, "stars": 1})["stars"] == 1
    with pytest.raises(ValidationError, match=r"Note\.id is the key .* cannot be changed") as caught:
        changed(maker, clock, {"id": 2})
    assert caught.value.fields == ("id",)


@pytest.mark.parametrize("changes", [{"stars": -1}, {"txet": "x"}, {"text": None}, {"made": NOON}])
def test_a_change_is_validated(maker, clock, changes):
    """An update is held to the model as a create is."""
    with pytest.raises(ValidationError) as caught:
        changed(maker, clock, changes)
    assert caught.value.fields == tuple(changes)


def test_a_change_is_valid_together_with_the_rest(clock):
    """A validator that looks at several fields sees the row as it would become."""

    class Span(Model):
        id: int = Field(primary_key=True)
        low: int
        high: int

        @pydantic.model_validator(mode="after")
        def in_order(self):
            if self.low > self.high:
                raise ValueError("low is above high")
            return self

    maker = RowMaker(schema_of(Span))
    assert maker.changed({"id": 1, "low": 1, "high": 5}, {"low": 5}, clock) == {"low": 5}
    with pytest.raises(ValidationError, match="low is above high") as caught:
        maker.changed({"id": 1, "low": 1, "high": 5}, {"low": 6}, clock)
    assert caught.value.fields == ()


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (datetime.datetime, NAIVE_NOON),
        (pydantic.AwareDatetime, NOON),
        (datetime.date, NOON.date()),
    ],
)
def test_a_stamp_has_the_type_of_its_field(clock, annotation, expected):
    """The clock's time is naive UTC, aware UTC or a date, as the field holds it."""
    model = pydantic.create_model(
        "T", __base__=Model, id=(int, Field(primary_key=True)), at=(annotation, Field(auto_now=True))
    )
    value = stamp(schema_of(model).by_name["at"], clock.now())
    assert (value, type(value)) == (expected, type(expected))
