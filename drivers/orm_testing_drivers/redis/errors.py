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

_PHRASES: Mapping[str, type[OperationError]] = {
    "user executing the script can't run": AccessError,
    "would overflow": ValueRangeError,
    "invalid bulk length": ValueRangeError,
    "invalid multibulk length": ValueRangeError,
    "exceeds maximum allowed size": ValueRangeError,
}
"""What errors say that begin with no word of their own: of rights, of a counter at its end, of a request too large."""


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
    found = [kind for phrase, kind in _PHRASES.items() if phrase in text.lower()]
    return found[0](text) if found else None
