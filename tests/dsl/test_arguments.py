"""What a caller writes, as the operations take it."""

import pytest

from orm_testing import (
    AggregateOperation,
    ConfigurationError,
    Field,
    InvalidQueryError,
    MockDriver,
    Model,
    QueryOperation,
    any_of,
)
from orm_testing.dsl.arguments import data_of, filters_of, order_of


class Odd(Model):
    """Its fields bear the names of the verbs' own arguments."""

    id: str = Field(primary_key=True)
    data: str = ""
    filters: str = ""
    limit: int = 0
    offset: int = 0
    order_by: str = ""
    group_by: str = ""
    expected_count: int = 0
    model_class: str = ""
    instance: str = ""
    error: str = ""
    self: str = ""


ALL = {
    "id": "o", "data": "d", "filters": "f", "limit": 3, "offset": 4, "order_by": "b", "group_by": "g",
    "expected_count": 5, "model_class": "m", "instance": "i", "error": "e", "self": "s",
}  # fmt: skip


@pytest.fixture
def orm(make_orm):
    """A client with one row whose every field bears an argument's name."""
    orm = make_orm(Odd)
    orm.create_and_verify(Odd, ALL)
    return orm


def test_fields_with_the_names_of_arguments_go_through_data(orm):
    """`data=` takes every field there is, in every verb that writes."""
    row = orm.get_and_verify_exists(Odd, id="o")
    assert row == Odd(**ALL)
    assert orm.update_and_verify(row, data={"data": "new", "self": "me"}).data == "new"
    assert orm.upsert_and_verify(Odd, data=ALL) == Odd(**ALL)
    assert orm.given(Odd, data={"data": "named"}).data == "named"
    assert orm.expect_create_failure(Odd, data=ALL)
    assert orm.expect_update_failure(row, data={"limit": "many"})
    assert orm.expect_upsert_failure(Odd, data={**ALL, "limit": "many"})


@pytest.mark.parametrize("name", ["self", "model_class", "instance", "error"])
def test_positional_arguments_take_no_names_from_fields(orm, name):
    """A field that bears the name of a positional argument is a keyword like any other."""
    orm.create_and_verify(Odd, id="p", **{name: "x"})
    assert orm.count_models(Odd, **{name: "x"}) == 1
    orm.update_and_verify(orm.get_and_verify_exists(Odd, **{name: "x"}), **{name: "y"})
    orm.expect_create_failure(Odd, id="p", **{name: "x"})


@pytest.mark.parametrize("filters", [{name: value} for name, value in ALL.items()])
def test_fields_with_the_names_of_arguments_go_through_filters(orm, filters):
    """`filters=` takes every field there is, in every verb that reads."""
    orm.create_and_verify(Odd, id="other")
    assert orm.get_and_verify_exists(Odd, filters=filters).id == "o"
    assert orm.query_and_verify_count(Odd, 1, filters=filters, limit=5)[0].id == "o"
    assert orm.query_models(Odd, filters=filters).data[0].id == "o"
    assert orm.count_models(Odd, filters=filters) == 1
    assert orm.model_exists(Odd, filters=filters)
    assert orm.first(Odd, filters=filters).id == "o"
    assert orm.aggregate(Odd, "count", filters=filters) == {"count": 1}


def test_both_styles_of_a_count_are_one():
    """The expected number and the filters may be named or not."""
    asked = []
    driver = MockDriver(lambda operation: asked.append(operation) or [], lambda model_class, key: [])
    orm = client_of(driver)
    orm.query_and_verify_count(Odd, expected_count=0, filters={"id__ne": "x"})
    orm.query_and_verify_count(Odd, 0, id__ne="x")
    orm.query_and_verify_count(Odd, 0, {"id__ne": "x"})
    assert asked == [QueryOperation(Odd, {"id__ne": "x"})] * 3


def client_of(driver):
    from orm_testing import Clock, OrmDsl
    from orm_testing.dsl.context import Context

    return OrmDsl(Context(driver, "mock", [Odd], Clock()), driver)


def test_keywords_and_mappings_become_one_operation():
    """Whatever way they are written, an order and a grouping are tuples, and filters are one condition."""
    asked = []
    driver = MockDriver(lambda operation: asked.append(operation) or [{}], lambda model_class, key: [])
    orm = client_of(driver)
    orm.aggregate(Odd, "count", "limit__sum", group_by="data", id="x")
    orm.aggregate(Odd, "count", "limit__sum", group_by=["data"], filters={"id": "x"})
    assert asked == [AggregateOperation(Odd, ("count", "limit__sum"), {"id": "x"}, ("data",))] * 2


def test_data_is_copied():
    """Changing a mapping after the call does not change the operation."""
    data, filters = {"a": 1}, {"b": 2}
    made, wanted = data_of(data, {}), filters_of(filters, {})
    data["a"] = filters["b"] = "changed"
    assert (made, wanted) == ({"a": 1}, {"b": 2})


@pytest.mark.parametrize(
    ("data", "fields", "expected"),
    [(None, {}, {}), (None, {"a": 1}, {"a": 1}), ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}), ({}, {}, {})],
)
def test_data_and_keywords_are_joined(data, fields, expected):
    """Fields come from both."""
    assert data_of(data, fields) == expected


@pytest.mark.parametrize("data", ["text", 5, ["a"], [("a", 1)]])
def test_data_that_is_no_mapping_says_how_a_field_of_that_name_is_given(data):
    """`data="x"` most likely meant a field named `data`, and the error says how to write that."""
    with pytest.raises(ConfigurationError, match=r"data= is a mapping.*data=\{'data': "):
        data_of(data, {})


@pytest.mark.parametrize(
    ("filters", "lookups", "found"),
    [
        (None, {}, "abc"),
        ({}, {"limit": 1}, "ab"),
        ({"limit": 1}, {"offset": 1}, "a"),
        (any_of(id="a", offset=2), {"limit": 1}, "ab"),
        ([{"limit": 1}, {"offset": 2}], {}, "b"),
        (any_of(id="a"), {"id": "b"}, ""),
        ({"id": "a"}, {"id": "b"}, ""),
        ({"offset__gte": 2}, {"offset__gte": 1}, "bc"),
    ],
)
def test_filters_and_keywords_hold_together(make_orm, filters, lookups, found):
    """All conditions hold, also where both name one field."""
    orm = make_orm(Odd)
    rows = [("a", 1, 1), ("b", 1, 2), ("c", 2, 3)]
    orm.create_many_and_verify(
        Odd, [{"id": key, "limit": limit, "offset": offset} for key, limit, offset in rows]
    )
    wanted = filters_of(filters, lookups)
    assert "".join(row.id for row in orm.query_models(Odd, wanted).data) == found


@pytest.mark.parametrize("filters", ["id", 5, [5]])
def test_filters_of_a_wrong_kind_are_an_error(orm, filters):
    """What is neither mapping, group nor list is refused by name."""
    assert isinstance(orm.query_models(Odd, filters).error, InvalidQueryError)


@pytest.mark.parametrize(
    ("order_by", "expected"), [((), ()), ("-age", ("-age",)), (["a", "b"], ("a", "b")), (("a",), ("a",))]
)
def test_an_order_is_a_tuple(order_by, expected):
    """One name, a list and a tuple are one order."""
    assert order_of(order_by) == expected
