"""Names of objects and JSON of rows hold every value of the contract, exactly, and people can read them."""

import enum
import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, create_model

from orm_testing import (
    AttachmentOperation,
    AttachOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DetachOperation,
    Field,
    GetOperation,
    Model,
    NotFoundError,
    QueryOperation,
    UpdateOperation,
    ValueRangeError,
    schema_of,
)
from orm_testing_drivers.s3 import backdoor
from orm_testing_drivers.s3.layout import MAX_NAME_BYTES, Layout, bucket_of, escaped, unescaped
from orm_testing_drivers.s3.values import decoded, encoded

PRODUCTS = ("moto_s3", "rclone")


class Colour(enum.Enum):
    RED = "red"
    DARK_RED = "dark.red"


class Level(enum.IntEnum):
    LOW = 1


class Text(Model):
    id: str = Field(primary_key=True)
    text: str = ""


class Wide(Model):
    flag: bool = True
    number: int = 5
    real: float = 1.5
    exact: Decimal = Decimal("1.50")
    text: str = Field(primary_key=True)
    raw: bytes = b"\x00\xff"
    uid: UUID = UUID(int=1)
    colour: Colour = Colour.RED
    day: date = date(2030, 1, 2)
    at: time = time(1, 2, 3, 4)
    naive: datetime = datetime(2030, 1, 2, 3, 4, 5, 6)
    aware: AwareDatetime = datetime(2030, 1, 2, 3, tzinfo=UTC)
    took: timedelta = timedelta(seconds=1)
    tags: dict[str, Any] = Field(default_factory=lambda: {"a": [1, None, True]})
    none: int | None = None


KEYS = {
    bool: [True, False],
    int: [0, -5, 5, 10**40],
    float: [0.0, 1.5, -1e300, 5e-324, float("inf")],
    Decimal: [Decimal("0"), Decimal("1.5"), Decimal("-2E+40"), Decimal("12345678901234567890.5")],
    bytes: [b"", b"\x00", b"a", b"\xff" * 9],
    UUID: [UUID(int=0), UUID(int=2**128 - 1)],
    Colour: list(Colour),
    Level: list(Level),
    date: [date.min, date(2030, 1, 2)],
    time: [time.min, time(1, 2, 3, 4)],
    datetime: [datetime.min, datetime(2030, 1, 2, 3, 4, 5, 6)],
    AwareDatetime: [datetime(2030, 1, 2, 3, 4, 5, 6, tzinfo=UTC)],
    timedelta: [timedelta(), timedelta(days=-1, microseconds=1)],
}


def keyed_by(kind):
    return create_model(
        f"By{getattr(kind, '__name__', 'Aware')}", __base__=Model, id=(kind, Field(primary_key=True))
    )


@pytest.mark.parametrize("kind", KEYS, ids=repr)
@pytest.mark.parametrize("product", PRODUCTS)
def test_a_key_of_any_kind_names_its_row(on_backend, product, kind):
    """Rows with such keys are found one by one and in their order, and the name tells the key."""
    model = keyed_by(kind)
    driver = on_backend(product, model)
    values = sorted(KEYS[kind], key=lambda value: value.value if isinstance(value, enum.Enum) else value)
    for value in reversed(values):
        assert driver.execute(CreateOperation(model, {"id": value})).success
    for value in values:
        assert driver.execute(GetOperation(model, {"id": value})).data.id == value
    assert [row.id for row in driver.execute(QueryOperation(model)).data] == values
    assert [row["id"] for row in driver.rows(model)] == values
    paged = driver.execute(QueryOperation(model, {"id__in": values}, ("-id",), 1)).data
    assert [row.id for row in paged] == values[-1:]
    layout = Layout(schema_of(model), "")
    assert [layout.key_in(layout.row((value,))) for value in values] == [(value,) for value in values]


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (Decimal, Decimal("1.50"), Decimal("15E-1")),
        (Decimal, Decimal("-0"), Decimal("0.00")),
        (float, -0.0, 0.0),
        (AwareDatetime, datetime(2030, 1, 1, 12, tzinfo=UTC), datetime(2030, 1, 1, 14, tzinfo=timezone(timedelta(hours=2)))),
    ],
)  # fmt: skip
def test_equal_keys_have_one_name(kind, one, other):
    """However they are written."""
    layout = Layout(schema_of(keyed_by(kind)), "")
    assert layout.row((one,)) == layout.row((other,))


@given(st.text(), st.text())
def test_names_are_escaped_one_to_one(one, other):
    """Any text comes back, different texts have different names, and a beginning begins its name."""
    assert unescaped(escaped(one)) == one
    assert (escaped(one) == escaped(other)) is (one == other)
    assert escaped(one + other) == escaped(one) + escaped(other)
    assert not set("./~") & set(escaped(one))


ODD = [
    "\ud800", "a\udfffb", "..", "a//b", "a/", "!2e", "CON", "a.json", "~unique", "e\u0301", "",
]  # fmt: skip


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_key_may_have_every_byte(on_backend, product):
    """Each of the first 256 characters, half a surrogate pair, and what file systems and URLs take for something else."""
    texts = sorted({chr(number) for number in range(256)} | set(ODD))
    driver = on_backend(product, Text)
    assert driver.execute(CreateManyOperation(Text, [{"id": text, "text": text} for text in texts])).success
    found = driver.execute(QueryOperation(Text)).data
    assert [row.id for row in found] == texts
    assert all(row.id == row.text for row in found)
    assert driver.rows(Text) == [{"id": text, "text": text} for text in texts]
    assert [row.id for row in driver.execute(QueryOperation(Text, {"id__startswith": "a/"})).data] == [
        "a/",
        "a//b",
    ]


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_key_whose_object_would_have_too_long_a_name_is_out_of_range(on_backend, product):
    """And nothing was written; the longest that there is can be stored, and an attachment's name counts with it."""
    driver = on_backend(product, Text)
    longest = MAX_NAME_BYTES - len("Text/.json")
    for text, size in (("a", longest), ("é", longest // 2), ("!", longest // 3)):
        assert driver.execute(CreateOperation(Text, {"id": text * size})).success
        refused = driver.execute(CreateOperation(Text, {"id": text * (size + 1)}))
        assert type(refused.error) is ValueRangeError
        assert refused.error.fields == ("id",)
    rows = [{"id": "first"}, {"id": "a" * (longest + 1)}]
    assert type(driver.execute(CreateManyOperation(Text, rows)).error) is ValueRangeError
    assert driver.count_rows(Text) == 3
    row = Text(id="a" * longest)
    assert type(driver.execute(AttachOperation(Text, row, "n", b"")).error) is ValueRangeError


@pytest.mark.parametrize("product", PRODUCTS)
def test_what_has_too_long_a_name_is_not_there(on_backend, product):
    """To ask for what no object can be called is to find nothing, whoever asks."""
    driver = on_backend(product, Text)
    row = Text(id="a" * (MAX_NAME_BYTES + 1))
    for operation in (
        GetOperation(Text, {"id": row.id}), UpdateOperation(Text, row, {"text": "x"}), DeleteOperation(Text, row),
        AttachOperation(Text, Text(id="b"), "n", b""), AttachmentOperation(Text, row, "n"), DetachOperation(Text, row, "n"),
    ):  # fmt: skip
        assert type(driver.execute(operation).error) is NotFoundError
    assert driver.execute(CountOperation(Text, {"id__startswith": row.id})).data == 0
    assert driver.rows(Text, {"id": row.id}) == []
    assert driver.attachment_of(Text, {"id": row.id}, "n") is None


def test_a_row_is_json_that_people_read():
    """Numbers, truth values and nested data as JSON has them; the rest as text in its usual form."""
    row = dict(Wide(text="ü").__dict__)
    assert json.loads(encoded(schema_of(Wide), row)) == {
        "flag": True, "number": 5, "real": 1.5, "exact": "1.50", "text": "ü", "raw": "AP8=",
        "uid": "00000000-0000-0000-0000-000000000001", "colour": "red", "day": "2030-01-02", "at": "01:02:03.000004",
        "naive": "2030-01-02T03:04:05.000006", "aware": "2030-01-02T03:00:00.000000+00:00", "took": 1000000,
        "tags": {"a": [1, None, True]}, "none": None,
    }  # fmt: skip
    assert "ü" in encoded(schema_of(Wide), row).decode()


@given(st.builds(Wide, text=st.text(), tags=st.just({}), aware=st.datetimes(timezones=st.just(UTC)), real=st.floats(allow_nan=False)))  # fmt: skip
def test_both_readers_read_what_was_written(instance):
    """The driver's, and the backdoor's, which share nothing."""
    schema, row = schema_of(Wide), dict(instance.__dict__)
    body = encoded(schema, row)
    assert decoded(schema, body) == row
    assert backdoor._read(schema, body) == row


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_number_that_no_json_has_is_out_of_range(on_backend, product):
    """Python writes no integer of more than 4300 digits; the row is as it was."""
    model = create_model("Big", __base__=Model, id=(str, Field(primary_key=True)), number=(int, 0))
    driver = on_backend(product, model)
    row = driver.execute(CreateOperation(model, {"id": "a", "number": 10**4299})).data
    refused = driver.execute(UpdateOperation(model, row, {"number": 10**4300}))
    assert type(refused.error) is ValueRangeError
    assert refused.error.fields == ("number",)
    assert driver.rows(model) == [{"id": "a", "number": 10**4299}]


@pytest.mark.parametrize("product", PRODUCTS)
def test_what_others_put_beside_rows_is_no_row(on_backend, product):
    """A name that no row of the model can have is passed over."""
    model = keyed_by(int)
    driver = on_backend(product, model)
    driver.execute(CreateOperation(model, {"id": 1}))
    for name in ("x.json", "1.txt", "1.2.json", ".json", "1.json.d/2.json"):
        driver.store.connect().put_object(Bucket=driver.store.bucket, Key=f"Byint/{name}", Body=b"{}")
    assert [row.id for row in driver.execute(QueryOperation(model)).data] == [1]


@pytest.mark.parametrize("name", ["orm_testing_a_1_main_1", "orm_testing_A", "o" * 64, "orm-testing-a", "ü"])
def test_a_bucket_has_a_name_that_s3_takes(name):
    """Lower case, digits and hyphens, at most 63, and another one for each namespace."""
    made = bucket_of(name)
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert 3 <= len(made) <= 63
    assert made != bucket_of(name + "x")
