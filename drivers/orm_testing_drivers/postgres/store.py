"""`PostgresStore`: a database on a PostgreSQL server, or a schema in the given one where databases may not be made."""

# ruff: noqa: S608  (names are quoted by psycopg, or ours)

from typing import Any, ClassVar

import psycopg
import sqlalchemy as sa
from psycopg.errors import InsufficientPrivilege, LockNotAvailable
from psycopg.sql import SQL, Identifier, Literal

from orm_testing.errors import ConfigurationError, UnavailableError
from orm_testing.services.server import Server
from orm_testing_drivers.postgres import catalogue
from orm_testing_drivers.postgres.backdoor import DECODE, ENCODE
from orm_testing_drivers.postgres.connection import (
    SESSION,
    PostgresAdmin,
    conninfo,
    drop_role,
    drop_schema,
    json_as_text,
    opened,
    watched,
    watched_async,
)
from orm_testing_drivers.postgres.driver import PostgresWork
from orm_testing_drivers.postgres.reset import Reset
from orm_testing_drivers.sql.databases import MayNotError
from orm_testing_drivers.sql.served import ServedStore, User
from orm_testing_drivers.sql.watching import changes_schema

_OTHERS = "datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
PREPARED_AFTER = 2
"""How often the backdoor asks the same before the server keeps its plan."""

LOCK_SECONDS = 0.5
"""How long a reset waits for another session before that is ended."""


class PostgresStore(ServedStore):
    """Emptied by one call of a function in the schema `pg_temp` of the store's own connection."""

    admin = PostgresAdmin
    title = "PostgreSQL"
    work_class = PostgresWork
    encode = ENCODE
    decode = DECODE
    placeholder = "%s"
    connection: psycopg.Connection[Any]
    _engines: ClassVar[dict[str, Any]] = {"poolclass": sa.NullPool, "use_native_hstore": False}
    _reset: Reset
    _namespace: str | None = None
    """The schema that is the store's, where no database is."""

    def engine(self) -> sa.Engine:
        return sa.create_engine("postgresql+psycopg://", creator=self._driven, **self._engines)

    def async_engine(self) -> Any:
        from sqlalchemy.ext.asyncio import create_async_engine

        return create_async_engine("postgresql+psycopg://", async_creator=self._driven_async, **self._engines)

    def fingerprint(self) -> str:
        (said,) = self.connection.execute("SELECT version()").fetchone() or ("",)
        return " ".join(said.split()[:2])

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""').replace("%", "%%") + '"'

    def lost(self, error: Exception) -> UnavailableError | None:
        if isinstance(error, psycopg.Error) and self.connection.closed:
            return UnavailableError(f"the connection to PostgreSQL was lost: {error}")
        return None

    def mark(self) -> bool:
        return self._reset.mark()

    def unmark(self) -> None:
        self._reset.unmark()

    # the database, or the schema in one

    def _enter(self, database: str) -> None:
        url = sa.make_url(self._server().url).set(drivername="postgresql", database=database)
        if self._namespace is not None:
            url = url.update_query_dict({"options": f"-csearch_path={self._namespace}"})
        self._database = database
        self._url = url.render_as_string(hide_password=False)
        self.connection = opened(psycopg.Connection, self._info())
        json_as_text(self.connection)
        self.connection.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")

    def _enter_instead(self, error: MayNotError) -> None:
        self._enter_schema(error)

    def _enter_schema(self, error: MayNotError | None = None) -> None:
        url = self._server().url
        name = self._databases.new_name()
        connection = opened(psycopg.Connection, conninfo(url))
        try:
            connection.execute(SQL("CREATE SCHEMA {}").format(Identifier(name)))
            database = connection.info.dbname
        except InsufficientPrivilege as refused:
            raise ConfigurationError(
                f"the user {connection.info.user!r} may make neither databases nor schemas on the given server ({refused}):"
                f' ALTER ROLE "{connection.info.user}" CREATEDB, or GRANT CREATE ON DATABASE "{connection.info.dbname}" TO'
                f' "{connection.info.user}".'
            ) from error
        finally:
            connection.close()
        self._namespace = name
        self._enter(database)

    def _give_back(self) -> None:
        if self._namespace is None:
            super()._give_back()
            return
        with opened(psycopg.Connection, conninfo(self._server().url)) as connection:
            drop_schema(connection, self._namespace)

    def _move(self) -> None:
        if self._namespace is None:
            super()._move()
            return
        if self._schemas is None:
            raise ConfigurationError(
                "the schema was changed, and what the project's own migrations made cannot be copied where no database may be"
                f' made: ALTER ROLE "{self.connection.info.user}" CREATEDB.'
            )
        self._leave()
        self._enter_schema()
        self.prepare(self._schemas)

    def _info(self) -> str:
        path = f" -c search_path={self._namespace}" if self._namespace else ""
        options = {"options": SESSION + path, "application_name": "orm_testing"}
        if self.user is not None:
            options |= {"user": self.user.name, "password": self.user.password}
        return conninfo(self._server().url, dbname=self._database, **options)

    def _server(self) -> Server:
        assert self.server is not None
        return self.server

    @property
    def _spaces(self) -> str:
        """The condition by which the catalogue's schemas are the store's."""
        return catalogue.DATABASE if self._namespace is None else catalogue.only(self._namespace)

    @property
    def _others(self) -> str:
        """The condition by which sessions are others in this database, or at the tables of the store's schema."""
        if self._namespace is None:
            return _OTHERS
        ours = catalogue.only(self._namespace)
        return (
            f"{_OTHERS} AND pid IN (SELECT l.pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
            f" JOIN pg_namespace ON pg_namespace.oid = c.relnamespace WHERE {ours})"
        )

    def _opened(self) -> Any:
        return watched(self._info(), self._suspect)

    def _driven(self) -> Any:
        connection = watched(self._info(), self._suspect)
        connection.unsettle = self._unsettle
        json_as_text(connection)
        self._driving.add(connection)
        return connection

    async def _driven_async(self) -> Any:
        connection = await watched_async(self._info(), self._suspect)
        json_as_text(connection)
        self._driving.add(connection)
        return connection

    def _create_user(self, user: User, privileges: str) -> None:
        role, password = Identifier(user.name), Literal(user.password)
        (here,) = self.connection.execute("SELECT current_schema()").fetchone() or ("public",)
        try:
            self.connection.execute(SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, password))
        except InsufficientPrivilege as error:
            raise ConfigurationError(
                "as_user makes a user, which this user of PostgreSQL may not: ALTER ROLE … CREATEROLE"
            ) from error
        for grant in (
            "GRANT USAGE ON SCHEMA {} TO {}",
            f"GRANT {privileges} ON ALL TABLES IN SCHEMA {{}} TO {{}}",
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {} TO {}",
        ):
            self.connection.execute(SQL(grant).format(Identifier(here), role))

    def _drop_user(self, user: User) -> None:
        drop_role(self.connection, user.name)

    def _suspect(self) -> None:
        self.suspicious = True
        self.connection.prepare_threshold = None  # what was prepared before a change of types fails after it

    def _unsettle(self) -> None:
        self.unsettled = True

    def _is_closed(self, connection: Any) -> bool:
        return bool(connection.closed)

    def _close_connection(self, connection: Any) -> None:
        """Without waiting for anybody: what is still running on it ends with it."""
        connection.pgconn.finish()

    # reset

    def _plan(self) -> None:
        self.connection.prepare_threshold = PREPARED_AFTER
        self._reset = Reset(self.connection, self._spaces)

    def _method(self) -> str:
        why_not = self._reset.why_not
        if why_not:
            return f"a new database wherever rows were written: {why_not}"
        return f"deletion in one round trip, from {len(self._reset.tables)} tables at most: nothing but rows changes"

    def _emptied(self, *, thorough: bool) -> bool:
        if thorough:  # the schema is as it was: what is prepared holds
            self.connection.prepare_threshold = PREPARED_AFTER
        try:
            self._reset.run(thorough=thorough)
        except LockNotAvailable:
            return False
        return True

    def _end_blocking(self) -> None:
        self.connection.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {self._others} AND state <> 'idle'"
        )

    def _strangers(self) -> list[str]:
        ours = [each.pgconn.backend_pid for each in (*self._driving, *self._connected) if not each.closed]
        found = self.connection.execute(
            f"SELECT application_name, state FROM pg_stat_activity WHERE {self._others}"
            " AND xact_start IS NOT NULL AND pid <> ALL (%s)",
            [ours],
        )
        return [
            f"somebody ({name or 'without an application_name'}) was left in the database, {state}"
            for name, state in found
        ]

    # schema

    def _stored_schema(self) -> Any:
        return catalogue.picture(self.connection, self._spaces)

    def _changes_itself(self) -> bool:
        return any(map(changes_schema, catalogue.functions(self.connection, self._spaces)))

    def _copied(self) -> str | None:
        """Nobody may be connected while it is made: who is is sent away."""
        if self._namespace is not None:
            return None
        self.connection.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {self._others}"
        )
        self.connection.close()
        try:
            return self._databases.copy(self._database)
        finally:
            self._enter(self._database)

    def _carried(self) -> Any:
        return self._reset.carried()

    def _put(self, carried: Any) -> None:
        self._reset.put(carried)
