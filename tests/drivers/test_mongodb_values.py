"""How values lie in documents, on FerretDB and on mongomock: as people read them, and exactly."""

import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from bson import Decimal128
from mongodb_servers import both
from pydantic import AwareDatetime, ConfigDict, create_model

from orm_testing import (
    CreateOperation,
    Field,
    GetOperation,
    Model,
    QueryOperation,
    UpdateOperation,
    UpsertOperation,
    ValueRangeError,
)

pytestmark = pytest.mark.external_services


class Thing(Model):
    model_config = ConfigDict(ser_json_inf_nan="constants")

    id: int = Field(primary_key=True)
    real: float | None = None
    exact: Decimal | None = Field(None, allow_inf_nan=True)
    text: str | None = None
    raw: bytes | None = None
    day: date | None = None
    at: time | None = None
    naive: datetime | None = None
    aware: AwareDatetime | None = None
    took: timedelta | None = None
    tags: Any = None


class Moment(Model):
    at: datetime = Field(primary_key=True)
    raw: bytes = Field(primary_key=True)
    price: Decimal = Field(primary_key=True)


def done(driver, operation):
    result = driver.execute(operation)
    assert result.success, result.error
    return result.data


def refused(driver, operation):
    error = driver.execute(operation).error
    assert isinstance(error, ValueRangeError)
    return error


def raw(driver, model=Thing):
    """The stored documents, as another client reads them."""
    with driver.store.connect() as client:
        return list(client.get_default_database()[model.__name__].find())


def ids(driver, order=("id",), **filters):
    result = driver.execute(QueryOperation(Thing, filters, order_by=list(order)))
    assert result.served_by_store, result.client_work
    return [row.id for row in result.data]


@both
def test_a_document_is_what_people_would_write(on_backend, product):
    """The key is `_id`, dates are dates, None is absent, and structured values are documents."""
    driver = on_backend(product, Thing)
    moment = datetime(2024, 2, 29, 1, 2, 3, 456789)
    values = {
        "exact": Decimal("1.50"),
        "day": date(2024, 2, 29),
        "naive": moment,
        "aware": moment.replace(tzinfo=UTC),
    }
    done(driver, CreateOperation(Thing, {"id": 1, **values, "raw": b"\xff", "tags": {"a": [1, {"b": None}]}}))
    (document,) = raw(driver)
    assert document["_id"] == 1
    assert "id" not in document
    assert "text" not in document
    assert document["exact"] == ("1.50" if product == "ferretdb" else Decimal128("1.50"))
    assert document["day"] == datetime(2024, 2, 29)
    assert document["naive"] == document["aware"] == datetime(2024, 2, 29, 1, 2, 3, 456000)
    assert bytes(document["raw"]) == b"\xff"
    assert document["tags"] == {"a": [1, {"b": None}]}


@both
def test_moments_are_compared_to_the_microsecond_by_the_store(on_backend, product):
    """Two of the same millisecond are two, found and sorted by the store."""
    driver = on_backend(product, Thing)
    moments = [datetime(2024, 1, 1, 0, 0, 0, micros) for micros in (123_456, 123_455, 123_999, 124_000)]
    moments += [datetime.min, datetime(1969, 12, 31, 23, 59, 59, 999_999)]
    for number, moment in enumerate(moments):
        done(
            driver,
            CreateOperation(Thing, {"id": number, "naive": moment, "aware": moment.replace(tzinfo=UTC)}),
        )
    assert ids(driver, ["naive"]) == ids(driver, ["aware"]) == [4, 5, 1, 0, 2, 3]
    assert ids(driver, naive__gt=moments[1], naive__lte=moments[2]) == [0, 2]
    assert ids(driver, naive=moments[0]) == [0]
    assert [done(driver, GetOperation(Thing, {"id": number})).naive for number in range(6)] == moments


@both
def test_bytes_are_in_the_order_of_their_bytes(on_backend, product):
    """BSON has the shorter one first, whatever is in it."""
    driver = on_backend(product, Thing)
    for number, value in enumerate([b"b", b"aaa", b"", b"a", b"\xff\x00", b"\x80"]):
        done(driver, CreateOperation(Thing, {"id": number, "raw": value}))
    assert ids(driver, ["raw"]) == [2, 3, 1, 0, 5, 4]
    assert ids(driver, raw__gt=b"aa") == [0, 1, 4, 5]


@both
def test_decimals_are_exact_and_compared_by_value(on_backend, product):
    """Trailing zeros stay, `1.0` equals `1.00`, and the store sorts what it cannot compare as it is."""
    driver = on_backend(product, Thing)
    values = ["1.00", "-2E+5", "0E-7", "99999999999999999999.99999999999999", "1E-30", "-0.5"]
    for number, value in enumerate(values):
        done(driver, CreateOperation(Thing, {"id": number, "exact": Decimal(value)}))
        assert str(done(driver, GetOperation(Thing, {"id": number})).exact) == str(Decimal(value))
    assert ids(driver, ["exact"]) == [1, 5, 2, 4, 0, 3]
    assert ids(driver, exact=Decimal("1.0")) == ids(driver, exact=1) == [0]


def test_a_decimal128_has_34_digits(on_backend):
    """A digit more, or an exponent that it would change, is refused before anything is written."""
    driver = on_backend("mongomock", Thing)
    done(driver, CreateOperation(Thing, {"id": 1, "exact": Decimal("9" * 34)}))
    for value in ("9" * 35, "1E+6145", "1E-6177"):
        assert refused(driver, CreateOperation(Thing, {"id": 2, "exact": Decimal(value)})).fields == (
            "exact",
        )
    assert len(raw(driver)) == 1


def test_on_ferretdb_a_decimal_is_text_of_any_length(on_backend):
    """FerretDB closes the connection on a Decimal128."""
    driver = on_backend("ferretdb", Thing)
    long = Decimal("1234567890" * 10 + "." + "7" * 50)
    row = done(driver, CreateOperation(Thing, {"id": 1, "exact": long}))
    done(driver, UpdateOperation(Thing, row, {"text": "x"}))
    assert done(driver, GetOperation(Thing, {"id": 1})).exact == long
    assert driver.capabilities["decimal_digits"] is None


def test_on_mongomock_nan_comes_after_all_numbers(on_backend):
    """It equals itself, is greater than infinity, and None comes last either way."""
    driver = on_backend("mongomock", Thing)
    for number, value in enumerate([1.5, math.nan, -math.inf, None, math.inf, -0.0]):
        done(driver, CreateOperation(Thing, {"id": number, "real": value}))
    assert ids(driver, ["real"]) == [2, 5, 0, 4, 1, 3]
    assert ids(driver, ["-real"]) == [1, 4, 0, 5, 2, 3]
    assert (
        ids(driver, real=math.nan) == ids(driver, real__gte=math.nan) == ids(driver, real__gt=math.inf) == [1]
    )
    assert ids(driver, real__lt=math.nan) == ids(driver, real__ne=math.nan) == [0, 2, 4, 5]
    assert ids(driver, real__lte=math.nan) == [0, 1, 2, 4, 5]
    assert ids(driver, real__not_in=[math.nan, 1.5]) == [2, 4, 5]
    assert ids(driver, real__in=[math.nan, None]) == [1, 3]
    assert math.copysign(1, done(driver, GetOperation(Thing, {"id": 5})).real) == -1


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_on_ferretdb_a_float_is_finite(on_backend, value):
    """FerretDB closes the connection on NaN; it is refused before, and so is what it is compared with."""
    driver = on_backend("ferretdb", Thing)
    assert refused(driver, CreateOperation(Thing, {"id": 1, "real": value})).fields == ("real",)
    row = done(driver, CreateOperation(Thing, {"id": 1, "real": 1.0}))
    refused(driver, UpdateOperation(Thing, row, {"real": value}))
    refused(driver, UpsertOperation(Thing, {"id": 1, "real": value}))
    assert done(driver, QueryOperation(Thing, {"real": value})) == []
    assert len(done(driver, QueryOperation(Thing, {"real__gt": -math.inf}))) == 1


HOSTILE = {
    "a.b": 1, "$set": {"": 3, "$inc": 2}, "%24": 4, "%int": "5", "\x00": 6, "\\": 7, '"': 8, "_id": 9,
    "deep": [[1, [2, []]], [], [{"x": [[3]]}]], "big": 2**70, "small": -(2**63), "float": [1.0, -0.0, 1e300],
    "odd": [math.nan, math.inf, -math.inf],
}  # fmt: skip


@both
def test_structured_values_are_exact(on_backend, product):
    """Dots, dollars and quotes in keys, arrays in arrays, whole numbers of any size, NaN: all come back as they were."""
    driver = on_backend(product, Thing)
    done(driver, CreateOperation(Thing, {"id": 1, "tags": HOSTILE}))
    found = done(driver, GetOperation(Thing, {"id": 1})).tags
    assert repr(sorted(found.items())) == repr(sorted(HOSTILE.items()))
    assert repr(driver.rows(Thing)[0]["tags"]) == repr(found)
    other_way_round = dict(reversed(HOSTILE.items()))
    assert ids(driver, tags=other_way_round) == [1]
    assert ids(driver, tags__ne=other_way_round) == []


@both
def test_a_list_is_not_found_by_what_is_in_it(on_backend, product):
    """MongoDB finds `[[1, 2]]` by `[1, 2]`, and `[1, 2]` by `1`; and 1.0 by 1."""
    driver = on_backend(product, Thing)
    for number, value in enumerate([[[1, 2]], [1, 2], 1, [2, 1]]):
        done(driver, CreateOperation(Thing, {"id": number, "tags": value}))
    assert ids(driver, tags=[1, 2]) == [1]
    assert ids(driver, tags=1) == [2]
    assert ids(driver, tags=1.0) == []


@both
def test_what_no_document_holds_is_refused(on_backend, product):
    """Lone surrogates, times too long, values too deep and rows too large: nothing is written, by any verb."""
    driver = on_backend(product, Thing)
    row = done(driver, CreateOperation(Thing, {"id": 1, "text": "x" * 9_000_000}))
    deep: Any = 1
    for _ in range(95):
        deep = [deep]
    for values in (
        {"text": "\ud800"},
        {"tags": deep},
        {"took": timedelta.max},
        {"text": "x" * 17_000_000},
        {"raw": b"\xff" * 9_000_000},
    ):
        refused(driver, CreateOperation(Thing, {"id": 2, **values}))
        refused(driver, UpdateOperation(Thing, row, values))
        refused(driver, UpsertOperation(Thing, {"id": 1, **values}))
    refused(driver, UpdateOperation(Thing, row, {"raw": b"x" * 5_000_000}))
    assert [(row["id"], len(row["text"]), row["raw"]) for row in driver.rows(Thing)] == [(1, 9_000_000, None)]
    assert done(driver, QueryOperation(Thing, {"text__contains": "\ud800"})) == []


@both
def test_keys_may_be_of_any_kind(on_backend, product):
    """Parts of a key are compared by what is exact of them, and `1.0` is the key `1.00`."""
    driver = on_backend(product, Moment)
    keys = [
        (datetime(2024, 1, 1, 0, 0, 0, micros), raw, Decimal(1)) for micros in (2, 1) for raw in (b"b", b"aa")
    ]
    for at, bytes_, price in keys:
        done(driver, CreateOperation(Moment, {"at": at, "raw": bytes_, "price": price}))
    found = done(driver, QueryOperation(Moment, {}))
    assert [(row.at, row.raw, row.price) for row in found] == sorted(keys)
    same = {"at": keys[0][0], "raw": b"b", "price": Decimal("1.00")}
    assert not driver.execute(CreateOperation(Moment, same)).success
    assert done(driver, GetOperation(Moment, same)).price == 1
    assert [row["raw"] for row in driver.rows(Moment, same)] == [b"b"]


@both
def test_names_that_are_taken_or_hostile_are_columns_like_others(on_backend, product):
    """Fields called as the layout's own, with dots, dollars or quotes, do not meet."""
    own = ["_id", "_by:at", "_none:text", "_unique:u7", "_by", "%5Fby:at"]
    names = ["$where", "a.b", 'q"', "\\", "%24", "\x07", "é" * 100]
    fields: dict[str, Any] = {name: (str, Field(unique=True)) for name in names}
    fields |= {f"f{number}": (str, Field(alias=name)) for number, name in enumerate(own)}
    fields |= {"at": (datetime, ...), "text": (str | None, None), "real": (float | None, None)}
    model = create_model("system.users", __base__=Model, key=(str, Field(primary_key=True)), **fields)
    model.__tablename__ = "system.$users" + "x" * 300
    model.__unique__ = [("at", "real")]
    driver = on_backend(product, model)
    values = {name: f"{name!r} is" for name in fields}
    values |= {"at": datetime(2024, 1, 1, 0, 0, 0, 1), "text": None, "real": 1.5}
    row = done(driver, CreateOperation(model, {"key": "k", **values}))
    done(driver, UpdateOperation(model, row, {"$where": "new", "f0": "also"}))
    stored = {"key": "k", **values, "$where": "new", "f0": "also"}
    assert driver.rows(model) == [stored]
    assert len(done(driver, QueryOperation(model, stored))) == 1


@both
def test_a_document_of_another_client_is_read(on_backend, product):
    """It lacks what stands beside; and a date that another client changed is the date."""
    driver = on_backend(product, Thing)
    done(driver, CreateOperation(Thing, {"id": 2, "naive": datetime(2024, 1, 1, 0, 0, 0, 1)}))
    with driver.store.connect() as client:
        documents = client.get_default_database()["Thing"]
        written = {"_id": 1, "naive": datetime(2024, 1, 1, 1, 1, 1, 5000), "tags": {"a": 1}, "text": None}
        documents.insert_one(written)
        documents.update_one({"_id": 2}, {"$set": {"naive": datetime(2025, 1, 1)}})
    for rows in ([vars(row) for row in done(driver, QueryOperation(Thing, {}))], driver.rows(Thing)):
        assert [row["naive"] for row in rows] == [datetime(2024, 1, 1, 1, 1, 1, 5000), datetime(2025, 1, 1)]
        assert (rows[0]["tags"], rows[0]["text"]) == ({"a": 1}, None)
