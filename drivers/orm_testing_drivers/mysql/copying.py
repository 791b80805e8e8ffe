"""What a database is made of, by the server's own statements: told apart by them, and copied by them."""

import re
from collections.abc import Iterator
from typing import Any

from orm_testing_drivers.mysql.connection import quoted

RESET = "orm_testing_reset"
"""The one routine that is ours; no part of the schema that a test sees changed."""

_NAMED = (
    "SELECT table_type, table_name FROM information_schema.tables"
    " WHERE table_schema = %s AND table_type <> 'TEMPORARY'"
    " UNION ALL SELECT routine_type, routine_name FROM information_schema.routines WHERE routine_schema = %s"
    " UNION ALL SELECT 'TRIGGER', trigger_name FROM information_schema.triggers WHERE trigger_schema = %s"
    " UNION ALL SELECT 'EVENT', event_name FROM information_schema.events WHERE event_schema = %s"
)
_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")
_MADE_BY = {"TABLE": 1, "SEQUENCE": 1, "VIEW": 1, "TRIGGER": 2, "PROCEDURE": 2, "FUNCTION": 2, "EVENT": 3}
"""What can be in a database, in an order in which it can be made, with the place of the statement in the answer."""

Part = tuple[str, str, str, str]
"""Kind, name, the statement that makes it, and the SQL mode that it is written in, where that is told."""


def asked(connection: Any, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())


def parts(connection: Any, database: str) -> list[Part]:
    """All that is in a database, with statements that do not name it."""
    found = []
    own = quoted(database) + "."
    for said, name in sorted(asked(connection, _NAMED, *[database] * 4)):
        kind = "TABLE" if said in ("BASE TABLE", "SYSTEM VERSIONED") else said
        if name == RESET and kind == "PROCEDURE":
            continue
        row = asked(connection, f"SHOW CREATE {kind} {quoted(database)}.{quoted(name)}")[0]
        statement = str(row[_MADE_BY[kind]]).replace(own, "")
        found.append((kind, name, statement, str(row[1]) if _MADE_BY[kind] > 1 else ""))
    return sorted(found, key=lambda part: list(_MADE_BY).index(part[0]))


def schema_of_database(connection: Any, database: str) -> list[Part]:
    """What differs after any change of the schema, and after no other."""
    begins_with = asked(
        connection,
        "SELECT 'DATABASE', '', default_character_set_name, default_collation_name FROM information_schema.schemata"
        " WHERE schema_name = %s",
        database,
    )
    return begins_with + [
        (kind, name, _COUNTER.sub("", statement) if kind == "TABLE" else statement, mode)
        for kind, name, statement, mode in parts(connection, database)
    ]


def columns(connection: Any, database: str) -> dict[str, str]:
    """The columns of each table that can be written to, as a list in SQL."""
    found: dict[str, list[str]] = {}
    for table, column in asked(
        connection,
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = %s"
        " AND coalesce(generation_expression, '') = '' ORDER BY table_name, ordinal_position",
        database,
    ):
        found.setdefault(table, []).append(quoted(column))
    return {table: ", ".join(names) for table, names in found.items()}


def copy_database(connection: Any, origin: str, database: str) -> None:
    """Make in an empty database what is in another, with its rows; `connection` is left in it, unbound by references."""
    made = parts(connection, origin)
    written = columns(connection, origin)
    with connection.cursor() as cursor:
        cursor.execute(f"USE {quoted(database)}")
        cursor.execute("SET foreign_key_checks = 0")
        for kind in _MADE_BY:
            _make(cursor, [part for part in made if part[0] == kind])
            if kind != "TABLE":
                continue
            for _, name, _, _ in (part for part in made if part[0] == "TABLE"):
                into, these = quoted(name), written[name]
                cursor.execute(f"INSERT INTO {into} ({these}) SELECT {these} FROM {quoted(origin)}.{into}")  # noqa: S608


def _make(cursor: Any, made: list[Part]) -> None:
    """In whatever order they can be made: a view comes after those that it reads."""
    left = made
    while left:
        failed = list(_failing(cursor, left))
        if len(failed) == len(left):
            raise failed[0][1]
        left = [part for part, _ in failed]


def _failing(cursor: Any, made: list[Part]) -> Iterator[tuple[Part, Exception]]:
    for part in made:
        try:
            if part[3]:
                cursor.execute("SET @orm_testing_mode = @@sql_mode, sql_mode = %s", (part[3],))
            cursor.execute(part[2])
        except Exception as error:  # noqa: BLE001  (raised where no other order helps)
            yield part, error
        finally:
            if part[3]:
                cursor.execute("SET sql_mode = @orm_testing_mode")
