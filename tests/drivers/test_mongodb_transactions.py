"""Transactions: buffered in the driver, and written as one of the server's own.

No server with transactions could be had; one that passes for it, whose session does nothing, shows what is written.
"""

from contextlib import contextmanager

import pytest
from mongodb_servers import both
from pymongo import errors as native

from orm_testing import (
    BeginOperation,
    Clock,
    CommitOperation,
    ConflictError,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DuplicateKeyError,
    Field,
    Model,
    RollbackOperation,
    UnavailableError,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing_drivers.mongodb.driver import MongoDriver
from orm_testing_drivers.mongodb.errors import translated

pytestmark = pytest.mark.external_services


class Item(Model):
    id: int = Field(primary_key=True)
    name: str = Field(unique=True)
    tags: list[int] = []


class Transacting(MongoDriver):
    """Its transactions are noted, and their requests sent as they are."""

    @classmethod
    def capabilities_on(cls, product):
        return cls.capabilities

    @contextmanager
    def _transaction(self):
        self.noted = [*getattr(self, "noted", []), "begin"]
        try:
            yield None
        except BaseException:
            self.noted.append("abort")
            raise
        self.noted.append("commit")


@pytest.fixture
def transacting(on_backend):
    drivers = []

    def make(product, *models):
        driver = Transacting()
        driver.store = on_backend(product, *models).store
        driver.backend_name, driver.clock = product, Clock()
        driver.setup_backend(models)
        drivers.append(driver)
        return driver

    yield make
    for driver in drivers:
        driver.close()


def done(driver, operation):
    result = driver.execute(operation)
    assert result.success, result.error
    return result.data


def names(driver):
    return {row["id"]: row["name"] for row in driver.committed_rows(Item)}


@both
def test_a_transaction_is_written_when_it_commits(transacting, product):
    """What it does is its own until then, nested ones included; then it is one transaction of the server's."""
    driver = transacting(product, Item)
    for number in (1, 2, 3):
        done(driver, CreateOperation(Item, {"id": number, "name": f"n{number}"}))
    done(driver, BeginOperation())
    done(driver, UpdateOperation(Item, Item(id=1, name=""), {"name": "new", "tags": [1]}))
    done(driver, DeleteOperation(Item, Item(id=2, name="")))
    done(driver, UpsertOperation(Item, {"id": 4, "name": "n2"}))
    done(driver, BeginOperation())
    done(driver, CreateOperation(Item, {"id": 5, "name": "n5"}))
    done(driver, RollbackOperation())
    assert done(driver, CountOperation(Item, {})) == 3
    assert names(driver) == {1: "n1", 2: "n2", 3: "n3"}
    done(driver, CommitOperation())
    assert names(driver) == {1: "new", 3: "n3", 4: "n2"}
    assert driver.noted == ["begin", "commit"]


@both
@pytest.mark.parametrize(
    "work",
    [
        CreateOperation(Item, {"id": 9, "name": "mine"}),
        UpdateOperation(Item, Item(id=1, name=""), {"tags": [1]}),
        DeleteOperation(Item, Item(id=1, name="")),
    ],
    ids=["create", "update", "delete"],
)
def test_what_another_wrote_meanwhile_is_a_conflict(transacting, product, work):
    """A row that is not as the transaction found it is nobody's to overwrite; the server's transaction is aborted."""
    driver = transacting(product, Item)
    other = driver.session()
    done(driver, CreateOperation(Item, {"id": 1, "name": "one"}))
    done(driver, BeginOperation())
    done(driver, work)
    for number in (1, 9):
        done(other, UpsertOperation(Item, {"id": number, "name": f"theirs {number}"}))
    assert isinstance(driver.execute(CommitOperation()).error, ConflictError)
    assert names(driver) == {1: "theirs 1", 9: "theirs 9"}
    assert driver.noted == ["begin", "abort"]
    other.close()


@both
def test_a_unique_value_that_another_took_meanwhile_is_a_duplicate(transacting, product):
    """The index of the store has the last word, at the commit."""
    driver = transacting(product, Item)
    other = driver.session()
    done(driver, BeginOperation())
    done(driver, CreateOperation(Item, {"id": 1, "name": "same"}))
    assert isinstance(
        driver.execute(CreateOperation(Item, {"id": 2, "name": "same"})).error, DuplicateKeyError
    )
    done(other, CreateOperation(Item, {"id": 3, "name": "same"}))
    assert isinstance(driver.execute(CommitOperation()).error, DuplicateKeyError)
    other.close()


@both
def test_values_may_change_hands_inside_a_transaction(transacting, product):
    """What is unique when it commits is written, whoever had it before; in whatever order it came about."""
    driver = transacting(product, Item)
    for number in (1, 2, 3):
        done(driver, CreateOperation(Item, {"id": number, "name": f"n{number}"}))
    done(driver, BeginOperation())
    for number, name in ((1, "free"), (2, "n1"), (1, "n2")):
        done(driver, UpdateOperation(Item, Item(id=number, name=""), {"name": name}))
    done(driver, CreateOperation(Item, {"id": 4, "name": "free"}))
    done(driver, DeleteOperation(Item, Item(id=3, name="")))
    done(driver, UpdateOperation(Item, Item(id=4, name=""), {"name": "n3"}))
    done(driver, CommitOperation())
    assert names(driver) == {1: "n2", 2: "n1", 4: "n3"}
    assert driver.noted == ["begin", "commit"]


@both
def test_create_many_is_a_transaction_where_there_are_any(transacting, product):
    """A row that is refused aborts it, and the error names the field."""
    driver = transacting(product, Item)
    rows = [{"id": number, "name": f"n{number}"} for number in range(3)]
    done(driver, CreateManyOperation(Item, rows))
    error = driver.execute(CreateManyOperation(Item, [{"id": 9, "name": "n1"}])).error
    assert isinstance(error, DuplicateKeyError)
    assert error.fields == ("name",)
    assert driver.noted == ["begin", "commit", "begin", "abort"]


def test_the_server_says_which_index_where_nobody_can_be_asked(transacting):
    """In a transaction that the server has aborted, its `keyPattern` tells the fields."""
    driver = transacting("mongomock", Item)
    collection = driver._collections[driver.schemas.of(Item)]
    said = native.DuplicateKeyError("E11000", 11000, {"keyPattern": {"name": 1}})
    assert collection._said(said) == ("name",)
    assert collection._said(native.DuplicateKeyError("E11000", 11000, {})) == ()


def test_a_transaction_is_begun_and_ended_by_pymongo(on_backend):
    """The driver's part is a session and its `start_transaction`; pymongo commits or aborts."""
    noted = []

    class Session:
        @contextmanager
        def start_transaction(self, reading, writing, where):
            noted.append((reading.level, writing.document, where.name))
            yield
            noted.append("commit")

    class Client:
        @contextmanager
        def start_session(self):
            noted.append("session")
            yield Session()
            noted.append("end")

    driver = on_backend("mongomock", Item)
    driver.client = Client()
    with driver._transaction() as session:
        assert isinstance(session, Session)
    assert noted == ["session", ("snapshot", {"w": "majority"}, "Primary"), "commit", "end"]


def test_a_transient_error_is_a_conflict_and_a_lost_server_is_not():
    """The label that MongoDB puts on both says only that the transaction may be tried again."""
    conflict = native.OperationFailure(
        "WriteConflict", 112, {"errorLabels": ["TransientTransactionError"], "code": 112}
    )
    lost = native.AutoReconnect("gone", {"errorLabels": ["TransientTransactionError"]})
    assert isinstance(translated(conflict), ConflictError)
    assert isinstance(translated(lost), UnavailableError)
