"""What a store does not select, sort or cut is done for it, with the same outcome, and is told."""

from decimal import Decimal

import pytest
from dictionaries import DictCollection, DictDriver, DictStore
from hypothesis import given, settings
from hypothesis import strategies as st

from orm_testing import (
    AggregateOperation,
    Clock,
    CountOperation,
    CreateManyOperation,
    ExistsOperation,
    Field,
    GetOperation,
    Model,
    MultipleResultsError,
    QueryOperation,
    SchemaSet,
    all_of,
    any_of,
    none_of,
)
from orm_testing.filters import LOOKUPS, Group, in_order, matches, parse, parse_order, select_rows
from orm_testing.schema import schema_of
from orm_testing_drivers.nosql.collection import Selected, Selection
from orm_testing_drivers.nosql.selecting import divided, exact_key, finished


class Row(Model):
    id: int = Field(primary_key=True)
    age: int | None = None
    name: str | None = None


class Pair(Model):
    one: str = Field(primary_key=True)
    two: int = Field(primary_key=True)
    name: str = ""


class Real(Model):
    id: float = Field(primary_key=True)


class Exact(Model):
    id: Decimal = Field(primary_key=True)


SCHEMA = schema_of(Row)
numbers = st.integers(-3, 3)
words = st.text("aAbB", max_size=2)
rows = st.lists(
    st.fixed_dictionaries({"id": st.integers(0, 50), "age": st.none() | numbers, "name": st.none() | words}),
    unique_by=lambda row: row["id"],
    max_size=12,
)
conditions = st.one_of(
    st.tuples(st.sampled_from(["age", "age__ne"]), st.none() | numbers),
    st.tuples(st.sampled_from(["age__gt", "age__gte", "age__lt", "age__lte", "id"]), numbers),
    st.tuples(st.sampled_from(["age__in", "age__not_in"]), st.lists(st.none() | numbers, max_size=3)),
    st.tuples(st.just("age__between"), st.tuples(numbers, numbers)),
    st.tuples(st.sampled_from(["age__isnull", "name__isnull"]), st.booleans()),
    st.tuples(st.sampled_from(["name__contains", "name__istartswith", "name__iendswith"]), words),
).map(lambda pair: {pair[0]: pair[1]})
filters = st.recursive(
    conditions | st.lists(conditions, max_size=3),
    lambda inner: st.builds(
        lambda join, parts: join(*parts),
        st.sampled_from([any_of, all_of, none_of]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)
orders = st.lists(st.sampled_from(["age", "-age", "name", "-name", "id", "-id"]), max_size=3)
abilities = st.frozensets(st.sampled_from(LOOKUPS))


def leaves(group):
    for part in group.parts:
        yield from leaves(part) if isinstance(part, Group) else [part]


@given(rows, filters, abilities)
def test_both_halves_of_a_filter_are_the_whole(data, where, able):
    """A row matches where it matches what the store can judge and what is left; the store is given nothing else."""
    parsed = parse(where, SCHEMA)
    served, rest = divided(parsed, lambda condition: condition.lookup in able)
    assert {condition.lookup for condition in leaves(served)} <= able
    for row in data:
        assert matches(parsed, row) is (matches(served, row) and matches(rest, row))


@given(rows, filters, orders, st.none() | st.integers(0, 5), st.integers(0, 5), abilities, st.booleans())
def test_what_the_store_leaves_is_done_and_told(data, where, order, limit, offset, able, sorts):
    """Whatever it can do, the rows are those that were asked for, and each thing that it did not do is named."""
    query = QueryOperation(Row, where, order_by=order, limit=limit, offset=offset)
    selection = Selection(parse(where, SCHEMA), parse_order(order, SCHEMA), limit, offset)
    served, rest = divided(selection.where, lambda condition: condition.lookup in able)
    found = [row for row in data if matches(served, row)]
    ordered = sorts or not found
    if sorts:
        found = in_order(found, selection.order)
    paged = ordered and not rest.parts
    if paged:
        found = found[offset:][:limit]
    answer, work = finished(selection, Selected(found, rest, ordered, paged))
    assert answer == select_rows(data, query)
    assert ("filter" in work) is bool(rest.parts)
    assert ("order" in work) is not ordered
    assert ("page" in work) is (not paged and (limit is not None or offset > 0))


@settings(deadline=None)
@given(rows, filters, orders, st.none() | st.integers(0, 5), st.integers(0, 5), abilities, st.booleans())
def test_a_driver_answers_alike_whatever_its_store_can(data, where, order, limit, offset, able, sorts):
    """Queries, counts and aggregates do not depend on who does the work."""
    driver = on_store(Row, able, sorts)
    driver.execute(CreateManyOperation(Row, data))
    query = QueryOperation(Row, where, order_by=order, limit=limit, offset=offset)
    found = driver.execute(query)
    assert [row.id for row in found.data] == [row["id"] for row in select_rows(data, query)]
    number = sum(matches(parse(where, SCHEMA), row) for row in data)
    assert driver.execute(CountOperation(Row, where)).data == number
    assert driver.execute(ExistsOperation(Row, where)).data is (number > 0)
    counted = driver.execute(AggregateOperation(Row, ("count",), where))
    assert counted.data == [{"count": number}]
    assert "aggregate" in counted.client_work


def on_store(model, able=frozenset(), sorts=False):
    driver, store = DictDriver(), DictStore()
    driver.collection_class = type("Able", (DictCollection,), {"able": able, "sorts": sorts})
    store.prepare(SchemaSet((model,)))
    driver.store, driver.backend_name, driver.clock = store, "dictionaries", Clock()
    driver.setup_backend([model])
    return driver


class Mailbox(Model):
    id: str = Field(primary_key=True)
    address: str = Field(unique=True)


@pytest.mark.parametrize("unique", [True, False])
def test_rows_of_a_batch_are_kept_apart_as_declared(unique):
    """A value that is unique is had by one row of a batch, and by several where the driver does not declare `unique`."""
    driver = on_store(Mailbox)
    driver.collection_class.taken_by = lambda *_: None
    if not unique:
        driver.capabilities = driver.capabilities.without("unique")
    result = driver.execute(CreateManyOperation(Mailbox, [{"id": key, "address": "a"} for key in "xy"]))
    assert result.success is not unique


def test_only_the_whole_key_is_a_key():
    """Conditions name a row where they say each part of its key, equal and not None, and nothing else."""
    schema = schema_of(Pair)
    for where, key in [
        ({"one": "a", "two": 1}, ("a", 1)),
        ({"two": 1, "one": "a"}, ("a", 1)),
        ([{"one": "a", "two": 1}], ("a", 1)),
        ({"one": "a"}, None),
        ({"one": "a", "two": 1, "name": "x"}, None),
        ({"one": "a", "two__in": [1]}, None),
        ({"one": "a", "two": None}, None),
        (any_of(one="a", two=1), None),
        ({}, None),
    ]:
        assert exact_key(parse(where, schema), schema) == key, where


def test_a_key_is_of_the_kind_of_its_field():
    """A whole number names the key of floats or Decimals that is equal to it; one that no float equals names none."""
    by_float, by_decimal = schema_of(Real), schema_of(Exact)
    assert repr(exact_key(parse({"id": 2**53}, by_float), by_float)) == "(9007199254740992.0,)"
    assert repr(exact_key(parse({"id": 10**40}, by_decimal), by_decimal)) == f"(Decimal('{10**40}'),)"
    for number in (2**53 + 1, 10**400):
        assert exact_key(parse({"id": number}, by_float), by_float) is None


def test_a_get_by_conditions_wants_one_row():
    """Two that match are an error, however many rows the store hands out."""
    driver = on_store(Row)
    driver.execute(CreateManyOperation(Row, [{"id": number, "age": number // 2} for number in range(4)]))
    assert isinstance(driver.execute(GetOperation(Row, {"age": 1})).error, MultipleResultsError)
    assert driver.execute(GetOperation(Row, {"age": 1, "id__lt": 3})).data.id == 2


def test_what_was_done_here_is_told_for_each_operation_anew():
    """A query that the store serves has no work of the one before it."""
    driver = on_store(Row, frozenset({"exact"}), sorts=True)
    driver.execute(CreateManyOperation(Row, [{"id": 1}]))
    assert driver.execute(QueryOperation(Row, {"age__isnull": True}, limit=1)).client_work == (
        "filter",
        "order",
        "page",
    )
    served = driver.execute(QueryOperation(Row, {"age": None}, limit=1))
    assert (served.client_work, served.served_by_store) == ((), True)
