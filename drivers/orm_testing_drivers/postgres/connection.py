"""Connections to PostgreSQL: a server's administration, a first question to it, and those that watch what they run."""

import re
import select
import time
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import DuplicateDatabase, InsufficientPrivilege
from psycopg.pq.abc import PGconn
from psycopg.sql import SQL, Identifier
from psycopg.types.string import TextLoader

from orm_testing.errors import ConfigurationError, UnavailableError
from orm_testing_drivers.sql.databases import Admin, MayNotError
from orm_testing_drivers.sql.watching import changes_schema, changes_session

SESSION = "-c timezone=UTC -c datestyle=ISO,YMD -c intervalstyle=postgres"
"""How values are written by the server, whatever it is set up to: what psycopg reads."""

_FORCES = 13_00_00
"""The first version that drops a database although somebody is connected."""

_SAID_NO = re.compile(
    r"FATAL:|expected authentication request|response to SSL negotiation|SSL error|certificate|no password supplied"
    r"|invalid (?:port|integer|sslmode|URI|connection option)"
)
_NOT_YET = re.compile(
    r"starting up|shutting down|recovery|not yet accept|too many|remaining connection slots"
)


def conninfo(url: str, **changes: Any) -> str:
    """What libpq makes of a URL, whatever driver its scheme names, with these changes."""
    scheme, _, rest = url.partition("://")
    try:
        known = conninfo_to_dict(f"{scheme.partition('+')[0]}://{rest}")
    except psycopg.ProgrammingError as error:
        raise ConfigurationError(f"not a URL that PostgreSQL's library understands: {error}") from error
    return make_conninfo(**{**known, **changes})


def asked(url: str, timeout: float) -> str:
    """Product and version, within so many seconds; psycopg's own connecting waits no less than two."""
    deadline = time.monotonic() + timeout
    connection = pq.PGconn.connect_start(conninfo(url).encode())
    try:
        _await(connection, connection.connect_poll, deadline)
        connection.nonblocking = 1
        connection.send_query(b"SELECT version()")
        _await(connection, lambda: _received(connection), deadline)
        result = connection.get_result()
        version = (result.get_value(0, 0) if result else None) or b""
    finally:
        connection.finish()
    said = version.decode()
    if not said.startswith("PostgreSQL "):
        raise ConfigurationError(f"the server is no PostgreSQL: {said!r}")
    return " ".join(said.split()[:2])


def _received(connection: PGconn) -> int:
    if connection.flush():
        return pq.PollingStatus.WRITING
    connection.consume_input()
    return pq.PollingStatus.READING if connection.is_busy() else pq.PollingStatus.OK


def _await(connection: PGconn, poll: Callable[[], int], deadline: float) -> None:
    """Poll until it is done, as libpq wants it."""
    while True:
        try:
            status = poll()
        except psycopg.OperationalError as error:
            raise UnavailableError(str(error)) from error
        if status == pq.PollingStatus.OK:
            return
        if status == pq.PollingStatus.FAILED:
            raise refusal(connection.get_error_message())
        reading = [connection.socket] if status == pq.PollingStatus.READING else []
        writing = [] if reading else [connection.socket]
        if not any(select.select(reading, writing, [], max(0.0, deadline - time.monotonic()))):
            raise UnavailableError(
                f"{_place(connection)} does not answer as PostgreSQL does in the time given"
            )


def refusal(message: str) -> Exception:
    """What a connection that failed means: nobody is there (yet), or who is there will not do."""
    said = " ".join(message.split())
    if _SAID_NO.search(said) and not _NOT_YET.search(said):
        return ConfigurationError(said)
    return UnavailableError(said)


def _place(connection: PGconn) -> str:
    return f"{connection.host.decode()}:{connection.port.decode()}"


class PostgresAdmin(Admin):
    """Makes and drops databases by a connection of its own."""

    def __init__(self, url: str) -> None:
        self.connection = opened(psycopg.Connection, conninfo(url))

    def create(self, name: str, template: str | None) -> None:
        statement = (
            SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'")
            if template is None
            else SQL("CREATE DATABASE {} TEMPLATE {}")
        )
        try:
            self.connection.execute(statement.format(Identifier(name), Identifier(template or "template0")))
        except InsufficientPrivilege as error:
            raise MayNotError(str(error)) from error
        except DuplicateDatabase as error:
            raise ConfigurationError(
                f"the server has a database {name!r} already, which this run did not make"
            ) from error

    def drop(self, name: str) -> None:
        forced = " WITH (FORCE)" if self.connection.info.server_version >= _FORCES else ""
        self.connection.execute(SQL("DROP DATABASE IF EXISTS {}" + forced).format(Identifier(name)))

    def close(self) -> None:
        self.connection.close()


def drop_schema(connection: psycopg.Connection[Any], name: str) -> None:
    connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(name)))


class Watched(psycopg.Connection[Any]):
    """Tells the store of statements that may change the schema; what is JSON comes back as text."""

    suspect: Callable[[], None]
    unsettle: Callable[[], None] | None = None


class WatchedAsync(psycopg.AsyncConnection[Any]):
    """The same for asyncio."""

    suspect: Callable[[], None]
    unsettle: Callable[[], None] | None = None
    """Where a connection serves several tests: called for a statement that may leave something to the next."""


class _Cursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        _watch(self.connection, query)
        return super().execute(query, params, **options)

    def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        _watch(self.connection, query)
        super().executemany(query, params_seq, **options)


class _AsyncCursor(psycopg.AsyncCursor[Any]):
    async def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        _watch(self.connection, query)
        return await super().execute(query, params, **options)

    async def executemany(self, query: Any, params_seq: Any, **options: Any) -> None:
        _watch(self.connection, query)
        await super().executemany(query, params_seq, **options)


def _watch(connection: Any, query: Any) -> None:
    if not isinstance(query, str) or changes_schema(query):
        connection.suspect()
    if connection.unsettle is not None and (not isinstance(query, str) or changes_session(query)):
        connection.unsettle()


def watched(info: str, suspect: Callable[[], None]) -> Watched:
    connection: Watched = opened(Watched, info, cursor_factory=_Cursor)
    connection.suspect = suspect
    return connection


async def watched_async(info: str, suspect: Callable[[], None]) -> WatchedAsync:
    try:
        connection = await WatchedAsync.connect(info, autocommit=True, cursor_factory=_AsyncCursor)
    except psycopg.OperationalError as error:
        raise refusal(str(error)) from error
    connection.suspect = suspect
    return connection


def opened(kind: Any, info: str, **options: Any) -> Any:
    """A connection on which a statement commits by itself; `UnavailableError` or `ConfigurationError`, which say why, where there is none."""
    try:
        return kind.connect(info, autocommit=True, **options)
    except psycopg.OperationalError as error:
        raise refusal(str(error)) from error


def json_as_text(connection: Any) -> None:
    """The models read their JSON themselves."""
    for name in ("json", "jsonb"):
        connection.adapters.register_loader(name, TextLoader)


def drop_role(connection: Any, name: str) -> None:
    """Drop a user whom a store made, with what was granted in this database; an absent one is no error."""
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
        for statement in ("DROP OWNED BY {}", "DROP ROLE {}"):
            connection.execute(SQL(statement).format(Identifier(name)))
