"""How many requests each operation takes: by FerretDB's own count, and by the calls that mongomock gets."""

from collections import Counter
from datetime import datetime

import mongodb_servers
import pytest
from mongodb_servers import both

from orm_testing import (
    AggregateOperation,
    ClearOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    ExistsOperation,
    Field,
    GetOperation,
    Model,
    QueryOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.services.server import Server

pytestmark = pytest.mark.external_services


class Item(Model):
    id: int = Field(primary_key=True)
    name: str | None = Field(None, unique=True)
    size: int = 0


class Dated(Model):
    id: int = Field(primary_key=True)
    made: datetime | None = Field(None, auto_now_add=True)


class Made(Model):
    id: int | None = Field(None, primary_key=True, generated=True)


ONE = Item(id=1)
EXPECTED = [
    (CreateOperation(Item, {"id": 1, "name": "a"}), ["insert"]),
    (GetOperation(Item, {"id": 1}), ["find"]),
    (GetOperation(Item, {"name": "a"}), ["find"]),
    (UpdateOperation(Item, ONE, {"size": 2}), ["find", "update"]),
    (UpdateOperation(Item, ONE, {"size": 2}), ["find"]),
    (UpsertOperation(Item, {"id": 1, "name": "b"}), ["update"]),
    (CreateManyOperation(Item, [{"id": 10 + number} for number in range(500)]), ["insert"]),
    (QueryOperation(Item, {"size__gte": 0, "name": None}, order_by=["-size"], limit=7, offset=3), ["find"]),
    (QueryOperation(Item, {}), ["find"]),
    (CountOperation(Item, {"size__lt": 5}), ["aggregate"]),
    (ExistsOperation(Item, {"size__lt": 5}), ["find"]),
    (ExistsOperation(Item, {"id": 1}), ["find"]),
    (AggregateOperation(Item, ("count",), {}, ["size"]), ["aggregate"]),
    (DeleteOperation(Item, ONE), ["delete"]),
    (DeleteOperation(Item, ONE), ["delete"]),
    (UpdateOperation(Item, ONE, {"size": 2}), ["find"]),
    (CreateOperation(Item, {"id": 10}), ["insert", "find"]),
    (UpsertOperation(Dated, {"id": 1}), ["find", "update"]),
    (UpsertOperation(Dated, {"id": 1, "made": datetime(2024, 1, 1)}), ["update"]),
    (CreateOperation(Made, {}), ["findAndModify", "insert"]),
    (CreateManyOperation(Made, [{}, {}]), ["findAndModify", "insert"]),
    (CreateOperation(Made, {"id": 7}), ["update", "insert"]),
    (ClearOperation(), ["delete", "delete", "delete"]),
]
CALLS = {
    "insert_one": "insert", "insert_many": "insert", "find_one": "find", "find": "find", "update_one": "update",
    "replace_one": "update", "delete_one": "delete", "delete_many": "delete", "aggregate": "aggregate",
    "count_documents": "aggregate", "find_one_and_update": "findAndModify",
}  # fmt: skip


@pytest.fixture
def alone(tmp_path):
    """A FerretDB that nobody else asks."""
    with mongodb_servers.serving(tmp_path) as (_, url):
        yield Server("mongodb", "local", url, "FerretDB v1.24.0", "orm_testing_alone")


def counted(client):
    commands = client.admin.command("serverStatus")["metrics"]["commands"]
    ours = {*CALLS.values(), "getMore"}
    return Counter({name: numbers["total"] for name, numbers in commands.items() if name in ours})


def test_each_operation_takes_as_few_requests_as_it_needs(alone, on_backend):
    """FerretDB counts them; the statements of a result are just these."""
    driver = on_backend("mongodb", Item, Dated, Made, server=alone)
    with driver.store.client() as watching:
        for operation, expected in EXPECTED:
            before = counted(watching)
            result = driver.execute(operation)
            assert (operation, counted(watching) - before) == (operation, Counter(expected))
            assert [text for text, _ in result.statements] == expected


def test_mongomock_gets_as_many_calls(on_backend):
    """The statements of a result are the calls of mongomock, each told with what it was given."""
    driver = on_backend("mongomock", Item, Dated, Made)
    for operation, expected in EXPECTED:
        result = driver.execute(operation)
        assert (operation, [CALLS[text] for text, _ in result.statements]) == (operation, expected)
    assert result.statements[0][1] == {"collection": "Item", "arguments": ({},)}


@both
def test_ten_thousand_rows_come_in_order(on_backend, product):
    """All pages of a long answer are followed, and a page of it is cut by the store."""
    driver = on_backend(product, Made)
    created = driver.execute(CreateManyOperation(Made, [{}] * 10_000))
    assert created.success, created.error
    result = driver.execute(QueryOperation(Made, {}, order_by=["-id"]))
    assert [row.id for row in result.data] == list(range(10_000, 0, -1))
    assert result.served_by_store
    page = driver.execute(QueryOperation(Made, {"id__gt": 5_000}, limit=3, offset=4_990))
    assert [row.id for row in page.data] == [9_991, 9_992, 9_993]
    assert len(page.statements) == 1


@both
def test_an_untouched_store_is_reset_without_a_request(on_backend, product):
    """And one that was written to, with one request per collection."""
    driver = on_backend(product, Item, Dated, Made)
    calls = []
    clear, driver.store._clear = driver.store._clear, lambda name: (calls.append(name), clear(name))
    driver.reset()
    driver.execute(GetOperation(Item, {"id": 1}))
    driver.reset()
    assert calls == []
    driver.execute(CreateOperation(Made, {}))
    driver.execute(CreateOperation(Item, {"id": 1}))
    driver.reset()
    assert sorted(calls) == ["Item", "Made", "_orm_testing_keys"]
    driver.reset()
    assert len(calls) == 3
