"""`MysqlStore`: a database of its own on a server of MariaDB or MySQL."""

import re
from typing import Any, ClassVar

import pymysql  # type: ignore[import-untyped]
import sqlalchemy as sa

from orm_testing.errors import AccessError, ConfigurationError, UnavailableError
from orm_testing.store import Stale
from orm_testing_drivers.mysql.backdoor import DECODE, ENCODE
from orm_testing_drivers.mysql.connection import (
    Connection,
    fingerprint,
    is_mariadb,
    opened,
    opened_async,
    quoted,
)
from orm_testing_drivers.mysql.copying import asked, copy_database, schema_of_database
from orm_testing_drivers.mysql.driver import MysqlWork
from orm_testing_drivers.mysql.errors import number_of, translated
from orm_testing_drivers.mysql.reset import Reset
from orm_testing_drivers.sql.databases import Admin, MayNotError
from orm_testing_drivers.sql.served import ServedStore, User
from orm_testing_drivers.sql.watching import changes_schema

_MAY_NOT = 1044
_LOCKED = 1205
_NO_PROCEDURE = 1305
_SECONDS_FOR_LOCKS = 5
_GONE = 1094
_SESSIONS = "SELECT id FROM information_schema.processlist WHERE db = %s AND id <> connection_id()"
_ACTIVE = re.compile(r"---TRANSACTION \S+, ACTIVE(?:(?!---TRANSACTION).)*?thread id (\d+)", re.DOTALL)
"""In the report of InnoDB, which is of this moment; its table of transactions is one that it made up to 0.1 s ago."""


class MysqlAdmin(Admin):
    def __init__(self, url: str) -> None:
        self._connection = opened(url)

    def create(self, name: str, template: str | None) -> None:
        collation = "utf8mb4_nopad_bin" if is_mariadb(self._connection) else "utf8mb4_0900_bin"
        try:
            self._run(f"CREATE DATABASE {quoted(name)} CHARACTER SET utf8mb4 COLLATE {collation}")
        except pymysql.Error as error:
            if number_of(error) != _MAY_NOT:
                raise
            raise MayNotError(
                f"the MySQL server lets this user make no database ({error.args[1]}). Let an administrator say:"
                " GRANT ALL ON `orm\\_testing\\_%`.* TO that user."
            ) from error
        if template is not None:
            copy_database(self._connection, template, name)

    def drop(self, name: str) -> None:
        for (session,) in asked(self._connection, _SESSIONS, name):
            end(self._connection, session)
        self._run(f"DROP DATABASE IF EXISTS {quoted(name)}")

    def close(self) -> None:
        self._connection.close()

    def _run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)


class MysqlStore(ServedStore):
    """Emptied by one call of a procedure in the database."""

    admin = MysqlAdmin
    title = "MariaDB or MySQL"
    work_class = MysqlWork
    encode = ENCODE
    decode = DECODE
    placeholder = "%s"
    finds_table = (
        "SELECT 1 FROM information_schema.tables WHERE table_schema = database() AND BINARY table_name = %s"
    )
    connection: Connection
    _engines: ClassVar[dict[str, Any]] = {"poolclass": sa.NullPool}
    _reset: Reset

    def engine(self) -> sa.Engine:
        return sa.create_engine("mysql+pymysql://", creator=self._driven, **self._engines)

    def async_engine(self) -> Any:
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine("mysql+asyncmy://", async_creator=self._driven_async, **self._engines)
        sa.event.listen(engine.sync_engine, "before_cursor_execute", self._watch)
        return engine

    def fingerprint(self) -> str:
        return fingerprint(self.connection)

    def quoted(self, name: str) -> str:
        return quoted(name).replace("%", "%%")

    def mark(self) -> Any:
        return self._reset.mark()

    def unmark(self) -> None:
        self._reset.unmark()

    def lost(self, error: Exception) -> UnavailableError | None:
        found = translated(error, {})
        return found if isinstance(found, UnavailableError) else None

    # connections

    def _enter(self, database: str) -> None:
        assert self.server is not None
        self._database = database
        url = sa.make_url(self.server.url).set(drivername="mysql+pymysql", database=database)
        self._url = url.render_as_string(hide_password=False)
        self.connection = opened(self.server.url, database)
        at_once = 0 if is_mariadb(self.connection) else 1
        self._set(
            f"foreign_key_checks = 0, innodb_lock_wait_timeout = {at_once}, lock_wait_timeout = {at_once}"
        )
        if not is_mariadb(self.connection):
            self._set("information_schema_stats_expiry = 0")

    def _opened(self) -> Connection:
        return opened(self._worked_on_by(), self._database, suspect=self._suspect)

    def _driven(self) -> Connection:
        connection = self._opened()
        connection.unsettle = self._unsettle
        self._driving.add(connection)
        return connection

    async def _driven_async(self) -> Any:
        return await opened_async(self._worked_on_by(), self._database)

    def _create_user(self, user: User, privileges: str) -> None:
        """In a grant, `_` stands for any character, unless it is escaped."""
        database = quoted(self._database.replace("_", "\\_"))
        try:
            with self._one_at_a_time, self.connection.cursor() as cursor:
                cursor.execute(f"CREATE USER {quoted(user.name)} IDENTIFIED BY %s", [user.password])
                cursor.execute(f"GRANT {privileges} ON {database}.* TO {quoted(user.name)}")
        except pymysql.Error as error:
            if not isinstance(translated(error, {}), AccessError):
                raise
            raise ConfigurationError(
                f"as_user makes a user, which this user of the MySQL server may not ({error.args[1]}):"
                " GRANT CREATE USER ON *.*"
            ) from error

    def _drop_user(self, user: User) -> None:
        with self._one_at_a_time, self.connection.cursor() as cursor:
            cursor.execute(f"DROP USER IF EXISTS {quoted(user.name)}")

    def _worked_on_by(self) -> str:
        """The URL of the server for the user who works here."""
        assert self.server is not None
        if self.user is None:
            return self.server.url
        name, password = self.user.name, self.user.password
        return (
            sa.make_url(self.server.url)
            .set(username=name, password=password)
            .render_as_string(hide_password=False)
        )

    def _watch(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if changes_schema(statement):
            self._suspect()

    def _suspect(self) -> None:
        self.suspicious = True

    def _unsettle(self) -> None:
        self.unsettled = True

    def _is_closed(self, connection: Connection) -> bool:
        return not connection.open

    def _close_connection(self, connection: Connection) -> None:
        connection.close()

    # reset

    def _plan(self) -> None:
        self._reset = Reset(self.connection, self._database)

    def _method(self) -> str:
        why_not = self._reset.why_not
        if why_not:
            return f"a new database: {why_not}"
        return f"deletion in one round trip, from {len(self._reset.tables)} tables at most: nothing but rows changes"

    def _emptied(self, *, thorough: bool) -> bool:
        if self._reset.why_not:
            raise Stale(self._reset.why_not)
        try:
            self._reset.run()
        except pymysql.OperationalError as error:
            if number_of(error) == _NO_PROCEDURE:
                raise Stale("what empties the database was dropped") from error
            if number_of(error) != _LOCKED:
                raise
            self.connection.rollback()
            return False
        return True

    def _end_blocking(self) -> None:
        for session in self._inside():
            end(self.connection, session)
        self._set(
            f"innodb_lock_wait_timeout = {_SECONDS_FOR_LOCKS}, lock_wait_timeout = {_SECONDS_FOR_LOCKS}"
        )

    def _strangers(self) -> list[str]:
        ours = {each.thread_id() for each in (*self._driving, *self._connected) if each.open}
        count = len(set(self._inside()) - ours)
        return (
            [f"{count} session{'s were' if count > 1 else ' was'} left inside a transaction"] if count else []
        )

    def _inside(self) -> list[int]:
        """The sessions in this database, except the store's own, that are inside a transaction."""
        sessions = [session for (session,) in asked(self.connection, _SESSIONS, self._database)]
        [(*_, report)] = asked(self.connection, "SHOW ENGINE INNODB STATUS")
        active = {int(session) for session in _ACTIVE.findall(report)}
        return [session for session in sessions if session in active]

    # schema

    def _stored_schema(self) -> Any:
        return schema_of_database(self.connection, self._database)

    def _copied(self) -> str:
        return self._databases.copy(self._database)

    def _carried(self) -> tuple[str, dict[str, int]] | None:
        aside = self._databases.take()
        counters = self._reset.carry(aside)
        if counters is not None:
            return aside, counters
        self._databases.give_back(aside)
        return None

    def _put(self, carried: tuple[str, dict[str, int]] | None) -> None:
        if carried is not None:
            self._reset.put(*carried)
            self._databases.give_back(carried[0])

    def _set(self, variables: str) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f"SET SESSION {variables.replace(', ', ', SESSION ')}")


def end(connection: Any, session: int) -> None:
    """End a session on the server; one that is gone is no error."""
    try:
        connection.kill(session)
    except pymysql.Error as error:
        if number_of(error) != _GONE:
            raise
