"""Clients: how one is made for a server or for the stand-in, and what a server says of itself."""

import socket
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pymongo
from bson.codec_options import CodecOptions
from pymongo import ReadPreference, WriteConcern, monitoring
from pymongo import errors as native
from pymongo.database import Database
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from orm_testing.errors import ConfigurationError, UnavailableError
from orm_testing_drivers.mongodb import replica
from orm_testing_drivers.mongodb.dialects import MONGODB_ITSELF, REPLICA_SET
from orm_testing_drivers.mongodb.errors import said
from orm_testing_drivers.nosql.clients import Heard

_OPTIONS = {
    "serverSelectionTimeoutMS": 3000,
    "connectTimeoutMS": 3000,
    "socketTimeoutMS": 30_000,
    "appname": "orm_testing",
}
_UNSAID = frozenset({"lsid", "$db", "$clusterTime", "txnNumber", "ordered", "$readPreference"})
_PORT = 27017
_LOOK = 0.5
"""How many seconds a client waits at most until it looks again for a server to ask."""

_GREETINGS = frozenset({"hello", "ismaster", "saslstart", "saslcontinue", "endsessions"})


class Listener(monitoring.CommandListener):
    """By which the commands of a client are heard."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name.lower() not in _GREETINGS:
            command = {name: value for name, value in event.command.items() if name not in _UNSAID}
            self._heard(event.command_name, command)

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """The operation's result tells."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """The operation's error tells."""


class HeardCollection:
    """A collection of the stand-in, whose calls are heard, as by no listener."""

    def __init__(self, collection: Any, heard: Heard) -> None:
        self._collection = collection
        self._heard = heard

    def __getattr__(self, name: str) -> Any:
        collection = self._collection
        named = collection.name

        def call(*values: Any, **options: Any) -> Any:
            self._heard(name, {"collection": named, "arguments": values, **options})
            return getattr(collection, name)(*values, **options)

        setattr(self, name, call)  # found there from now on
        return call


def opened(url: str, heard: Heard | None = None, **options: Any) -> "pymongo.MongoClient[dict[str, Any]]":
    """A client, which connects when it is first used; `options` go before what the URL says, and that before our usual ones."""
    named = {name.lower() for name, _ in parse_qsl(url.partition("?")[2])}
    usual = {name: value for name, value in _OPTIONS.items() if name.lower() not in named}
    return pymongo.MongoClient(
        url, event_listeners=[Listener(heard)] if heard else [], **{**usual, **options}
    )


def database_of(client: "pymongo.MongoClient[dict[str, Any]]", name: str) -> "Database[dict[str, Any]]":
    """A database as we read and write it, whatever the URL says of that: acknowledged, and from the primary."""
    return client.get_database(name, CodecOptions(), ReadPreference.PRIMARY, WriteConcern(), ReadConcern())


def of_namespace(url: str, namespace: str) -> str:
    """The URL of one database on the server of this one."""
    address, _, query = url.partition("?")
    scheme, _, rest = address.partition("://")
    authority, _, database = rest.partition("/")
    options = parse_qsl(query, keep_blank_values=True)
    said = {name.lower(): value for name, value in options}
    if (
        "@" in authority
        and "authsource" not in said
        and said.get("authmechanism", "SCRAM").startswith("SCRAM")
    ):
        options.append(("authSource", database or "admin"))
    return f"{scheme}://{authority}/{namespace}{'?' if options else ''}{urlencode(options)}"


def fingerprint(client: Any) -> str:
    """Product and version, and whether it is a member of a replica set."""
    build = client.admin.command("buildInfo")
    if "ferretdbVersion" in build or "ferretdb" in build:
        return f"FerretDB {build.get('ferretdbVersion') or build['ferretdb'].get('version', '')}"
    servers = client.topology_description.server_descriptions().values()
    member = any(server.replica_set_name for server in servers)
    return f"{MONGODB_ITSELF} {build['version']}{f', {REPLICA_SET}' if member else ''}"


def asked(url: str, timeout: float) -> str:
    """The fingerprint of the server there; `UnavailableError` where nothing answers in time."""
    try:
        _knock([] if url.startswith("mongodb+srv:") else parse_uri(url)["nodelist"], timeout)
        if replica.OURS in url:
            patience: dict[str, Any] = dict.fromkeys(
                ("serverSelectionTimeoutMS", "connectTimeoutMS"), _milliseconds(timeout)
            )
            replica.begin(url, lambda place: opened(place, **patience))
        return _awaited(url, timeout)
    except OSError as error:
        raise UnavailableError(f"MongoDB does not answer: {error.strerror or error}") from error
    except native.ConnectionFailure as error:
        raise UnavailableError(f"MongoDB does not answer: {said(error)}") from error
    except (native.InvalidURI, ValueError) as error:
        raise ConfigurationError(f"pymongo does not take this URL: {error}") from error
    except native.PyMongoError as error:
        raise ConfigurationError(f"what answers there will not do: {error}") from error


def _awaited(url: str, seconds: float) -> str:
    """The fingerprint, as soon as a server can be asked; who speaks another protocol is not waited for.

    A client says what it saw of its servers when it gives up, as this one does after each look. A connection is given
    up a few looks before the end, so that the last of them tells why.
    """
    deadline = time.monotonic() + seconds
    patience: dict[str, Any] = {
        "serverSelectionTimeoutMS": 1,
        "connectTimeoutMS": _milliseconds(max(seconds - 3 * _LOOK, seconds / 3)),
        "socketTimeoutMS": _milliseconds(seconds),
    }
    with opened(url, **patience) as client:
        while True:
            try:
                return fingerprint(client)
            except native.ServerSelectionTimeoutError as error:
                servers = client.topology_description.server_descriptions()
                if servers and all(isinstance(each.error, native.ProtocolError) for each in servers.values()):
                    places = " and ".join(f"{host}:{port}" for host, port in servers)
                    raise ConfigurationError(
                        f"what answers at {places} does not speak MongoDB's protocol."
                    ) from error
                if time.monotonic() + _LOOK > deadline:
                    raise


def _milliseconds(seconds: float) -> int:
    return max(int(seconds * 1000), 1)


def _knock(nodes: Sequence[tuple[str, int | None]], timeout: float) -> None:
    """Fail at once where nobody listens: the client would look again after half a second at the earliest."""
    refused: OSError | None = None
    for host, port in nodes:
        if host.startswith("/"):
            return
        try:
            socket.create_connection((host, port or _PORT), timeout).close()
        except OSError as error:
            refused = error
        else:
            return
    if refused is not None:
        raise refused


def removed(url: str, names: Sequence[str]) -> None:
    """Drop these databases."""
    client = opened(url)
    try:
        for name in names:
            client.drop_database(name)
    except native.ConnectionFailure as error:
        raise UnavailableError(f"MongoDB does not answer: {said(error)}") from error
    finally:
        client.close()
