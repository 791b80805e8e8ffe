"""What goes into MariaDB or MySQL comes out, equal and of the same type, to the driver and through the backdoor."""

import asyncio
import enum
import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pydantic
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from orm_testing import (
    AggregateOperation,
    Clock,
    CreateOperation,
    DuplicateKeyError,
    Field,
    Model,
    QueryOperation,
    SchemaSet,
    ValueRangeError,
)
from orm_testing.backends import make_driver
from orm_testing.values import same
from orm_testing_drivers.mysql.driver import MysqlWork

pytestmark = pytest.mark.external_services


class Colour(enum.Enum):
    RED = "red"
    GREEN = "grün"


class Everything(Model):
    id: int = Field(primary_key=True)
    a_bool: bool | None = None
    an_int: int | None = None
    a_float: float | None = None
    a_decimal: Decimal | None = Field(None, allow_inf_nan=True)
    a_text: str | None = None
    short: str | None = Field(None, max_length=5)
    some_bytes: bytes | None = None
    few_bytes: bytes | None = Field(None, max_length=4)
    a_uuid: UUID | None = None
    a_colour: Colour | None = None
    a_date: date | None = None
    a_time: time | None = None
    a_datetime: datetime | None = None
    an_instant: pydantic.AwareDatetime | None = None
    a_span: timedelta | None = None
    a_list: list[Any] | None = None


VALUES: list[tuple[str, Any]] = [
    ("a_bool", True), ("a_bool", False),
    ("an_int", 2**63 - 1), ("an_int", -(2**63)),
    ("a_float", 0.1), ("a_float", 3.0), ("a_float", 5e-324), ("a_float", 1.7976931348623157e308),
    ("a_decimal", Decimal("1.10")), ("a_decimal", Decimal("1E+20")), ("a_decimal", Decimal("1.234567890123456789E-10")),
    ("a_decimal", Decimal("9" * 35 + "." + "9" * 30)), ("a_decimal", Decimal("-0.00")),
    ("a_text", ""), ("a_text", "a\x00b"), ("a_text", "trailing "), ("a_text", '\'; DROP TABLE "Everything"; --'),
    ("a_text", "🦄 é\u0301 \U0010ffff %_\\"), ("short", "fünf!"),
    ("some_bytes", b""), ("some_bytes", bytes(range(256))), ("few_bytes", b"\x00 \x00 "),
    ("a_uuid", UUID(int=0)), ("a_colour", Colour.GREEN),
    ("a_date", date.min), ("a_date", date.max), ("a_time", time.max),
    ("a_datetime", datetime.min), ("a_datetime", datetime.max),
    ("an_instant", datetime(2039, 2, 28, 23, 59, 59, 999999, tzinfo=UTC)),
    ("an_instant", datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=45)))),
    ("a_span", timedelta(microseconds=2**63 - 1)), ("a_span", timedelta(microseconds=-1)),
    ("a_list", ["", "é", "'\"\x00", 2**80, 1.0]),
]  # fmt: skip


def found(driver, model=Everything, **filters):
    result = driver.execute(QueryOperation(model, filters))
    assert result.success, result.error
    return result.data


@pytest.mark.parametrize(("field", "value"), VALUES, ids=[f"{name}-{value!r}"[:60] for name, value in VALUES])
def test_each_kind_of_value_comes_back_the_same_and_is_found(on_mysql, field, value):
    """A value is stored, found by an equality filter, and read through the backdoor alike."""
    driver = on_mysql(Everything)
    assert driver.execute(CreateOperation(Everything, {"id": 1, field: value})).success
    expected = value.astimezone(UTC) if field == "an_instant" else value
    [row] = found(driver, **{field: value})
    [stored] = driver.rows(Everything, {field: value})
    for held in (getattr(row, field), stored[field]):
        assert same(held, expected, scale=False)
        assert not isinstance(held, Decimal) or held.as_tuple().exponent <= 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("an_int", 2**63), ("a_float", math.nan), ("a_float", math.inf), ("a_decimal", Decimal("NaN")),
        ("a_decimal", Decimal("1E+35")), ("a_decimal", Decimal("1E-31")), ("a_decimal", Decimal("Infinity")),
        ("a_text", "\ud800"), ("a_span", timedelta(microseconds=2**63)), ("a_list", [math.nan]),
    ],
    ids=repr,
)  # fmt: skip
def test_what_cannot_be_held_is_a_value_range_error(on_mysql, field, value):
    """Nothing is rounded, cut or replaced: the write is refused, and nothing is stored."""
    driver = on_mysql(Everything)
    result = driver.execute(CreateOperation(Everything, {"id": 1, field: value}))
    assert isinstance(result.error, ValueRangeError)
    assert driver.rows(Everything) == []


def test_the_async_client_stores_and_reads_the_same(on_mysql):
    """asyncmy writes and reads with code of its own; the backdoor reads what it wrote with PyMySQL's."""
    store = on_mysql(Everything).store

    async def work():
        driver = make_driver("mysql", asynchronous=True)
        driver.store, driver.backend_name, driver.clock = store, "mysql", Clock()
        driver.prepare([Everything])
        await driver.open()
        try:
            for number, (field, value) in enumerate(VALUES):
                made = await driver.execute(CreateOperation(Everything, {"id": number, field: value}))
                assert made.success, made.error
                rows = await driver.execute(QueryOperation(Everything, {field: value, "id": number}))
                [stored] = await driver.rows(Everything, {"id": number})
                expected = value.astimezone(UTC) if field == "an_instant" else value
                for held in (getattr(rows.data[0], field), stored[field]):
                    assert same(held, expected, scale=False), (field, value)
        finally:
            await driver.close()

    asyncio.run(work())


def test_json_that_is_nested_too_deep_names_its_field(on_mysql):
    """MariaDB takes 32 levels; what it refuses is no failed check of the user's."""
    driver = on_mysql(Everything)
    nested: Any = []
    for _ in range(200):
        nested = [nested]
    result = driver.execute(CreateOperation(Everything, {"id": 1, "a_list": nested}))
    assert isinstance(result.error, ValueRangeError)
    assert result.error.fields == ("a_list",)


class Owner(Model):
    id: str = Field(primary_key=True)
    boss: str | None = Field(None, references="Owner")


class Tag(Model):
    name: str = Field(primary_key=True)
    lang: str = Field(primary_key=True)
    raw: bytes = Field(b"", index=True)
    note: str = Field("", unique=True)


def test_keys_of_text_are_of_any_length_unless_rows_refer_to_them(on_mysql):
    """An index holds the beginning of a long value; a foreign key holds all, so that what is too long is refused."""
    driver = on_mysql(Owner, Tag)
    long = {"name": "n" * 5000, "lang": "l" * 5000, "note": "o" * 5000}
    assert driver.execute(CreateOperation(Tag, long)).success
    [row] = found(driver, Tag, name="n" * 5000)
    assert (row.lang, row.note) == (long["lang"], long["note"])
    other = long | {"name": "m", "note": "o" * 5000}
    error = driver.execute(CreateOperation(Tag, other)).error
    assert isinstance(error, DuplicateKeyError)
    assert error.fields == ("note",)
    assert driver.execute(CreateOperation(Owner, {"id": "o" * 768})).success
    for key in ("o" * 769, "o" * 768 + " "):
        assert isinstance(driver.execute(CreateOperation(Owner, {"id": key})).error, ValueRangeError)


def test_text_differs_by_case_accents_and_trailing_spaces(on_mysql):
    """Keys that any folding collation would take for one are several, in the order of their code points."""
    driver = on_mysql(Owner)
    keys = ["a", "A", "á", "a ", "a\x00", "\U0001f600", "\uffff", ""]
    for key in keys:
        assert driver.execute(CreateOperation(Owner, {"id": key})).success
    ordered = driver.execute(QueryOperation(Owner, {}, order_by=["id"])).data
    assert [row.id for row in ordered] == sorted(keys)


def test_long_values_are_ordered_beyond_their_first_thousand_bytes(on_mysql):
    """The server would look at 1,024 bytes only."""
    driver = on_mysql(Everything)
    for number in range(5):
        text = "x" * 3000 + str(5 - number)
        assert driver.execute(CreateOperation(Everything, {"id": number, "a_text": text})).success
    rows = driver.execute(QueryOperation(Everything, {}, order_by=["a_text"])).data
    assert [row.id for row in rows] == [4, 3, 2, 1, 0]


def test_sums_are_exact(on_mysql):
    """A sum of integers and of spans may be wider than a column, and one of decimals keeps its last digit."""
    driver = on_mysql(Everything)
    largest = {
        "an_int": 2**63 - 1,
        "a_decimal": Decimal("9" * 35 + ".1"),
        "a_span": timedelta(days=100_000_000, microseconds=1),
    }
    for number in range(3):
        assert driver.execute(CreateOperation(Everything, {"id": number, **largest})).success
    names = ["an_int__sum", "a_decimal__sum", "a_span__sum"]
    [sums] = driver.execute(AggregateOperation(Everything, names)).data
    assert sums == {"an_int__sum": 3 * (2**63 - 1), "a_decimal__sum": Decimal("2" + "9" * 34 + "7.3"),
                    "a_span__sum": 3 * largest["a_span"]}  # fmt: skip


def test_columns_are_those_that_people_ship():
    """The statement that makes the table, byte for byte."""
    [table] = MysqlWork.tables_of(SchemaSet((Tag,))).values()
    statement = str(sa.schema.CreateTable(table).compile(dialect=mysql.dialect()))
    assert [line.strip(" ,\t") for line in statement.strip().splitlines()] == [
        "CREATE TABLE `Tag` (",
        "`name` LONGTEXT NOT NULL",
        "`lang` LONGTEXT NOT NULL",
        "`raw` LONGBLOB NOT NULL",
        "`note` LONGTEXT NOT NULL",
        "PRIMARY KEY (`name`(384), `lang`(384))",
        "UNIQUE (`note`(768))",
        ")ENGINE=InnoDB",
    ]
    [wide] = MysqlWork.tables_of(SchemaSet((Everything,))).values()
    types = {column.key: column.type.compile(dialect=mysql.dialect()) for column in wide.columns}
    assert types == {
        "id": "BIGINT", "a_bool": "BOOL", "an_int": "BIGINT", "a_float": "DOUBLE", "a_decimal": "DECIMAL(65, 30)",
        "a_text": "LONGTEXT", "short": "VARCHAR(5)", "some_bytes": "LONGBLOB", "few_bytes": "VARBINARY(4)",
        "a_uuid": "CHAR(32)", "a_colour": "VARCHAR(4)", "a_date": "DATE", "a_time": "TIME(6)",
        "a_datetime": "DATETIME(6)", "an_instant": "DATETIME(6)", "a_span": "BIGINT", "a_list": "JSON",
    }  # fmt: skip


def test_an_order_of_many_long_fields_has_its_room(on_mysql):
    """The server sorts by forty fields of text at once, and the last of them has its say."""
    wide: Any = pydantic.create_model(
        "Wide",
        __base__=Model,
        id=(int, Field(primary_key=True)),
        **{f"t{number}": (str | None, None) for number in range(40)},
    )
    driver = on_mysql(wide)
    for number in range(4):
        assert driver.execute(CreateOperation(wide, {"id": number, "t39": "ba"[number % 2]})).success
    result = driver.execute(QueryOperation(wide, order_by=[f"t{number}" for number in range(40)]))
    assert [row.id for row in result.data] == [1, 3, 0, 2]
