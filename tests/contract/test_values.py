"""What goes in comes out, equal and of the same type, on every backend."""

import enum
import math
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pydantic
import pytest
from everywhere import BACKENDS

from orm_testing import Field, Model, MultiBackendTestBase, ValidationError, ValueRangeError


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"


class Address(pydantic.BaseModel):
    street: str
    since: datetime | None = None


class Values(Model):
    id: int = Field(primary_key=True)
    flag: bool | None = None
    number: int | None = None
    real: float | None = None
    exact: Decimal | None = None
    text: str | None = None
    raw: bytes | None = None
    uid: UUID | None = None
    colour: Colour | None = None
    level: Level | None = None
    mixed: Mixed | None = None
    day: date | None = None
    at: time | None = None
    naive: datetime | None = None
    aware: pydantic.AwareDatetime | None = None
    took: timedelta | None = None
    items: list[int] | None = None
    tags: dict[str, Any] | None = None
    home: Address | None = None
    url: pydantic.HttpUrl | None = None


SAMPLES = {
    "flag": [True, False],
    "number": [0, -1, 2**63 - 1, -(2**63)],
    "real": [0.0, -1.5, 1e308, 5e-324, float("inf"), float("-inf"), 0.1],
    "exact": [
        Decimal("0"),
        Decimal("1.10"),
        Decimal("-0.001"),
        Decimal("1E+3"),
        Decimal("12345678901234567890.123456789"),
    ],
    "text": [
        "",
        " ",
        "Alice",
        "ÄÖÜß",
        "e\u0301",
        "\U0001f600",
        "日本",
        "a\x00b",
        "\x00",
        "\u200b",
        "x" * 10_000,
        "\r\n\t",
    ],
    "raw": [b"", b"\x00\xff", bytes(range(256)), b"x" * 100_000],
    "uid": [UUID(int=0), UUID(int=2**128 - 1), UUID("12345678-1234-5678-1234-567812345678")],
    "colour": list(Colour),
    "level": list(Level),
    "mixed": list(Mixed),
    "day": [date.min, date.max, date(2024, 2, 29)],
    "at": [time.min, time.max, time(12, 30, 15, 1)],
    "naive": [datetime.min, datetime.max, datetime(2024, 2, 29, 1, 2, 3, 4)],
    "aware": [
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(2024, 2, 29, 1, 2, 3, 4, tzinfo=timezone(timedelta(hours=-7, minutes=-30))),
        datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC),
    ],
    "took": [
        timedelta(),
        timedelta(microseconds=1),
        timedelta(days=-1),
        timedelta(days=10_000, microseconds=-1),
    ],
    "items": [[], [1, 2, 3], [-(2**70)]],
    "tags": [{}, {"a": 1, "b": [True, None, 1.5, {"c": "\U0001f600'\""}]}, {"": ""}],
    "home": [Address(street="x"), Address(street="'", since=datetime(2024, 1, 1))],
    "url": [pydantic.HttpUrl("https://example.com/a?b=c")],
}


def holds(orm, value):
    """Whether the backend declares that it can hold such a value."""
    if isinstance(value, float) and math.isinf(value):
        return "float_infinity" in orm.driver.capabilities
    if isinstance(value, float) and value:
        least, magnitude = (orm.driver.capabilities.get(name) for name in ("float_least", "float_magnitude"))
        return (least or 0.0) <= abs(value) <= (magnitude or math.inf)
    if isinstance(value, str) and "\x00" in value:
        return "null_character_in_text" in orm.driver.capabilities
    return True


class TestValues(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Values]

    @pytest.mark.parametrize("field", SAMPLES)
    def test_values_come_back_as_they_went_in(self, orm, field):
        """Each value of each type is stored, found by itself, updated and upserted, and stays what it is."""
        for number, value in enumerate([*SAMPLES[field], None]):
            if not holds(orm, value):
                orm.expect_create_failure(Values, ValueRangeError, {"id": number, field: value})
                continue
            row = orm.create_and_verify(Values, {"id": number, field: value})
            same = orm.get_and_verify_exists(Values, id=number)
            assert getattr(same, field) == value
            orm.update_and_verify(row, {field: None})
            orm.update_and_verify(row, {field: value})
            orm.upsert_and_verify(Values, {"id": number, field: value})
            orm.query_and_verify_count(Values, 1, {field: value, "id": number})

    def test_true_is_not_one(self, orm):
        """A boolean comes back as a boolean."""
        row = orm.create_and_verify(Values, id=1, flag=True)
        assert row.flag is True
        [found] = orm.query_and_verify_count(Values, 1, flag=True)
        assert found.flag is True

    def test_an_aware_value_in_a_naive_field_is_refused(self, orm):
        """The model says whether a time has a zone; the error says what to declare."""
        error = orm.expect_create_failure(
            Values, ValidationError, id=1, naive=datetime(2024, 1, 1, tzinfo=UTC)
        )
        assert error.fields == ("naive",)
        assert "declare AwareDatetime" in str(error)
        orm.expect_create_failure(Values, ValidationError, id=1, aware=datetime(2024, 1, 1))
        orm.expect_create_failure(Values, ValidationError, id=1, at=time(1, tzinfo=UTC))

    def test_aware_values_are_the_same_instant_in_utc(self, orm):
        """Whatever zone goes in, the same instant comes back in UTC."""
        at = datetime(2024, 6, 1, 12, tzinfo=timezone(timedelta(hours=5, minutes=45)))
        row = orm.create_and_verify(Values, id=1, aware=at)
        assert row.aware == at
        assert row.aware.tzinfo is UTC
        orm.query_and_verify_count(Values, 1, aware=at)

    def test_what_json_would_change_is_refused(self, orm):
        """A datetime in an untyped dict would come back as text, so it does not go in."""
        orm.expect_create_failure(Values, ValidationError, id=1, tags={"at": datetime(2024, 1, 1)})
        orm.expect_create_failure(Values, ValidationError, id=1, tags={1: "a key that is no text"})

    def test_returned_objects_are_copies(self, orm):
        """Changing what came back, or what went in, changes nothing in the store."""
        tags = {"a": [1]}
        row = orm.create_and_verify(Values, id=1, tags=tags)
        tags["a"].append(2)
        row.tags["a"].append(3)
        found = orm.get_and_verify_exists(Values, id=1)
        assert found.tags == {"a": [1]}
        found.tags["a"].append(4)
        assert orm.get_and_verify_exists(Values, id=1).tags == {"a": [1]}
