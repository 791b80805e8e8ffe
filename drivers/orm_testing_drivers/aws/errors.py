"""From the errors of botocore and of the services behind it to the errors of the library, as far as services agree."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from types import NoneType
from typing import Any

from botocore import exceptions as native  # type: ignore[import-untyped]

from orm_testing.errors import (
    AccessError,
    ConfigurationError,
    OperationError,
    OrmTestingError,
    UnavailableError,
)

THROTTLED = frozenset({
    "BandwidthLimitExceeded", "PriorRequestNotComplete", "ProvisionedThroughputExceededException",
    "RequestLimitExceeded", "RequestThrottled", "RequestThrottledException", "SlowDown", "ThrottledException",
    "Throttling", "ThrottlingException", "TooManyRequestsException",
})  # fmt: skip
_BROKEN = frozenset({
    "InternalError", "InternalFailure", "InternalServerError", "RequestTimeout", "RequestTimeoutException",
    "ServiceUnavailable", "ServiceUnavailableException",
})  # fmt: skip
_REFUSED = frozenset({
    "AccessDenied", "AccessDeniedException", "AuthFailure", "AuthorizationHeaderMalformed", "ExpiredToken",
    "ExpiredTokenException", "IncompleteSignature", "InvalidAccessKeyId", "InvalidClientTokenId",
    "InvalidSignatureException", "InvalidToken", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
    "NotSignedUp", "RequestExpired", "RequestTimeTooSkewed", "SignatureDoesNotMatch", "UnrecognizedClientException",
})  # fmt: skip
_NO_CREDENTIALS = (
    native.NoCredentialsError,
    native.PartialCredentialsError,
    native.CredentialRetrievalError,
    native.TokenRetrievalError,
    native.ProfileNotFound,
    native.SSOError,
)
NATIVE = (native.BotoCoreError, native.ClientError)
"""All that a client raises."""

_LOST = (native.HTTPClientError, native.ConnectionError, native.IncompleteReadError)
_BAD_SERVER = 500


def code_of(error: BaseException | None) -> str:
    """The service's code for what it refused, such as "NoSuchKey"; the HTTP status of an answer without a body; or ""."""
    if not isinstance(error, native.ClientError):
        return ""
    return str(error.response.get("Error", {}).get("Code", ""))


def status_of(error: BaseException | None) -> int:
    """The HTTP status of a refusal; 0 for another error."""
    if not isinstance(error, native.ClientError):
        return 0
    metadata: Any = error.response.get("ResponseMetadata", {})
    return int(metadata.get("HTTPStatusCode", 0))


def translated(error: BaseException) -> OperationError | None:
    """The library's error for what any of the services may answer; None for what a driver has to judge itself."""
    if isinstance(error, _LOST):
        return UnavailableError(str(error))
    if isinstance(error, _NO_CREDENTIALS):
        return AccessError(str(error))
    code, status = code_of(error), status_of(error)
    if code in THROTTLED:
        return UnavailableError(f"throttled, after retries too: {error}")
    if code in _BROKEN or status >= _BAD_SERVER:
        return UnavailableError(str(error))
    if code in _REFUSED or status in (401, 403):
        return AccessError(str(error))
    return None


@contextmanager
def opening(title: str) -> Iterator[None]:
    """What goes wrong while a server is asked for the first time: who may not ask is a `ConfigurationError`."""
    try:
        yield
    except _LOST as error:
        raise _not_reached(title, error) from error
    except NATIVE as error:
        found = translated(error)
        if isinstance(found, UnavailableError):
            raise found from error
        refused = "does not know who asks" if isinstance(found, AccessError) else "refused"
        raise ConfigurationError(f"{title} {refused}: {error}") from error


def _not_reached(title: str, error: Any) -> OrmTestingError:
    """Without the URL, which botocore says with each of these, and who gave it is told anyway."""
    below = error.kwargs.get("error")
    while not isinstance(below, (OSError, HTTPException, NoneType)):
        below = below.__cause__ or below.__context__
    if isinstance(below, HTTPException) and not isinstance(below, OSError):
        return ConfigurationError(f"what answers is not {title}: it does not speak HTTP.")
    why = getattr(below, "strerror", None) or below or type(error).__name__
    return UnavailableError(f"{title} does not answer: {why}")
