"""From errors of redis-py to the errors of the library, by the word with which the server begins."""

import re
from collections.abc import Mapping

from redis import exceptions

from orm_testing.errors import (
    AccessError,
    ConflictError,
    OperationError,
    UnavailableError,
    ValueRangeError,
)

_CODES: Mapping[str, type[OperationError]] = {
    "NOPERM": AccessError,
    "NOAUTH": AccessError,
    "WRONGPASS": AccessError,
    "OOM": UnavailableError,
    "READONLY": UnavailableError,
    "LOADING": UnavailableError,
    "BUSY": UnavailableError,
    "MISCONF": UnavailableError,
    "MASTERDOWN": UnavailableError,
    "CLUSTERDOWN": UnavailableError,
    "NOREPLICAS": UnavailableError,
    "UNKILLABLE": UnavailableError,
    "WRONGTYPE": ConflictError,
}
_CLASSES: Mapping[type[Exception], type[OperationError]] = {
    exceptions.AuthenticationError: AccessError,
    exceptions.AuthorizationError: AccessError,
    exceptions.NoPermissionError: AccessError,
    exceptions.OutOfMemoryError: UnavailableError,
    exceptions.ReadOnlyError: UnavailableError,
    exceptions.ClusterError: UnavailableError,
    exceptions.ConnectionError: UnavailableError,
    exceptions.TimeoutError: UnavailableError,
}
"""redis-py makes these of some words, which it takes away then; the first that fits counts."""

_CODE = re.compile(rf"(?:^|[\s-])({'|'.join(_CODES)})\b")
"""Servers before 7.0 put the error of a command inside a script behind words of their own."""

_OVERFLOW = "would overflow"
_TOO_LONG = re.compile(r"(?i)invalid (?:bulk|multibulk) length|exceeds maximum allowed size")


def translated(error: BaseException) -> OperationError | None:
    """The library's error, or None for what only a fault of ours can bring about."""
    if not isinstance(error, exceptions.RedisError):
        return error if isinstance(error, OperationError) else None
    text = str(error)
    for known, kind in _CLASSES.items():
        if isinstance(error, known):
            return kind(text)
    code = _CODE.search(text)
    if code is not None:
        return _CODES[code[1]](text)
    if _OVERFLOW in text:
        return ValueRangeError(f"the store makes keys of no more than 63 bits: {text}")
    if _TOO_LONG.search(text):
        return ValueRangeError(f"Redis takes no request so large: {text}")
    return None
