"""From the errors of botocore to the errors of the library, by DynamoDB's codes."""

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from orm_testing.errors import ConflictError, OperationError, UnavailableError, ValueRangeError
from orm_testing_drivers.aws.errors import THROTTLED, code_of
from orm_testing_drivers.aws.errors import translated as translated_by_all

FAILED = "ConditionalCheckFailed"
_CONFLICTS = frozenset({
    "ConditionalCheckFailedException", "TransactionConflictException", "TransactionInProgressException",
    "ReplicatedWriteConflictException",
})  # fmt: skip
_GONE = frozenset(
    {
        "ResourceNotFoundException",
        "TableNotFoundException",
        "ResourceInUseException",
        "LimitExceededException",
    }
)
_TOO_LARGE = frozenset({"ItemCollectionSizeLimitExceededException", "RequestEntityTooLarge"})
_OF_A_VALUE = (
    "item size", "size limit", "exceeds the maximum", "has exceeded the maximum", "significant digits", "precision up to",
    "number overflow", "number underflow", "nesting levels", "empty string value", "empty binary value", "empty attribute name",
    "must be under", "expression size has exceeded",
)  # fmt: skip
_THROTTLING = frozenset({"ThrottlingError", "ProvisionedThroughputExceeded", *THROTTLED})


def condition_failed(error: ClientError) -> bool:
    """Whether a condition did not hold, which nobody can tell of a request that was sent again: the first may have been heard."""
    retried = error.response.get("ResponseMetadata", {}).get("RetryAttempts")
    return code_of(error) == "ConditionalCheckFailedException" and not retried


def reasons_of(error: BaseException) -> list[str]:
    """Why each item of a cancelled transaction was refused: a code each, "None" where it was not."""
    if code_of(error) != "TransactionCanceledException":
        return []
    assert isinstance(error, ClientError)
    reasons = error.response.get("CancellationReasons") or []
    return [str(reason.get("Code", "None")) for reason in reasons]


def translated(error: BaseException) -> OperationError | None:
    """The library's error, or None for what only a fault of ours can bring about."""
    found = translated_by_all(error)
    if found is not None:
        return found
    code, said = code_of(error), str(error)
    if code in _GONE:
        return UnavailableError(f"a table of the models cannot be used: {said}")
    kind = _cancelled(reasons_of(error)) if code == "TransactionCanceledException" else _kind(code, said)
    return None if kind is None else kind(said)


def _kind(code: str, said: str) -> type[OperationError] | None:
    if code in _CONFLICTS:
        return ConflictError
    of_a_value = code == "ValidationException" and any(word in said.lower() for word in _OF_A_VALUE)
    return ValueRangeError if of_a_value or code in _TOO_LARGE else None


def _cancelled(reasons: list[str]) -> type[OperationError]:
    if not _THROTTLING.isdisjoint(reasons):
        return UnavailableError
    return ValueRangeError if "ValidationError" in reasons else ConflictError
