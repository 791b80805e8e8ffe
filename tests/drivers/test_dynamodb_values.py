"""What an item of DynamoDB holds of a row: every value exactly, in the type that people ship, or a clear refusal."""

import enum
import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pydantic
import pytest
from pydantic import create_model

from orm_testing import (
    CreateOperation,
    Field,
    GetOperation,
    Model,
    QueryOperation,
    UpdateOperation,
    ValueRangeError,
)
from orm_testing.schema import schema_of
from orm_testing.values import same

PRODUCTS = ("dynamodb_local", "dynalite", "moto_dynamodb")


@pytest.fixture(params=PRODUCTS)
def dynamo(request, on_backend):
    """A driver on one product, for these models."""
    return lambda *models: on_backend(request.param, *models)


class Level(enum.IntEnum):
    LOW = 1


class Mixed(enum.Enum):
    ONE = 1
    HALF = 0.5


class Chosen(Model):
    which: Mixed = Field(primary_key=True)
    level: Level = Field(primary_key=True)


class Thing(Model):
    id: str = Field(primary_key=True)
    flag: bool | None = None
    number: int | None = None
    real: float | None = None
    exact: Decimal | None = None
    raw: bytes | None = None
    uid: UUID | None = None
    level: Level | None = None
    aware: pydantic.AwareDatetime | None = None
    took: timedelta | None = None
    tags: Any = None
    marks: set[str] | None = None


class Keyed(Model):
    key: bytes = Field(primary_key=True)
    flag: bool = Field(True, primary_key=True)


class Deep(Model):
    a: str = Field(primary_key=True)
    b: int = Field(primary_key=True)
    c: str = Field(primary_key=True)


class Indexed(Model):
    id: str = Field(primary_key=True)
    name: str | None = Field(None, index=True)
    flag: bool | None = Field(None, index=True)


def stored(driver, model, **data):
    """The item that the server has of a row that is made now."""
    made = driver.execute(CreateOperation(model, data))
    assert made, made.error
    table = driver.store.table_of(model)
    [item] = driver.store.connect().scan(TableName=table, ConsistentRead=True)["Items"]
    return item


def refused(driver, model, **data):
    """The error of a row that cannot be stored; nothing is sent for it."""
    result = driver.execute(CreateOperation(model, data))
    assert isinstance(result.error, ValueRangeError), result
    assert result.statements == []
    assert driver.store.count(schema_of(model)) == 0
    return result.error


def test_values_have_the_types_that_people_ship(dynamo):
    """Numbers are N, truth is BOOL, bytes are B, structures are M and L, None is absent, the rest is S."""
    item = stored(
        dynamo(Thing),
        Thing,
        id="a",
        flag=True,
        number=2**100,
        real=0.1,
        exact=Decimal("1.50"),
        raw=b"\x00\xff",
        uid=UUID(int=5),
        level=Level.LOW,
        aware=datetime(2024, 1, 1, tzinfo=UTC),
        took=timedelta(seconds=1),
        tags={"a": [1, 1.5, None, True, "x"]},
        marks={"b", "a"},
    )
    assert item == {
        "id": {"S": "a"},
        "flag": {"BOOL": True},
        "number": {"N": str(2**100)},
        "real": {"N": "0.1"},
        "exact": {"N": "1.5"},
        "raw": {"B": b"\x00\xff"},
        "uid": {"S": "00000000-0000-0000-0000-000000000005"},
        "level": {"N": "1"},
        "aware": {"S": "2024-01-01T00:00:00.000000Z"},
        "took": {"N": "1000000"},
        "tags": {"M": {"a": {"L": [{"N": "1"}, {"N": "1.5"}, {"NULL": True}, {"BOOL": True}, {"S": "x"}]}}},
        "marks": {"L": [{"S": "a"}, {"S": "b"}]},
    }


def test_keys_have_every_byte_and_truth_is_text_in_them(dynamo):
    """A key of bytes is B, whatever its bytes are; a key cannot be BOOL."""
    driver = dynamo(Keyed)
    item = stored(driver, Keyed, key=bytes(range(256)), flag=False)
    assert item == {"key": {"B": bytes(range(256))}, "flag": {"S": "false"}}
    for byte in range(256):
        assert driver.execute(CreateOperation(Keyed, {"key": bytes([byte])}))
        assert driver.execute(GetOperation(Keyed, {"key": bytes([byte]), "flag": True}))


def test_the_backdoor_finds_a_row_by_an_enum_that_is_stored_by_name(dynamo):
    """As enums are whose values are neither all text nor all whole numbers."""
    driver = dynamo(Chosen)
    for which in Mixed:
        assert driver.execute(CreateOperation(Chosen, {"which": which, "level": Level.LOW}))
        assert driver.rows(Chosen, {"which": which, "level": Level.LOW}) == [
            {"which": which, "level": Level.LOW}
        ]


def test_an_empty_or_a_long_key_is_refused_before_it_is_sent(dynamo):
    """2,048 bytes is the longest partition key, 1,024 the longest sort key, and neither may be empty."""
    driver = dynamo(Thing)
    assert refused(driver, Thing, id="").fields == ("id",)
    refused(driver, Thing, id="é" * 1025)
    assert driver.execute(CreateOperation(Thing, {"id": "é" * 1024}))
    assert driver.execute(GetOperation(Thing, {"id": "é" * 1024}))


def test_a_key_of_many_parts_is_held_to_the_same(dynamo):
    """Its second part and those that follow have 1,024 bytes together; no row is found by what none can have."""
    driver = dynamo(Deep)
    for c in ("x" * 1024, "\ud800", "\0" * 600):
        refused(driver, Deep, a="a", b=1, c=c)
        assert not driver.execute(GetOperation(Deep, {"a": "a", "b": 1, "c": c}))
        assert driver.execute(QueryOperation(Deep, {"a": "a", "b": 1, "c": c})).data == []
    for c in ("", "x" * 1000, "\0" * 500):
        assert driver.execute(CreateOperation(Deep, {"a": "a", "b": -1, "c": c}))
        assert driver.execute(GetOperation(Deep, {"a": "a", "b": -1, "c": c})).data.c == c


def test_a_value_of_an_index_is_held_to_the_same(dynamo):
    """An index cannot have an empty or a long value either; None is not in it, and its rows are found."""
    driver = dynamo(Indexed)
    refused(driver, Indexed, id="a", name="")
    refused(driver, Indexed, id="a", name="x" * 2049)
    for place, flag in enumerate([True, False, None]):
        assert driver.execute(CreateOperation(Indexed, {"id": str(place), "name": "n", "flag": flag}))
    [found] = driver.execute(QueryOperation(Indexed, {"flag": False})).data
    assert (found.id, found.flag) == ("1", False)
    [found] = driver.execute(QueryOperation(Indexed, {"flag": None})).data
    assert found.id == "2"


@pytest.mark.parametrize(
    "data",
    [
        {"exact": Decimal("1." + "1" * 38)}, {"exact": Decimal("1E+126")}, {"exact": Decimal("1E-131")},
        {"number": 10**38 + 1}, {"number": 2**127},
        {"real": 1e126}, {"real": 1e-131}, {"real": math.inf}, {"real": math.nan}, {"raw": b"x" * 409_600},
    ],
    ids=str,
)  # fmt: skip
def test_what_n_and_an_item_cannot_hold_is_refused_before_it_is_sent(dynamo, data):
    """38 digits between 1E-130 and 1E+126, nothing that is no number, and 400 KB, on products that mind it or not."""
    error = refused(dynamo(Thing), Thing, id="a", **data)
    assert error.model == "Thing"


@pytest.mark.parametrize(
    "data",
    [
        {"exact": Decimal("1." + "1" * 37)}, {"exact": Decimal("9" * 38 + "E+88")}, {"exact": Decimal("-1E-130")},
        {"number": -(2**126)}, {"number": 10**100}, {"real": math.nextafter(1e126, 0)}, {"real": 1e-130},
        {"tags": {"a": 1e308, "b": [5e-324, 10**200]}}, {"tags": [10**37, 10**40, -(10**125), 10**30 + 1, 1e-30]}, {"tags": [1.0, 1, -0.0, True]}, {"tags": 2.0},
        {"tags": {"": 1}}, {"tags": {"orm_testing": "x"}}, {"tags": {"orm_testing": {"orm_testing": 1.0}}},
        {"tags": []}, {"tags": {}}, {"tags": ""}, {"marks": set()}, {"marks": {"", "a"}}, {"tags": "a\0b"},
    ],
    ids=lambda data: str(data)[:50],
)  # fmt: skip
def test_what_can_be_held_comes_back(dynamo, data):
    """To the last digit; what N, M and L cannot hold of structured values is held beside them."""
    driver = dynamo(Thing)
    assert driver.execute(CreateOperation(Thing, {"id": "a", **data}))
    [row] = driver.rows(Thing)
    found = driver.execute(GetOperation(Thing, {"id": "a"})).data
    for name, value in data.items():
        assert same(getattr(found, name), value, scale=False)
        assert same(row[name], value, scale=False)


def test_values_deeper_than_dynamodb_takes_come_back(dynamo):
    """Maps and lists stand in each other 31 deep; what is deeper is held as text inside."""
    driver = dynamo(Thing)
    value = "bottom"
    for depth in range(60):
        value = [value] if depth % 2 else {"a": value}
    assert driver.execute(CreateOperation(Thing, {"id": "a", "tags": value}))
    assert driver.execute(GetOperation(Thing, {"id": "a"})).data.tags == value
    assert driver.rows(Thing)[0]["tags"] == value


def test_lone_surrogates_are_refused(dynamo):
    """Text is UTF-8, in fields, keys and structures; asking for such a key finds nothing."""
    driver = dynamo(Thing)
    refused(driver, Thing, id="\ud800")
    refused(driver, Thing, id="a", tags={"\udfff": 1})
    assert not driver.execute(GetOperation(Thing, {"id": "\ud800"}))
    assert driver.execute(QueryOperation(Thing, {"id__in": ["\ud800"]})).data == []


def reserved():
    from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

    return sorted(ReservedKeywords.get_reserved_keywords())


def test_reserved_words_name_fields(dynamo):
    """All 573 words that DynamoDB keeps for itself are fields, made, changed, asked for and read."""
    words = reserved()
    fields = {f"f{place}": (int, Field(0, alias=word)) for place, word in enumerate(words)}
    wide = create_model("Wide", __base__=Model, id=(str, Field(primary_key=True, alias="a.b#c :d")), **fields)
    driver = dynamo(wide)
    assert len(words) == 573
    made = driver.execute(CreateOperation(wide, {"id": "a", **dict.fromkeys(fields, 1)})).data
    item = driver.store.connect().scan(TableName=driver.store.table_of(wide))["Items"][0]
    assert set(item) == {"a.b#c :d", *words}
    some = list(fields)[::10]
    assert driver.execute(UpdateOperation(wide, made, dict.fromkeys(some, 2)))
    assert len(driver.execute(QueryOperation(wide, dict.fromkeys(some, 2))).data) == 1
    error = driver.execute(UpdateOperation(wide, made, dict.fromkeys(fields, 3))).error
    assert isinstance(error, ValueRangeError)
    assert "573 fields" in str(error) or "574 fields" in str(error)
    assert driver.rows(wide)[0]["f0"] == 2
