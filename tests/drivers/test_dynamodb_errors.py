"""Each way in which DynamoDB refuses, as the library says it; nothing that is lost is ever called absent."""

import json
from types import SimpleNamespace

import pytest
from botocore.awsrequest import AWSResponse
from ports import refusing

from orm_testing import (
    ConfigurationError,
    ConflictError,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DuplicateKeyError,
    Field,
    GetOperation,
    Model,
    QueryOperation,
    UnavailableError,
    UpdateOperation,
    UpsertOperation,
    ValueRangeError,
)
from orm_testing.services.server import Server
from orm_testing_drivers.aws import in_process
from orm_testing_drivers.dynamodb.errors import translated
from orm_testing_drivers.dynamodb.values import item_size

PRODUCTS = ("dynamodb_local", "dynalite", "moto_dynamodb")
WITH_TRANSACTIONS = ("dynamodb_local", "moto_dynamodb")


class User(Model):
    id: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)
    body: str = "x"


class Plain(Model):
    id: str = Field(primary_key=True)
    body: str = "x"


@pytest.fixture(params=PRODUCTS)
def driver(request, on_backend):
    """A driver on each product."""
    return on_backend(request.param, Plain)


@pytest.fixture(params=WITH_TRANSACTIONS)
def unique(request, on_backend):
    """A driver on each product that has transactions."""
    return on_backend(request.param, User)


def answering(driver, *answers):
    """Let these be the answers to the next requests, the last one for good; the count of requests."""
    sent, events = [], driver._client.meta.events
    events.unregister("before-send", in_process._answered)

    def answer(request, **more):
        sent.append(request)
        status, body = answers[min(len(sent), len(answers)) - 1]
        if status is None:
            return in_process._answered(request, **more) if driver.store.server.stands_in else None
        return AWSResponse(request.url, status, {"x-amzn-requestid": "1"}, _Raw(json.dumps(body).encode()))

    events.register_first("before-send.dynamodb", answer)
    return sent


class _Raw:
    """The body of an answer, as urllib3 has it."""

    def __init__(self, content):
        self._content = content

    def stream(self, **_):
        yield self._content


def refusal(code, **more):
    return 400, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "as was wanted", **more}


def done(driver, operation):
    result = driver.execute(operation)
    assert result, result.error
    return result.data


@pytest.fixture
def pauses(monkeypatch):
    """How long botocore would have waited before it sends a request again."""
    pauses = []
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=pauses.append))
    return pauses


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
)
def test_throttling_is_retried_and_then_unavailable(driver, pauses, code):
    """botocore tries three times, with a pause before each but the first; a throttled read is not an absent row."""
    sent = answering(driver, refusal(code))
    for operation in (GetOperation(Plain, {"id": "a"}), CreateOperation(Plain, {"id": "a"})):
        sent.clear()
        pauses.clear()
        result = driver.execute(operation)
        assert isinstance(result.error, UnavailableError)
        assert result.error.__cause__.response["Error"]["Code"] == code
        assert (len(sent), len(pauses)) == (3, 2)
        assert len(result.statements) == 1


@pytest.mark.usefixtures("pauses")
def test_throttling_that_ends_is_not_noticed(driver):
    """What succeeds when it is tried again has succeeded."""
    sent = answering(driver, refusal("ThrottlingException"), (None, None))
    done(driver, CreateOperation(Plain, {"id": "a"}))
    assert len(sent) == 2
    assert len(driver.rows(Plain)) == 1


@pytest.mark.usefixtures("pauses")
def test_what_was_sent_again_is_not_said_to_be_there_or_absent(driver):
    """The first attempt may have been heard, and its answer lost: the row that is in the way may be the own one."""
    one = done(driver, CreateOperation(Plain, {"id": "a"}))
    sent = answering(driver, (500, {}), refusal("ConditionalCheckFailedException"))
    for operation in (
        CreateOperation(Plain, {"id": "b"}),
        DeleteOperation(Plain, one),
    ):
        sent.clear()
        assert type(driver.execute(operation).error) is ConflictError
        assert len(sent) == 2


@pytest.mark.parametrize(
    ("reasons", "error"),
    [
        (["None", "ThrottlingError"], UnavailableError),
        (["ProvisionedThroughputExceeded", "None"], UnavailableError),
        (["ConditionalCheckFailed", "None"], DuplicateKeyError),
        (["None", "ConditionalCheckFailed"], DuplicateKeyError),
        (["TransactionConflict", "None"], ConflictError),
        (["ValidationError", "None"], ValueRangeError),
    ],
)
def test_a_cancelled_transaction_says_why(unique, reasons, error):
    """The reasons of its items tell; one that met another transaction is tried again, for a while."""
    answer = refusal("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in reasons])
    sent = answering(unique, answer)
    result = unique.execute(CreateOperation(User, {"id": "a", "email": "e"}))
    assert type(result.error) is error
    assert len(sent) == (20 if "TransactionConflict" in reasons else 1)
    if error is DuplicateKeyError:
        assert result.error.fields == (("id",) if reasons[0] != "None" else ("email",))
    assert result.error.__cause__ is not None


def test_a_dropped_table_is_unavailable(driver):
    """Whatever is asked of it: it is never said that the row is not there."""
    client = driver.store.connect()
    one = done(driver, CreateOperation(Plain, {"id": "a"}))
    client.delete_table(TableName=driver.store.table_of(Plain))
    for operation in (
        GetOperation(Plain, {"id": "a"}),
        QueryOperation(Plain, {}),
        CreateOperation(Plain, {"id": "b"}),
        UpdateOperation(Plain, one, {"body": "y"}),
        DeleteOperation(Plain, one),
        UpsertOperation(Plain, {"id": "a"}),
    ):
        assert isinstance(driver.execute(operation).error, UnavailableError), operation
    with pytest.raises(UnavailableError):
        driver.rows(Plain)
    driver.store.reset()
    done(driver, CreateOperation(Plain, {"id": "a"}))


def test_a_row_is_as_large_as_an_item_may_be(driver):
    """One byte less than the limit is stored, and one more is refused before it is sent."""
    largest = driver.capabilities["max_item_bytes"]
    empty = item_size({"id": {"S": "a"}, "body": {"S": ""}})
    done(driver, CreateOperation(Plain, {"id": "a", "body": "x" * (largest - empty)}))
    [row] = driver.rows(Plain)
    assert len(row["body"]) == largest - empty
    for operation in (
        CreateOperation(Plain, {"id": "b", "body": "x" * (largest - empty + 1)}),
        UpsertOperation(Plain, {"id": "a", "body": "é" * (largest // 2)}),
        CreateManyOperation(Plain, [{"id": "c"}, {"id": "d", "body": "x" * largest}]),
    ):
        result = driver.execute(operation)
        assert isinstance(result.error, ValueRangeError)
        assert f"{largest:,}" in str(result.error)
        assert result.statements == []
    assert driver.rows(Plain) == [row]


def test_moto_counts_what_an_update_replaces(driver):
    """A large row is put in the place of another one everywhere, and changed where the product is not moto."""
    one = done(driver, CreateOperation(Plain, {"id": "a", "body": "x" * 300_000}))
    done(driver, UpsertOperation(Plain, {"id": "a", "body": "y" * 300_000}))
    result = driver.execute(UpdateOperation(Plain, one, {"body": "z" * 300_000}))
    if driver.fingerprint().startswith("moto"):
        assert isinstance(result.error, ValueRangeError)
    assert driver.rows(Plain)[0]["body"][0] == ("z" if result else "y")


def test_many_large_rows_are_more_than_one_request(driver):
    """Neither the 4 MB of a transaction nor the 16 MB of a batch is in the way."""
    rows = [{"id": f"{number:02}", "body": "x" * 380_000} for number in range(15)]
    done(driver, CreateManyOperation(Plain, rows))
    assert [row["id"] for row in driver.rows(Plain)] == [row["id"] for row in rows]
    assert len(done(driver, QueryOperation(Plain, {"body__startswith": "x"}))) == 15


def test_what_is_left_of_a_batch_is_asked_again(on_backend):
    """A batch may leave items undone; that is no failure."""
    driver = on_backend("moto_dynamodb", Plain)
    table = driver.store.table_of(Plain)
    left = {"UnprocessedItems": {table: [{"PutRequest": {"Item": {"id": {"S": "a"}, "body": {"S": "x"}}}}]}}
    keys = {"Responses": {}, "UnprocessedKeys": {table: {"Keys": [{"id": {"S": "a"}}]}}}
    sent = answering(driver, (200, keys), (None, None), (200, left), (None, None))
    done(driver, CreateManyOperation(Plain, [{"id": "a"}]))
    assert len(sent) == 4
    assert len(driver.rows(Plain)) == 1


@pytest.fixture
def nowhere():
    """The address of a server that is gone."""
    with refusing() as port:
        yield f"http://127.0.0.1:{port}"


def test_a_server_that_is_gone_is_unavailable(on_backend, nowhere):
    """Within seconds, for the driver as for the store, and before it is opened too."""
    driver = on_backend("dynamodb_local", Plain)
    driver._client.meta.events.register_first(
        "before-send.dynamodb", lambda request, **_: setattr(request, "url", f"{nowhere}/")
    )
    for operation in (GetOperation(Plain, {"id": "a"}), CreateOperation(Plain, {"id": "a"})):
        assert isinstance(driver.execute(operation).error, UnavailableError)
    server = Server("dynamodb", "given", nowhere, "DynamoDB Local", "orm_testing_gone")
    with pytest.raises(UnavailableError):
        on_backend("dynamodb_local", Plain, server=server)


def test_credentials_that_are_refused_are_told(on_backend):
    """DynamoDB Local takes access keys of letters and digits alone; that is the user's to mend."""
    url = on_backend("dynamodb_local", Plain).store.server.url
    server = Server(
        "dynamodb", "given", url.replace("http://", "http://no-"), "DynamoDB Local", "orm_testing_no"
    )
    with pytest.raises(ConfigurationError, match="does not know who asks"):
        on_backend("dynamodb_local", Plain, server=server)


def test_a_fault_of_ours_is_none_of_theirs():
    """What DynamoDB says of a request that we made wrongly is not dressed up."""
    assert translated(ValueError("x")) is None
