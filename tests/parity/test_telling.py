"""What two runs of the same test say alike, and what they do not."""

import enum
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pydantic
import pytest

from orm_testing import DuplicateKeyError, Field, Model, UnsupportedError, any_of
from orm_testing.operations import (
    AttachOperation,
    BeginOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    GetOperation,
    QueryOperation,
    UpdateOperation,
)
from orm_testing.parity.telling import LONGEST, Teller
from orm_testing.results import OperationResult
from orm_testing.trace import InstanceCopy, Trace


class Colour(enum.Enum):
    RED = "red"


class Point(pydantic.BaseModel):
    x: int = 0


class Thing(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""
    size: int = 0
    held: object = None
    made: datetime | None = Field(None, auto_now_add=True)


class Part(Model):
    id: uuid.UUID | None = Field(None, primary_key=True, generated=True)
    thing: int | None = Field(None, references=Thing)
    name: str = ""


@pytest.fixture
def teller():
    return Teller([Thing, Part], datetime.now(UTC))


def answered(teller, operation, data=None, error=None):
    """What is told of an answer, as the trace of a test has it."""
    trace = Trace(lambda instance: dict(instance.__dict__))
    entry = trace.record(operation)
    trace.finish(entry, OperationResult(error is None, data, error))
    return teller.answered(entry)


def shown(teller, value):
    """How a value of a field is told."""
    (line,) = answered(teller, GetOperation(Point), Point.model_construct(x=value))
    return line.removeprefix("Point(x=").removesuffix(")")


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (1, 1.0), ("1", 1), (Decimal("1.0"), Decimal("1.00")), ([1], (1,)), ("a", b"a"), (None, "None")],
)  # fmt: skip
def test_values_of_different_types_are_told_apart(teller, one, other):
    """Equal is not enough: the type counts, and the scale of a Decimal."""
    assert shown(teller, one) != shown(teller, other)


def test_what_has_no_order_is_told_in_one(teller):
    """The order of sets, and of the keys of a mapping, says nothing."""
    assert shown(teller, {"b": {3, 1, 2}, "a": 1}) == "{'a': 1, 'b': set(1, 2, 3)}"


def test_enums_and_models_are_told_by_name(teller):
    """As is an object that shows nothing but its address."""
    assert shown(teller, [Colour.RED, Point(x=2)]) == "list(Colour.RED, Point(x=2))"
    assert " at 0x" not in shown(teller, object())


def test_times_of_the_run_are_now(teller):
    """Other times are what they are."""
    assert shown(teller, datetime.now(UTC)) == "<now, aware>"
    assert shown(teller, datetime.now(UTC).replace(tzinfo=None)) == "<now>"
    assert shown(teller, datetime.now(UTC).astimezone().replace(tzinfo=None)) == "<now>"
    assert shown(teller, datetime.now(UTC).date()) == "<today>"
    assert shown(teller, date(2024, 2, 29)) == "datetime.date(2024, 2, 29)"
    later = datetime.now(UTC) + timedelta(hours=1)
    assert shown(teller, later) == repr(later)


def test_the_time_of_a_write_is_not_compared(teller):
    """Whatever the test's clock said: but that there is one, and of which type, is."""
    told = [
        answered(teller, GetOperation(Thing), Thing.model_construct(id=1, made=at))
        for at in (datetime(2030, 1, 1), datetime(2031, 1, 1), None)
    ]
    assert (
        told[0] == told[1] == ["Thing(id=<Thing #1>, name='', size=0, held=None, made=<datetime of a write>)"]
    )
    assert told[2] != told[0]


def test_uuids_are_told_by_their_order(teller):
    """In whatever form they come; the same one is the same again."""
    one, other = uuid.uuid4(), uuid.uuid4()
    assert shown(teller, [one, other, str(one), one.hex]) == (
        "list(UUID('<UUID #1>'), UUID('<UUID #2>'), '<UUID #1>', '<UUID #1>')"
    )


def test_numbers_that_the_store_makes_are_told_by_their_order(teller):
    """In the key, in what refers to it, and in conditions; other numbers are what they are."""
    first = answered(teller, CreateOperation(Thing, {}), Thing.model_construct(id=7, size=7))
    assert first == ["Thing(id=<Thing #1>, name='', size=7, held=None, made=None)"]
    assert teller.asked(QueryOperation(Part, {"thing__in": [7, 8]})) == (
        "orm.query_models(Part, thing__in=[<Thing #1>, <Thing #2>])"
    )
    assert teller.asked(GetOperation(Thing, any_of({"id": 8}, size=8))) == (
        "orm.get_model(Thing, filters=any_of({'id': <Thing #2>}, {'size': 8}))"
    )
    changed = UpdateOperation(Thing, Thing.model_construct(id=7, size=1), {"size": 2})
    trace = Trace(lambda instance: dict(instance.__dict__))
    assert teller.asked(trace.record(changed).operation) == (
        "orm.update_model(Thing(id=<Thing #1>, name='', size=1, held=None, made=None), size=2)"
    )


def test_calls_are_told_as_they_are_written(teller):
    """Each operation is the call that makes it."""
    assert (
        teller.asked(CreateOperation(Thing, {"name": "a", "size": 1}))
        == "orm.create_model(Thing, name='a', size=1)"
    )
    assert teller.asked(CreateManyOperation(Part, [{"name": "a"}])) == (
        "orm.create_many_and_verify(Part, [{'name': 'a'}])"
    )
    assert teller.asked(QueryOperation(Thing, [{"name": "a"}], ["-size"], 2)) == (
        "orm.query_models(Thing, filters=[{'name': 'a'}], order_by=['-size'], limit=2)"
    )
    attached = teller.asked(AttachOperation(Point, InstanceCopy("Point", {"x": 1}), "a.png", b"x" * 10_000))
    assert attached.startswith("orm.attach(Point(x=1), 'a.png', ")
    assert (
        teller.asked(BeginOperation("serializable"))
        == "orm.transaction(isolation='serializable').__enter__()"
    )


def test_the_order_of_fields_is_the_models():
    """In whichever order a client hands them out."""
    trace = Trace(lambda instance: dict(reversed(instance.__dict__.items())))
    entry = trace.record(GetOperation(Thing))
    trace.finish(entry, OperationResult(True, Thing.model_construct(id=1)))
    (told,) = Teller([Thing], datetime.now(UTC)).answered(entry)
    assert told.startswith("Thing(id=<Thing #1>, name=")


def test_rows_stand_in_their_order(teller):
    """An order that differs is a difference."""
    things = [Thing.model_construct(id=number) for number in (1, 2)]
    one = answered(teller, QueryOperation(Thing), things)
    assert one[0] == "2 rows"
    assert one != answered(teller, QueryOperation(Thing), things[::-1])


def test_rows_with_random_keys_have_no_order(teller):
    """They stand by their keys, which differ from run to run; of a page only the number of rows can be told."""
    parts = [Part.model_construct(id=uuid.uuid4(), name=name) for name in "aab"]
    for part in parts:
        answered(teller, CreateOperation(Part, {}), part)
    assert answered(teller, QueryOperation(Part), parts) == answered(
        teller, QueryOperation(Part), parts[::-1]
    )
    assert answered(teller, QueryOperation(Part, limit=2), parts[:2]) == ["2 rows"]


def test_errors_are_told_by_class_and_fields(teller):
    """How many fields one names, and which capability is lacking; not its words."""
    delete = DeleteOperation(Thing, Thing.model_construct(id=1))
    told = answered(teller, delete, error=DuplicateKeyError("words", fields=["a", "b"]))
    assert told == ["DuplicateKeyError (2 fields)"]
    assert answered(teller, delete, error=UnsupportedError(capability="bulk")) == ["UnsupportedError (bulk)"]
    assert teller.answered(Trace(dict).record(BeginOperation())) == ["the driver raised"]


def test_long_text_is_cut_and_still_compared(teller):
    """Its digest stands for what is left out."""
    one, other = (shown(teller, "x" * 100_000 + end) for end in "ab")
    assert len(one) < LONGEST
    assert one != other


def test_what_is_told_can_be_written(teller):
    """Text that has no encoding is shown by its numbers."""
    assert shown(teller, "\ud800").encode()
    assert teller.plain("a\ud800\nb") == "a\\ud800 b"
