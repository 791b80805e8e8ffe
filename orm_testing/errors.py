"""The one tree of errors, the same on every backend; the native error is always the `__cause__`.

OrmTestingError
├── ConfigurationError            unknown backend or capability, bad URL, missing extra
│   └── DriverContractError       a driver answered or raised what the contract does not allow
└── OperationError
    ├── ValidationError           the model refuses the data; nothing reached the store
    ├── DuplicateKeyError         primary key or unique field; says which fields
    ├── NotFoundError · MultipleResultsError
    ├── ForeignKeyError · CheckError · ValueRangeError
    ├── SchemaError               a table is absent, is there already, or cannot become what is asked
    ├── InvalidQueryError         unknown field or lookup
    ├── ConflictError             deadlock, serialisation failure, lost conditional write
    ├── AccessError               this user may not do that
    ├── UnsupportedError          the backend lacks the capability; names it
    └── UnavailableError          refused, lost, timed out: never reported as "not found"

`VerificationError` stands outside: it is an `AssertionError`, a test's judgement of a backend.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class OrmTestingError(Exception):
    """What every error of the library is."""


class ConfigurationError(OrmTestingError):
    """The tests, the models or the backends are set up in a way that cannot work."""


class DriverContractError(ConfigurationError):
    """A driver answered or raised what the contract does not allow: the driver is wrong, not the store."""


class OperationError(OrmTestingError):
    """An operation failed. `model` is the model's name and `fields` are the fields concerned, where known."""

    def __init__(self, message: str = "", *, model: str | None = None, fields: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.model = model
        self.fields = tuple(fields)


class ValidationError(OperationError):
    """The model refuses the data; nothing reached the store."""


class DuplicateKeyError(OperationError):
    """A primary key or unique value is taken; `fields` says which."""


class NotFoundError(OperationError):
    """No row has this key."""


class MultipleResultsError(OperationError):
    """More than one row matches where one was asked for."""


class ForeignKeyError(OperationError):
    """A row refers to one that is not there, or is referred to by one that is."""


class CheckError(OperationError):
    """A constraint of the store, other than a key, refuses the row."""


class ValueRangeError(OperationError):
    """The store cannot hold this value exactly."""


class SchemaError(OperationError):
    """A table of the models is absent, is there already, or cannot become what is asked."""


class InvalidQueryError(OperationError):
    """The query names an unknown field or lookup, or compares with a value of the wrong type."""


class ConflictError(OperationError):
    """Another session was in the way: a deadlock, a serialisation failure, a lost conditional write."""


class AccessError(OperationError):
    """The user that the client works as may not do this."""


class UnsupportedError(OperationError):
    """The backend lacks a capability, named by `capability`."""

    def __init__(self, message: str = "", *, capability: str = "", model: str | None = None) -> None:
        super().__init__(message or f"the backend lacks the capability {capability!r}", model=model)
        self.capability = capability


class UnavailableError(OperationError):
    """The store refused, was lost or timed out. Absent rows are `NotFoundError`, never this."""


class VerificationError(AssertionError):
    """A verb looked at what the backend did, and it is not what the test said."""


def is_judgement(raised: Any) -> bool:
    """What `__tracebackhide__` of the modules that judge is: a failed check shows the test's line, not theirs."""
    return bool(raised.errisinstance(VerificationError))


def nearest(name: str, known: Iterable[str]) -> str:
    """` Did you mean 'sqlite'?`, or nothing where no known name is near: the tail of a message."""
    close = get_close_matches(name, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _named_where_they_are_imported_from() -> None:
    """Reports show `orm_testing.NotFoundError`, the name by which users import it."""
    for value in globals().values():
        if isinstance(value, type) and value.__module__ == __name__:
            value.__module__ = "orm_testing"


_named_where_they_are_imported_from()
