"""From what a server of S3 refuses to the errors of the library."""

from orm_testing.errors import ConflictError, OperationError, UnavailableError, ValueRangeError
from orm_testing_drivers.aws import errors as aws
from orm_testing_drivers.aws.errors import code_of

_TOO_LARGE = frozenset({"EntityTooLarge", "KeyTooLongError", "MaxMessageLengthExceeded"})
_OVERTAKEN = frozenset({"ConditionalRequestConflict", "NoSuchKey", "OperationAborted", "PreconditionFailed"})


def translated(error: BaseException) -> OperationError | None:
    """The library's error; None for what only a fault of ours can bring about."""
    code = code_of(error)
    if code in _TOO_LARGE:
        return ValueRangeError(str(error))
    if code in _OVERTAKEN:
        return ConflictError(str(error))
    if code == "NoSuchBucket":
        return UnavailableError(f"the bucket is gone: {error}")
    return aws.translated(error)
