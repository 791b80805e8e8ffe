"""What PostgreSQL's catalogue says of a database: its tables and sequences, and whether anything in it was changed."""

# ruff: noqa: S608  (names are quoted by psycopg, or ours)

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.sql import SQL, Identifier, Literal

Connection = psycopg.Connection[Any]
Sequenced = tuple[int, int, bool]

DATABASE = r"(nspname NOT LIKE 'pg\_%' AND nspname <> 'information_schema')"
"""The schemas that are a store's, where a database is its own."""

_SESSIONS = r" OR (nspname LIKE 'pg\_temp\_%' AND oid <> pg_my_temp_schema())"


def only(schema: str) -> str:
    """The schemas that are a store's, where that is just one."""
    return f"nspname = {Literal(schema).as_string()}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table that holds rows; `columns` are those that can be written to."""

    oid: int
    name: str
    columns: str
    refers_to: frozenset[int]
    acts: bool
    """Whether a trigger or a rule of the project has its own say in what a write does."""


def tables(connection: Connection, schemas: str) -> list[Table]:
    """All tables but those of extensions."""
    found = connection.execute(_TABLES.format(schemas=SQL(schemas))).fetchall()
    return [
        Table(
            oid,
            _joined(schema, name),
            ", ".join(Identifier(column).as_string() for column in columns),
            frozenset(parents),
            acts,
        )
        for oid, schema, name, columns, parents, acts in found
    ]


def sequences(connection: Connection, schemas: str) -> dict[str, Sequenced]:
    """The state of each sequence, by its quoted name: number, value, and whether that was given out."""
    found = connection.execute(_SEQUENCES.format(schemas=SQL(schemas))).fetchall()
    if not found:
        return {}
    names = [_joined(schema, name) for _, schema, name in found]
    states = connection.execute(
        " UNION ALL ".join(
            f"SELECT {number}, last_value, is_called FROM {name}" for number, name in enumerate(names)
        )
    )
    return {names[number]: (found[number][0], value, called) for number, value, called in states}


def picture(connection: Connection, schemas: str) -> Sequence[tuple[Any, ...]]:
    """What is different after any change of the schema, temporary tables of other sessions included.

    A row of a catalogue that is changed is written anew, by a transaction with a higher number. Of `pg_class`, which
    TRUNCATE writes to as well, the columns are compared.
    """
    found = connection.execute(_PICTURE.format(schemas=SQL(schemas))).fetchall()
    return [*found, *(connection.execute(_OF_DATABASE) if schemas == DATABASE else ())]


def functions(connection: Connection, schemas: str) -> list[str]:
    """What the functions of the project say."""
    found = connection.execute(_FUNCTIONS.format(schemas=SQL(schemas))).fetchall()
    return [said for (said,) in found]


def _joined(schema: str, name: str) -> str:
    return Identifier(schema, name).as_string()


_TABLES = SQL(
    """
    SELECT c.oid, n.nspname, c.relname,
        ARRAY(SELECT attname::text FROM pg_attribute
              WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum),
        ARRAY(SELECT confrelid FROM pg_constraint WHERE contype = 'f' AND conrelid = c.oid AND confrelid <> c.oid),
        EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal)
            OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = c.oid)
    FROM pg_class c JOIN (SELECT oid, nspname FROM pg_namespace WHERE {schemas}) n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')
    ORDER BY c.oid
    """
)

_SEQUENCES = SQL(
    """
    SELECT pg_class.oid, nspname, relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind = 'S' AND n.oid IN (SELECT oid FROM pg_namespace WHERE {schemas}) ORDER BY pg_class.oid
    """
)


def _written(catalogue: str, condition: str) -> str:
    return f"SELECT '{catalogue}', count(*), coalesce(sum(xmin::text::bigint), 0) FROM {catalogue} WHERE {condition}"


_OF_TABLES = {
    "pg_attribute": "attrelid",
    "pg_attrdef": "adrelid",
    "pg_constraint": "conrelid",
    "pg_index": "indrelid",
    "pg_trigger": "tgrelid",
    "pg_rewrite": "ev_class",
    "pg_policy": "polrelid",
    "pg_description": "objoid",
    "pg_sequence": "seqrelid",
    "pg_inherits": "inhrelid",
}
_OF_SCHEMAS = {
    "pg_proc": "pronamespace",
    "pg_type": "typnamespace",
    "pg_operator": "oprnamespace",
    "pg_opclass": "opcnamespace",
    "pg_collation": "collnamespace",
    "pg_conversion": "connamespace",
    "pg_ts_config": "cfgnamespace",
    "pg_ts_dict": "dictnamespace",
    "pg_statistic_ext": "stxnamespace",
}
_IN_NO_SCHEMA = (
    "pg_am", "pg_cast", "pg_default_acl", "pg_event_trigger", "pg_foreign_data_wrapper", "pg_foreign_server", "pg_language",
    "pg_largeobject_metadata", "pg_publication", "pg_transform",
)  # fmt: skip

_PICTURE = SQL(
    "WITH spaces AS MATERIALIZED (SELECT oid FROM pg_namespace WHERE {schemas}"
    + _SESSIONS
    + "), ours AS MATERIALIZED (SELECT oid FROM pg_class WHERE oid >= 16384 AND relnamespace IN (SELECT oid FROM spaces)) "
    + " UNION ALL ".join(
        [
            (
                "SELECT 'pg_class', count(*), coalesce(sum(hashtextextended(concat_ws('|', oid, relname, relnamespace, relkind,"
                " relowner, relacl, reloptions, relreplident, relpersistence, relrowsecurity, relforcerowsecurity,"
                " CASE relkind WHEN 'm' THEN relfilenode END), 0)), 0) FROM pg_class WHERE oid IN (SELECT oid FROM ours)"
            ),
            *(
                _written(name, f"{column} >= 16384 AND {column} IN (SELECT oid FROM ours)")
                for name, column in _OF_TABLES.items()
            ),
            *(
                _written(name, f"oid >= 16384 AND {column} IN (SELECT oid FROM spaces)")
                for name, column in _OF_SCHEMAS.items()
            ),
            _written("pg_namespace", "oid IN (SELECT oid FROM spaces)"),
            _written(
                "pg_constraint",
                "contypid IN (SELECT oid FROM pg_type WHERE oid >= 16384 AND typnamespace IN (SELECT oid FROM spaces))",
            ),
            _written(
                "pg_enum",
                "enumtypid IN (SELECT oid FROM pg_type WHERE oid >= 16384 AND typnamespace IN (SELECT oid FROM spaces))",
            ),
            _written("pg_extension", "true"),
        ]
    )
)
"""The objects of users have numbers from 16384 on."""

_OF_DATABASE = SQL(
    " UNION ALL ".join(
        [
            *(_written(name, "oid >= 16384") for name in _IN_NO_SCHEMA),
            _written("pg_database", "datname = current_database()"),
            _written(
                "pg_db_role_setting",
                "setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())",
            ),
        ]
    )
)
"""What belongs to a database that is a store's own, and to no schema in it."""

_FUNCTIONS = SQL(
    """
    SELECT prosrc FROM pg_proc
    WHERE oid >= 16384 AND pronamespace IN (SELECT oid FROM pg_namespace WHERE {schemas}) AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
    """
)
