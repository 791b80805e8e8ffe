"""Each verb takes the fewest requests that S3 needs for it, counted by a hook of boto3 that the driver knows nothing of."""

from datetime import datetime

import pytest

from orm_testing import (
    AttachmentOperation,
    AttachOperation,
    ClearOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DetachOperation,
    ExistsOperation,
    Field,
    GetOperation,
    Model,
    QueryOperation,
    UpdateOperation,
    UpsertOperation,
)


class Plain(Model):
    id: str = Field(primary_key=True)
    name: str = ""


class Named(Model):
    id: str = Field(primary_key=True)
    name: str | None = Field(None, unique=True)
    nick: str | None = Field(None, unique=True)


class Counted(Model):
    id: int | None = Field(None, primary_key=True, generated=True)


class Dated(Model):
    id: str = Field(primary_key=True)
    made: datetime | None = Field(None, auto_now_add=True)


MODELS = (Plain, Named, Counted, Dated)
PLAIN, NAMED, DATED = Plain(id="a"), Named(id="a"), Dated(id="a")
ROWS = [{"id": f"n{number}"} for number in range(5)]
GET, PUT, LIST, DELETE, SEVERAL = "GetObject", "PutObject", "ListObjectsV2", "DeleteObject", "DeleteObjects"

COSTS = {
    "create": (CreateOperation(Plain, {"id": "b"}), [PUT]),
    "create with two unique values": (CreateOperation(Named, {"id": "b", "name": "b", "nick": "b"}), [PUT] * 3),
    "create with one unique value": (CreateOperation(Named, {"id": "b", "name": "b"}), [PUT] * 2),
    "create with a key made": (CreateOperation(Counted, {}), [PUT] * 2),
    "create many": (CreateManyOperation(Plain, ROWS), [PUT] * 5),
    "get by key": (GetOperation(Plain, {"id": "a"}), [GET]),
    "get by another field": (GetOperation(Plain, {"name": "x"}), [LIST, GET]),
    "get by a unique value": (GetOperation(Named, {"name": "a"}), [GET, GET]),
    "exists by a unique value that none has": (ExistsOperation(Named, {"name": "z"}), [GET]),
    "update": (UpdateOperation(Plain, PLAIN, {"name": "b"}), [GET, PUT]),
    "update of what is not unique": (UpdateOperation(Named, NAMED, {"name": "a"}), [GET, PUT]),
    "update of a unique value": (UpdateOperation(Named, NAMED, {"name": "b"}), [GET, PUT, PUT, SEVERAL]),
    "delete": (DeleteOperation(Plain, PLAIN), [LIST, DELETE]),
    "delete with a unique value": (DeleteOperation(Named, NAMED), [LIST, GET, DELETE, SEVERAL]),
    "upsert": (UpsertOperation(Plain, {"id": "a"}), [PUT]),
    "upsert of what keeps its date": (UpsertOperation(Dated, {"id": "a"}), [GET, PUT]),
    "upsert with a unique value": (UpsertOperation(Named, {"id": "b", "name": "b"}), [GET, PUT, PUT]),
    "query": (QueryOperation(Plain), [LIST, GET]),
    "query of a page by key": (QueryOperation(Plain, {}, ("-id",), 1), [LIST, GET]),
    "query of no rows": (QueryOperation(Plain, limit=0), []),
    "query by key": (QueryOperation(Plain, {"id": "a"}), [GET]),
    "query of other keys": (QueryOperation(Plain, {"id__gt": "a"}), [LIST]),
    "count": (CountOperation(Plain), [LIST]),
    "count by the beginning of the key": (CountOperation(Plain, {"id__startswith": "a"}), [LIST]),
    "exists by key": (ExistsOperation(Plain, {"id": "a"}), [GET]),
    "clear": (ClearOperation(), [LIST, SEVERAL]),
    "attach": (AttachOperation(Plain, PLAIN, "file", b"x"), [GET, PUT]),
    "attachment": (AttachmentOperation(Dated, DATED, "old"), [GET]),
    "detach": (DetachOperation(Dated, DATED, "old"), [LIST, DELETE]),
    "delete with attachments": (DeleteOperation(Dated, DATED), [LIST, DELETE, SEVERAL]),
}  # fmt: skip

MORE_WITHOUT_CONDITIONS = {
    "create": 1,
    "create with two unique values": 3,
    "create with one unique value": 2,
    "create many": 1,
    "create with a key made": 1,
    "update of a unique value": 1,
    "upsert with a unique value": 2,
}
"""What a server costs that has to be asked before it is told."""


@pytest.fixture(params=["moto_s3", "rclone"])
def driver(request, on_backend):
    """A driver with a row per model, whose server has made a key already."""
    driver = on_backend(request.param, *MODELS)
    for operation in (
        CreateOperation(Plain, {"id": "a", "name": "x"}),
        CreateOperation(Counted, {}),
        CreateOperation(Named, {"id": "a", "name": "a"}),
        CreateOperation(Dated, {"id": "a"}),
        AttachOperation(Dated, DATED, "old", b"x"),
    ):
        assert driver.execute(operation).success
    return driver


def requests_of(driver, operation):
    """The requests that are sent, with those that an independent hook sees."""
    sent = []

    def see(event_name, **_):
        sent.append(event_name.rpartition(".")[2])

    events = driver._objects.client.meta.events
    events.register("before-send", see)
    result = driver.execute(operation)
    events.unregister("before-send", see)
    assert result.success, result.error
    assert [text for text, _ in result.statements] == sent
    return sent


@pytest.mark.parametrize("cost", COSTS)
def test_a_verb_takes_the_fewest_requests(driver, cost):
    """And `statements` has one entry for each, as it was sent."""
    operation, expected = COSTS[cost]
    sent = requests_of(driver, operation)
    if "conditional_writes" in driver.capabilities:
        assert sent == expected
    else:
        assert len(sent) == len(expected) + MORE_WITHOUT_CONDITIONS.get(cost, 0)


def test_reading_one_of_a_page_reads_only_the_page(driver):
    """A page in the order of keys is cut before rows are read."""
    driver.execute(CreateManyOperation(Plain, ROWS))
    assert requests_of(driver, QueryOperation(Plain, {}, ("-id",), 2, 1)) == [LIST, GET, GET]
    assert requests_of(driver, QueryOperation(Plain, {"id__in": ["a", "n3"]})) == [LIST, GET, GET]
    assert requests_of(driver, QueryOperation(Plain, {"name": "x"}, (), 1)) == [LIST] + [GET] * 6


def test_what_was_not_done_by_the_server_is_said(driver):
    """A key and the beginning of one are the server's to find; conditions on the rest, and order, are judged here."""
    told = {
        (): {"order"},
        ("id", "a"): set(),
        ("id__startswith", "a"): {"order"},
        ("id__endswith", "a"): {"filter", "order"},
        ("name", "x"): {"filter", "order"},
    }
    assert driver.execute(QueryOperation(Named, {"name": "a"}, ("name",), 3)).served_by_store
    assert driver.execute(QueryOperation(Plain, {"id": "a", "name": "y"})).client_work == ("filter",)
    assert driver.execute(QueryOperation(Named, {"name": "a", "nick": "y"}, limit=1)).client_work == (
        "filter",
        "page",
    )
    for condition, work in told.items():
        filters = dict([condition]) if condition else {}
        assert set(driver.execute(QueryOperation(Plain, filters)).client_work) == work
    assert driver.execute(CountOperation(Plain)).served_by_store
    assert driver.execute(CountOperation(Plain, {"id__startswith": "a"})).served_by_store
    assert not driver.execute(CountOperation(Plain, {"name": "x"})).served_by_store


def test_a_reset_is_one_request(driver):
    """The store knows what its drivers made; moto's memory is emptied without any."""
    sent = []
    driver.store._client.meta.events.register("before-send", lambda event_name, **_: sent.append(event_name))
    driver.reset()
    expected = [] if driver.store.server.stands_in else [SEVERAL]
    assert [event.rpartition(".")[2] for event in sent] == expected
    assert not any(driver.count_rows(model) for model in MODELS)
