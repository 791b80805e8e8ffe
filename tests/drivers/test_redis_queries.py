"""Queries of Redis: what the indexes serve, what is left to the driver, and that the answers are the contract's."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Annotated

import pydantic
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis_servers import PRODUCTS

from orm_testing import (
    CountOperation,
    CreateManyOperation,
    Field,
    Model,
    QueryOperation,
    UpsertOperation,
    any_of,
    none_of,
)
from orm_testing.filters import parse, parse_order, select_rows
from orm_testing.schema import schema_of
from orm_testing_drivers.nosql.collection import Selection
from orm_testing_drivers.redis.layout import Layout
from orm_testing_drivers.redis.planning import planned


@pytest.fixture(params=PRODUCTS)
def redis(request, on_backend):
    """A driver on one product, for these models."""
    return lambda *models: on_backend(request.param, *models)


class Item(Model):
    __indexes__ = [("city", "size")]
    __unique__ = [("city", "code")]

    town: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    city: str = "x"
    size: int | None = None
    code: str | None = None
    real: float | None = Field(None, index=True)
    price: Annotated[Decimal, pydantic.Field(allow_inf_nan=True)] = Field(Decimal(0), index=True)
    day: date | None = Field(None, index=True)
    note: str = ""


class Long(Model):
    id: int = Field(primary_key=True)
    group: int = Field(0, index=True)


class Aware(Model):
    id: int = Field(primary_key=True)
    at: pydantic.AwareDatetime = Field(index=True)


texts = st.sampled_from(["", "a", "ab", "b", "a\0", "a\0\1", "\U0001f600", "\uffff", "ä", "A"])
numbers = st.integers(-3, 3) | st.sampled_from([2**70, -(2**70)])
reals = st.none() | st.sampled_from([0.0, -0.0, 1.5, -1.5, float("inf"), float("-inf"), float("nan"), 1e300])
prices = st.sampled_from(
    [Decimal(text) for text in ("0", "-0.0", "1.5", "1.50", "-2", "1E+3", "NaN", "Infinity")]
)
days = st.none() | st.dates(date(2024, 1, 1), date(2024, 1, 4))
rows = st.lists(
    st.fixed_dictionaries(
        {
            "town": texts, "number": numbers, "city": texts, "size": st.none() | numbers, "code": st.none() | texts,
            "real": reals, "price": prices, "day": days, "note": texts,
        }
    ),
    max_size=12,
    unique_by=(lambda row: (row["town"], row["number"]), lambda row: (row["city"], row["code"]) if row["code"] is not None else (row["town"], row["number"], 0)),
)  # fmt: skip
VALUES = {
    "town": texts, "number": numbers, "city": texts, "size": numbers, "code": texts,
    "real": reals.filter(lambda value: value is not None) | st.integers(-2, 2) | st.just(2**53 + 1),
    "price": prices | st.integers(-2, 2), "day": days.filter(lambda value: value is not None), "note": texts,
}  # fmt: skip


@st.composite
def conditions(draw):
    field = draw(st.sampled_from(list(VALUES)))
    lookups = ["exact", "ne", "gt", "gte", "lt", "lte", "in", "not_in", "between", "isnull"]
    if field in ("town", "city", "code", "note"):
        lookups += ["startswith", "contains", "iendswith"]
    lookup = draw(st.sampled_from(lookups))
    value = VALUES[field]
    if lookup == "isnull":
        value = st.booleans()
    elif lookup == "between":
        value = st.tuples(value, value)
    elif lookup in ("in", "not_in"):
        value = st.lists(value | st.none(), max_size=3)
    return {f"{field}__{lookup}": draw(value)}


@st.composite
def queries(draw):
    parts = draw(st.lists(conditions(), max_size=3))
    filters = [any_of(*parts), none_of(*parts), parts][draw(st.integers(0, 2)) if parts else 2]
    names = st.sampled_from([*VALUES, *(f"-{name}" for name in VALUES)])
    order = draw(st.lists(names, max_size=2, unique_by=lambda name: name.lstrip("-")))
    limit, offset = draw(st.none() | st.integers(1, 4)), draw(st.integers(0, 3))
    return QueryOperation(Item, filters, order_by=order, limit=limit, offset=offset)


@pytest.mark.parametrize("product", PRODUCTS)
def test_queries_mean_what_the_contract_says(product, on_backend):
    """Whatever is stored and asked, in whatever order and page, the rows are those of the in-memory evaluation."""
    driver = on_backend(product, Item)

    @settings(deadline=None, max_examples=200, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(rows, st.lists(queries(), min_size=1, max_size=6))
    def holds(stored, asked):
        driver.reset()
        assert driver.execute(CreateManyOperation(Item, stored)).success
        known = [dict(Item(**row).__dict__) for row in stored]
        for query in asked:
            wanted = [(row["town"], row["number"]) for row in select_rows(known, query)]
            found = driver.execute(query)
            assert [(row.town, row.number) for row in found.data] == wanted, query
            count = driver.execute(CountOperation(Item, query.filters)).data
            assert count == len(select_rows(known, QueryOperation(Item, query.filters)))

    holds()


WHERE = {
    "nothing": ({}, [], True),
    "the key backwards": ({}, ["-town", "-number"], True),
    "the key in two directions": ({}, ["town", "-number"], False),
    "a part of the key": ({"town": "a", "number__gt": 1}, ["-number"], True),
    "the second part of the key": ({"number": 1}, [], False),
    "the beginning of a text": ({"town__startswith": "a"}, [], True),
    "an index": ({"price": Decimal(1)}, [], True),
    "a range of an index, in another order": ({"price__gte": Decimal(1)}, [], False),
    "a range of an index, in its order": ({"price__gte": 1, "price__lt": 9}, ["price"], True),
    "the order of an index": ({}, ["price"], True),
    "the order of an index backwards": ({}, ["-price"], False),
    "the order of an index that lacks rows": ({}, ["real"], False),
    "several values": ({"real__in": [1.0, 2.0]}, ["real"], True),
    "None among several values": ({"real__in": [1.0, None]}, ["real"], False),
    "None": ({"real": None}, [], False),
    "an index of two fields": ({"city": "x", "size__between": (1, 2)}, ["size"], True),
    "half of an index of two fields, of which one may be None": ({"city": "x"}, [], False),
    "a unique pair, in whatever order": ({"city": "x", "code": "y"}, ["-price", "note"], True),
    "any of two": (any_of(price=1, real=2.0), [], False),
    "a field without an index": ({"note": "a"}, [], False),
    "an integer that is no float": ({"real": 2**53 + 1}, ["real"], False),
}


@pytest.mark.parametrize("case", WHERE)
def test_what_the_store_serves(case):
    """A selection is served where the key or an index has its conditions and its order, and else partly."""
    filters, order, served = WHERE[case]
    schema = schema_of(Item)
    selection = Selection(parse(filters, schema), parse_order(order, schema))
    plan = planned(selection, Layout("n", schema))
    assert (plan.ordered and not plan.rest.parts) is served


def test_a_served_query_says_so(redis):
    """Results tell what had to be done outside of the store."""
    driver = redis(Item)
    driver.execute(
        CreateManyOperation(Item, [{"town": "a", "number": n, "price": n, "note": "x"} for n in range(9)])
    )
    query = QueryOperation(Item, {"price__lt": 5}, order_by=["price"], limit=2, offset=1)
    found = driver.execute(query)
    assert ([row.number for row in found.data], found.served_by_store) == ([1, 2], True)
    assert len(driver.statements) == 1
    found = driver.execute(QueryOperation(Item, {"price__lt": 5, "note": "x"}, order_by=["-price"], limit=2))
    assert ([row.number for row in found.data], found.client_work) == ([4, 3], ("filter", "order", "page"))


def test_an_instant_is_found_in_whatever_zone(redis):
    """A condition on an aware datetime means the instant; one that UTC cannot tell is judged by the driver."""
    driver = redis(Aware)
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    driver.execute(CreateManyOperation(Aware, [{"id": 1, "at": noon}]))
    there = noon.astimezone(timezone(timedelta(hours=5)))
    assert len(driver.execute(QueryOperation(Aware, {"at": there})).data) == 1
    early = datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))
    found = driver.execute(QueryOperation(Aware, {"at__gt": early}))
    assert (len(found.data), found.client_work) == (1, ("filter",))


def test_indexes_follow_the_rows(redis):
    """Whatever writes a row, it is found by what it holds now, and by nothing that it held before."""
    driver = redis(Item)
    for price, city in ((1, "x"), (2, "y"), (3, "x")):
        driver.execute(
            UpsertOperation(Item, {"town": "a", "number": 1, "price": price, "city": city, "code": "c"})
        )
        for asked in (1, 2, 3):
            found = driver.execute(QueryOperation(Item, {"price": asked}))
            assert (len(found.data), found.served_by_store) == (int(asked == price), True)
        assert len(driver.execute(QueryOperation(Item, {"city": city, "code": "c"})).data) == 1
    driver.execute(UpsertOperation(Item, {"town": "a", "number": 1}))
    assert driver.execute(QueryOperation(Item, {"city": "x", "code": "c"})).data == []


def test_ten_thousand_rows_come_in_one_request(redis):
    """All of them, in order, and none twice."""
    driver = redis(Long)
    rows = [{"id": number * 7919 % 10_007, "group": number % 3} for number in range(10_000)]
    assert driver.execute(CreateManyOperation(Long, rows)).success
    found = driver.execute(QueryOperation(Long))
    assert [row.id for row in found.data] == sorted(row["id"] for row in rows)
    assert len(driver.statements) == 1
    page = driver.execute(QueryOperation(Long, {"group": 1}, limit=3, offset=3_000)).data
    assert [row.id for row in page] == sorted(row["id"] for row in rows if row["group"] == 1)[3_000:3_003]
    assert driver.execute(CountOperation(Long, {"group": 1})).data == 3_333
