"""Stores on a server: each in a database of its own, emptied by deletion and renewed where that does not do."""

import copy
import secrets
import weakref
from abc import abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from orm_testing.driver import Rights
from orm_testing.errors import ConfigurationError, ConflictError
from orm_testing.schema import SchemaSet
from orm_testing.store import Stale
from orm_testing_drivers.sql.databases import Admin, Databases, MayNotError
from orm_testing_drivers.sql.store import SqlStore


@dataclass(frozen=True, slots=True)
class User:
    """A user whom the library made."""

    name: str
    password: str = field(repr=False)


class ServedStore(SqlStore):
    """What the stores of server products share; how one empties its database and copies it is the product's.

    Whether the schema was changed is asked only where it may have been: by a statement on a connection of ours that says
    so, or by whoever was told the `url`.
    """

    admin: ClassVar[type[Admin]]
    title: ClassVar[str]

    user: User | None = None
    """As whom the drivers of this store work, where that is not the server's user."""

    _databases: Databases
    _database: str
    _url: str

    def __init__(self) -> None:
        super().__init__()
        self.suspicious = False
        """Whether a statement ran that may have changed the schema."""
        self._told = False
        self._acts = False
        """Whether something in the database may change the schema without a statement that says so."""
        self._schemas: SchemaSet | None = None
        self._template: str | None = None
        self._schema: Any = None
        self._renewed = ""
        self._driving: weakref.WeakSet[Any] = weakref.WeakSet()
        self._connected: weakref.WeakSet[Any] = weakref.WeakSet()
        self._known: weakref.WeakSet[Any] = weakref.WeakSet()

    @property
    def url(self) -> str:  # type: ignore[override]
        """For others to connect by. From then on each reset asks whether they changed the schema."""
        self._told = True
        return self._url

    def open(self, directory: Path) -> None:
        if self.server is None:
            raise ConfigurationError(
                f"{type(self).__name__} needs a server of {self.title}, and was given none."
            )
        self._databases = Databases.on(self.server, self.admin)
        try:
            try:
                self._enter(self._databases.take())
            except MayNotError as error:
                self._enter_instead(error)
        except BaseException:
            self._databases.release()
            raise

    def close(self) -> None:
        try:
            self._leave()
            if self._template is not None:
                self._databases.forget(self._template)
        finally:
            self._databases.release()

    def prepare(self, schemas: SchemaSet) -> None:
        self._schemas = schemas
        super().prepare(schemas)
        self.suspicious = False

    def seal(self) -> None:
        ours = self._schemas is not None and not (self.suspicious or self._told)
        if not ours:
            self._schemas = None
            self._template = self._copied()
        self._learned()

    def reset(self) -> None:
        try:
            self._put_back()
        except Stale:
            raise
        except Exception as error:
            if self.lost(error) is not None:
                raise Stale("the store's connection was lost") from error
            if isinstance(error, ConflictError) or self._stored_schema() == self._schema:
                raise
            raise Stale("the schema was changed") from error
        self._renewed = ""

    def _put_back(self) -> None:
        if self._connected:
            self._end_forgotten()
        doubtful = self.suspicious or self._told or self._acts
        if doubtful:
            if self._stored_schema() != self._schema:
                raise Stale("the schema was changed")
            self.suspicious = False
        if self._emptied(thorough=doubtful):
            return
        self._end_blocking()
        if not self._emptied(thorough=doubtful):
            raise ConflictError(
                "the store cannot be emptied: somebody holds a lock on its tables, and cannot be made to end it."
            )

    def renew(self) -> None:
        """The first renewal makes what the next are copies of, where the library made the schema."""
        try:
            kept = self._carried()
        except Exception as error:
            raise self.lost(error) or error from error
        old = self._database
        self._move()
        self._learned()
        self._put(kept)
        self._renewed = (
            f"a new database in the place of {old}: its schema was changed, or the test asked for one"
        )

    def isolation(self) -> str:
        asked = (
            "; whether the schema changed is asked before, for somebody was told the URL"
            if self._told
            else ""
        )
        return self._renewed or f"{self._method()}{asked}"

    def for_user(self, rights: Rights) -> "ServedStore":
        if rights == "all":
            return self
        assert self.server is not None
        user = User(f"orm_testing_{secrets.token_hex(6)}", secrets.token_hex(16))
        self.server.made(user.name)
        self._create_user(user, "SELECT" if rights == "reading" else "SELECT, INSERT, UPDATE, DELETE")
        lesser = copy.copy(self)
        lesser.user = user
        return lesser

    def dismiss(self) -> None:
        if self.user is not None:
            self._drop_user(self.user)

    def connect(self) -> Any:
        made = self._opened()
        self._connected.add(made)
        return made

    def leaks(self) -> list[str]:
        left = [each for each in self._connected if not self._is_closed(each) and each not in self._known]
        return ["a connection to the store was left open"] * len(left) + self._strangers()

    def _move(self) -> None:
        """Leave for another database with the same schema, and the rows of the seal."""
        if self._template is None:
            if self._schemas is None:
                raise ConfigurationError("a store is sealed before it is renewed.")
            self._template = self._new_template(self._schemas)
        self._leave()
        self._enter(self._databases.take(self._template))

    def _new_template(self, schemas: SchemaSet) -> str:
        """Another database with the tables of the models, which nobody is connected to."""
        name = self._databases.take(another=False)
        here, self._database = self._database, name
        try:
            super().prepare(schemas)
        finally:
            self._database = here
        return name

    def _learned(self) -> None:
        self._plan()
        self._schema = self._stored_schema()
        self._acts = self._changes_itself()
        self.suspicious = self.unsettled = False

    def _leave(self) -> None:
        """Let go of the database, which is dropped when there is time."""
        for connection in (*self._connected, *self._driving, self.connection):
            with suppress(Exception):
                self._close_connection(connection)
        self._give_back()

    def _give_back(self) -> None:
        self._databases.give_back(self._database)

    def _end_forgotten(self) -> None:
        """Roll back what a test left open on connections that it got here."""
        for connection in list(self._connected):
            with suppress(Exception):
                connection.rollback()
        self._known = weakref.WeakSet(self._connected)

    @abstractmethod
    def _enter(self, database: str) -> None:
        """Make this database the store's: set `_database`, `_url` and `connection`."""

    def _enter_instead(self, error: MayNotError) -> None:
        """Take what there is where no database may be made."""
        raise ConfigurationError(str(error)) from error

    @abstractmethod
    def _create_user(self, user: User, privileges: str) -> None:
        """Make a user who may do just this with all that is in the store."""

    @abstractmethod
    def _drop_user(self, user: User) -> None: ...

    @abstractmethod
    def _opened(self) -> Any:
        """A new connection, on which a change of the schema makes the store `suspicious`."""

    @abstractmethod
    def _is_closed(self, connection: Any) -> bool: ...

    @abstractmethod
    def _close_connection(self, connection: Any) -> None:
        """Close a connection from whatever thread, sync or async."""

    @abstractmethod
    def _plan(self) -> None:
        """Learn from the live database what `_emptied` is to do: what has rows now has these again after it."""

    @abstractmethod
    def _method(self) -> str:
        """What `_emptied` does, and why that is enough."""

    @abstractmethod
    def _emptied(self, *, thorough: bool) -> bool:
        """Put the rows back to what they were at the plan; False where another session's lock is in the way.

        `thorough` where something may have been done that leaves fewer traces than the writing of rows.
        """

    @abstractmethod
    def _end_blocking(self) -> None:
        """End the sessions in this database that are inside a transaction, except the store's own."""

    @abstractmethod
    def _strangers(self) -> list[str]:
        """Who else is in this database and inside a transaction, one sentence each."""

    @abstractmethod
    def _stored_schema(self) -> Any:
        """What is different after any change of the schema."""

    def _changes_itself(self) -> bool:
        """Whether a function of the project changes the schema, where that can be: no statement that calls it says so."""
        return False

    @abstractmethod
    def _copied(self) -> str | None:
        """The name of a copy of this database that `Databases.take` can take for a template; None where there can be none."""

    @abstractmethod
    def _carried(self) -> Any:
        """The rows that `mark` marked, if it did, for `_put` to put into another database."""

    @abstractmethod
    def _put(self, carried: Any) -> None:
        """Put the rows that another database `carried` in the place of all that are here, and mark them."""
