"""A table as the live store reports it, by way of SQLAlchemy's inspector."""

from typing import Any

import sqlalchemy as sa

from orm_testing.descriptions import (
    ColumnDescription,
    ForeignKeyDescription,
    IndexDescription,
    TableDescription,
)

_NONE_TOLD = {"mysql": "restrict", "mariadb": "restrict"}
"""What a store does that names no ON DELETE: these take RESTRICT for NO ACTION."""


def described(connection: sa.Connection, name: str) -> TableDescription:
    """The table of this name, which is there."""
    live = sa.inspect(connection)
    key = tuple(live.get_pk_constraint(name)["constrained_columns"])
    unique = {_named(each) for each in live.get_unique_constraints(name)}
    indexes = [
        IndexDescription(str(each["name"]), _named(each), bool(each["unique"]))
        for each in live.get_indexes(name)
        if not (each["unique"] and _named(each) in unique)
    ]
    comments = connection.dialect.supports_comments
    counted = key if _counts(connection, name) else ()
    return TableDescription(
        name=str(name),
        columns=tuple(_column(connection, column, counted) for column in live.get_columns(name)),
        primary_key=key,
        unique=tuple(sorted(unique)),
        indexes=tuple(sorted(indexes, key=lambda index: index.name)),
        foreign_keys=tuple(
            sorted((_foreign_key(connection, each) for each in live.get_foreign_keys(name)), key=repr)
        ),
        comment=live.get_table_comment(name)["text"] if comments else None,
    )


def _named(columns: Any) -> tuple[str, ...]:
    return tuple(str(name) for name in columns["column_names"])


def _column(connection: sa.Connection, column: Any, counted: tuple[str, ...]) -> ColumnDescription:
    made = column["type"]
    return ColumnDescription(
        name=column["name"],
        type="" if isinstance(made, sa.types.NullType) else made.compile(dialect=connection.dialect),
        nullable=bool(column["nullable"]),
        default=column["default"],
        comment=column.get("comment"),
        autoincrement=column.get("autoincrement") is True or column["name"] in counted,
    )


def _counts(connection: sa.Connection, name: str) -> bool:
    """Whether SQLite, whose inspector does not say, numbers the rows of the table without ever giving a number twice."""
    if connection.dialect.name != "sqlite":
        return False
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name")
    made = connection.execute(query, {"name": name}).scalar_one()
    return "AUTOINCREMENT" in made.upper().split("(", 1)[-1]


def _foreign_key(connection: sa.Connection, key: Any) -> ForeignKeyDescription:
    told = key["options"].get("ondelete")
    return ForeignKeyDescription(
        columns=tuple(key["constrained_columns"]),
        table=key["referred_table"],
        referred=tuple(key["referred_columns"]),
        on_delete=told.lower().replace(" ", "_")
        if told
        else _NONE_TOLD.get(connection.dialect.name, "no_action"),
    )
