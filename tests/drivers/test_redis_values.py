"""What a hash of Redis holds of a row: every value exactly, as the text that people write there."""

import enum
import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pydantic
import pytest
from redis_servers import PRODUCTS

from orm_testing import (
    BeginOperation,
    CommitOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DuplicateKeyError,
    Field,
    GetOperation,
    Model,
    NotFoundError,
    QueryOperation,
    UpdateOperation,
    ValueRangeError,
)
from orm_testing_drivers.redis import layout, values


@pytest.fixture(params=PRODUCTS)
def redis(request, on_backend):
    """A driver on one product, for these models."""
    return lambda *models: on_backend(request.param, *models)


class Level(enum.IntEnum):
    LOW = 1


class Rights(enum.IntFlag):
    READ = 1
    WRITE = 2


class Thing(Model):
    id: str = Field(primary_key=True)
    flag: bool | None = None
    number: int | None = None
    real: float | None = None
    exact: Decimal | None = None
    raw: bytes | None = None
    uid: UUID | None = None
    level: Level | None = None
    rights: Rights | None = None
    day: date | None = None
    at: time | None = None
    naive: datetime | None = None
    aware: pydantic.AwareDatetime | None = None
    took: timedelta | None = None
    tags: dict[str, Any] | None = None


class Spelt(Model):
    id: str = Field(primary_key=True)
    real: float = 0.0
    tags: list[int] = []
    at: datetime | None = None


class Indexed(Spelt):
    size: int = Field(0, index=True)


class Text(Model):
    id: str = Field(primary_key=True)
    body: str = Field("", index=True)


class Amount(Model):
    id: Decimal = Field(primary_key=True)


class Pair(Model):
    one: str = Field(primary_key=True)
    two: str = Field(primary_key=True)


class Blob(Model):
    id: bytes = Field(primary_key=True)


class Number(Model):
    id: int = Field(primary_key=True)
    other: int | None = Field(None, index=True)


class Real(Model):
    id: int = Field(primary_key=True)
    real: float = Field(unique=True)


def create(driver, model, **data):
    return driver.execute(CreateOperation(model, data))


def keys(driver, model, **query):
    result = driver.execute(QueryOperation(model, **query))
    assert result.success, result.error
    return [row.id for row in result.data]


def test_a_row_is_a_hash_of_readable_text(redis):
    """Each field is written as people write it; a field that is None is not there."""
    driver = redis(Thing)
    at = datetime(2024, 2, 29, 1, 2, 3, 4)
    create(
        driver, Thing, id="a:b", flag=True, number=-5, real=0.1, exact=Decimal("1.50"), raw=b"\x00\xff",
        uid=UUID(int=1), level=Level.LOW, day=at.date(), at=at.time(), naive=at, aware=at.replace(tzinfo=UTC),
        took=timedelta(microseconds=-1), tags={"b": "\U0001f600", "a": 1},
    )  # fmt: skip
    with driver.store.connect() as client:
        assert client.hgetall(f"{driver.store.namespace}:Thing:row:a:b") == {
            b"id": b"a:b",
            b"flag": b"1",
            b"number": b"-5",
            b"real": b"0.1",
            b"exact": b"1.50",
            b"raw": b"\x00\xff",
            b"uid": b"00000000-0000-0000-0000-000000000001",
            b"level": b"1",
            b"day": b"2024-02-29",
            b"at": b"01:02:03.000004",
            b"naive": b"2024-02-29T01:02:03.000004",
            b"aware": b"2024-02-29T01:02:03.000004+00:00",
            b"took": b"-1",
            b"tags": '{"a":1,"b":"\U0001f600"}'.encode(),
        }
        create(driver, Thing, id="empty")
        assert client.hgetall(f"{driver.store.namespace}:Thing:row:empty") == {b"id": b"empty"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("real", -0.0),
        ("real", float("nan")),
        ("real", 5e-324),
        ("exact", Decimal("-0.00")),
        ("exact", Decimal("1E-6176")),
        ("exact", Decimal("9" * 500)),
        ("number", 10**4000),
        ("at", time(1, 2, fold=1)),
        ("rights", Rights.READ | Rights.WRITE),
        ("rights", Rights(0)),
    ],
)
def test_odd_values_come_back_as_they_are(redis, field, value):
    """Signs of zero, scales, NaN, long numbers and several flags are kept, for the driver and for the backdoor."""
    driver = redis(Thing)
    create(driver, Thing, **{"id": "a", field: value})
    found = getattr(driver.execute(GetOperation(Thing, {"id": "a"})).data, field)
    [row] = driver.rows(Thing)
    for got in (found, row[field]):
        assert type(got) is type(value)
        assert str(got) == str(value)
        assert not isinstance(value, float) or math.copysign(1, got) == math.copysign(1, value)


def test_half_of_a_surrogate_pair_is_text_like_other_text(redis):
    """It is stored, found and ordered by its code point, in keys, in indexes and in fields."""
    driver = redis(Text)
    texts = ["\ud800", "\ud83d\ude00", "\U0001f600", "\ue000", "\ud7ff", "a"]
    for text in texts:
        assert create(driver, Text, id=text, body=text).success
        assert driver.execute(GetOperation(Text, {"id": text})).data.body == text
        assert keys(driver, Text, filters={"body": text}) == [text]
    assert keys(driver, Text) == sorted(texts)
    assert keys(driver, Text, order_by=["body"]) == sorted(texts)


def test_a_key_may_have_every_byte_and_every_character(redis):
    """Keys of each byte and of each character below U+0800 are told apart, and are in order."""
    driver = redis(Blob, Text)
    blobs = [bytes([number]) for number in range(256)] + [b"", b"\0\1", b"\0\xff", b"\xff\xff"]
    assert driver.execute(CreateManyOperation(Blob, [{"id": blob} for blob in blobs])).success
    assert keys(driver, Blob) == sorted(blobs)
    texts = [chr(number) for number in range(0x800)] + ["", "*", "a:b", "\0\1", "\0\0", "%00"]
    texts = list(dict.fromkeys(texts))
    rows = [{"id": text, "body": text} for text in texts]
    assert driver.execute(CreateManyOperation(Text, rows)).success
    assert keys(driver, Text) == sorted(texts)
    assert keys(driver, Text, filters={"body__gte": ""}, order_by=["body"]) == sorted(texts)


def test_parts_of_a_key_do_not_run_into_each_other(redis):
    """Two keys are one only where each part is."""
    driver = redis(Pair)
    parts = ["", "a", "a\0", "\0", "\0\1", "\1", "\0\xff", "a:", ":", "ab"]
    for one in parts:
        for two in parts:
            assert create(driver, Pair, one=one, two=two).success
            assert isinstance(create(driver, Pair, one=one, two=two).error, DuplicateKeyError)
    rows = driver.execute(QueryOperation(Pair)).data
    assert [(row.one, row.two) for row in rows] == sorted((one, two) for one in parts for two in parts)


def test_equal_keys_are_one_key(redis):
    """Decimals that are equal are the same key, whatever their scale."""
    driver = redis(Amount)
    create(driver, Amount, id=Decimal("1.0"))
    assert isinstance(create(driver, Amount, id=Decimal("1.00")).error, DuplicateKeyError)
    assert str(driver.execute(GetOperation(Amount, {"id": Decimal(1)})).data.id) == "1.0"


@pytest.mark.parametrize("field", ["id", "other"])
def test_an_integer_that_python_does_not_write_is_out_of_range(redis, field):
    """More than 4300 digits are refused in a key and in an index alike, and nothing is written."""
    driver = redis(Number)
    error = create(driver, Number, **{"id": 1, field: 10**5000}).error
    assert isinstance(error, ValueRangeError)
    assert driver.rows(Number) == []


def test_what_redis_does_not_take_is_out_of_range(redis, monkeypatch):
    """A value, and a key, over the limit is refused before anything is written."""
    monkeypatch.setattr(values, "MAX_BYTES", 200)
    monkeypatch.setattr(layout, "MAX_BYTES", 200)
    driver = redis(Text)
    row = create(driver, Text, id="a", body="x" * 200).data
    result = driver.execute(UpdateOperation(Text, row, {"body": "x" * 201}))
    assert isinstance(result.error, ValueRangeError)
    assert result.error.fields == ("body",)
    assert isinstance(create(driver, Text, id="x" * 200).error, ValueRangeError)
    assert [row["body"] for row in driver.rows(Text)] == ["x" * 200]


def test_what_another_client_wrote_is_said(redis):
    """A field that holds what it cannot have is named, with what is there."""
    driver = redis(Thing)
    create(driver, Thing, id="a", number=1)
    with driver.store.connect() as client:
        client.hset(f"{driver.store.namespace}:Thing:row:a", "number", "many")
    error = driver.execute(GetOperation(Thing, {"id": "a"})).error
    assert isinstance(error, ValueRangeError)
    assert error.fields == ("number",)
    assert "b'many', which is no int" in str(error)


@pytest.mark.parametrize("model", [Spelt, Indexed])
def test_what_another_client_wrote_in_its_own_words_is_changed_like_any_other(redis, model):
    """A row that reads as it did is the same row, however its values are spelt: to an update, and in a transaction."""
    driver = redis(model)
    for key in "ab":
        create(driver, model, id=key)
        with driver.store.connect() as client:
            spelt = {"real": "1", "tags": "[1, 2]", "at": "2024-01-01 00:00:00"}
            client.hset(f"{driver.store.namespace}:{model.__name__}:row:{key}", mapping=spelt)
    for step in (
        UpdateOperation(model, model(id="a"), {"real": 2.0}),
        BeginOperation(),
        UpdateOperation(model, model(id="b"), {"real": 3.0}),
        DeleteOperation(model, model(id="a")),
        CommitOperation(),
    ):
        result = driver.execute(step)
        assert result.success, result.error
    [row] = driver.rows(model)
    assert {"id": "b", "real": 3.0, "tags": [1, 2], "at": datetime(2024, 1, 1)}.items() <= row.items()


def test_a_hash_without_its_key_is_no_row(redis):
    """What another client left of a row is not found."""
    driver = redis(Thing)
    create(driver, Thing, id="a", number=1)
    with driver.store.connect() as client:
        client.hdel(f"{driver.store.namespace}:Thing:row:a", "id")
    assert isinstance(driver.execute(GetOperation(Thing, {"id": "a"})).error, NotFoundError)
    assert keys(driver, Thing) == []


def test_nan_is_one_value(redis):
    """Two rows of one operation cannot both have it where it is to be unique, and neither can two of two."""
    driver = redis(Real)
    rows = [{"id": 1, "real": float("nan")}, {"id": 2, "real": float("nan")}]
    assert isinstance(driver.execute(CreateManyOperation(Real, rows)).error, DuplicateKeyError)
    assert driver.rows(Real) == []
    assert create(driver, Real, **rows[0]).success
    assert isinstance(create(driver, Real, **rows[1]).error, DuplicateKeyError)
