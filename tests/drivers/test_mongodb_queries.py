"""What the store is asked means what the contract says, and the store answers it alone wherever it can."""

import datetime
import enum
import itertools
import math
from decimal import Decimal
from typing import Any
from uuid import UUID

import pydantic
import pytest
from mongodb_servers import both

from orm_testing import (
    AggregateOperation,
    CountOperation,
    CreateManyOperation,
    Field,
    Model,
    QueryOperation,
    any_of,
    none_of,
)

pytestmark = pytest.mark.external_services


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


class Row(Model):
    id: int = Field(primary_key=True)
    flag: bool | None = None
    number: int | None = None
    real: float | None = None
    exact: Decimal | None = Field(None, allow_inf_nan=True)
    text: str | None = None
    raw: bytes | None = None
    uid: UUID | None = None
    size: Size | None = None
    day: datetime.date | None = None
    at: datetime.time | None = None
    moment: datetime.datetime | None = None
    took: datetime.timedelta | None = None


WIDE = pydantic.create_model(
    "Wide",
    __base__=Model,
    id=(int, Field(primary_key=True)),
    **{f"t{number}": (str | None, None) for number in range(40)},
)


def moments(*micros):
    return [datetime.datetime(2024, 1, 1) + datetime.timedelta(microseconds=each) for each in micros]


SAMPLES: dict[str, list[Any]] = {
    "flag": [True, False],
    "number": [0, -1, 1, 2**63 - 1, -(2**63), 2**53 + 1, 2**53],
    "real": [0.0, -1.5, 1e308, 5e-324, 2.0**53, 1.0],
    "exact": [
        Decimal(each) for each in ("0", "1.10", "1.1", "-0.001", "1E+3", "NaN", "Infinity", "-Infinity")
    ],
    "text": [
        "",
        "a",
        "A",
        "é",
        "É",
        "a\n",
        "a.c",
        "abc",
        "\x00",
        "\U0001f600",
        "\uffff",
        "K",
        "\u212a",
        "$a",
        "[x]",
    ],
    "raw": [b"", b"\x00", b"aa", b"b", b"\xff"],
    "uid": [UUID(int=0), UUID(int=2**128 - 1), UUID(int=2**64)],
    "size": list(Size),
    "day": [datetime.date.min, datetime.date(2024, 2, 29), datetime.date.max],
    "at": [datetime.time.min, datetime.time(12, 0, 0, 1), datetime.time(12)],
    "moment": [*moments(0, 1, 999, 1000), datetime.datetime.min, datetime.datetime.max],
    "took": [datetime.timedelta(each) for each in (0, -1, 10_000)] + [datetime.timedelta(microseconds=1)],
}
NUMBERS = {"number": [2**70, -(2**70)], "real": [1, 2**53 + 1, 10**400], "exact": [1, Decimal("1" * 40)]}
"""What a condition may name and no row of the field holds."""


def loaded(on_backend, oracle, product):
    driver, other = on_backend(product, Row), oracle(Row)
    columns = [[*values, None] for values in SAMPLES.values()]
    rows = [
        {
            "id": number,
            **{name: column[number % len(column)] for name, column in zip(SAMPLES, columns, strict=True)},
        }
        for number in range(37)
    ]
    for each in (driver, other):
        result = each.execute(CreateManyOperation(Row, rows))
        assert result.success, result.error
    return driver, other


def asked(driver, *values):
    result = driver.execute(QueryOperation(Row, *values))
    assert result.success, result.error
    return [row.id for row in result.data], result.served_by_store


@both
def test_each_lookup_means_what_the_contract_says(on_backend, oracle, product):
    """Every lookup of every kind, with each value, finds the rows that the oracle finds; the store alone judges."""
    driver, other = loaded(on_backend, oracle, product)
    for name, values in SAMPLES.items():
        filters = [{f"{name}__isnull": True}, {f"{name}__isnull": False}, {name: None}, {f"{name}__ne": None}]
        for value in values:
            filters += [{f"{name}__{lookup}": value} for lookup in ("exact", "ne", "gt", "gte", "lt", "lte")]
        pairs = list(itertools.pairwise(values))
        filters += [
            {f"{name}__{lookup}": list(pair)} for lookup in ("between", "in", "not_in") for pair in pairs
        ]
        filters += [{f"{name}__in": [None, values[0]]}, {f"{name}__not_in": [None, values[0]]}]
        filters += [none_of({name: values[0]}), any_of({f"{name}__gt": values[0]}, {name: None})]
        for each in filters:
            found, served = asked(driver, each)
            assert (each, found) == (each, asked(other, each)[0])
            assert served, each


@both
def test_text_is_looked_into_literally(on_backend, oracle, product):
    """Each text is itself in a pattern, the end is the very end, and only ASCII letters fold."""
    driver, other = loaded(on_backend, oracle, product)
    for lookup, text in itertools.product(("contains", "startswith", "endswith"), SAMPLES["text"]):
        for each in ({f"text__{lookup}": text}, {f"text__i{lookup}": text}):
            found, served = asked(driver, each)
            assert (each, found) == (each, asked(other, each)[0])
            assert served, each


@both
def test_what_no_row_can_hold_is_compared_all_the_same(on_backend, oracle, product):
    """Numbers beyond what the store holds find what they should; where it cannot compare with them, that is said."""
    driver, other = loaded(on_backend, oracle, product)
    for name, values in NUMBERS.items():
        for lookup, value in itertools.product(("exact", "ne", "gt", "gte", "lt", "lte"), values):
            each = {f"{name}__{lookup}": value}
            found, served = asked(driver, each)
            assert (each, found) == (each, asked(other, each)[0])
            assert served or lookup not in ("exact", "ne")
            assert driver.execute(CountOperation(Row, each)).data == len(found)
    result = driver.execute(QueryOperation(Row, {"number__lt": 2**70}, order_by=["id"], limit=2, offset=1))
    assert result.client_work == ("filter", "page")
    assert len(result.data) == 2
    found, served = asked(driver, {"text__contains": "é" * 20_000})
    assert (found, served) == ([], False)


@both
@pytest.mark.parametrize("name", SAMPLES)
def test_the_store_sorts_and_cuts(on_backend, oracle, product, name):
    """In either direction, with None last, NaN after the numbers and the key at the end; and so do its pages."""
    driver, other = loaded(on_backend, oracle, product)
    for order in ([name], [f"-{name}"], [f"-{name}", "-id", name]):
        for limit, offset in ((None, 0), (5, 0), (7, 20), (None, 30)):
            found, served = asked(driver, {}, order, limit, offset)
            assert (order, found) == (order, asked(other, {}, order, limit, offset)[0])
            assert served


AGGREGATES = (
    [("count",), ("count", "text__count")]
    + [(f"{name}__min", f"{name}__max", f"{name}__count") for name in SAMPLES if name != "flag"]
    + [(f"{name}__sum", f"{name}__avg") for name in ("took", "real")]
)


@both
def test_aggregates_are_those_of_the_contract(on_backend, oracle, product):
    """Over all rows, over none, and by group; what the pipeline cannot do exactly is made from the rows, and said."""
    driver, other = loaded(on_backend, oracle, product)
    for aggregates, group_by, where in itertools.product(
        AGGREGATES,
        ([], ["size"], ["moment", "flag"], ["number"]),
        ({}, {"id": 99}, {"real__lt": 100, "id__ne": 6}),
    ):
        operation = AggregateOperation(Row, aggregates, where, group_by)
        ours, theirs = driver.execute(operation), other.execute(operation)
        assert ours.success, ours.error
        assert repr(ours.data) == repr(theirs.data) or equal(ours.data, theirs.data), operation
    served = {
        aggregates: driver.execute(AggregateOperation(Row, aggregates, {}, ["size"])).served_by_store
        for aggregates in (("count",), ("took__sum", "number__max"), ("exact__sum",), ("real__min",))
    }
    best = product == "mongomock"
    assert list(served.values()) == [True, best, False, False]


def equal(ours, theirs):
    """The same but for the last digit of a float, and for which of two equal Decimals it is."""
    flat = [[value for row in rows for value in row.values()] for rows in (ours, theirs)]
    return len(flat[0]) == len(flat[1]) and all(
        one == other
        or (isinstance(one, float) and (math.isclose(one, other) or (math.isnan(one) and math.isnan(other))))
        or (isinstance(one, Decimal) and one.is_nan() and other.is_nan())
        for one, other in zip(*flat, strict=True)
    )


def test_a_sum_that_the_server_makes_a_float_of_is_made_again(on_backend, oracle):
    """MongoDB answers with a float where a sum leaves 64 bits."""
    driver, other = loaded(on_backend, oracle, "mongomock")
    operation = AggregateOperation(Row, ("number__sum",), {}, [])
    expected = other.execute(operation).data
    collection = driver._collections[driver.schemas.of(Row)]
    answers = collection._documents.aggregate

    class Rounding:
        def aggregate(self, stages):
            return [{**answer, "a0": float(answer["a0"])} for answer in answers(stages)]

        def __getattr__(self, name):
            return getattr(documents, name)

    documents, collection._documents = collection._documents, Rounding()
    result = driver.execute(operation)
    assert (result.data, result.client_work) == (expected, ("aggregate",))


@both
def test_an_order_of_too_many_fields_for_a_server_is_made_here(on_backend, product):
    """A server sorts by 32 paths at the most: rows beyond that are sorted and cut by the driver, which says so."""
    driver = on_backend(product, WIDE)
    rows = [{"id": number, "t39": "ba"[number % 2]} for number in range(4)]
    assert driver.execute(CreateManyOperation(WIDE, rows)).success
    order = [f"t{number}" for number in range(40)]
    result = driver.execute(QueryOperation(WIDE, order_by=order, limit=3))
    assert result.client_work == ("order", "page")
    assert [row.id for row in result.data] == [1, 3, 0]
    assert driver.execute(QueryOperation(WIDE, order_by=order[:15], limit=3)).served_by_store
