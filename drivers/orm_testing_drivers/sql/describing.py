"""A table as the live store reports it, by way of SQLAlchemy's inspector."""

from typing import Any

import sqlalchemy as sa

from orm_testing.descriptions import (
    ColumnDescription,
    ForeignKeyDescription,
    IndexDescription,
    TableDescription,
)


def described(connection: sa.Connection, name: str, *, counts: bool, no_rule: str) -> TableDescription:
    """The table of this name, which is there.

    Of what the inspector does not tell: whether the table `counts` its rows, never giving a number twice, and which rule for
    a deletion its references have that name none.
    """
    live = sa.inspect(connection)
    key = tuple(live.get_pk_constraint(name)["constrained_columns"])
    unique = {_named(each) for each in live.get_unique_constraints(name)}
    indexes = [
        IndexDescription(str(each["name"]), _named(each), bool(each["unique"]))
        for each in live.get_indexes(name)
        if not (each["unique"] and _named(each) in unique)
    ]
    comments = connection.dialect.supports_comments
    counted = key if counts else ()
    return TableDescription(
        name=str(name),
        columns=tuple(_column(connection, column, counted) for column in live.get_columns(name)),
        primary_key=key,
        unique=tuple(sorted(unique)),
        indexes=tuple(sorted(indexes, key=lambda index: index.name)),
        foreign_keys=tuple(
            sorted((_foreign_key(each, no_rule) for each in live.get_foreign_keys(name)), key=repr)
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


def _foreign_key(key: Any, no_rule: str) -> ForeignKeyDescription:
    told = key["options"].get("ondelete")
    return ForeignKeyDescription(
        columns=tuple(key["constrained_columns"]),
        table=key["referred_table"],
        referred=tuple(key["referred_columns"]),
        on_delete=told.lower().replace(" ", "_") if told else no_rule,
    )
