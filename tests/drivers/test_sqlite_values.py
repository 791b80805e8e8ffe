"""What goes into SQLite comes out, equal and of the same type, to the driver and through the backdoor."""

import enum
import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pydantic
import pytest

from orm_testing import CreateOperation, Field, Model, SchemaSet, ValueRangeError
from orm_testing.values import same


class Colour(enum.Enum):
    RED = "red"
    GREEN = "grün"


class Rank(enum.IntEnum):
    LOW = 1
    HIGH = 20


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"


class Inner(pydantic.BaseModel):
    at: datetime
    parts: dict[str, list[int]]


class Everything(Model):
    id: int = Field(primary_key=True)
    a_bool: bool | None = None
    an_int: int | None = None
    a_float: float | None = None
    a_decimal: Decimal | None = Field(None, allow_inf_nan=True)
    a_text: str | None = None
    short: str | None = Field(None, max_length=5)
    some_bytes: bytes | None = None
    a_uuid: UUID | None = None
    a_colour: Colour | None = None
    a_rank: Rank | None = None
    a_mix: Mixed | None = None
    a_date: date | None = None
    a_time: time | None = None
    a_datetime: datetime | None = None
    an_instant: pydantic.AwareDatetime | None = None
    a_span: timedelta | None = None
    a_list: list[str] | None = None
    an_inner: Inner | None = None


VALUES: list[tuple[str, Any]] = [
    ("a_bool", True),
    ("a_bool", False),
    ("an_int", 0),
    ("an_int", 2**63 - 1),
    ("an_int", -(2**63)),
    ("a_float", 0.1),
    ("a_float", 3.0),
    ("a_float", math.inf),
    ("a_float", -math.inf),
    ("a_float", 5e-324),
    ("a_decimal", Decimal("1.10")),
    ("a_decimal", Decimal("-0.00")),
    ("a_decimal", Decimal("1E+50")),
    ("a_decimal", Decimal("123456789012345678901234567890.123456789")),
    ("a_decimal", Decimal("NaN")),
    ("a_decimal", Decimal("-Infinity")),
    ("a_text", ""),
    ("a_text", "a\x00b"),
    ("a_text", "\x00"),
    ("a_text", '\'; DROP TABLE "Everything"; --'),
    ("a_text", "🦄 é\u0301 \U0010ffff %_\\"),
    ("short", "fünf!"),
    ("some_bytes", b""),
    ("some_bytes", bytes(range(256))),
    ("a_uuid", UUID(int=0)),
    ("a_uuid", UUID("ffffffff-ffff-4fff-bfff-ffffffffffff")),
    ("a_colour", Colour.GREEN),
    ("a_rank", Rank.HIGH),
    ("a_mix", Mixed.ONE),
    ("a_mix", Mixed.TWO),
    ("a_date", date.min),
    ("a_date", date.max),
    ("a_time", time.min),
    ("a_time", time.max),
    ("a_datetime", datetime.min),
    ("a_datetime", datetime(987, 6, 5, 4, 3, 2, 1)),
    ("a_datetime", datetime.max),
    ("an_instant", datetime(2024, 2, 29, 23, 59, 59, 999999, tzinfo=UTC)),
    ("an_instant", datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=45)))),
    ("a_span", timedelta(microseconds=2**63 - 1)),
    ("a_span", timedelta(microseconds=-(2**63))),
    ("a_span", timedelta(microseconds=-1)),
    ("a_list", []),
    ("a_list", ["", "é", "'\"\x00"]),
    ("an_inner", Inner(at=datetime(2024, 1, 1, 12), parts={"x": [1, 2], "": []})),
]


@pytest.mark.parametrize(("field", "value"), VALUES, ids=[f"{name}-{value!r}"[:60] for name, value in VALUES])
def test_each_kind_of_value_comes_back_the_same_and_is_found(dsl, field, value):
    """A value is stored, read by key, found by an equality filter, and found through the backdoor."""
    orm = dsl(Everything)
    made = orm.create_and_verify(Everything, id=1, **{field: value})
    got = orm.get_and_verify_exists(Everything, id=1)
    expected = value.astimezone(UTC) if field == "an_instant" else value
    assert same(getattr(got, field), expected)
    assert getattr(got, field) == getattr(made, field) or math.isnan(value)
    assert orm.count_models(Everything, **{field: value}) == 1
    assert orm.count_models(Everything, **{f"{field}__in": [value, None]}) == 1
    assert orm.count_models(Everything, **{f"{field}__ne": value}) == 0
    [row] = orm.driver.rows(Everything, {field: value})
    assert same(row[field], expected)


def test_none_comes_back_as_none(dsl):
    """Every nullable field holds None, and both ways of reading say so."""
    orm = dsl(Everything)
    orm.create_and_verify(Everything, id=1)
    names = [name for name in Everything.model_fields if name != "id"]
    got = orm.get_and_verify_exists(Everything, dict.fromkeys(names))
    assert all(getattr(got, name) is None for name in names)
    assert len(orm.driver.rows(Everything, dict.fromkeys(names))) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("an_int", 2**63),
        ("an_int", -(2**63) - 1),
        ("a_float", math.nan),
        ("a_span", timedelta.max),
        ("a_text", "half \ud800 a pair"),
    ],
)
def test_a_value_that_sqlite_cannot_hold_is_a_value_range_error(dsl, field, value):
    """Nothing is stored in its place."""
    orm = dsl(Everything)
    result = orm.create_model(Everything, id=1, **{field: value})
    assert type(result.error) is ValueRangeError
    assert orm.driver.rows(Everything) == []
    with orm.transaction():
        orm.create_and_verify(Everything, id=2)
        assert type(orm.create_model(Everything, id=1, **{field: value}).error) is ValueRangeError
    assert orm.count_models(Everything) == 1


def test_the_backdoor_shares_no_decoding_with_the_driver(dsl):
    """A row that another client wrote is read alike by both."""
    orm = dsl(Everything)
    other = orm.driver.store.connect()
    identity = uuid4()
    other.execute(
        'INSERT INTO "Everything" (id, a_bool, a_decimal, a_uuid, a_datetime) VALUES (7, 1, ?, ?, ?)',
        ("1.50", identity.hex, "2024-01-02 03:04:05.000006"),
    )
    other.close()
    got = orm.get_and_verify_exists(Everything, id=7)
    assert (got.a_bool, got.a_uuid, str(got.a_decimal)) == (True, identity, "1.50")
    assert got.a_datetime == datetime(2024, 1, 2, 3, 4, 5, 6)


class Odd(Model):
    __tablename__ = 'select "🦄" from; -- %s :x'
    __comment__ = "a 'comment'"
    __unique__ = [("group", "order")]
    __indexes__ = ["table", ("group", "table")]

    key: str = Field(primary_key=True, alias='pri"mary')
    group: str = Field(alias="group")
    order: int | None = Field(None, alias="100% %s :x ?")
    table: str = Field("", alias="🦄", comment="a horn")


class OddChild(Model):
    __tablename__ = "table"

    id: int | None = Field(None, primary_key=True, generated=True, alias="index")
    odd: str | None = Field(None, references=Odd, on_delete="set_null", alias="a.b")


def test_any_name_of_a_table_or_a_column_is_data(dsl):
    """SQL words, emoji, quotes, percent signs and colons stand in names, and every verb works."""
    orm = dsl(Odd, OddChild)
    odd = orm.create_and_verify(Odd, key="k", group="g", order=1)
    child = orm.create_and_verify(OddChild, odd="k")
    assert child.id == 1
    orm.update_and_verify(odd, table="t")
    orm.upsert_and_verify(Odd, key="k", group="h", order=2)
    assert orm.create_model(Odd, key="l", group="h", order=2).error.fields == ("group", "order")
    assert orm.first(Odd, order_by=["-order", "table"]).group == "h"
    assert orm.aggregate(Odd, "count", group_by=["group"]) == [{"group": "h", "count": 1}]
    orm.delete_and_verify(odd)
    assert orm.get_and_verify_exists(OddChild, id=1).odd is None


def test_a_schema_that_sqlite_cannot_make_is_a_configuration_error(store_class, tmp_path):
    """Two columns whose names differ in case only are one column to SQLite, and the message says so."""

    class Twice(Model):
        id: int = Field(primary_key=True)
        a: int = Field(alias="name")
        b: int = Field(alias="NAME")

    store = store_class()
    store.open(tmp_path)
    with pytest.raises(Exception, match="duplicate column name"):
        store.prepare(SchemaSet((Twice,)))
    store.close()


def test_statements_are_those_that_ran(opened):
    """A result holds the native statements of its own operation, with their parameters."""
    driver = opened(Everything)
    result = driver.execute(CreateOperation(Everything, {"id": 1, "a_text": "x"}))
    begin, (insert, values), commit = result.statements
    assert (begin, commit) == (("BEGIN IMMEDIATE", ()), ("COMMIT", ()))
    assert insert.startswith('INSERT INTO "Everything"')
    assert values[0] == 1
    assert "x" in values
