"""Stores of Redis start each test clean, whatever the last one did, and touch nothing that is not theirs."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from redis_servers import PRODUCTS, needs_server, serving

from orm_testing import (
    BeginOperation,
    ConflictError,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DuplicateKeyError,
    Field,
    Model,
    QueryOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.operations import CommitOperation
from orm_testing_drivers.redis.service import RedisProduct


class Item(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str | None = Field(None, unique=True)
    size: int = Field(0, index=True)


class Other(Model):
    id: str = Field(primary_key=True)


@pytest.fixture(params=PRODUCTS)
def redis(request, on_backend):
    """A driver on one product."""
    return on_backend(request.param, Item, Other)


def add(driver, **data):
    result = driver.execute(CreateOperation(Item, data))
    assert result.success, result.error
    return result.data


def names(driver):
    return [row["name"] for row in driver.rows(Item)]


def left(driver):
    """All keys of the store's namespace, as the server itself lists them."""
    with driver.store.client() as client:
        return sorted(client.scan_iter(match=f"{driver.store.namespace}:*"))


def test_reset_leaves_no_key_and_starts_keys_anew(redis):
    """Rows, indexes and the counter are gone, and the first key is 1 again."""
    for _ in range(2):
        assert add(redis, name="a").id == 1
        add(redis, id=7, name="b", size=3)
        assert add(redis).id == 8
        redis.execute(CreateOperation(Other, {"id": "x"}))
        redis.reset()
        assert left(redis) == []
        assert redis.rows(Item) == redis.rows(Other) == []


def test_what_a_client_of_the_tests_own_wrote_is_reset(redis):
    """Once a test has a connection of its own, whatever it puts below the namespace goes, rows of ours or not."""
    add(redis, name="a")
    with redis.store.connect() as client:
        client.set(f"{redis.store.namespace}:Item:strange", "x")
        client.rpush(f"{redis.store.namespace}:list", 1, 2)
        redis.reset()
        assert left(redis) == []
        client.set(f"{redis.store.namespace}:again", "x")
        redis.reset()
        assert left(redis) == []


def test_a_key_that_a_test_gave_is_forgotten(redis):
    """One of a row that was refused, or that a transaction never wrote, does not count in the next test."""
    add(redis, id=50, name="a")
    redis.execute(DeleteOperation(Item, Item(id=50)))
    assert add(redis).id == 51
    redis.reset()
    redis.execute(BeginOperation())
    add(redis, id=90)
    redis.reset()
    assert add(redis).id == 1


def test_a_given_key_counts_inside_its_transaction(redis):
    """A key that the store makes after it, before anything is written, is another one."""
    redis.execute(BeginOperation())
    add(redis, id=5)
    add(redis, id=4)
    assert add(redis).id == 6
    assert redis.execute(CommitOperation()).success
    assert add(redis).id == 7
    add(redis, id=2**62)
    assert add(redis).id == 2**62 + 1


def test_mark_keeps_rows_indexes_and_keys(redis):
    """A reset goes back to the rows that were marked, as they were; after unmark it empties again."""
    item = add(redis, name="loaded", size=4)
    assert redis.mark()
    for _ in range(2):
        assert redis.execute(UpdateOperation(Item, item, {"name": "changed", "size": 5})).success
        assert add(redis, name="test's own").id == 2
        redis.reset()
        assert names(redis) == ["loaded"]
        assert [row.name for row in redis.execute(QueryOperation(Item, {"size": 4})).data] == ["loaded"]
        assert redis.execute(QueryOperation(Item, {"size": 5})).data == []
    redis.unmark()
    redis.reset()
    assert names(redis) == []
    assert add(redis).id == 1


STRANGE = [
    "User:1", "orm_testing_", "{namespace}", "{namespace}0:Item:row:1", "x{namespace}:Item:row:1", "*", "[a-z]*",
    "{namespace}\\:Item", "{shorter}:Item:row:1",
]  # fmt: skip


@needs_server
def test_nobody_elses_keys_are_touched(tmp_path, on_backend):
    """On a given server, keys of others stay, however their names look, while stores are emptied, closed and removed."""
    with serving(tmp_path) as (_, server):
        driver = on_backend("redis", Item, Other, server=server)
        namespace = driver.store.namespace
        with driver.store.connect() as client:
            strange = [name.format(namespace=namespace, shorter=namespace[:-1]) for name in STRANGE]
            for name in strange:
                client.set(name, "theirs")
            add(driver, name="a")
            driver.reset()
            add(driver, name="a")
            client.set(f"{namespace}:Item:x", "ours")
            RedisProduct().remove(server.url, [namespace, f"{namespace[:-1]}7"])
            assert sorted(client.keys()) == sorted(name.encode() for name in strange)
            add(driver, name="b")
            driver.close()
            driver.store.close()
            assert sorted(client.keys()) == sorted(name.encode() for name in strange)
            asked = client.info("commandstats")
        assert {"cmdstat_flushall", "cmdstat_flushdb"}.isdisjoint(asked)


@needs_server
def test_two_stores_on_one_server_do_not_meet(tmp_path, on_backend):
    """Each sees, counts and resets its own rows."""
    with serving(tmp_path) as (_, server):
        one, two = (on_backend("redis", Item, server=server) for _ in range(2))
        assert add(one, name="a").id == add(two, name="a").id == 1
        one.reset()
        assert (names(one), names(two)) == ([], ["a"])
        two.store.close()
        one.store.close()


def test_models_of_one_name_beginning_do_not_meet(on_backend):
    """Tables whose names are one's beginning of the other, or have the marks of our keys in them, lie apart."""
    tables = ("A", "A:row", "A:row:x", "A%3Arow", "A:keys")
    made = [type("A", (Other,), {"__tablename__": table, "__module__": __name__}) for table in tables]
    driver = on_backend("fakeredis", *made)
    for model in made:
        assert driver.execute(CreateOperation(model, {"id": "x"})).success
        assert driver.execute(CreateOperation(model, {"id": "row:x"})).success
    assert [len(driver.rows(model)) for model in made] == [2] * len(made)


@pytest.mark.parametrize("product", PRODUCTS)
def test_of_many_that_want_one_value_one_gets_it(product, on_backend):
    """Eight clients write the same unique value at the same time, again and again: one has it, seven are told so."""
    driver = on_backend(product, Item)
    sessions = [driver.session() for _ in range(8)]
    meet = Barrier(8)

    def work(session, name):
        meet.wait()
        return session.execute(CreateOperation(Item, {"name": name}))

    with ThreadPoolExecutor(8) as pool:
        for turn in range(20):
            results = list(pool.map(work, sessions, [f"only {turn}"] * 8))
            assert sum(result.success for result in results) == 1
            errors = [result.error for result in results if not result.success]
            assert {(type(error), error.fields) for error in errors} == {(DuplicateKeyError, ("name",))}
    for session in sessions:
        session.close()
    assert len(names(driver)) == 20


@pytest.mark.parametrize("product", PRODUCTS)
def test_no_update_is_lost(product, on_backend):
    """Clients that change one field each of one row at the same time all see their change stay."""

    class Wide(Model):
        id: str = Field(primary_key=True)
        a: int = 0
        b: int = 0
        c: int = 0
        d: int = 0

    driver = on_backend(product, Wide)
    row = driver.execute(CreateOperation(Wide, {"id": "x"})).data
    sessions = {name: driver.session() for name in "abcd"}

    def work(name):
        for number in range(1, 21):
            assert sessions[name].execute(UpdateOperation(Wide, row, {name: number})).success

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, sessions))
    for session in sessions.values():
        session.close()
    assert driver.rows(Wide) == [{"id": "x", "a": 20, "b": 20, "c": 20, "d": 20}]


@pytest.fixture
def two(redis):
    """A driver inside a transaction, and a session beside it, with two rows stored."""
    redis.execute(CreateManyOperation(Item, [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]))
    redis.execute(BeginOperation())
    other = redis.session()
    yield redis, other
    other.close()


@pytest.mark.parametrize(
    "between",
    [
        UpdateOperation(Item, Item(id=1), {"size": 9}),
        DeleteOperation(Item, Item(id=1)),
        CreateOperation(Item, {"id": 3}),
    ],
)
def test_a_commit_that_comes_too_late_changes_nothing(two, between):
    """Where another session wrote one of its rows in between, a transaction is `ConflictError`, and none of it is done."""
    driver, other = two
    assert driver.execute(UpdateOperation(Item, Item(id=2), {"size": 1})).success
    assert driver.execute(UpdateOperation(Item, Item(id=1), {"size": 2})).success
    assert driver.execute(CreateOperation(Item, {"id": 3, "name": "c"})).success
    assert other.execute(between).success
    before = other.rows(Item)
    assert isinstance(driver.execute(CommitOperation()).error, ConflictError)
    assert driver.rows(Item) == other.rows(Item) == before


def test_a_commit_cannot_have_a_value_that_is_taken_meanwhile(two):
    """The error names the field, and nothing is done."""
    driver, other = two
    assert driver.execute(UpdateOperation(Item, Item(id=2), {"size": 1})).success
    assert driver.execute(CreateOperation(Item, {"id": 3, "name": "c"})).success
    assert other.execute(CreateOperation(Item, {"id": 4, "name": "c"})).success
    before = other.rows(Item)
    error = driver.execute(CommitOperation()).error
    assert isinstance(error, DuplicateKeyError)
    assert error.fields == ("name",)
    assert other.rows(Item) == before


def test_values_may_change_hands_inside_a_transaction(two):
    """A unique value that one row gives up is another's, in the order in which the transaction does it."""
    driver, _ = two
    for change in (
        UpdateOperation(Item, Item(id=1), {"name": "c"}),
        UpdateOperation(Item, Item(id=2), {"name": "a"}),
        UpdateOperation(Item, Item(id=1), {"name": "b"}),
    ):
        assert driver.execute(change).success
    assert isinstance(driver.execute(CreateOperation(Item, {"id": 3, "name": "a"})).error, DuplicateKeyError)
    assert driver.execute(DeleteOperation(Item, Item(id=2))).success
    assert driver.execute(UpsertOperation(Item, {"id": 3, "name": "a"})).success
    assert driver.execute(CommitOperation()).success
    assert [(row["id"], row["name"]) for row in driver.rows(Item)] == [(1, "b"), (3, "a")]
    for name, number in (("a", 1), ("b", 1), ("c", 0)):
        assert len(driver.execute(QueryOperation(Item, {"name": name})).data) == number
