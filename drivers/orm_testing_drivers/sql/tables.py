"""Tables from model schemas. A column's `key` is its field's name, so that statements speak of fields."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.elements import quoted_name

from orm_testing.schema import FieldSchema, ModelSchema, SchemaSet
from orm_testing_drivers.sql.types import Types

_ON_DELETE = {"restrict": "RESTRICT", "cascade": "CASCADE", "set_null": "SET NULL"}


def tables_of(schemas: SchemaSet, types: Types, **options: Any) -> dict[ModelSchema, sa.Table]:
    """The table of each model, all in one `MetaData`; `options` go to each table. Every name is quoted."""
    metadata = sa.MetaData()
    tables = {schema: _table(schema, metadata, types, options) for schema in schemas}
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
