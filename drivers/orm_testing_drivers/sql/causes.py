"""Why a store refused a write, in the model's words.

Databases name one broken constraint, or none, in an order of their own. Asking the rows gives every product the
same answer: the key first, then parents, then unique values.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from orm_testing.errors import DuplicateKeyError, ForeignKeyError, OperationError
from orm_testing.schema import ModelSchema, SchemaSet
from orm_testing_drivers.sql.rows import ModelTable, Row


class Causes:
    """Looks for the row that stood in the way of a write, once the write is undone."""

    def __init__(self, schemas: SchemaSet, tables: Mapping[type[Any], ModelTable]) -> None:
        self._schemas = schemas
        self._tables = tables

    def of_write(
        self, connection: sa.Connection, rows: ModelTable, row: Row, *, new: bool
    ) -> OperationError | None:
        schema = rows.schema
        key = {name: row[name] for name in schema.key}
        if new and None not in key.values() and self._found(connection, rows, key):
            return _duplicate(schema, key)
        for field, parent in self._schemas.parents(schema):
            value = row[field.name]
            itself = parent is schema and value == key[schema.key[0]]
            named = {parent.key[0]: value}
            if value is not None and not itself and not self._found(connection, self._of(parent), named):
                return ForeignKeyError(
                    f"{schema.name}.{field.name} refers to {parent.name} {value!r}, which is not there",
                    model=schema.name,
                    fields=(field.name,),
                )
        for names in schema.unique:
            taken = {name: row[name] for name in names}
            if None not in taken.values() and self._found(connection, rows, taken, but=None if new else key):
                return _duplicate(schema, taken)
        return None

    def of_delete(
        self, connection: sa.Connection, rows: ModelTable, row: Row, gone: frozenset[Any] = frozenset()
    ) -> OperationError | None:
        """The row that refers to this one, or to one that would go with it, and forbids that it goes."""
        gone |= {_identity(rows, row)}
        for schema, field in self._schemas.children(rows.schema):
            children = self._of(schema)
            refers = children.table.c[field.name] == row[rows.schema.key[0]]
            for stored in connection.execute(children.select.where(refers)).all():
                child = children.row(stored)
                if _identity(children, child) in gone:
                    continue
                if field.on_delete == "restrict":
                    return ForeignKeyError(
                        f"{schema.name} {_identity(children, child)[1:]!r} refers to the row by {field.name!r}",
                        model=schema.name,
                        fields=(field.name,),
                    )
                found = None
                if field.on_delete == "cascade":
                    found = self.of_delete(connection, children, child, gone)
                if found:
                    return found
        return None

    def _of(self, schema: ModelSchema) -> ModelTable:
        return self._tables[schema.model_class]

    def _found(
        self, connection: sa.Connection, rows: ModelTable, values: Row, but: Row | None = None
    ) -> bool:
        columns = rows.table.c
        query = sa.select(sa.literal(1)).where(*(columns[name] == value for name, value in values.items()))
        if but:
            query = query.where(sa.or_(*(columns[name] != value for name, value in but.items())))
        return connection.execute(query.limit(1)).first() is not None


def _identity(rows: ModelTable, row: Row) -> tuple[Any, ...]:
    return (rows.schema.table, *(row[name] for name in rows.schema.key))


def _duplicate(schema: ModelSchema, values: Row) -> DuplicateKeyError:
    shown = ", ".join(f"{name}={value!r}" for name, value in values.items())
    return DuplicateKeyError(
        f"{schema.name} has a row with {shown} already", model=schema.name, fields=values
    )
