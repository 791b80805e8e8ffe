"""The one tree of errors."""

import pytest

from orm_testing import errors


@pytest.mark.parametrize(
    ("error", "base"),
    [
        (errors.ConfigurationError, errors.OrmTestingError),
        (errors.DriverContractError, errors.ConfigurationError),
        (errors.OperationError, errors.OrmTestingError),
        (errors.ValidationError, errors.OperationError),
        (errors.DuplicateKeyError, errors.OperationError),
        (errors.NotFoundError, errors.OperationError),
        (errors.MultipleResultsError, errors.OperationError),
        (errors.ForeignKeyError, errors.OperationError),
        (errors.CheckError, errors.OperationError),
        (errors.ValueRangeError, errors.OperationError),
        (errors.SchemaError, errors.OperationError),
        (errors.InvalidQueryError, errors.OperationError),
        (errors.ConflictError, errors.OperationError),
        (errors.AccessError, errors.OperationError),
        (errors.UnsupportedError, errors.OperationError),
        (errors.UnavailableError, errors.OperationError),
        (errors.VerificationError, AssertionError),
    ],
)
def test_each_error_stands_under_its_base_and_in_the_drawn_tree(error, base):
    """Each error derives directly from the base that the module's docstring draws it under."""
    assert error.__bases__ == (base,)
    assert error.__name__ in errors.__doc__


def test_no_error_is_drawn_in_the_wrong_half():
    """A test's judgement is no error of an operation, and a wrong set-up is none either."""
    assert not issubclass(errors.VerificationError, errors.OrmTestingError)
    assert not issubclass(errors.ConfigurationError, errors.OperationError)


def test_an_operation_error_keeps_model_and_fields():
    """`fields` becomes a tuple of what any iterable gives, and the message stays the message."""
    error = errors.DuplicateKeyError("taken", model="User", fields=iter(["a", "b"]))
    assert (str(error), error.model, error.fields) == ("taken", "User", ("a", "b"))
    assert (errors.NotFoundError().model, errors.NotFoundError().fields) == (None, ())


def test_an_unsupported_error_names_its_capability():
    """Without a message of its own, an `UnsupportedError` says which capability is lacking."""
    error = errors.UnsupportedError(capability="transactions")
    assert error.capability == "transactions"
    assert "'transactions'" in str(error)
    assert str(errors.UnsupportedError("no such thing", capability="bulk")) == "no such thing"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("sqllite", " Did you mean 'sqlite'?"), ("inmemry", " Did you mean 'inmemory'?"), ("zzz", "")],
)
def test_nearest_suggests_only_what_is_near(name, hint):
    """`nearest` names the closest known word, and says nothing where no word is close."""
    assert errors.nearest(name, iter(["sqlite", "inmemory"])) == hint
