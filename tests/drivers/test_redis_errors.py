"""What goes wrong with Redis is told in the library's errors, and is never taken for an absent row."""

import time
from dataclasses import replace

import pytest
from redis import exceptions
from redis_servers import PRODUCTS, needs_server, serving, wait_for

from orm_testing import (
    AccessError,
    ConfigurationError,
    ConflictError,
    CreateOperation,
    DeleteOperation,
    Field,
    GetOperation,
    Model,
    QueryOperation,
    UnavailableError,
    UpdateOperation,
    UpsertOperation,
    ValueRangeError,
)
from orm_testing.errors import NotFoundError
from orm_testing_drivers.redis.connection import opened
from orm_testing_drivers.redis.errors import translated
from orm_testing_drivers.redis.service import RedisProduct


class Item(Model):
    id: str = Field(primary_key=True)
    name: str | None = Field(None, unique=True)
    size: int = Field(0, index=True)


VERBS = [
    CreateOperation(Item, {"id": "b", "name": "b"}),
    GetOperation(Item, {"id": "absent"}),
    UpdateOperation(Item, Item(id="absent"), {"size": 1}),
    UpsertOperation(Item, {"id": "a"}),
    DeleteOperation(Item, Item(id="absent")),
    QueryOperation(Item),
]
WRITES = [VERBS[0], VERBS[3], UpdateOperation(Item, Item(id="a"), {"name": "c"})]


@needs_server
def test_a_server_that_died_is_unavailable(tmp_path, on_backend):
    """Each verb, the backdoor and a reset say so within a second, and never that there is no row."""
    with serving(tmp_path) as (process, server):
        driver = on_backend("redis", Item, server=server)
        driver.execute(CreateOperation(Item, {"id": "a"}))
        process.kill()
        process.wait()
        began = time.monotonic()
        for operation in VERBS:
            error = driver.execute(operation).error
            assert type(error) is UnavailableError
            assert isinstance(error.__cause__, exceptions.ConnectionError)
        for ask in (lambda: driver.rows(Item), lambda: driver.count_rows(Item), driver.reset):
            with pytest.raises(UnavailableError):
                ask()
        assert time.monotonic() - began < 1
        driver.store.close()


@needs_server
def test_a_server_that_does_not_answer_is_unavailable(tmp_path, on_backend):
    """One that is busy with a client's script is not waited for without end, and nothing is written twice."""
    with serving(tmp_path, "--busy-reply-threshold", "1") as (_, server):
        driver = on_backend("redis", Item, server=server)
        with opened(server.url, seconds=0.2) as busy, opened(server.url) as other:
            with pytest.raises(exceptions.TimeoutError):
                busy.eval("while true do end", 0)
            for operation in VERBS:
                error = driver.execute(operation).error
                assert type(error) is UnavailableError
                assert "BUSY" in str(error)
            other.script_kill()
        wait_for(server.url)
        assert driver.rows(Item) == []


@needs_server
def test_a_full_server_is_unavailable(tmp_path, on_backend):
    """What it does not take changes nothing, whichever row of an operation it was; reading goes on."""
    with serving(tmp_path) as (_, server):
        driver = on_backend("redis", Item, server=server)
        driver.execute(CreateOperation(Item, {"id": "a", "name": "a"}))
        before = driver.rows(Item)
        with opened(server.url) as client:
            client.config_set("maxmemory", "1mb")
            for operation in WRITES:
                error = driver.execute(operation).error
                assert type(error) is UnavailableError
                assert isinstance(error.__cause__, exceptions.OutOfMemoryError)
            assert driver.rows(Item) == before
            assert driver.execute(DeleteOperation(Item, Item(id="a"))).success
            client.config_set("maxmemory", "0")


@needs_server
def test_a_replica_takes_no_writes(tmp_path, on_backend):
    """A server that became a replica in mid-test is unavailable for writing."""
    with serving(tmp_path) as (_, server), opened(server.url) as client:
        driver = on_backend("redis", Item, server=server)
        driver.execute(CreateOperation(Item, {"id": "a", "name": "a"}))
        client.replicaof("127.0.0.1", "1")
        for operation in WRITES:
            assert type(driver.execute(operation).error) is UnavailableError
        assert driver.execute(GetOperation(Item, {"id": "a"})).success
        client.replicaof("NO", "ONE")


@needs_server
def test_a_user_who_may_not_is_refused(tmp_path, on_backend):
    """A user with fewer rights gets `AccessError`, whether a command or one inside a script is refused."""
    with serving(tmp_path) as (_, server), opened(server.url) as client:
        driver = on_backend("redis", Item, server=server)
        driver.execute(CreateOperation(Item, {"id": "a", "name": "a"}))
        client.execute_command("ACL", "SETUSER", "default", "-hset")
        for operation in WRITES:
            assert type(driver.execute(operation).error) is AccessError
        client.execute_command("ACL", "SETUSER", "default", "-hmget")
        assert type(driver.execute(GetOperation(Item, {"id": "a"})).error) is AccessError
        client.execute_command("ACL", "SETUSER", "default", "+@all")
        assert [row["name"] for row in driver.rows(Item)] == ["a"]


@needs_server
def test_a_user_of_our_names_alone_is_enough(tmp_path, on_backend):
    """Who may reach nothing but names of ours, and may do nothing dangerous, runs tests; who may less is told what to grant."""
    rights = ["~orm_testing_*", "+@all", "-@dangerous"]
    with serving(tmp_path) as (_, server), opened(server.url) as client:
        client.execute_command("ACL", "SETUSER", "tester", "on", ">pw", *rights)
        given = replace(server, url=server.url.replace("//", "//tester:pw@"))
        assert RedisProduct().ask(given.url, 5).startswith("Redis ")
        driver = on_backend("redis", Item, server=given)
        for turn in range(2):
            assert driver.execute(CreateOperation(Item, {"id": "a", "name": "a"})).success
            assert len(driver.rows(Item)) == 1
            if turn:
                driver.store.connect().close()
            driver.reset()
        driver.store.close()
        assert client.keys() == []
        client.execute_command("ACL", "SETUSER", "tester", "-@scripting")
        with pytest.raises(ConfigurationError, match=r"may not do what a store needs .*ACL SETUSER"):
            on_backend("redis", Item, server=given)


@pytest.mark.parametrize("product", PRODUCTS)
def test_what_lies_in_the_place_of_a_row_is_a_conflict(product, on_backend):
    """Another client's list under the name of a row is said to be there, and nothing is written around it."""
    driver = on_backend(product, Item)
    with driver.store.connect() as client:
        place = f"{driver.store.namespace}:Item:row:a"
        client.rpush(place, "theirs")
        for operation in (
            UpsertOperation(Item, {"id": "a", "name": "n"}),
            UpdateOperation(Item, Item(id="a"), {"size": 1}),
            GetOperation(Item, {"id": "a"}),
        ):
            error = driver.execute(operation).error
            assert type(error) is ConflictError
            assert "WRONGTYPE" in str(error)
        assert client.lrange(place, 0, -1) == [b"theirs"]
    assert driver.execute(QueryOperation(Item, {"name": "n"})).data == []


@pytest.mark.parametrize("product", PRODUCTS)
def test_an_absent_row_is_not_found(product, on_backend):
    """On a server that answers, what is not there is told from what cannot be asked."""
    driver = on_backend(product, Item)
    for operation in (VERBS[1], VERBS[2], VERBS[4]):
        assert type(driver.execute(operation).error) is NotFoundError


@needs_server
def test_the_store_makes_no_keys_beyond_63_bits(on_backend):
    """Where the counter is at its end, a key has to be given."""

    class Numbered(Model):
        id: int | None = Field(None, primary_key=True, generated=True)

    driver = on_backend("redis_server", Numbered)
    assert driver.execute(CreateOperation(Numbered, {"id": 2**63 - 1})).success
    assert type(driver.execute(CreateOperation(Numbered, {})).error) is ValueRangeError
    assert driver.execute(CreateOperation(Numbered, {"id": 2**70})).success
    assert [row["id"] for row in driver.rows(Numbered)] == [2**63 - 1, 2**70]


SAID = {
    "NOAUTH Authentication required.": AccessError,
    "LOADING Redis is loading the dataset in memory": UnavailableError,
    "MISCONF Redis is configured to save RDB snapshots": UnavailableError,
    "MASTERDOWN Link with MASTER is down": UnavailableError,
    "Error running script (call to f_0): @user_script:5: @user_script: 5: -OOM command not allowed": UnavailableError,
    "ERR Protocol error: invalid bulk length": ValueRangeError,
    "ERR increment or decrement would overflow": ValueRangeError,
}


@pytest.mark.parametrize("said", SAID)
def test_servers_words_are_told_in_the_librarys(said):
    """By the word with which they begin, of older servers' scripts as well."""
    assert type(translated(exceptions.ResponseError(said))) is SAID[said]


@pytest.mark.parametrize(
    "error",
    [exceptions.ResponseError("ERR unknown command 'HMGETT'"), ValueError("READONLY"), KeyError("OOM")],
)
def test_a_fault_of_the_driver_is_not_one_of_the_store(error):
    """What only a wrong driver brings about is no error of the store."""
    assert translated(error) is None
