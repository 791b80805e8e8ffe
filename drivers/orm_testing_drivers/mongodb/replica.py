"""A replica set of one member, made of a server that we started: only there does MongoDB have transactions.

It is written from the manual of MongoDB 6.0 to 8.0; no `mongod` was there to run it.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit

from pymongo import errors as native

from orm_testing.errors import UnavailableError

OURS = "appname=orm_testing.server"
"""The option in the URL of a server that we started."""

NAME = "orm_testing"

_IN_A_CONTAINER = "localhost:27017"
_UNAUTHORIZED = 13
_BEGUN_BY_ANOTHER = frozenset({23, _UNAUTHORIZED, 51003})
"""It is initiated, there is a user so that nobody may do more, or there is just this user."""

Opened = Callable[[str], Any]


def begin(url: str, opened: Opened) -> None:
    """Initiate the set and make its user, where that is still to do; `UnavailableError` until it has a primary."""
    parts = urlsplit(url)
    here = f"{parts.hostname}:{parts.port}"
    client = opened(f"{parts.scheme}://{here}/?directConnection=true")
    try:
        said = client.admin.command("hello")
        if not said.get("isreplicaset") and "setName" not in said:
            return
        if "setName" not in said:
            _initiate(client, here, url, opened)
            raise UnavailableError("the replica set is being initiated")
        if not said.get("isWritablePrimary"):
            raise UnavailableError("the replica set has no primary yet")
        _make_user(client, parts.username or NAME, unquote(parts.password or ""))
    finally:
        client.close()


def _initiate(client: Any, here: str, url: str, opened: Opened) -> None:
    """Nobody needs a password until there is a user; in a container there is one from the start, and another address."""
    try:
        client.admin.command("replSetInitiate", _config(here))
    except native.OperationFailure as error:
        if error.code != _UNAUTHORIZED:
            _raise_unless_begun(error)
            return
        known = opened(url)
        try:
            known.admin.command("replSetInitiate", _config(_IN_A_CONTAINER))
        except native.OperationFailure as again:
            _raise_unless_begun(again)
        finally:
            known.close()


def _make_user(client: Any, user: str, password: str) -> None:
    try:
        client.admin.command("createUser", user, pwd=password, roles=["root"])
    except native.OperationFailure as error:
        _raise_unless_begun(error)


def _config(member: str) -> dict[str, Any]:
    return {"_id": NAME, "members": [{"_id": 0, "host": member}]}


def _raise_unless_begun(error: native.OperationFailure) -> None:
    if error.code not in _BEGUN_BY_ANOTHER:
        raise error
