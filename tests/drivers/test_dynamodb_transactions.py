"""Transactions and unique values, which are made of `TransactWriteItems`, when sessions meet."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from orm_testing import (
    BeginOperation,
    CommitOperation,
    ConflictError,
    CreateOperation,
    DeleteOperation,
    DuplicateKeyError,
    Field,
    Model,
    UpdateOperation,
)
from orm_testing.schema import schema_of


class User(Model):
    id: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)
    body: str = "x"


class Plain(Model):
    id: str = Field(primary_key=True)
    body: str = "x"


class Counted(Model):
    id: int | None = Field(None, primary_key=True, generated=True)


@pytest.fixture(params=("dynamodb_local", "moto_dynamodb"))
def unique(request, on_backend):
    """A driver on each product that has transactions."""
    return on_backend(request.param, User, Plain, Counted)


def done(driver, operation):
    result = driver.execute(operation)
    assert result, result.error
    return result.data


def test_who_comes_second_is_told(unique):
    """A transaction whose row was written meanwhile is a conflict; one that creates it again is a duplicate."""
    other = unique.session()
    one = done(unique, CreateOperation(User, {"id": "a", "email": "e"}))
    for changed in ({"body": "y"}, {"email": "f"}):
        done(unique, BeginOperation())
        done(unique, UpdateOperation(User, one, {"body": "mine"}))
        done(other, UpdateOperation(User, one, changed))
        assert isinstance(unique.execute(CommitOperation()).error, ConflictError)
    done(unique, BeginOperation())
    done(unique, DeleteOperation(User, one))
    done(other, UpdateOperation(User, one, {"body": "z"}))
    assert isinstance(unique.execute(CommitOperation()).error, ConflictError)
    done(unique, BeginOperation())
    done(unique, CreateOperation(Plain, {"id": "a"}))
    done(other, CreateOperation(Plain, {"id": "a", "body": "theirs"}))
    error = unique.execute(CommitOperation()).error
    assert isinstance(error, DuplicateKeyError)
    assert error.fields == ("id",)
    assert unique.rows(Plain)[0]["body"] == "theirs"
    other.close()


def test_unique_values_change_hands_in_a_transaction(unique):
    """What one row gives up another may take, all at once; what is still held is refused, by its field."""
    a = done(unique, CreateOperation(User, {"id": "a", "email": "1"}))
    b = done(unique, CreateOperation(User, {"id": "b", "email": "2"}))
    done(unique, BeginOperation())
    done(unique, UpdateOperation(User, a, {"email": None}))
    done(unique, UpdateOperation(User, b, {"email": "1"}))
    done(unique, UpdateOperation(User, a, {"email": "2"}))
    done(unique, CommitOperation())
    assert [row["email"] for row in unique.rows(User)] == ["2", "1"]
    for email in "12":
        error = unique.execute(CreateOperation(User, {"id": "c", "email": email})).error
        assert error.fields == ("email",)
    done(unique, DeleteOperation(User, a))
    done(unique, CreateOperation(User, {"id": "c", "email": "2"}))


def test_of_several_sessions_one_takes_a_unique_value(unique):
    """The others are told that it is taken, however close they were; keys that the store makes are distinct."""
    sessions = [unique.session() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for email in "abc":
            operations = [CreateOperation(User, {"id": f"{email}{n}", "email": email}) for n in range(4)]
            results = list(
                pool.map(lambda pair: pair[0].execute(pair[1]), zip(sessions, operations, strict=True))
            )
            assert [type(result.error) for result in results if not result] == [DuplicateKeyError] * 3
        counted = pool.map(
            lambda each: [each.execute(CreateOperation(Counted, {})) for _ in range(5)], sessions
        )
        keys = [result.data.id for results in counted for result in results]
    assert sorted(keys) == list(range(1, 21))
    assert len(unique.rows(User)) == 3
    for session in sessions:
        session.close()


def test_a_row_that_is_gone_does_not_come_back(unique):
    """An update whose row was deleted since it was read writes nothing, and is done over."""
    for model, changes in ((Plain, {"body": "y"}), (User, {"email": "f"})):
        collection = unique.collection(schema_of(model))
        one = done(unique, CreateOperation(model, {"id": "a"}))
        row = dict(one.__dict__)
        assert collection.change(row, row | changes)
        assert not collection.change(row, row | changes)
        done(unique, DeleteOperation(model, one))
        assert not collection.change(row | changes, row)
        assert not collection.remove(("a",))
        assert unique.rows(model) == []
