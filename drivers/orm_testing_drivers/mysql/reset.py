"""`Reset`: puts the rows of a database back to what they were, in one round trip."""

from typing import Any

import pymysql  # type: ignore[import-untyped]

from orm_testing_drivers.mysql.connection import quoted
from orm_testing_drivers.mysql.copying import RESET, asked, columns

_COUNTERS = (
    "SELECT table_name, auto_increment FROM information_schema.tables"
    " WHERE table_schema = %s AND auto_increment IS NOT NULL"
)
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s"
_REFUSED = frozenset({1044, 1142, 1227, 1370, 1419})


class Reset:
    """A procedure in the database: it deletes from every table, for a table with no rows costs it a microsecond or two.

    `connection` is the store's own, which no reference between tables binds. Rows that are there from the start have
    copies in temporary tables, which this session alone sees.
    """

    def __init__(self, connection: Any, database: str) -> None:
        self._connection = connection
        self._database = database
        self._columns = columns(connection, database)
        kinds = dict(
            asked(
                connection,
                "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = %s",
                database,
            )
        )
        self.tables = sorted(name for name, kind in kinds.items() if kind == "BASE TABLE")
        self._sequences = sorted(name for name, kind in kinds.items() if kind == "SEQUENCE")
        self._versioned = sorted(name for name, kind in kinds.items() if kind == "SYSTEM VERSIONED")
        self._triggers = asked(
            connection,
            "SELECT event_object_table, event_manipulation FROM information_schema.triggers WHERE trigger_schema = %s",
            database,
        )
        self._counters: dict[str, int] = {}
        self._kept: dict[str, str] = {}
        self._sealed = self._captured("sealed")
        self._marked: tuple[dict[str, str], dict[str, int]] | None = None
        self._define()

    @property
    def why_not(self) -> str:
        """Why the rows cannot be put back by deletion; nothing where they can."""
        if self._versioned:
            return f"{self._versioned[0]!r} keeps the history of its rows"
        if self._sequences:
            return f"the sequence {self._sequences[0]!r} has a state of its own"
        for table, event in self._triggers:
            if event == "INSERT" and table in self._kept:
                return (
                    f"a trigger has its own say in what is put into {table!r}, which has rows from the start"
                )
        return ""

    def mark(self) -> bool:
        """From now on go back to the rows that are here; False where that cannot be done."""
        self.unmark()
        self._marked = self._captured("marked")
        self._define()
        if self.why_not:
            self.unmark()
            return False
        return True

    def unmark(self) -> None:
        if self._marked is not None:
            for copy in self._marked[0].values():
                self._run(f"DROP TEMPORARY TABLE {quoted(copy)}")
            self._marked = None
            self._define()

    def carry(self, database: str) -> dict[str, int] | None:
        """Put the rows that are marked, if any are, into an empty database; where counters stood is for `put`."""
        if self._marked is None:
            return None
        kept, counters = self._marked
        for table, copy in kept.items():
            self._run(f"CREATE TABLE {quoted(database)}.{quoted(table)} AS SELECT * FROM {quoted(copy)}")  # noqa: S608
        return counters

    def put(self, database: str, counters: dict[str, int]) -> None:
        """Put what another one carried into that database in the place of all rows here, and mark it."""
        carried = [name for (name,) in asked(self._connection, _TABLES, database)]
        for table in self.tables:
            self._run(f"TRUNCATE TABLE {quoted(table)}")
        for table in carried:
            into, these = quoted(table), self._columns[table]
            self._run(f"INSERT INTO {into} ({these}) SELECT {these} FROM {quoted(database)}.{into}")  # noqa: S608
        for table, start in counters.items():
            self._run(f"ALTER TABLE {quoted(table)} AUTO_INCREMENT = {start}")
        self.mark()

    def run(self) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(self._call)
            while cursor.nextset():
                pass

    def _captured(self, name: str) -> tuple[dict[str, str], dict[str, int]]:
        """Copies of the tables that have rows, and where each counter stands."""
        kept: dict[str, str] = {}
        for number, table in enumerate(self.tables):
            if asked(self._connection, f"SELECT 1 FROM {quoted(table)} LIMIT 1"):  # noqa: S608  (quoted)
                copy = f"orm_testing_{name}_{number}"
                made = f"CREATE TEMPORARY TABLE {quoted(copy)} AS SELECT {self._columns[table]} FROM {quoted(table)}"  # noqa: S608
                self._run(made)
                kept[table] = copy
        return kept, dict(asked(self._connection, _COUNTERS, self._database))

    def _define(self) -> None:
        self._kept, self._counters = self._marked or self._sealed
        steps = self._steps()
        procedure = f"{quoted(self._database)}.{RESET}"
        body = "\n".join(f"{step};" for step in steps)
        try:
            self._run(f"DROP PROCEDURE IF EXISTS {procedure}")
            self._run(f"CREATE PROCEDURE {procedure}() MODIFIES SQL DATA\nBEGIN\n{body}\nEND")
        except pymysql.Error as error:
            if error.args[0] not in _REFUSED:
                raise
            self._call = "; ".join(step for step in steps if not step.startswith("IF "))
            self._call += "".join(f"; {self._restarted(table)}" for table in self._counters)
        else:
            self._call = f"CALL {procedure}()"

    def _steps(self) -> list[str]:
        acted_on = {table for table, event in self._triggers if event == "DELETE"}
        deleted = [table for table in self.tables if table not in acted_on]
        steps = ["START TRANSACTION"]
        steps += [f"DELETE FROM {quoted(table)}" for table in deleted]  # noqa: S608  (quoted)
        steps += ["COMMIT"]
        steps += [f"TRUNCATE TABLE {quoted(table)}" for table in self.tables if table in acted_on]
        for table, start in self._counters.items():
            named = f"table_schema = {_literal(self._database)} AND table_name = {_literal(table)}"
            used = f"SELECT auto_increment FROM information_schema.tables WHERE {named}"  # noqa: S608  (quoted)
            steps.append(f"IF ({used}) <> {start} THEN {self._restarted(table)}; END IF")
        for table, copy in self._kept.items():
            these = self._columns[table]
            steps.append(f"INSERT INTO {quoted(table)} ({these}) SELECT {these} FROM {quoted(copy)}")  # noqa: S608  (quoted)
        return steps

    def _restarted(self, table: str) -> str:
        """The statement that lets a table, which is empty then, begin to count anew."""
        start = self._counters[table]
        return (
            f"TRUNCATE TABLE {quoted(table)}"
            if start == 1
            else f"ALTER TABLE {quoted(table)} AUTO_INCREMENT = {start}"
        )

    def _run(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
