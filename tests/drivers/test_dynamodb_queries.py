"""What DynamoDB is asked for a query: by key, by index, or by reading the table; and what is left to do here."""

import enum
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from orm_testing import (
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    ExistsOperation,
    Field,
    GetOperation,
    InMemoryDriver,
    Model,
    QueryOperation,
    UpdateOperation,
    all_of,
    any_of,
    none_of,
)
from orm_testing.clock import Clock

PRODUCTS = ("dynamodb_local", "dynalite", "moto_dynamodb")


@pytest.fixture(params=PRODUCTS)
def dynamo(request, on_backend):
    """A driver on one product, for these models."""
    return lambda *models: on_backend(request.param, *models)


class Event(Model):
    room: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    kind: str | None = Field(None, index=True)
    text: str = "t"
    price: Decimal | None = None
    weight: float | None = None
    flag: bool | None = None
    tags: Any = None

    zone: str = "z"

    __indexes__ = [("text", "number"), ("kind", "weight"), ("zone", "price")]


class Deep(Model):
    a: str = Field(primary_key=True)
    b: int = Field(primary_key=True)
    c: str = Field(primary_key=True)
    d: date = Field(primary_key=True)


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


class Sized(Model):
    room: str = Field(primary_key=True)
    size: Size = Field(primary_key=True)


class Named(Model):
    id: str = Field(primary_key=True)
    name: str | None = None


def asked(result):
    """The requests of an operation, as their names and the index that they use."""
    assert result, result.error
    return [(name, arguments.get("IndexName")) for name, arguments in result.statements]


def filled(driver):
    rows = [
        {
            "room": f"r{number % 3}",
            "number": number - 20,
            "kind": [None, "k", "l"][number % 3],
            "text": "ab"[number % 2],
            "price": None if number % 7 == 0 else Decimal(number),
            "weight": number / 2,
            "flag": [True, False, None][number % 3],
            "tags": [True, number] if number % 2 else {"n": 1.0},
        }
        for number in range(40)
    ]
    assert driver.execute(CreateManyOperation(Event, rows))
    oracle = InMemoryDriver()
    oracle.clock = Clock()
    oracle.setup_backend([Event])
    assert oracle.execute(CreateManyOperation(Event, rows))
    return oracle


FILTERS = [
    ({"room": "r1"}, "Query", None, ()),
    ({"room": "r1", "number__gte": 3}, "Query", None, ()),
    ({"room": "r1", "number__lt": 3, "text": "a"}, "Query", None, ()),
    ({"room": "r1", "number__in": [1, 4]}, "Query", None, ("filter",)),
    ({"room": "r1", "text__contains": "a", "price__isnull": False}, "Query", None, ()),
    ([{"room": "r2"}, all_of(number__gt=2)], "Query", None, ()),
    ([{"room": "r2"}, any_of(number=2, text="a")], "Query", None, ("filter",)),
    ({"room": "r2", "text__endswith": "a"}, "Query", None, ("filter",)),
    ({"room": "nowhere"}, "Query", None, ()),
    ({"room": "r1", "number__between": (-5, 5)}, "Query", None, ()),
    ({"room": "r1", "number__between": (5, -5)}, "Query", None, ("filter",)),
    ({"room": "r1", "number__gt": -5, "number__lt": 5}, "Query", None, ("filter",)),
    ({"room": "r1", "number__gt": 10**200}, "Query", None, ("filter",)),
    ({"kind": "k"}, "Query", "index_1", ("order",)),
    ({"kind": "k", "flag": False, "number__lt": 1}, "Query", "index_1", ("order",)),
    ({"text": "a", "number__gt": 1}, "Query", "index_2", ("order",)),
    ({"kind": "k", "weight": 0.5}, "Query", "index_3", ("order",)),
    ({"zone": "z"}, "Scan", None, ("order",)),
    ({"zone": "z", "price": Decimal(3)}, "Query", "index_4", ("order",)),
    ({"text__gt": "a"}, "Scan", None, ("order",)),
    ({"kind": None}, "Scan", None, ("order",)),
    ({"price__between": (Decimal(3), Decimal("8.5"))}, "Scan", None, ("order",)),
    ({"price__between": (Decimal(9), Decimal(3))}, "Scan", None, ("order",)),
    ({"price__not_in": [Decimal(3), None]}, "Scan", None, ("order",)),
    ({"price__in": [Decimal(3), None]}, "Scan", None, ("order",)),
    ({"weight__gt": 10**200}, "Scan", None, ("filter", "order")),
    ({"weight__lt": float("inf")}, "Scan", None, ("filter", "order")),
    ({"flag__gt": False}, "Scan", None, ("filter", "order")),
    ({"flag__ne": False}, "Scan", None, ("order",)),
    (none_of({"price__gt": Decimal(3)}, flag=True), "Scan", None, ("order",)),
    (any_of({"price": None}, {"room": ""}), "Scan", None, ("order",)),
    ([any_of(none_of(), kind="k"), {"flag": True}], "Scan", None, ("order",)),
    ({"text__istartswith": "A"}, "Scan", None, ("filter", "order")),
    ({"number__in": list(range(-250, 250))}, "Scan", None, ("order",)),
    ({"number__in": list(range(-1000, 1000))}, "Scan", None, ("filter", "order")),
]  # fmt: skip


def test_each_filter_takes_the_best_way(dynamo):
    """A partition is queried by its key, then an index is, and only else the table is read; the rows are the oracle's."""
    driver = dynamo(Event)
    oracle = filled(driver)
    for filters, verb, index, work in FILTERS:
        result = driver.execute(QueryOperation(Event, filters))
        assert asked(result) == [(verb, index)], filters
        assert result.statements[0][1].get("ConsistentRead", False) is (index is None)
        expected = oracle.execute(QueryOperation(Event, filters)).data
        assert result.data == expected, filters
        assert result.client_work == work, filters
        assert driver.execute(CountOperation(Event, filters)).data == len(expected)
        assert driver.execute(ExistsOperation(Event, filters)).data is bool(expected)


def test_what_never_holds_is_not_asked(dynamo):
    """No request is made where no row can match: an empty list, or a key that no row can have."""
    driver = dynamo(Event)
    for filters in ({"text__in": []}, any_of(), {"room": ""}, {"room": "x" * 3000}, {"room": "\ud800"}):
        assert asked(driver.execute(QueryOperation(Event, filters))) == []
        assert driver.execute(CountOperation(Event, filters)).data == 0


def test_a_partition_is_in_the_order_of_its_sort_key(dynamo):
    """Either way, and the page is cut by the store: it reads no more than it hands out."""
    driver = dynamo(Event)
    filled(driver)
    for order, numbers in ((["number"], [-19, -16, -13]), (["-number"], [17, 14, 11]), ([], [-19, -16, -13])):
        result = driver.execute(QueryOperation(Event, {"room": "r1"}, order_by=order, limit=3))
        assert [event.number for event in result.data] == numbers
        assert result.served_by_store
        [(_, arguments)] = result.statements
        assert arguments["Limit"] == 3
    result = driver.execute(QueryOperation(Event, {"room": "r1", "flag": False}, limit=2, offset=3))
    assert [event.number for event in result.data] == [-10, -7]
    assert result.served_by_store
    assert driver.execute(QueryOperation(Event, {"room": "r1"}, order_by=["text"])).client_work == ("order",)


def test_a_key_of_many_parts_is_found_and_ordered_by_each(dynamo):
    """From the second on, the parts are joined in one sort key, in their order, numbers below zero included."""
    driver = dynamo(Deep)
    keys = [
        {"a": "p", "b": b, "c": c, "d": date(2024, 1, d)}
        for b in (-100, -2, 0, 3, 20)
        for c in ("", "\0", "\0\1", "a", "a\0", "ab", "b", "\U0001f600")
        for d in (1, 2)
    ]
    assert driver.execute(CreateManyOperation(Deep, keys[::-1]))
    found = driver.execute(QueryOperation(Deep, {"a": "p"}))
    assert found.served_by_store
    assert [each.model_dump() for each in found.data] == keys
    down = driver.execute(QueryOperation(Deep, {"a": "p"}, order_by=["-b", "-c", "-d"]))
    assert down.served_by_store
    assert [each.model_dump() for each in down.data] == keys[::-1]
    for key in keys:
        assert asked(driver.execute(GetOperation(Deep, key))) == [("GetItem", None)]
    some = driver.execute(QueryOperation(Deep, {"a": "p", "b": 3, "c": "a"}))
    assert (len(some.data), some.served_by_store) == (2, True)
    assert "begins_with" in some.statements[0][1]["KeyConditionExpression"]
    mixed = driver.execute(QueryOperation(Deep, {"a": "p"}, order_by=["-b", "c"]))
    assert mixed.client_work == ("order",)
    assert [each.b for each in mixed.data] == sorted((key["b"] for key in keys), reverse=True)


def test_members_are_ordered_by_what_is_stored(dynamo):
    """In a sort key as elsewhere, though members of an enum have no order in Python."""
    driver = dynamo(Sized)
    assert driver.execute(CreateManyOperation(Sized, [{"room": "r", "size": size} for size in Size]))
    for lookup, value, sizes in (
        ("gt", Size.LARGE, [Size.SMALL]),
        ("between", (Size.LARGE, Size.SMALL), [Size.LARGE, Size.SMALL]),
        ("between", (Size.SMALL, Size.LARGE), []),
    ):
        found = driver.execute(QueryOperation(Sized, {"room": "r", f"size__{lookup}": value})).data
        assert [each.size for each in found] == sizes


def test_structures_are_equal_by_value_and_type(dynamo):
    """True is not 1, and 1.0 is not 1, whether the product can tell or it is told here."""
    driver = dynamo(Event)
    for number, tags in enumerate([[True], [1], [1.0], {"a": [None]}, {"a": []}, ["1"]]):
        assert driver.execute(CreateOperation(Event, {"room": "r", "number": number, "tags": tags}))
    for number, tags in enumerate([[True], [1], [1.0], {"a": [None]}, {"a": []}, ["1"]]):
        for filters in ({"tags": tags}, {"tags__in": [tags, "x"]}):
            [found] = driver.execute(QueryOperation(Event, filters)).data
            assert found.number == number
        assert driver.execute(CountOperation(Event, {"tags__ne": tags})).data == 5
    assert driver.execute(QueryOperation(Event, {"tags": (1,)})).data == []


def test_a_structure_is_changed_again_and_again(dynamo):
    """An update of a structured field minds what it was only where the product can compare it."""
    driver = dynamo(Event)
    event = driver.execute(CreateOperation(Event, {"room": "r", "number": 1, "tags": {"a": [1.0, {}]}})).data
    for tags in ([], None, [None], "text", {"a": {"b": 2.0}}):
        assert driver.execute(UpdateOperation(Event, event, {"tags": tags}))
        assert driver.rows(Event)[0]["tags"] == tags


def test_text_is_compared_by_code_point(dynamo):
    """Beyond U+D7FF as well, where UTF-16 has another order: there a product that has it is not trusted."""
    driver = dynamo(Named)
    names = ["a", "\ud7ff", "\ue000", "\uffff", "\U0001f600", "\U0010ffff"]
    for name in names:
        assert driver.execute(CreateOperation(Named, {"id": name, "name": name}))
    for number, name in enumerate(names):
        found = driver.execute(QueryOperation(Named, {"name__gt": name}, order_by=["name"])).data
        assert [each.name for each in found] == names[number + 1 :]
        found = driver.execute(QueryOperation(Named, {"name__between": ("a", name)}, order_by=["-name"])).data
        assert [each.name for each in found] == names[number::-1]


def test_ten_thousand_rows_come_in_order(dynamo):
    """Every page of an answer is followed, of a Query and of a Scan."""
    driver = dynamo(Event)
    text = "x" * 200
    assert driver.execute(CreateOperation(Event, {"room": "r0", "number": 0, "text": text}))
    [(table, [item])] = [(name, items) for name, items in driver.store.dump().items() if items]
    places = [(room, number) for room in range(10) for number in range(1000)]
    rows = [item | {"room": {"S": f"r{room}"}, "number": {"N": f"{number}"}} for room, number in places]
    driver.store.restore({table: rows})  # in batches: not every server takes several rows of ours at once
    result = driver.execute(QueryOperation(Event, {}, order_by=["number", "room"]))
    keys = [(event.number, event.room) for event in result.data]
    assert keys == sorted(keys)
    assert len(keys) == 10_000
    assert len(result.statements) > 1
    assert driver.execute(CountOperation(Event, {"text": text})).data == 10_000
    assert driver.store.count(driver.schemas.of(Event)) == 10_000


def test_what_is_larger_than_an_item_is_compared_here(dynamo):
    """No request has room for it, and yet it is no error to ask for it."""
    driver = dynamo(Event)
    assert driver.execute(CreateOperation(Event, {"room": "a", "number": 1}))
    huge = "x" * 3_000_000
    for filters, number in (
        ({"text__contains": huge}, 0),
        ({"text__ne": huge}, 1),
        ({"text__in": [huge, "t"]}, 1),
    ):
        result = driver.execute(CountOperation(Event, filters))
        assert result, result.error
        assert result.data == number
        assert result.client_work == ("filter",)


def test_groups_that_a_product_cannot_read_are_judged_here(dynamo):
    """dynalite takes minutes for parentheses a dozen deep: what nests deeper than it reads at once is left to the driver."""
    driver = dynamo(Event)
    for number in range(4):
        assert driver.execute(CreateOperation(Event, {"room": "a", "number": number}))
    where = all_of(text="t", number__lt=3)
    for number in range(12):
        where = none_of(where, number=number + 10)
    result = driver.execute(QueryOperation(Event, where))
    assert [row.number for row in result.data] == [0, 1, 2]
    dynalite = driver.get_backend_name() == "dynalite"
    assert ("filter" in result.client_work) is dynalite
