"""Tables from model schemas. A column's `key` is its field's name, so that statements speak of fields."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import quoted_name

from orm_testing.schema import FieldSchema, ModelSchema, SchemaSet
from orm_testing_drivers.sql.types import Types

_ON_DELETE = {"restrict": "RESTRICT", "cascade": "CASCADE", "set_null": "SET NULL"}


def tables_of(
    schemas: SchemaSet, types: Types, *, counting: Mapping[str, Any] | None = None, **options: Any
) -> dict[ModelSchema, sa.Table]:
    """The table of each model, all in one `MetaData`. Every name is quoted.

    `options` go to each table, and `counting` besides to each that counts its keys.
    """
    metadata = sa.MetaData()
    tables = {}
    for schema in schemas:
        counts = schema.generated is not None and schema.generated.kind == "int"
        tables[schema] = _table(schema, metadata, types, {**options, **((counting or {}) if counts else {})})
    for schema, table in tables.items():
        for field, parent in schemas.parents(schema):
            table.append_constraint(
                sa.ForeignKeyConstraint(
                    [table.c[field.name]],
                    [tables[parent].c[parent.key[0]]],
                    ondelete=_ON_DELETE[field.on_delete],
                )
            )
    return tables


def clearing(schemas: SchemaSet, tables: Mapping[ModelSchema, sa.Table]) -> list[sa.Update | sa.Delete]:
    """The statements that empty all tables, whatever refers to what.

    A row goes before the one that it needs; a reference that then still points the wrong way is undone first: within
    one table it is turned to its own row, and elsewhere to nothing.
    """
    left = list(reversed(list(schemas)))
    order: list[ModelSchema] = []
    while left:
        needed = {
            parent
            for schema in left
            for field, parent in schemas.parents(schema)
            if parent is not schema and not field.nullable
        }
        first = next((schema for schema in left if schema not in needed), left[0])
        left.remove(first)
        order.append(first)
    statements: list[sa.Update | sa.Delete] = []
    for place, schema in enumerate(order):
        table = tables[schema]
        for field, parent in schemas.parents(schema):
            if parent is schema:
                statements.append(table.update().values({field.name: table.c[schema.key[0]]}))
            elif parent in order[:place] and field.nullable:
                statements.append(table.update().values({field.name: None}))
    return statements + [tables[schema].delete() for schema in order]


def _table(schema: ModelSchema, metadata: sa.MetaData, types: Types, options: dict[str, Any]) -> sa.Table:
    table = sa.Table(
        quoted_name(schema.table, quote=True),
        metadata,
        *(_column(field, types) for field in schema.fields),
        comment=schema.comment,
        **options,
    )
    for names in schema.unique:
        table.append_constraint(sa.UniqueConstraint(*(table.c[name] for name in names)))
    for number, names in enumerate(schema.indexes):
        name = quoted_name(f"{schema.table}_index_{number}", quote=True)
        sa.Index(name, *(table.c[name] for name in names))
    return table


def _column(field: FieldSchema, types: Types) -> sa.Column[Any]:
    return sa.Column(
        quoted_name(field.column, quote=True),
        types[field.kind](field),
        key=field.name,
        primary_key=field.primary_key,
        nullable=field.nullable and not field.primary_key,
        autoincrement=field.generated and field.kind == "int",
        comment=field.comment,
    )
