"""How many requests each verb takes, counted where they leave for the server."""

import pytest
from redis.connection import AbstractConnection
from redis_servers import PRODUCTS, needs_server, serving

from orm_testing import (
    AggregateOperation,
    BeginOperation,
    ClearOperation,
    CommitOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    ExistsOperation,
    Field,
    GetOperation,
    Model,
    QueryOperation,
    RollbackOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.schema import schema_of


class User(Model):
    id: str = Field(primary_key=True)
    email: str = Field(unique=True)
    age: int = Field(0, index=True)
    name: str = ""


class Numbered(Model):
    id: int | None = Field(None, primary_key=True, generated=True)


ANN = User(id="a", email="a")
ROWS = [{"id": f"r{number}", "email": f"r{number}"} for number in range(500)]

VERBS = {
    "create": (CreateOperation(User, {"id": "b", "email": "b"}), 1),
    "create with a key of the store's": (CreateOperation(Numbered, {}), 2),
    "create with a key of the test's": (CreateOperation(Numbered, {"id": 7}), 1),
    "create many": (CreateManyOperation(User, ROWS), 1),
    "create many with keys of the store's": (CreateManyOperation(Numbered, [{}] * 500), 2),
    "get by the key": (GetOperation(User, {"id": "a"}), 1),
    "get by another field": (GetOperation(User, {"email": "a"}), 1),
    "update": (UpdateOperation(User, ANN, {"age": 1}), 2),
    "upsert": (UpsertOperation(User, {"id": "a", "email": "c"}), 1),
    "delete": (DeleteOperation(User, ANN), 1),
    "query all": (QueryOperation(User), 1),
    "query by an index": (QueryOperation(User, {"age__in": [0, 1, 2]}, order_by=["age"], limit=3), 1),
    "query by what has no index": (QueryOperation(User, {"name": "x"}, order_by=["-name"]), 1),
    "query for nothing": (QueryOperation(User, {"id__in": []}), 0),
    "count all": (CountOperation(User), 1),
    "count by an index": (CountOperation(User, {"age__gte": 1}), 1),
    "exists by the key": (ExistsOperation(User, {"id": "a"}), 1),
    "exists by another field": (ExistsOperation(User, {"name": "x"}), 1),
    "aggregate": (AggregateOperation(User, ("count", "age__sum"), group_by=("name",)), 1),
    "clear": (ClearOperation(), 1),
    "begin": (BeginOperation(), 0),
}


@pytest.fixture(params=PRODUCTS)
def redis(request, on_backend):
    """A driver on one product, with one user in it."""
    driver = on_backend(request.param, User, Numbered)
    assert driver.execute(CreateOperation(User, {"id": "a", "email": "a"})).success
    return driver


@pytest.fixture
def sent(monkeypatch):
    """What any client sends to a server from now on, one entry per round trip."""
    sent = []
    send = AbstractConnection.send_packed_command

    def counted(connection, command, *arguments, **options):
        sent.append(command)
        return send(connection, command, *arguments, **options)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", counted)
    return sent


@needs_server
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_takes_the_fewest_requests(on_backend, sent, verb):
    """As many as a client takes that does the same by hand; the driver's statements are just these."""
    driver = on_backend("redis_server", User, Numbered)
    driver.execute(CreateOperation(User, {"id": "a", "email": "a"}))
    operation, number = VERBS[verb]
    sent.clear()
    result = driver.execute(operation)
    assert result.success, result.error
    assert len(sent) == len(driver.statements) == number


@pytest.mark.parametrize("verb", VERBS)
def test_statements_are_the_same_on_every_product(redis, verb):
    """The stand-in is asked just as often as a server."""
    operation, number = VERBS[verb]
    assert redis.execute(operation).success
    assert len(redis.statements) == number


def test_a_transaction_is_one_request(redis):
    """What it writes goes in one request when it commits; one that is rolled back writes nothing."""
    redis.execute(BeginOperation())
    for operation in (
        CreateOperation(User, {"id": "b", "email": "b"}),
        UpdateOperation(User, ANN, {"age": 1}),
        CreateOperation(User, {"id": "c", "email": "c"}),
    ):
        assert redis.execute(operation).success
        assert not any("write" in text for text, _ in redis.statements)
    assert redis.execute(CommitOperation()).success
    assert [text for text, _ in redis.statements] == ["EVALSHA write"]
    redis.execute(BeginOperation())
    redis.execute(DeleteOperation(User, ANN))
    assert redis.execute(RollbackOperation()).success
    assert redis.statements == []
    redis.execute(BeginOperation())
    assert redis.execute(CommitOperation()).success
    assert redis.statements == []


def test_a_statement_names_its_command_and_its_keys(redis):
    """A script is called by its name, and what it was given follows."""
    redis.execute(GetOperation(User, {"id": "a"}))
    [(text, parameters)] = redis.statements
    assert text == "HMGET"
    assert parameters[0] == f"{redis.store.namespace}:User:row:a".encode()
    redis.execute(DeleteOperation(User, ANN))
    [(text, parameters)] = redis.statements
    assert text == "EVALSHA write"
    assert f"{redis.store.namespace}:User:row:a".encode() in parameters


@pytest.fixture(params=PRODUCTS)
def alone(request, on_backend, tmp_path):
    """A driver on one product, whose server nobody else uses."""
    if request.param == "fakeredis":
        yield on_backend("fakeredis", User)
        return
    with serving(tmp_path) as (_, server):
        driver = on_backend(request.param, User, server=server)
        yield driver
        driver.store.close()


def test_a_script_that_the_server_forgot_is_told_again(alone):
    """`SCRIPT FLUSH`, or a server that was started anew, costs one more request, once."""
    with alone.store.connect() as client:
        client.script_flush()  # it forgets the scripts of all who use it
    for email, asked in (("x", ["EVALSHA write", "EVAL"]), ("y", ["EVALSHA write"])):
        assert alone.execute(UpsertOperation(User, {"id": "a", "email": email})).success
        assert [text for text, _ in alone.statements] == asked
        assert [row["email"] for row in alone.rows(User)] == [email]


@needs_server
def test_the_backdoor_reads_a_row_and_the_number_of_rows_at_once(on_backend, sent):
    """What each verified verb asks is one round trip."""
    driver = on_backend("redis_server", User)
    driver.execute(CreateOperation(User, {"id": "a", "email": "a"}))
    driver.store.count(schema_of(User))
    sent.clear()
    rows, number = driver.store.rows_and_count(schema_of(User), {"id": "a"})
    assert ([row["email"] for row in rows], number, len(sent)) == (["a"], 1, 1)


@needs_server
def test_a_reset_is_one_request_or_none(on_backend, sent):
    """One for all models that a driver wrote to; none where nothing was written."""
    driver = on_backend("redis_server", User, Numbered)
    driver.execute(QueryOperation(User))
    driver.reset()
    sent.clear()
    driver.execute(QueryOperation(User))
    driver.reset()
    assert len(sent) == 1
    driver.execute(CreateManyOperation(User, ROWS))
    driver.execute(CreateOperation(Numbered, {"id": 3}))
    sent.clear()
    driver.reset()
    assert len(sent) == 1
    assert driver.rows(User) == driver.rows(Numbered) == []
