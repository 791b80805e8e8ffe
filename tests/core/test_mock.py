"""`MockDriver`: a driver made of one function."""

import pytest

from orm_testing import (
    CountOperation,
    DriverContractError,
    DuplicateKeyError,
    Field,
    MockDriver,
    Model,
    OperationResult,
    QueryOperation,
    VerificationError,
)


class User(Model):
    id: str = Field(primary_key=True)


def answers(**by_verb):
    """A handler that answers each verb with a value, or raises it."""

    def handler(operation):
        answer = by_verb[operation.verb]
        if isinstance(answer, Exception):
            raise answer
        return answer

    return handler


def test_it_answers_with_what_the_handler_returns_and_keeps_what_was_asked(make_orm):
    """Every operation reaches the handler, whose answer is judged as any driver's, and is kept in order."""
    driver = MockDriver(answers(count=3, query=[User(id="a")]))
    orm = make_orm(User, driver=driver)
    assert orm.count_models(User) == 3
    assert orm.all_models(User) == [User(id="a")]
    assert driver.operations == [CountOperation(User), QueryOperation(User)]


def test_a_raised_error_of_the_tree_is_a_failed_result(make_orm):
    """A handler raises as a driver does."""
    error = DuplicateKeyError("taken")
    result = make_orm(User, driver=MockDriver(answers(create=error))).create_model(User, id="a")
    assert result.error is error


@pytest.mark.parametrize("answer", [None, "a", ValueError("no"), OperationResult(False, None, "text")])
def test_it_is_held_to_the_contract(make_orm, answer):
    """A handler that answers or raises what no driver may is a broken driver."""
    with pytest.raises(DriverContractError):
        make_orm(User, driver=MockDriver(answers(create=answer))).create_model(User, id="a")


def test_without_a_backdoor_it_is_asked_for_the_rows(make_orm):
    """The read-back of a verb is a query to the handler where `stored` is not given."""
    driver = MockDriver(answers(create=User(id="a"), query=[User(id="a")]))
    make_orm(User, driver=driver).create_and_verify(User, id="a")
    assert driver.operations[1:] == [QueryOperation(User, {"id": "a"})]


def test_stored_plays_the_backdoor(make_orm):
    """With `stored`, the read-back sees what it says, and the handler is not asked."""
    asked = []

    def stored(model_class, key):
        asked.append((model_class, key))
        return []

    driver = MockDriver(answers(create=User(id="a")), stored)
    with pytest.raises(VerificationError, match="is not in the store"):
        make_orm(User, driver=driver).create_and_verify(User, id="a")
    assert asked == [(User, {"id": "a"})]
    assert len(driver.operations) == 1


def test_a_backdoor_that_breaks_is_not_taken_for_an_answer(make_orm):
    """A read-back that raises, be it `StopIteration`, fails the verb instead of ending it early."""
    nothing = iter([])
    driver = MockDriver(answers(create=User(id="a")), lambda model_class, key: next(nothing))
    with pytest.raises(Exception):  # noqa: B017, PT011
        make_orm(User, driver=driver).create_and_verify(User, id="a")


def test_every_capability_that_is_an_ability_is_there():
    """Verbs that need a capability may be tried on a mock."""
    for name in ("transactions", "bulk", "aggregates", "clock"):
        assert name in MockDriver.capabilities
