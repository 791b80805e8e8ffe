"""Verbs that expect a failure: the right error came, and nothing changed."""

import pydantic
import pytest

from orm_testing import (
    ConfigurationError,
    DuplicateKeyError,
    Field,
    ForeignKeyError,
    InMemoryDriver,
    InvalidQueryError,
    Model,
    NotFoundError,
    OperationError,
    OrmTestingError,
    UnavailableError,
    UnsupportedError,
    ValidationError,
    VerificationError,
)
from orm_testing.dsl.failing import satisfies


class Team(Model):
    id: str = Field(primary_key=True)


class Person(Model):
    id: str = Field(primary_key=True)
    age: int = Field(0, ge=0)
    team: str | None = Field(None, references=Team)


ANN, GHOST = Person(id="a", team="t"), Person(id="ghost")


@pytest.fixture
def make(make_orm, liar):
    """Makes a client with one team of one person, whose driver lies about the named verbs."""

    def make(lie=None, *verbs):
        orm = make_orm(Team, Person, driver=liar(lie, *verbs) if lie else InMemoryDriver)
        orm.driver.tables[Team].put(("t",), {"id": "t"})
        orm.driver.tables[Person].put(("a",), {"id": "a", "age": 30, "team": "t"})
        return orm

    return make


EXPECTATIONS = [
    ("create", DuplicateKeyError, lambda orm, error: orm.expect_create_failure(Person, error, id="a")),
    ("create", ValidationError, lambda orm, error: orm.expect_create_failure(Person, error, id="b", age=-1)),
    (
        "create",
        ForeignKeyError,
        lambda orm, error: orm.expect_create_failure(Person, error, id="b", team="x"),
    ),
    (
        "create_many",
        DuplicateKeyError,
        lambda orm, error: orm.expect_create_many_failure(Person, error, [{"id": "b"}, {"id": "a"}]),
    ),
    ("update", NotFoundError, lambda orm, error: orm.expect_update_failure(GHOST, error, age=1)),
    ("update", ValidationError, lambda orm, error: orm.expect_update_failure(ANN, error, {"age": -1})),
    ("delete", NotFoundError, lambda orm, error: orm.expect_delete_failure(GHOST, error)),
    ("delete", ForeignKeyError, lambda orm, error: orm.expect_delete_failure(Team(id="t"), error)),
    ("upsert", ValidationError, lambda orm, error: orm.expect_upsert_failure(Person, error, id="a", age=-1)),
    ("query", InvalidQueryError, lambda orm, error: orm.expect_query_failure(Person, error, aeg=1)),
    ("query", InvalidQueryError, lambda orm, error: orm.expect_query_failure(Person, error, limit=-1)),
]
each_expectation = pytest.mark.parametrize(("verb", "error", "expect"), EXPECTATIONS)


@each_expectation
def test_the_expected_error_is_returned(make, verb, error, expect):
    """The error that came is what the verb gives back, named by its class or by a base."""
    orm = make()
    assert type(expect(orm, error)) is error
    assert type(expect(orm, OperationError)) is error
    assert orm.context.unseen_failures() == []


def test_without_a_class_any_failure_is_expected(make):
    """The class of the error may be left out."""
    orm = make()
    assert type(orm.expect_create_failure(Person, id="a")) is DuplicateKeyError
    assert type(orm.expect_delete_failure(GHOST)) is NotFoundError


@each_expectation
def test_another_error_than_the_expected_one_fails(make, verb, error, expect):
    """A failure of another class is not the one expected, and the verdict names both."""
    with pytest.raises(VerificationError, match=f"expected ConflictingError, and got {error.__name__}: "):
        expect(make(), type("ConflictingError", (OperationError,), {}))


def test_a_native_error_stands_behind_the_verdict(make):
    """What the client library raised can be seen in the chain of causes."""
    with pytest.raises(VerificationError) as caught:
        make().expect_create_failure(Person, DuplicateKeyError, id="b", age=-1)
    assert isinstance(caught.value.__cause__, pydantic.ValidationError)


@each_expectation
def test_a_success_fails(make, verb, error, expect):
    """An operation that works where it should fail, fails the verb, which shows the call."""

    def works(driver, honest, operation):
        return {"create_many": [ANN], "delete": None, "query": []}.get(verb, ANN)

    with pytest.raises(
        VerificationError, match=rf"expected {error.__name__}, and orm\.{verb}_\w+\(.* succeeded"
    ):
        expect(make(works, verb), error)


def half_written(driver):
    driver.tables[Person].put(("half",), {"id": "half", "age": 1, "team": None})


def half_changed(driver):
    driver.tables[Person].put(("a",), {"id": "a", "age": 31, "team": "t"})


def half_removed(driver):
    driver.tables[Person].remove(("a",))


def half_written_elsewhere(driver):
    driver.tables[Team].put(("u",), {"id": "u"})


def retyped(driver):
    driver.tables[Person].put(("a",), {"id": "a", "age": 30.0, "team": "t"})


@each_expectation
@pytest.mark.parametrize(
    ("damage", "shown"),
    [
        (half_written, r"\+ \{'id': 'half'"),
        (half_changed, r"- .*'age': 30,[\s\S]*\+ .*'age': 31"),
        (half_removed, r"- \{'id': 'a'"),
        (half_written_elsewhere, r"\+ \{'id': 'u'"),
        (retyped, r"\+ .*30\.0"),
    ],
)
def test_a_failure_that_changed_the_store_fails(make, verb, error, expect, damage, shown):
    """The right error is not enough: a row that came, went or changed in any model fails the verb, and is shown."""

    def damages(driver, honest, operation):
        damage(driver)
        raise error("as expected")

    with pytest.raises(
        VerificationError, match=f"{error.__name__} came, and the store changed all the same"
    ) as caught:
        expect(make(damages, verb), error)
    assert caught.match(shown)


@each_expectation
@pytest.mark.parametrize(
    "came", [UnavailableError("lost"), UnsupportedError(capability="unique")], ids=["gone", "less"]
)
def test_a_broken_backend_is_no_expected_failure(make, verb, error, expect, came):
    """`UnavailableError` and `UnsupportedError` satisfy an expectation only when it names them exactly."""

    def raises(driver, honest, operation):
        raise came

    for broad in (error, OperationError):
        with pytest.raises((VerificationError, UnsupportedError)):
            expect(make(raises, verb), broad)
    assert expect(make(raises, verb), type(came)) is came


class LostError(UnavailableError):
    """A kind of unavailability."""


class FailedCheckError(AssertionError):
    """A kind of failed assertion."""


@pytest.mark.parametrize(
    ("error", "expected", "answer"),
    [
        (ValueError(), ValueError, True),
        (ValueError(), Exception, True),
        (ValueError(), KeyError, False),
        (NotFoundError(), OperationError, True),
        (UnavailableError(), UnavailableError, True),
        (UnavailableError(), OperationError, False),
        (UnavailableError(), OrmTestingError, False),
        (UnavailableError(), Exception, False),
        (LostError(), UnavailableError, False),
        (LostError(), LostError, True),
        (UnsupportedError(capability="x"), Exception, False),
        (AssertionError(), AssertionError, True),
        (AssertionError(), Exception, False),
        (VerificationError(), Exception, False),
        (VerificationError(), VerificationError, True),
        (FailedCheckError(), AssertionError, True),
        (KeyboardInterrupt(), Exception, False),
    ],
)
def test_what_satisfies_an_expectation(error, expected, answer):
    """A base class is enough, except for a broken or lesser backend and for the test's own assertions."""
    assert satisfies(error, expected) is answer


def test_a_fault_of_the_driver_is_not_an_expected_failure(make):
    """A driver that breaks the contract is raised through every expectation."""

    def broken(driver, honest, operation):
        raise KeyError("bug")

    with pytest.raises(ConfigurationError, match="KeyError"):
        make(broken, "create").expect_create_failure(Person, OperationError, id="a")


def test_a_verdict_names_the_model(make_orm):
    """What fails says verb, model and backend first."""

    class Plain(Model):
        id: str = Field(primary_key=True)

    orm = make_orm(Plain)
    with pytest.raises(
        VerificationError, match=r"^expect_create_failure Plain on inmemory: expected OperationError, and"
    ):
        orm.expect_create_failure(Plain, id="new")
    orm.reset()
    orm.create_and_verify(Plain, id="there")
    with pytest.raises(
        VerificationError, match=r"^expect_create_failure Plain on inmemory: expected NotFoundError, and"
    ):
        orm.expect_create_failure(Plain, NotFoundError, id="there")
