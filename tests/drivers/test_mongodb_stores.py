"""Stores start each test clean, whoever wrote to them, and touch nothing but their own database."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pymongo
import pytest
from mongodb_servers import both
from pydantic import create_model

from orm_testing import (
    ConfigurationError,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    Field,
    Model,
    SchemaSet,
    UpdateOperation,
)
from orm_testing.backends import make_store, product_of
from orm_testing.plugin.services import servers_of
from orm_testing_drivers.mongodb.service import MongoProduct

pytestmark = pytest.mark.external_services


class Item(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = Field(unique=True)
    kind: str = Field("x", index=True)


class Dated(Model):
    id: UUID = Field(primary_key=True)
    at: datetime


class Plain(Model):
    id: str = Field(primary_key=True)


def add(driver, name):
    result = driver.execute(CreateOperation(Item, {"name": name}))
    assert result.success, result.error
    return result.data


def names(driver):
    return [row["name"] for row in driver.rows(Item)]


@pytest.fixture
def given(request, tmp_path):
    """The run's FerretDB as if a user had given it, with databases of the user's."""
    servers, product = servers_of(request.config), product_of("ferretdb")
    if reason := servers.unavailable(product):
        pytest.skip(reason)
    server = servers.server(product)
    theirs = (f"{server.prefix}_theirs", "shop_of_a_stranger")
    with pymongo.MongoClient(server.url) as client:
        for name in theirs:
            client[name]["Item"].insert_one({"_id": 1, "name": "theirs"})
        yield client, replace(server, way="given", journal=tmp_path / "journal"), theirs
        for name in theirs:
            assert list(client[name]["Item"].find()) == [{"_id": 1, "name": "theirs"}]
            client.drop_database(name)


@both
def test_reset_empties_all_collections_and_starts_keys_anew(on_backend, product):
    """Rows are gone, their unique values free again, and keys begin with 1."""
    driver = on_backend(product, Item, Plain)
    for _ in range(2):
        assert add(driver, "a").id == 1
        driver.execute(CreateOperation(Plain, {"id": "p"}))
        driver.reset()
        assert driver.rows(Item) == driver.rows(Plain) == []


@both
def test_what_a_client_of_the_tests_own_did_is_undone(on_backend, product):
    """Rows, collections of its own, dropped ones, and indexes more or less."""
    driver = on_backend(product, Item, Plain)
    with driver.store.connect() as client:
        database = client.get_default_database()
        made = database["Item"].index_information()
        for _ in range(2):
            database["Plain"].insert_one({"_id": "p"})
            database["own"].insert_one({"_id": 1})
            database["Item"].drop_index("u0")
            database["Item"].insert_many([{"_id": number, "name": "same"} for number in (1, 2)])
            driver.reset()
            assert driver.rows(Item) == driver.rows(Plain) == []
            assert database["Item"].index_information() == made
            assert "own" not in database.list_collection_names()
            database.drop_collection("Item")
            driver.reset()
            add(driver, "a")
            assert not driver.execute(CreateOperation(Item, {"name": "a"})).success
            database["Plain"].create_index([("x", 1)], unique=True)
            driver.reset()
            assert database["Plain"].index_information().keys() <= {"_id_"}


def test_a_collection_that_was_made_otherwise_is_made_anew(on_backend):
    """A capped one would lose the oldest documents."""
    driver = on_backend("ferretdb", Plain)
    with driver.store.connect() as client:
        database = client.get_default_database()
        for _ in range(2):
            database.drop_collection("Plain")
            database.create_collection("Plain", capped=True, size=4096)
            driver.execute(CreateOperation(Plain, {"id": "a"}))
            assert database["Plain"].options()["capped"]
            driver.reset()
            assert driver.execute(CreateOperation(Plain, {"id": "a"})).success
            assert not database["Plain"].options()


@both
def test_marked_rows_are_put_back(on_backend, product):
    """Changed, deleted or added to: a reset goes back to what was marked, keys given so far included; unmark empties."""
    driver = on_backend(product, Item, Plain)
    item = add(driver, "loaded")
    assert driver.mark()
    for _ in range(2):
        driver.reset()
        assert names(driver) == ["loaded"]
        assert driver.execute(UpdateOperation(Item, item, {"name": "changed"})).success
        assert add(driver, "own").id == 2
        driver.reset()
        assert driver.execute(DeleteOperation(Item, item)).success
        driver.reset()
        assert names(driver) == ["loaded"]
    driver.unmark()
    driver.reset()
    assert names(driver) == []
    assert add(driver, "a").id == 1


@both
def test_the_indexes_are_those_of_the_model(on_backend, product):
    """Unique ones leave out what is None; what is only indexed is not unique."""
    driver = on_backend(product, Item)
    with driver.store.connect() as client:
        found = client.get_default_database()["Item"].index_information()
    keys = {name: (list(index["key"]), index.get("unique", False)) for name, index in found.items()}
    assert keys == {
        "_id_": ([("_id", 1)], False),
        "u0": ([("name", 1)], True),
        "i0": ([("kind", 1)], False),
    }


@both
def test_sessions_never_get_the_same_key(on_backend, product):
    """Neither product increments a number as a whole; the sessions of one store take turns."""
    from threading import Thread

    driver = on_backend(product, Item)
    sessions = [driver.session() for _ in range(4)]
    results = []

    def work(session, number):
        results.extend(
            session.execute(CreateOperation(Item, {"name": f"{number} {each}"})) for each in range(20)
        )

    threads = [Thread(target=work, args=(session, number)) for number, session in enumerate(sessions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(result.success for result in results)
    assert sorted(row["id"] for row in driver.rows(Item)) == list(range(1, 81))
    for session in sessions:
        session.close()


def test_on_a_given_server_nothing_else_is_touched(on_backend, given):
    """The store's database comes, is noted before, and goes; the others keep their documents."""
    client, server, theirs = given
    before = set(client.list_database_names())
    assert before >= set(theirs)
    driver = on_backend("mongodb", Item, Plain, server=server)
    add(driver, "a")
    own = driver.store.namespace
    assert server.journal.read_text().split() == [own]
    assert set(client.list_database_names()) - before == {own}
    with pymongo.MongoClient(driver.store.url) as other:
        assert other.get_default_database().name == own
        assert other.get_default_database()["Item"].find_one()["name"] == "a"
    driver.store.reset()
    driver.close()
    driver.store.close()
    assert set(client.list_database_names()) == before
    driver.store._own = driver.store.client()


def test_what_a_url_says_of_reading_and_writing_is_not_for_us(on_backend, given):
    """Unacknowledged writes, aware dates and UUIDs of another kind are a user's own; a test wants to know."""
    _, server, _ = given
    options = "&w=0&tz_aware=true&uuidRepresentation=standard&readPreference=secondary"
    driver = on_backend("mongodb", Dated, server=replace(server, url=server.url + options))
    row = {"id": UUID(int=1), "at": datetime(2024, 1, 1, 0, 0, 0, 1)}
    assert driver.execute(CreateOperation(Dated, row)).success
    assert driver.rows(Dated) == [row]
    assert vars(driver.execute(UpdateOperation(Dated, Dated(**row), {"at": row["at"]})).data) == row
    assert driver.execute(DeleteOperation(Dated, Dated(**row))).success


def test_a_database_of_that_name_that_is_there_is_left_alone(given, tmp_path, monkeypatch):
    """It is none of ours: the store is not opened, and nothing is noted that a later run would remove."""
    client, server, _ = given
    store = make_store("mongodb")
    store.server = server
    monkeypatch.setattr(type(store), "_numbers", iter([999]))
    name = f"{server.prefix}_999"
    client[name]["Item"].insert_one({"_id": 1})
    with pytest.raises(ConfigurationError, match="is none of ours: it is left alone"):
        store.open(tmp_path)
    assert not server.journal.exists()
    assert client[name]["Item"].count_documents({}) == 1
    client.drop_database(name)


def test_what_a_dead_run_left_is_removed_by_name(given):
    """Absent ones are no error."""
    client, server, _ = given
    left = f"{server.prefix}_left"
    client[left]["x"].insert_one({})
    MongoProduct().remove(server.url, [left, f"{left}_absent"])
    assert left not in client.list_database_names()


@both
def test_two_stores_do_not_meet(on_backend, product):
    """Models of one name are stored apart."""
    one, other = on_backend(product, Item), on_backend(product, Item)
    add(one, "a")
    assert names(other) == []
    other.reset()
    other.store.told = True
    other.reset()
    assert names(one) == ["a"]


def test_a_stand_in_has_no_server_to_be_reached(on_backend):
    """Its URL says what it is, and its client is mongomock's."""
    store = on_backend("mongomock", Plain).store
    assert store.url == f"mongomock://localhost/{store.namespace}"
    assert type(store.connect()).__module__.startswith("mongomock")
    assert store.fingerprint().endswith("in process")


@both
def test_the_backdoor_finds_rows_by_any_values(on_backend, product):
    """By the key, by other columns, and by what no row can have."""
    driver = on_backend(product, Item, Plain)
    rows = [{"name": name, "kind": name} for name in "cab"]
    assert driver.execute(CreateManyOperation(Item, rows)).success
    store, schemas = driver.store, SchemaSet((Item, Plain))
    schema = schemas.of(Item)
    assert [row["id"] for row in store.rows(schema, None)] == [1, 2, 3]
    assert [row["id"] for row in store.rows(schema, {"name": "a", "kind": "a"})] == [2]
    assert [row["name"] for row in store.rows(schema, {"id": 3})] == ["b"]
    assert store.rows(schema, {"id": 2**70}) == store.rows(schemas.of(Plain), {"id": "\ud800"}) == []
    assert store.count(schema) == 3


@both
@pytest.mark.parametrize(
    ("kind", "value"), [(float, 1.5), (bytes, b"x"), (UUID, UUID(int=7)), (datetime, datetime(2024, 1, 1, 1))]
)
def test_the_backdoor_finds_keys_of_any_kind(on_backend, product, kind, value):
    """Where a key is not stored as it is, the backdoor looks through the rows."""
    model = create_model("Keyed", __base__=Model, id=(kind, Field(primary_key=True)))
    driver = on_backend(product, model)
    assert driver.execute(CreateOperation(model, {"id": value})).success
    assert driver.rows(model, {"id": value}) == [{"id": value}]
