"""From pymongo's errors to the errors of the library."""

import re
from collections.abc import Mapping

from bson.errors import BSONError
from pymongo import errors as native

from orm_testing.errors import (
    AccessError,
    CheckError,
    ConflictError,
    DuplicateKeyError,
    OperationError,
    UnavailableError,
    ValueRangeError,
)

_KINDS: Mapping[type[OperationError], frozenset[int]] = {
    DuplicateKeyError: frozenset({11000, 11001, 12582}),
    AccessError: frozenset({13, 18, 8000}),
    CheckError: frozenset({121}),
    ConflictError: frozenset({24, 112, 225, 244, 246, 251}),
    UnavailableError: frozenset(
        {6, 7, 50, 89, 91, 189, 262, 462, 9001, 10107, 11600, 11602, 13435, 13436, 16500}
    ),
    ValueRangeError: frozenset({15, 10334, 17280, 17419, 17420}),
}
_UNIQUE = "UNIQUE constraint failed"
"""What FerretDB passes on from SQLite, where an update meets a unique index."""

_BESIDES = re.compile(r" \(configured timeouts: [^)]*\)|, Timeout: .*", re.DOTALL)


def is_duplicate(error: BaseException) -> bool:
    """Whether a key or a unique value is taken."""
    if isinstance(error, native.BulkWriteError):
        return any(each.get("code") in _KINDS[DuplicateKeyError] for each in error.details["writeErrors"])
    return isinstance(error, native.DuplicateKeyError) or (
        isinstance(error, native.OperationFailure) and _UNIQUE in str(error)
    )


def said(error: BaseException) -> str:
    """What pymongo says, without its settings and all that it knows of the servers."""
    return _BESIDES.sub("", str(error))


def translated(error: BaseException) -> OperationError | None:
    """The library's error; None for what is no failure of the store."""
    if isinstance(error, native.DocumentTooLarge | BSONError | OverflowError | UnicodeEncodeError):
        return ValueRangeError(f"the row cannot be a document: {error}")
    if not isinstance(error, native.PyMongoError):
        return None
    if is_duplicate(error):
        return DuplicateKeyError(str(error))
    if error.has_error_label("TransientTransactionError") and isinstance(error, native.OperationFailure):
        return ConflictError(str(error))
    if isinstance(error, native.ConnectionFailure | native.ExecutionTimeout):
        return UnavailableError(f"the server does not answer: {said(error)}")
    code = error.code if isinstance(error, native.OperationFailure) else None
    if isinstance(error, native.BulkWriteError) and error.details["writeErrors"]:
        code = error.details["writeErrors"][0]["code"]
    kind = next((kind for kind, codes in _KINDS.items() if code in codes), None)
    return kind(str(error)) if kind else None
