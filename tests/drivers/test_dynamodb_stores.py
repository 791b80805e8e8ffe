"""Each test starts with empty tables of its own, and nothing else at the endpoint is ever touched."""

import time
from contextlib import suppress
from dataclasses import replace

import pytest

from orm_testing import (
    ConfigurationError,
    CreateManyOperation,
    CreateOperation,
    Field,
    GetOperation,
    Model,
    QueryOperation,
)
from orm_testing.backends import make_store
from orm_testing.schema import SchemaSet
from orm_testing_drivers.dynamodb.service import DynamoProduct

PRODUCTS = ("dynamodb_local", "dynalite", "moto_dynamodb")
SERVERS = ("dynamodb_local", "dynalite")
PRODUCT = DynamoProduct()


class User(Model):
    id: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)


class Pair(Model):
    a: str = Field(primary_key=True)
    b: int = Field(primary_key=True)
    name: str = Field("x", index=True)


class Counted(Model):
    id: int | None = Field(None, primary_key=True, generated=True)


MODELS = (User, Pair, Counted)


@pytest.fixture(params=PRODUCTS)
def driver(request, on_backend):
    """A driver on each product."""
    return on_backend(request.param, *MODELS)


@pytest.fixture(params=SERVERS)
def given(request, on_backend, tmp_path):
    """A server as one that the user gave, with tables of the user's; a client for it, and what is in it at the end."""
    server = on_backend(request.param, User).store.server
    server = replace(server, way="given", journal=tmp_path / "journal", prefix=f"{server.prefix}_g")
    client = make_client(server)
    theirs = (f"User.{server.prefix}", server.prefix, f"{server.prefix}.User")
    for name in theirs:
        plant(client, name)
    yield server, client
    assert everything(client, server) == {name: [{"id": {"S": "theirs"}}] for name in theirs}
    for name in theirs:
        client.delete_table(TableName=name)


def make_client(server):
    from orm_testing_drivers.aws.client import client

    return client("dynamodb", server.url)


def everything(client, server):
    """By name, what is in every table that is not just being deleted, but for those of other workers."""
    held = {}
    names = [name for page in client.get_paginator("list_tables").paginate() for name in page["TableNames"]]
    for name in names:
        if server.prefix not in name:
            continue
        with suppress(client.exceptions.ResourceNotFoundException):
            held[name] = client.scan(TableName=name)["Items"]
    return held


def plant(client, name):
    """A table of the user's, with an item in it."""
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    deadline = time.monotonic() + 10
    while client.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
        assert time.monotonic() < deadline
    client.put_item(TableName=name, Item={"id": {"S": "theirs"}})


def fill(driver, number=3):
    for operation in (
        CreateManyOperation(User, [{"id": str(n), "email": f"e{n}"} for n in range(number)]),
        CreateManyOperation(Pair, [{"a": "p", "b": n} for n in range(number)]),
        CreateManyOperation(Counted, [{}] * number),
    ):
        assert driver.execute(operation)


def assert_empty(driver):
    client = make_client(driver.store.server)
    for name in driver.store._made:
        assert client.scan(TableName=name)["Items"] == [], name
    assert driver.execute(CreateOperation(User, {"id": "x", "email": "e0"}))
    assert driver.execute(CreateOperation(Counted, {})).data.id == 1
    driver.reset()


@pytest.mark.parametrize("number", [3, 120])
def test_a_reset_empties_all_tables(driver, number):
    """Few rows are deleted one by one, of many the table is made anew; unique values and numbers are free again."""
    fill(driver, number)
    driver.reset()
    assert_empty(driver)


def test_an_untouched_store_is_not_reset(driver):
    """A test that writes nothing costs no request; one that only read neither."""
    driver.reset()
    driver.execute(QueryOperation(Pair, {}))
    sent = []
    driver.store._client.meta.events.register_first("before-send.dynamodb", lambda **_: sent.append(1))
    driver.reset()
    assert sent == []
    assert not driver.store.touched
    fill(driver, 1)
    assert driver.store.touched
    driver.reset()
    assert len(sent) == (0 if driver.store.server.stands_in else 1)


def test_a_reset_of_few_rows_is_one_request_for_all_tables(given, on_backend):
    """The keys are known from the requests that wrote them."""
    server, _ = given
    driver = on_backend("dynamodb", *MODELS, server=server)
    fill(driver, 3)
    sent = []
    driver.store._client.meta.events.register_first(
        "before-send.dynamodb", lambda request, **_: sent.append(request.headers["X-Amz-Target"])
    )
    driver.reset()
    assert [bytes(each).rpartition(b".")[2] for each in sent] == [b"BatchWriteItem"]
    assert_empty(driver)
    driver.store.close()


def test_what_others_wrote_into_the_store_is_emptied_too(driver):
    """Once a client, or a table's name, was asked for, everything is looked for."""
    client = driver.store.connect()
    item = {"a": {"S": "p"}, "b": {"N": "7"}}
    driver.reset()
    client.put_item(TableName=driver.store.table_of(Pair), Item=item)
    client.put_item(TableName=driver.store.table_of(User), Item={"id": {"S": "y"}})
    assert driver.rows(Pair) == [{"a": "p", "b": 7, "name": None}]
    driver.reset()
    assert_empty(driver)
    client.delete_table(TableName=driver.store.table_of(Pair))
    driver.reset()
    fill(driver, 1)
    driver.reset()
    assert_empty(driver)


def test_marked_rows_are_put_back(driver):
    """With their unique values and numbers; after the mark is taken away, a reset empties."""
    fill(driver, 2)
    assert driver.mark()
    fill_more = CreateManyOperation(Pair, [{"a": "q", "b": n} for n in range(60)])
    for _ in range(2):
        assert driver.execute(fill_more)
        assert driver.execute(CreateOperation(Counted, {})).data.id == 3
        driver.reset()
        assert [row["id"] for row in driver.rows(User)] == ["0", "1"]
        assert len(driver.rows(Pair)) == 2
    if "unique" in driver.capabilities:
        assert not driver.execute(CreateOperation(User, {"id": "z", "email": "e1"}))
    driver.unmark()
    driver.reset()
    assert_empty(driver)


def test_two_stores_do_not_meet(driver, on_backend):
    """Two of one worker, on one server, for the same models."""
    other = on_backend(driver.get_backend_name(), *MODELS)
    fill(driver, 2)
    assert other.rows(User) == []
    fill(other, 1)
    other.reset()
    assert len(driver.rows(User)) == 2


def test_on_a_given_server_nothing_else_is_touched(given, on_backend):
    """Tables of the user's, called as ours or as the models, are there with their items at the end, and ours are gone."""
    server, _ = given
    driver = on_backend("dynamodb", *MODELS, server=server)
    fill(driver)
    driver.store.told = True
    driver.reset()
    fill(driver)
    assert server.journal.read_text().split() == [driver.store.namespace]
    driver.store.close()


def test_a_table_of_the_same_name_is_left_alone(given, on_backend, tmp_path):
    """That of the namespace or of a model: it is an error that names it, and what was made before it is removed."""
    server, client = given
    store = make_store("dynamodb")
    store.server = server
    store.open(tmp_path)
    planted = f"{store.namespace}.Pair"
    plant(client, planted)
    with pytest.raises(ConfigurationError, match=rf"{planted} is there already, and is none of ours"):
        store.prepare(SchemaSet(MODELS))
    store.close()
    PRODUCT.remove(server.url, [store.namespace])
    assert client.scan(TableName=planted)["Count"] == 1
    client.delete_table(TableName=planted)


def test_what_a_dead_run_left_is_removed(given, on_backend, tmp_path):
    """By the namespaces that its journal names, and those alone; what is not made as ours is not ours."""
    server, client = given
    store = make_store("dynamodb")
    store.server = server
    store.open(tmp_path)
    store.prepare(SchemaSet(MODELS))
    plant(client, f"{store.namespace}0")
    PRODUCT.remove(server.url, [server.prefix, f"{store.namespace}0", "orm_testing_absent"])
    assert len([name for name in everything(client, server) if name.startswith(store.namespace)]) == 5
    PRODUCT.remove(server.url, [store.namespace])
    assert [name for name in everything(client, server) if name.startswith(store.namespace)] == [
        f"{store.namespace}0"
    ]
    client.delete_table(TableName=f"{store.namespace}0")


def test_who_is_told_the_url_reaches_the_store(given, on_backend):
    """The path of the URL is the namespace, and the tables are called so."""
    server, client = given
    driver = on_backend("dynamodb", *MODELS, server=server)
    assert driver.store.url == f"{server.url}/{driver.store.namespace}"
    assert driver.store.told
    assert driver.store.table_of(User) == f"{driver.store.namespace}.User"
    fill(driver)
    client.delete_item(TableName=driver.store.table_of(User), Key={"id": {"S": "0"}})
    assert not driver.execute(GetOperation(User, {"id": "0"}))
    driver.store.close()


def test_a_test_that_mocks_aws_itself_harms_itself_alone(on_backend):
    """What moto's own decorator removes is there again after a reset, whether or not our tests wrote anything before."""
    from moto import mock_aws

    driver = on_backend("moto_dynamodb", *MODELS)
    for _ in range(2):
        with mock_aws():
            pass
        driver.reset()
    fill(driver)
    with mock_aws():
        pass
    driver.reset()
    assert not any(driver.rows(model) for model in MODELS)
    fill(driver)
