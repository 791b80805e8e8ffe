"""The statements that a result holds are those that ran, as the client library itself saw them."""

import pytest

from orm_testing import (
    BeginOperation,
    CommitOperation,
    CreateManyOperation,
    CreateOperation,
    CreateSchemaOperation,
    DeleteOperation,
    DropSchemaOperation,
    DuplicateKeyError,
    Field,
    Model,
    RollbackOperation,
    UpdateOperation,
)


class User(Model):
    id: str = Field(primary_key=True)
    email: str = Field(unique=True)


ANN = {"id": "a", "email": "a"}
WRITES = [
    CreateOperation(User, ANN),
    CreateOperation(User, ANN),
    CreateManyOperation(User, [{"id": "b", "email": "b"}, {"id": "c", "email": "c"}]),
    CreateManyOperation(User, [{"id": "d", "email": "d"}, {"id": "e", "email": "a"}]),
    UpdateOperation(User, User(**ANN), {"email": "new"}),
    DeleteOperation(User, User(**ANN)),
]


def first_words(result):
    """Of each statement that the result holds, as often as it ran: once for each row."""
    times = [(text, len(given) if isinstance(given, list) else 1) for text, given in result.statements]
    return [text.split()[0] for text, number in times for _ in range(number)]


@pytest.mark.parametrize(
    "operations",
    [
        WRITES,
        [BeginOperation(), *WRITES, CommitOperation()],
        [BeginOperation(), BeginOperation(), *WRITES, RollbackOperation(), RollbackOperation()],
        [DropSchemaOperation((User,)), CreateSchemaOperation((User,))],
    ],
    ids=["alone", "in a transaction", "in a savepoint", "of the schema"],
)
def test_they_are_those_that_sqlite_traced(opened, operations):
    """Each once and in order, with the beginnings and ends of transactions, and what explains a refusal."""
    driver = opened(User)
    traced = []
    driver.connection.connection.driver_connection.set_trace_callback(traced.append)
    for operation in operations:
        traced.clear()
        result = driver.execute(operation)
        assert first_words(result) == [text.split()[0] for text in traced]
        assert traced


@pytest.mark.parametrize("backend", ["postgres", "mysql"])
def test_servers_tell_of_the_end_of_their_transactions(on_backend, backend):
    """A commit for what was done, a rollback for what was refused and for what was asked only to explain it."""
    driver = on_backend(backend, User)
    done, again = (driver.execute(CreateOperation(User, ANN)) for _ in range(2))
    assert first_words(done) == ["INSERT", "COMMIT"]
    assert isinstance(again.error, DuplicateKeyError)
    assert first_words(again) == ["INSERT", "ROLLBACK", "SELECT", "ROLLBACK"]
