"""What is claimed, undone and overtaken: writes of S3, which takes one object at a time."""

import itertools

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import EndpointConnectionError
from moto.core.botocore_stubber import MockRawResponse

from orm_testing import (
    AccessError,
    ClearOperation,
    ConflictError,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DuplicateKeyError,
    Field,
    GetOperation,
    Model,
    NotFoundError,
    QueryOperation,
    UnavailableError,
    UpdateOperation,
    UpsertOperation,
    ValueRangeError,
)
from orm_testing_drivers.aws import in_process


class User(Model):
    id: str = Field(primary_key=True)
    name: str | None = Field(None, unique=True)
    nick: str | None = Field(None, unique=True)
    age: int = 0


class Counted(Model):
    id: int | None = Field(None, primary_key=True, generated=True)


@pytest.fixture(params=["moto_s3", "rclone"])
def driver(request, on_backend):
    driver = on_backend(request.param, User, Counted)
    assert driver.execute(CreateOperation(User, {"id": "a", "name": "ann", "nick": "A"})).success
    return driver


@pytest.fixture
def on_moto(on_backend):
    return on_backend("moto_s3", User, Counted)


ANN = User(id="a")
AGAIN = CreateOperation(User, {"id": "b", "name": "bob", "nick": "B"})


def objects(driver):
    names = driver._objects.names(driver.store.beginning)
    return {name for name, _ in names if not name.endswith(".ours")}


@pytest.mark.parametrize(
    ("operation", "fields"),
    [
        (CreateOperation(User, {"id": "a", "name": "bob", "nick": "B"}), ("id",)),
        (CreateOperation(User, {"id": "a", "name": "ann"}), ("id",)),
        (CreateOperation(User, {"id": "b", "name": "ann", "nick": "B"}), ("name",)),
        (CreateOperation(User, {"id": "b", "name": "bob", "nick": "A"}), ("nick",)),
        (CreateManyOperation(User, [{"id": "b", "name": "bob"}, {"id": "c", "nick": "A"}]), ("nick",)),
        (CreateManyOperation(User, [{"id": "b", "name": "bob"}, {"id": "a", "nick": "B"}]), ("id",)),
        (UpsertOperation(User, {"id": "b", "name": "bob", "nick": "A"}), ("nick",)),
    ],
    ids=repr,
)
def test_what_is_refused_leaves_nothing_behind(driver, operation, fields):
    """Neither a row nor a claim: each value that was asked for can be taken afterwards."""
    before = objects(driver)
    error = driver.execute(operation).error
    assert type(error) is DuplicateKeyError
    assert error.fields == fields
    assert objects(driver) == before
    assert driver.execute(AGAIN).success


@pytest.mark.parametrize(
    "operation",
    [
        UpdateOperation(User, ANN, {"name": "eve", "nick": None}),
        UpsertOperation(User, {"id": "a", "name": "eve"}),
        DeleteOperation(User, ANN),
    ],
    ids=repr,
)
def test_what_a_row_does_not_have_any_more_is_free(driver, operation):
    """Its old values can be taken, and its new ones cannot."""
    assert driver.execute(operation).success
    assert driver.execute(CreateOperation(User, {"id": "b", "name": "ann", "nick": "A"})).success
    taken = driver.execute(CreateOperation(User, {"id": "c", "name": "eve"}))
    assert taken.success is isinstance(operation, DeleteOperation)


def test_a_row_that_takes_what_another_has_keeps_what_it_has(driver):
    """A refused update gives up nothing."""
    bob = driver.execute(AGAIN).data
    before = objects(driver)
    error = driver.execute(UpdateOperation(User, bob, {"name": "eve", "nick": "A"})).error
    assert error.fields == ("nick",)
    assert objects(driver) == before
    assert driver.execute(UpdateOperation(User, bob, {"name": "bob", "nick": "B", "age": 1})).success


@pytest.fixture
def overtaken(on_moto, monkeypatch):
    """Makes another session write between the read and the write of this one, once."""
    on_moto.execute(CreateOperation(User, {"id": "a", "name": "ann"}))

    def between(operation):
        session = on_moto.session()
        collection = on_moto._of(operation)[1]
        get = collection.objects.get
        first = itertools.count()

        def get_then_other(name):
            found = get(name)
            if name.endswith("/a.json") and not next(first):
                assert session.execute(operation).success
            return found

        monkeypatch.setattr(collection.objects, "get", get_then_other)
        return on_moto

    return between


def test_an_update_that_was_overtaken_is_made_on_what_is_there_now(overtaken):
    """No change of either is lost, and no claim is left."""
    driver = overtaken(UpdateOperation(User, ANN, {"age": 7}))
    assert driver.execute(UpdateOperation(User, ANN, {"name": "eve"})).success
    assert driver.rows(User) == [{"id": "a", "name": "eve", "nick": None, "age": 7}]
    assert len(objects(driver)) == 2


def test_an_update_whose_row_was_removed_meanwhile_finds_none(overtaken):
    """It does not bring it back."""
    driver = overtaken(DeleteOperation(User, ANN))
    assert type(driver.execute(UpdateOperation(User, ANN, {"name": "eve"})).error) is NotFoundError
    assert objects(driver) == set()


def test_a_delete_that_was_overtaken_finds_none(overtaken):
    """Of two that delete a row, one is told that it is gone."""
    driver = overtaken(DeleteOperation(User, ANN))
    assert type(driver.execute(DeleteOperation(User, ANN)).error) is NotFoundError


def test_a_delete_takes_what_is_there_now(overtaken):
    """A row that was changed meanwhile goes all the same, with what it claims by now."""
    driver = overtaken(UpdateOperation(User, ANN, {"name": "eve"}))
    assert driver.execute(DeleteOperation(User, ANN)).success
    assert objects(driver) == set()


@pytest.mark.parametrize("name", ["ann", "bob", "zoe"])
def test_a_unique_value_finds_its_row_and_no_other(driver, name):
    """Also one that a row had and has no more, and one whose claim a crash left."""
    driver.execute(AGAIN)
    driver.execute(UpdateOperation(User, ANN, {"name": "eve"}))
    claim = driver.store.layout(driver._of(AGAIN)[0]).claim(("name",), {"name": "ann"})
    driver._objects.put(claim, b'{"row": "User/a.json"}')
    found = driver.execute(QueryOperation(User, {"name": name})).data
    assert [row.id for row in found] == (["b"] if name == "bob" else [])
    assert driver.execute(QueryOperation(User, {"name": "eve", "age": 0})).data[0].id == "a"
    assert driver.execute(QueryOperation(User, {"name": "eve", "age": 1})).data == []


def test_an_upsert_that_was_overtaken_is_made_on_what_is_there_now(overtaken):
    """What the other one claimed meanwhile is given up with it."""
    driver = overtaken(UpdateOperation(User, ANN, {"nick": "A"}))
    assert driver.execute(UpsertOperation(User, {"id": "a", "name": "eve"})).success
    assert driver.rows(User) == [{"id": "a", "name": "eve", "nick": None, "age": 0}]
    assert len(objects(driver)) == 2


def test_keys_made_by_two_sessions_differ(on_moto):
    """Whoever knows an old count is told, and counts on."""
    session = on_moto.session()
    made = [each.execute(CreateOperation(Counted, {})).data.id for each in (on_moto, session) * 3]
    assert made == [1, 2, 3, 4, 5, 6]
    assert session.execute(CreateOperation(Counted, {"id": 10})).success
    assert on_moto.execute(CreateOperation(Counted, {})).data.id == 11
    session.close()


def answer(driver, *answers):
    """Let the driver's client be answered so, the last answer again and again, and count how often it asks."""
    asked = []

    def refuse(request, **_):
        status, code = answers[min(len(asked), len(answers) - 1)]
        asked.append(request.url)
        if status is None:
            raise EndpointConnectionError(endpoint_url=request.url)
        body = f"<Error><Code>{code}</Code><Message>so it is</Message></Error>"
        return AWSResponse(request.url, status, {}, MockRawResponse(body))

    events = driver._objects.client.meta.events
    events.unregister("before-send", in_process._answered)
    events.register("before-send", refuse)
    return asked


@pytest.mark.parametrize(
    "operation", [GetOperation(User, {"id": "a"}), QueryOperation(User), AGAIN], ids=repr
)
@pytest.mark.parametrize(
    ("status", "code", "kind", "times"),
    [
        (503, "SlowDown", UnavailableError, 3),
        (500, "InternalError", UnavailableError, 3),
        (None, "", UnavailableError, 3),
        (400, "ExpiredToken", AccessError, 1),
        (403, "AccessDenied", AccessError, 1),
        (404, "NoSuchBucket", UnavailableError, 1),
        (409, "ConditionalRequestConflict", ConflictError, 1),
        (400, "EntityTooLarge", ValueRangeError, 1),
    ],
)
def test_what_a_server_refuses_has_an_error_of_the_tree(
    on_moto, monkeypatch, operation, status, code, kind, times
):
    """After the client's retries, where these help; it is never said that a row is absent, or there already."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    asked = answer(on_moto, (status, code))
    error = on_moto.execute(operation).error
    assert type(error) is kind
    assert error.__cause__ is not None
    assert len(asked) == times


def test_a_write_that_may_have_been_heard_is_not_said_to_come_too_late(on_moto, monkeypatch):
    """The server broke down, was asked again, and found what the first request had written: nobody can tell whose it is."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    asked = answer(on_moto, (500, "InternalError"), (412, "PreconditionFailed"))
    assert type(on_moto.execute(CreateOperation(User, {"id": "z"})).error) is ConflictError
    assert len(asked) == 2


def test_a_removal_that_may_have_been_heard_is_not_said_to_find_nothing(on_moto, monkeypatch):
    """The row is gone, and nobody can tell who removed it: another session may have."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    assert on_moto.execute(CreateOperation(User, {"id": "a"})).success
    asked = []

    def lose(request, **more):
        asked.append(request.url)
        answered = in_process._answered(request, **more)
        return answered if len(asked) > 1 else AWSResponse(request.url, 500, {}, MockRawResponse(b""))

    on_moto._objects.client.meta.events.register_first("before-send.s3.DeleteObject", lose)
    assert type(on_moto.execute(DeleteOperation(User, ANN)).error) is ConflictError
    assert len(asked) == 2
    assert on_moto.rows(User) == []


def test_objects_that_a_server_does_not_remove_are_an_error(on_moto):
    """Though it answered the request."""
    on_moto.execute(CreateOperation(User, {"id": "a"}))

    body = b"<DeleteResult><Error><Key>k</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>"
    client = on_moto._objects.client
    client.meta.events.register_first(
        "before-send.s3.DeleteObjects",
        lambda request, **_: AWSResponse(request.url, 200, {}, MockRawResponse(body)),
    )
    assert type(on_moto.execute(ClearOperation()).error) is AccessError
