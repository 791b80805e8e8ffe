"""The stores of SQLite: a database in this process's memory, which all its connections share, and one in a file."""

import itertools
import os
import sqlite3
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

import sqlalchemy as sa

from orm_testing.errors import ConfigurationError, ConflictError
from orm_testing_drivers.sql.store import SqlStore
from orm_testing_drivers.sqlite.backdoor import DECODE, ENCODE
from orm_testing_drivers.sqlite.connection import Connection
from orm_testing_drivers.sqlite.driver import SqliteWork
from orm_testing_drivers.sqlite.errors import BUSY

_number = itertools.count(1)
_TABLES = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
)


class _SqliteStore(SqlStore):
    """Empties itself by DELETE where that is all it takes, and else from a copy of the database."""

    work_class = SqliteWork
    _engines: ClassVar[dict[str, Any]] = {
        "poolclass": sa.NullPool,
        "connect_args": {"factory": Connection, **Connection.options},
    }
    encode = ENCODE
    decode = DECODE
    placeholder = "?"
    finds_table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    connection: Connection

    def __init__(self) -> None:
        super().__init__()
        self._connected: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._known: weakref.WeakSet[Connection] = weakref.WeakSet()
        self._template: sqlite3.Connection | None = None
        self._marked: sqlite3.Connection | None = None
        self._deletes: list[str] | None = None
        self._state: Any = None
        self._schema_version: Any = None

    def engine(self) -> sa.Engine:
        return sa.create_engine(self.url, **self._engines)

    def async_engine(self) -> Any:
        from sqlalchemy.ext.asyncio import create_async_engine

        url = sa.make_url(self.url).set(drivername="sqlite+aiosqlite")
        return create_async_engine(url, **self._engines)

    def seal(self) -> None:
        if self._template:
            self._template.close()
        self._deletes = self._plan()
        self._template = self._copy()
        self._settled()

    def close(self) -> None:
        for connection in self._connected:
            connection.close()
        for copy in (self._template, self._marked):
            if copy:
                copy.close()
        self.connection.close()

    def connect(self) -> Any:
        made = self._opened()
        self._connected.add(made)
        return made

    def leaks(self) -> list[str]:
        return [
            f"a connection to the store was left open{', inside a transaction' if each.in_transaction else ''}"
            for each in self._connected
            if not each.closed and each not in self._known
        ]

    def mark(self) -> None:
        self.unmark()
        self._marked = self._copy()
        self._state = self._now()

    def unmark(self) -> None:
        if self._marked:
            self._marked.close()
        self._marked = self._state = None

    def reset(self) -> None:
        if self._connected:
            self._end_transactions()
        try:
            if self._now() != self._state:
                self._renew()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in BUSY:
                raise
            raise ConflictError(
                f"the store cannot be emptied: {error}. The last test left a connection inside a transaction."
            ) from error

    def renew(self) -> None:
        """The database of the template, byte for byte; connections to it see that."""
        self._end_transactions()
        self._restore(self._marked or self._template or self._copy())
        self._settled()

    def isolation(self) -> str:
        if self._marked:
            return "a copy of the database is put back, with the rows that were loaded"
        if self._deletes is None:
            return "a copy of the database is put back: its schema brings rows, triggers or virtual tables"
        tables = f"{len(self._deletes)} table{'s' * (len(self._deletes) != 1)}"
        return (
            f"deletion from {tables}, where anything was written; a copy is put back where the schema changed"
        )

    def fingerprint(self) -> str:
        (version,) = self.connection.execute("SELECT sqlite_version()").fetchone()
        return f"SQLite {version}"

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def _renew(self) -> None:
        template = self._marked
        if template is None and not (self._deletes is not None and self._version() == self._schema_version):
            template = self._template
        if template is None:
            self._empty_by(self._deletes or [])
        else:
            self._restore(template)
        self._settled()

    def _opened(self) -> Connection:
        return sqlite3.connect(self._database, uri=self._uri, factory=Connection)

    def _open(self, url: str, database: str, *, uri: bool) -> None:
        self.url, self._database, self._uri = url, database, uri
        self.connection = self._opened()
        self.connection.execute("PRAGMA foreign_keys=OFF")

    def _plan(self) -> list[str] | None:
        """The statements that empty the database; None where that is not how it starts.

        A project's own schema may bring rows, which each test starts with, and triggers and virtual tables, which have
        their own say in what a delete does.
        """
        if self.connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'trigger'").fetchone():
            return None
        tables = self.connection.execute(_TABLES).fetchall()
        if any(sql.upper().startswith("CREATE VIRTUAL") for _, sql in tables):
            return None
        sequences = self.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'")
        if any(self._has_rows(name) for name, _ in tables):
            return None
        names = [name for name, _ in tables] + ["sqlite_sequence"] * (sequences.fetchone() is not None)
        return [f"DELETE FROM {self.quoted(name)}" for name in names]  # noqa: S608  (quoted)

    def _has_rows(self, table: str) -> bool:
        found = self.connection.execute(f"SELECT 1 FROM {self.quoted(table)} LIMIT 1")  # noqa: S608  (quoted)
        return found.fetchone() is not None

    def _empty_by(self, deletes: list[str]) -> None:
        execute = self.connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            for delete in deletes:
                execute(delete)
        except BaseException:
            execute("ROLLBACK")
            raise
        execute("COMMIT")

    def _restore(self, template: sqlite3.Connection) -> None:
        self.connection.execute("BEGIN EXCLUSIVE")  # `backup` would wait for other connections without end
        self.connection.execute("ROLLBACK")
        template.backup(self.connection)

    def _copy(self) -> sqlite3.Connection:
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        self.connection.backup(copy)
        return copy

    def _now(self) -> tuple[Any, int]:
        """What differs after any change, through whatever connection."""
        connection = self.connection
        return connection.execute("PRAGMA data_version").fetchone(), connection.total_changes

    def _version(self) -> Any:
        return self.connection.execute("PRAGMA schema_version").fetchone()

    def _settled(self) -> None:
        self._state, self._schema_version = self._now(), self._version()

    def _end_transactions(self) -> None:
        for connection in self._connected:
            with suppress(sqlite3.Error):
                connection.rollback()
        self._known = weakref.WeakSet(self._connected)


class SqliteMemoryStore(_SqliteStore):
    """A database of SQLite's `memdb`: shared by the connections of this process, gone with the last of them."""

    def open(self, directory: Path) -> None:
        name = f"file:/orm_testing_{os.getpid()}_{next(_number)}?vfs=memdb"
        try:
            self._open(f"sqlite+pysqlite:///{name}&uri=true", name, uri=True)
        except sqlite3.OperationalError as error:
            raise ConfigurationError(
                f"this Python's SQLite {sqlite3.sqlite_version} has no shared in-memory databases ({error}); they came"
                " with SQLite 3.36. Use the backend sqlite_file."
            ) from error


class SqliteFileStore(_SqliteStore):
    """A file in the library's directory, in WAL mode, so that readers and a writer do not wait for each other."""

    def open(self, directory: Path) -> None:
        path = directory / f"orm_testing_{os.getpid()}_{next(_number)}.sqlite3"
        url = sa.URL.create("sqlite+pysqlite", database=str(path))
        self._open(url.render_as_string(), str(path), uri=False)
        self.connection.execute("PRAGMA journal_mode=WAL")

    def close(self) -> None:
        super().close()
        for ending in ("", "-wal", "-shm"):
            Path(self._database + ending).unlink(missing_ok=True)
