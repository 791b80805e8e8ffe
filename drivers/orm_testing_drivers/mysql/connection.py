"""A connection to MariaDB or MySQL as the stores and drivers need it, whoever opens it.

The client is PyMySQL: in one run here a ping took 60 µs (mysqlclient: 53), an insert with its commit 180 (146), a
select 139 (104); it connects in 0.7 ms where TLS is off (mysqlclient: 3.5), and needs no compiler.
"""

import struct
from collections.abc import Callable
from typing import Any

import pymysql  # type: ignore[import-untyped]
import sqlalchemy as sa
from pymysql.constants import CLIENT, CR, ER, SERVER_STATUS  # type: ignore[import-untyped]
from pymysql.cursors import Cursor  # type: ignore[import-untyped]

from orm_testing.errors import ConfigurationError, UnavailableError
from orm_testing_drivers.sql.watching import changes_schema, changes_session

_MODES = (
    "STRICT_ALL_TABLES",
    "NO_ZERO_DATE",
    "NO_ZERO_IN_DATE",
    "ERROR_FOR_DIVISION_BY_ZERO",
    "NO_AUTO_VALUE_ON_ZERO",
    "NO_ENGINE_SUBSTITUTION",
)
SESSION = (
    f"SET SESSION sql_mode = '{','.join(_MODES)}', time_zone = '+00:00', max_sort_length = 16384,"
    " sort_buffer_size = 67108864"
)
"""What every session of ours begins with: a value that does not fit is an error, and times are in UTC."""

OPTIONS: dict[str, Any] = {
    "charset": "utf8mb4",
    "init_command": SESSION,
    "client_flag": CLIENT.FOUND_ROWS | CLIENT.MULTI_STATEMENTS,
    "autocommit": True,
}
"""With FOUND_ROWS an update counts the rows that it finds, changed or not."""

_TLS = ("ssl_ca", "ssl_cert", "ssl_key", "ssl_verify_cert", "ssl_verify_identity")
_SLOW = frozenset({CR.CR_CONN_HOST_ERROR, CR.CR_SERVER_GONE_ERROR, CR.CR_SERVER_LOST, ER.CON_COUNT_ERROR})


def options_of(url: str, database: str | None = None) -> dict[str, Any]:
    """What `pymysql.connect` is told for a URL; TLS is off unless the URL asks for it, since it costs 30 ms."""
    try:
        parts = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise ConfigurationError("the URL of a MySQL server is mysql://user:password@host:port/") from error
    query: dict[str, Any] = dict(parts.query)
    options: dict[str, Any] = {
        "host": parts.host,
        "port": parts.port or 3306,
        "user": parts.username,
        "password": (parts.password or "").encode().decode("latin1"),  # as which the clients encode it
        "database": database or parts.database or None,
        "unix_socket": query.pop("unix_socket", None),
    }
    tls = {name: query.pop(name) for name in _TLS if name in query}
    for name in ("ssl_verify_cert", "ssl_verify_identity"):
        if name in tls:
            tls[name] = tls[name] in ("true", "1")
    if query.pop("ssl", "false") in ("true", "1"):
        tls.setdefault("ssl_verify_cert", False)
    if query:
        known = ", ".join(("ssl", "unix_socket", *_TLS))
        raise ConfigurationError(f"the URL of a MySQL server has no {', '.join(query)}; it may have {known}.")
    return options | (tls or {"ssl_disabled": True})


class Connection(pymysql.connections.Connection):  # type: ignore[misc]
    """Tells the store of statements that may change the schema; ends a transaction only where the server says there is one."""

    unsettle: Callable[[], None] | None = None
    """Where a connection serves several tests: called for a statement that may leave something to the next."""

    def __init__(self, *, suspect: Callable[[], None] | None = None, **options: Any) -> None:
        self.suspect = suspect
        super().__init__(cursorclass=_Cursor if suspect else Cursor, **options)

    def cursor(self, cursor: Any = None) -> Any:
        if cursor is not None and self.suspect is not None:
            self.suspect()  # what runs on a cursor of another class is not seen
        return super().cursor(cursor)

    def commit(self) -> None:
        if in_transaction(self):
            super().commit()

    def rollback(self) -> None:
        if in_transaction(self):
            super().rollback()


class _Cursor(Cursor):  # type: ignore[misc]
    connection: Connection

    def execute(self, query: Any, args: Any = None) -> Any:
        if isinstance(query, str):  # what `executemany` makes of many rows is bytes
            self._watch(query)
        return super().execute(query, args)

    def executemany(self, query: str, args: Any) -> Any:
        self._watch(query)
        return super().executemany(query, args)

    def _watch(self, query: str) -> None:
        if self.connection.suspect is not None and changes_schema(query):
            self.connection.suspect()
        if self.connection.unsettle is not None and changes_session(query):
            self.connection.unsettle()


def in_transaction(connection: Any) -> bool:
    """Whether the server said so with its last answer, an error excepted; also for a connection of asyncmy."""
    return bool(connection.server_status & SERVER_STATUS.SERVER_STATUS_IN_TRANS)


def opened(
    url: str,
    database: str | None = None,
    *,
    timeout: float | None = None,
    suspect: Callable[[], None] | None = None,
) -> Connection:
    """A connection in which each statement commits; `timeout` bounds how long any answer is awaited."""
    timeouts = dict.fromkeys(("connect_timeout", "read_timeout", "write_timeout"), timeout) if timeout else {}
    try:
        return Connection(suspect=suspect, **options_of(url, database), **OPTIONS, **timeouts)
    except pymysql.OperationalError as error:
        raise refusal(error) from error
    except (pymysql.Error, struct.error, AssertionError, IndexError, UnicodeError) as error:
        raise ConfigurationError(f"what answers does not speak MySQL's protocol: {error}") from error
    except RuntimeError as error:  # PyMySQL's word for a missing package
        raise ConfigurationError(f"{error}: pip install 'orm-testing[mysql]'") from error


def refusal(error: Exception) -> Exception:
    """What a connection that failed means: nobody is there, or who is there will not do."""
    said = str(error.args[-1])
    if error.args[0] in _SLOW:
        return UnavailableError(f"no MySQL server answers: {said}")
    return ConfigurationError(f"the MySQL server refuses: {said}")


async def opened_async(url: str, database: str) -> Any:
    """The same through asyncmy, in the running event loop."""
    from asyncmy.connection import Connection as AsyncConnection
    from asyncmy.errors import OperationalError

    class Ending(AsyncConnection):
        async def commit(self) -> None:
            if in_transaction(self):
                await super().commit()

        async def rollback(self) -> None:
            if in_transaction(self):
                await super().rollback()

    given = options_of(url, database)
    tls = {name: given.pop(name) for name in list(given) if name.startswith("ssl_")}
    if not tls.get("ssl_disabled"):
        given["ssl"] = pymysql.connections.Connection(defer_connect=True, **tls).ctx
    connection: Any = Ending(**given, **OPTIONS)  # type: ignore[no-untyped-call]
    try:
        await connection.connect()
    except OperationalError as error:
        raise refusal(error) from error
    return connection


def fingerprint(connection: Any) -> str:
    """`MariaDB 10.11.14` or `MySQL 8.4.3`."""
    version = connection.get_server_info()
    return f"{'MariaDB' if is_mariadb(connection) else 'MySQL'} {version.removeprefix('5.5.5-').partition('-')[0]}"


def is_mariadb(connection: Any) -> bool:
    return "MariaDB" in connection.get_server_info()


def quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
