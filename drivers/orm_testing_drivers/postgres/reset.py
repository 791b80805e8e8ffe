"""`Reset`: puts the rows of a database back to what they were, in one round trip and at the cost of what was written."""

# ruff: noqa: S608  (names are quoted by psycopg, or ours)

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg.errors import InsufficientPrivilege

from orm_testing.store import Stale
from orm_testing_drivers.postgres.catalogue import Connection, Sequenced, Table, sequences, tables

_FUNCTION = "pg_temp.orm_testing_reset"
_USUAL = f"SELECT {_FUNCTION}(NULL, false)"
_copies = itertools.count(1)


@dataclass(slots=True)
class _State:
    """What a reset goes back to: the rows of `kept` tables, in temporary copies, and the state of the sequences."""

    kept: dict[int, str] = field(default_factory=dict)
    sequences: dict[str, Sequenced] = field(default_factory=dict)


class Reset:
    """A function in the schema `pg_temp`, which is this session's, so that nothing is added to the database.

    It looks first which tables have rows and which sequences were used, and writes to these only. A table that had rows to
    start with is known to be unchanged by how many it has and which transactions wrote them.
    """

    def __init__(self, connection: Connection, schemas: str) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        self._schemas = schemas
        self.free = self._freed()
        self.tables = tables(connection, schemas)
        self._groups = _ordered(self.tables)
        self.sealed = self._captured()
        self.marked: _State | None = None
        self._probe = ""
        self._written: list[str] = []
        self._define()

    @property
    def why_not(self) -> str:
        """Why the rows cannot be put back by deletion; nothing where they can."""
        if self.free:
            return ""
        if any(table.acts for table in self.tables):
            return "a trigger or a rule of the schema has its own say in what a deletion does"
        kept = (self.marked or self.sealed).kept
        if any(len(group) > 1 and any(table.oid in kept for table in group) for group in self._groups):
            return "tables that hold rows from the start refer to each other in a circle"
        return ""

    def mark(self) -> bool:
        """From now on go back to the rows that are here; False where that cannot be done."""
        self.unmark()
        self.marked = self._captured()
        if self.why_not:
            self.unmark()
            return False
        self._define()
        return True

    def unmark(self) -> None:
        if self.marked is not None:
            for copy in self.marked.kept.values():
                self._connection.execute(f"DROP TABLE {copy}")
            self.marked = None
            self._define()

    def carried(self) -> dict[str, Any] | None:
        """What was marked, if it was, to be put into another database by a `Reset` of that."""
        if self.marked is None:
            return None
        names = {table.oid: table for table in self.tables}
        rows = {
            names[oid].name: self._read(f"SELECT * FROM {copy}") for oid, copy in self.marked.kept.items()
        }
        return {"rows": rows, "sequences": self.marked.sequences}

    def put(self, carried: dict[str, Any] | None) -> None:
        """Put what was `carried` in the place of all rows, and mark it."""
        if carried is None:
            return
        execute = self._connection.execute
        for group in self._groups:
            for table in group:
                execute(f"DELETE FROM ONLY {table.name}")
        for table in (
            table for group in reversed(self._groups) for table in group if table.name in carried["rows"]
        ):
            statement = f"COPY {table.name} ({table.columns}) FROM STDIN (FORMAT binary)"
            with self._connection.cursor().copy(statement) as copy:
                copy.write(carried["rows"][table.name])
        for name, state in carried["sequences"].items():
            execute("SELECT setval(%s, %s, %s)", [name, *state[1:]])
        self.mark()

    def _read(self, query: str) -> bytes:
        with self._connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as copy:
            return b"".join(copy)

    def run(self, *, thorough: bool) -> None:
        """`thorough` sees, too, a sequence that was set but has given no value since."""
        if self.why_not:
            if any(self._connection.execute(self._probe).fetchone() or ()):
                raise Stale(self.why_not)
            return
        if self._written or thorough:
            self._cursor.execute(f"SELECT {_FUNCTION}(%s, %s)", [self._written or None, thorough])
        else:
            self._cursor.execute(_USUAL)
        found = self._cursor.fetchone()
        if found and found[0] is not None:
            self._written = found[0]

    def _freed(self) -> bool:
        """Whether this user may write without triggers, rules and checks of references: no row is needed by another then."""
        try:
            self._connection.execute("SET session_replication_role = replica")
        except InsufficientPrivilege:
            return False
        return True

    def _captured(self) -> _State:
        state = _State(sequences=sequences(self._connection, self._schemas))
        if not self.tables:
            return state
        asked = ", ".join(f"EXISTS (SELECT FROM ONLY {table.name})" for table in self.tables)
        held = self._connection.execute(f"SELECT {asked}").fetchone() or ()
        for table in (table for table, rows in zip(self.tables, held, strict=True) if rows):
            copy = f"pg_temp.orm_testing_{next(_copies)}"
            self._connection.execute(
                f"CREATE TEMPORARY TABLE {copy} AS SELECT {table.columns} FROM ONLY {table.name}"
            )
            state.kept[table.oid] = copy
        return state

    def _define(self) -> None:
        state = self.marked or self.sealed
        self._written = [""] * len(state.kept)
        empty = [table for table in self.tables if table.oid not in state.kept]
        kept = [table for table in self.tables if table.oid in state.kept]
        probes = [f"EXISTS (SELECT FROM ONLY {table.name})" for table in empty]
        probes += [
            f"({_writers(table)}) IS DISTINCT FROM written[{place}]" for place, table in enumerate(kept, 1)
        ]
        probes += [
            f"pg_sequence_last_value({number}) IS DISTINCT FROM {value if called else 'NULL'}"
            for number, value, called in state.sequences.values()
        ]
        self._probe = f"SELECT {', '.join(probes)}" if probes else "SELECT false"
        places = {table.oid: place for place, table in enumerate([*empty, *kept], 1)}
        first = len(empty) + 1
        restoring = " OR ".join(f"changed[{first + number}]" for number in range(len(kept))) or "false"
        steps = [_deletion(group, places, state.kept) for group in self._groups]
        for group in reversed(self._groups):
            steps += [
                f"IF restoring THEN INSERT INTO {table.name} ({table.columns}) OVERRIDING SYSTEM VALUE"
                f" SELECT {table.columns} FROM {state.kept[table.oid]}; END IF;"
                for table in group
                if table.oid in state.kept
            ]
        if kept:
            told = ", ".join(f"({_writers(table)})" for table in kept)
            steps.append(f"IF restoring THEN written := ARRAY[{told}]; END IF;")
        for place, (name, (_, value, called)) in enumerate(state.sequences.items(), len(self.tables) + 1):
            literal = name.replace("'", "''")
            was_set = f"(SELECT last_value <> {value} OR is_called <> {called} FROM {name})"
            steps.append(
                f"IF changed[{place}] OR thorough AND {was_set} THEN PERFORM setval('{literal}', {value}, {called}); END IF;"
            )
        body = "\n".join(steps)
        quote = "$orm_testing_reset$"
        self._connection.execute(
            f"CREATE OR REPLACE FUNCTION {_FUNCTION}(written text[], thorough boolean) RETURNS text[] LANGUAGE plpgsql AS {quote}\n"
            "#variable_conflict use_variable\n"
            "DECLARE changed boolean[]; restoring boolean;\n"
            f"BEGIN\nchanged := ARRAY[{', '.join(probes)}]::boolean[];\n"
            "IF NOT (thorough OR true = ANY (changed)) THEN RETURN NULL; END IF;\n"
            f"restoring := {restoring};\n{body}\n"
            f"RETURN written;\nEND {quote}"
        )


def _writers(table: Table) -> str:
    """How many rows a table has and which transactions wrote them: both as before only where nothing was written."""
    return f"SELECT count(*) || '/' || coalesce(sum(xmin::text::bigint), 0) FROM ONLY {table.name}"


def _deletion(group: Sequence[Table], places: dict[int, int], kept: dict[int, str]) -> str:
    """Several tables, which refer to each other in a circle, lose their rows in one statement."""
    asked = [f"changed[{places[table.oid]}]" for table in group if table.oid not in kept]
    asked += ["restoring"] * any(table.oid in kept for table in group)
    deletions = [f"DELETE FROM ONLY {table.name}" for table in group]
    first = ", ".join(f"d{number} AS ({each})" for number, each in enumerate(deletions[1:]))
    return f"IF {' OR '.join(asked)} THEN {f'WITH {first} ' if first else ''}{deletions[0]}; END IF;"


def _ordered(found: Sequence[Table]) -> list[list[Table]]:
    """Tables that refer to others before these; what cannot be told apart so is one group, which comes where it must."""
    left = list(found)
    groups: list[list[Table]] = []
    while left:
        needed = frozenset().union(*(table.refers_to for table in left))
        first = [table for table in left if table.oid not in needed]
        groups += [[table] for table in first] or [list(left)]
        left = [table for table in left if first and table not in first]
    return groups
