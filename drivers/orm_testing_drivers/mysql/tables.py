"""Tables as InnoDB can have them: what a key holds is bounded, and so is what refers to it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

from orm_testing.schema import FieldSchema, ModelSchema, SchemaSet
from orm_testing_drivers.mysql.types import BYTES_IN_KEY, Bounded, width
from orm_testing_drivers.sql.tables import tables_of as common_tables_of
from orm_testing_drivers.sql.types import Types

OPTIONS: dict[str, Any] = {"mysql_engine": "InnoDB"}


class _Key(sa.PrimaryKeyConstraint):
    """A primary key by the first part of long columns."""

    lengths: dict[str, int]


class _Unique(sa.UniqueConstraint):
    """Values that are unique in the first part of long columns."""

    lengths: dict[str, int]


@compiles(_Key, "mysql")
@compiles(_Unique, "mysql")
def _with_lengths(constraint: Any, compiler: Any, **_: Any) -> str:
    columns = []
    for column in constraint.columns:
        length = constraint.lengths.get(column.key)
        columns.append(compiler.preparer.quote(column.name) + (f"({length})" if length else ""))
    return f"{'PRIMARY KEY' if isinstance(constraint, _Key) else 'UNIQUE'} ({', '.join(columns)})"


def tables_of(schemas: SchemaSet, types: Types) -> dict[ModelSchema, sa.Table]:
    """The table of each model; a column that refers or is referred to is bounded, and an index of long ones is of their beginnings."""
    tables = common_tables_of(schemas, types, **OPTIONS)
    for schema, table in tables.items():
        for field, parent in schemas.parents(schema):
            for column, held in (
                (table.c[field.name], field),
                (tables[parent].c[parent.key[0]], parent.by_name[parent.key[0]]),
            ):
                if width(held) is None:
                    column.type = Bounded(held)
    for schema, table in tables.items():
        _shorten(schema, table)
    return tables


def _shorten(schema: ModelSchema, table: sa.Table) -> None:
    lengths = _lengths(schema, table, schema.key)
    if lengths:
        key = _Key(*(table.c[name] for name in schema.key))
        key.lengths = lengths
        table.append_constraint(key)
    declared = {
        tuple(column.key for column in constraint.columns): constraint
        for constraint in table.constraints
        if isinstance(constraint, sa.UniqueConstraint)
    }
    for names in schema.unique:
        lengths = _lengths(schema, table, names)
        if lengths:
            table.constraints.remove(declared[names])
            unique = _Unique(*(table.c[name] for name in names))
            unique.lengths = lengths
            table.append_constraint(unique)
    for index in table.indexes:
        names = tuple(column.key for column in index.columns)
        lengths = _lengths(schema, table, names)
        if lengths:
            index.dialect_kwargs["mysql_length"] = {
                table.c[name].name: part for name, part in lengths.items()
            }


def _lengths(schema: ModelSchema, table: sa.Table, names: Any) -> dict[str, int]:
    """How much of each long column goes into an index of these, by column key; empty where all of each does."""
    fields: list[FieldSchema] = [schema.by_name[name] for name in names]
    widths = {
        field.name: BYTES_IN_KEY if isinstance(table.c[field.name].type, Bounded) else width(field)
        for field in fields
    }
    if None not in widths.values() and sum(w or 0 for w in widths.values()) <= BYTES_IN_KEY:
        return {}
    long = {field.name: field for field in fields if field.kind in ("text", "bytes")}
    share = (BYTES_IN_KEY - sum(w or 0 for name, w in widths.items() if name not in long)) // len(long)
    return {
        name: min(share, widths[name] or share) // (4 if field.kind == "text" else 1)
        for name, field in long.items()
    }
