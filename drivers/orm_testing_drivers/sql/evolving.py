"""How a populated table takes the shape of another model, through Alembic's operations.

Values become others as `Evolution.rows` has it, on every product alike, and not by a CAST, which each has its own way with.
Where a product changes a table in place, it is changed so; SQLite, which cannot, gets a new table with the rows of the old.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic.ddl.impl import DefaultImpl
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy.sql.elements import quoted_name

from orm_testing.errors import SchemaError
from orm_testing.evolution import Evolution, Row
from orm_testing.schema import FieldSchema, SchemaSet
from orm_testing_drivers.sql.changes import TableChange, described
from orm_testing_drivers.sql.rebuilding import Rebuilding, Tables, plain
from orm_testing_drivers.sql.rows import ModelTable


class Evolving:
    """One evolution on one connection; `was` and `tables` are all tables before and after it, and its own to change.

    `indexes_references`: the product makes an index for each reference, or takes one of ours, which then must stay.
    """

    def __init__(
        self,
        connection: sa.Connection,
        evolution: Evolution,
        schemas: SchemaSet,
        was: Tables,
        tables: Tables,
        *,
        indexes_references: bool,
    ) -> None:
        self._indexes_keys = indexes_references
        self._connection = connection
        self._evolution = evolution
        self._schemas = schemas
        self._all_were, self._all = was, tables
        self._was, self._table = was[evolution.old], tables[evolution.new]
        self._name = self._table.name
        self._change = TableChange(evolution, self._was, self._table, connection.dialect)
        context = MigrationContext.configure(connection)
        self._op = Operations(context)
        self._impl: DefaultImpl = context.impl

    def run(self, rows: Sequence[Row]) -> None:
        """Change the table, whose rows become these."""
        self._check_columns()
        if self._connection.dialect.supports_alter:
            self._alter(rows)
        else:
            Rebuilding(self._op, self._evolution, self._schemas, self._all_were, self._all).run(rows)

    def _check_columns(self) -> None:
        """What the model does not know of the table would be lost, or in the way."""
        live = {column["name"] for column in sa.inspect(self._connection).get_columns(self._name)}
        known = {str(column.name) for column in self._was.columns}
        if live != known:
            old = self._evolution.old
            raise SchemaError(
                f"evolve starts from the table as {old.name} has it, and {old.table!r} has other columns:"
                f" {', '.join(sorted(live ^ known))}",
                model=old.name,
            )

    def _alter(self, rows: Sequence[Row]) -> None:
        self._loosen()
        self._drop_columns()
        self._rename()
        for field in self._evolution.added:
            column = self._column(field)
            new = sa.Column(plain(column), column.type, nullable=True, comment=column.comment)
            self._op.add_column(self._name, new)
        self._retype()
        self._fill(rows)
        self._tighten()

    def _loosen(self) -> None:
        """Drop the references, unique constraints and indexes that the new model does not have as they are."""
        wanted_keys = self._change.references()
        for key in sa.inspect(self._connection).get_foreign_keys(self._name):
            constraint = wanted_keys.get(self._change.as_now(key))
            if (
                self._indexes_keys
                or constraint is None
                or any(self._change.is_retyped(each.parent) for each in constraint.elements)
            ):
                self._op.drop_constraint(str(key["name"]), self._name, type_="foreignkey")
        live = sa.inspect(self._connection)
        wanted = self._change.groups(self._evolution.new.unique)
        ours = {
            self._change.old_columns(names): self._change.became(names)
            for names in self._evolution.old.unique
        }
        for each in live.get_unique_constraints(self._name):
            columns = tuple(each["column_names"])
            if columns in ours and ours[columns] not in wanted:
                self._op.drop_constraint(str(each["name"]), self._name, type_="unique")
        kept = {(str(index.name), _columns_of(index)) for index in self._table.indexes}
        old = {str(index.name): index for index in self._was.indexes}
        for index in live.get_indexes(self._name):
            name = str(index["name"])
            ours_no_more = name in old and (name, self._change.became(_fields_of(old[name]))) not in kept
            of_a_key = (
                self._indexes_keys and name not in old and index["column_names"] in self._change.keyed()
            )
            if not index["unique"] and (ours_no_more or of_a_key):
                self._op.drop_index(name, self._name)

    def _drop_columns(self) -> None:
        for field in self._evolution.dropped:
            self._op.drop_column(self._name, plain(self._was.c[field.name]))

    def _rename(self) -> None:
        """Give fields their new names; by way of others, where the new name of one is the old name of another."""
        columns = {
            now: (plain(self._was.c[was]), plain(self._table.c[now]))
            for was, now in self._evolution.became.items()
            if self._was.c[was].name != self._table.c[now].name
        }
        taken = {str(old) for old, _ in columns.values()}
        for number, (now, (old, new)) in enumerate(columns.items()):
            if str(new) in taken:
                between = quoted_name(f"orm_testing_{number}", quote=True)
                self._alter_column(old, now, new_column_name=between)
                columns[now] = between, new
        for now, (old, new) in columns.items():
            self._alter_column(old, now, new_column_name=new)

    def _retype(self) -> None:
        """Columns of another type: of what they held, nothing is left where values become others."""
        others = {field.name for field in self._evolution.retyped}
        for name in others:
            column = self._table.c[name]
            if not self._change.was_column(name).nullable:
                self._alter_column(plain(column), name, nullable=True)
            self._connection.execute(
                sa.update(sa.table(self._name, sa.column(plain(column)))).values({column.name: None})
            )
        for schema, table in self._all.items():
            ours = schema is self._evolution.new
            for column in table.columns:
                if ours and column.key not in self._evolution.origin:
                    continue
                was = self._change.was_column(column.key) if ours else self._all_were[schema].c[column.key]
                if self._change.type_of(was) != self._change.type_of(column):
                    more: dict[str, Any] = {"existing_nullable": was.nullable or column.key in others}
                    if column.key in others:
                        more["postgresql_using"] = "NULL"
                    self._op.alter_column(
                        table.name,
                        plain(column),
                        type_=column.type,
                        existing_type=was.type,
                        existing_comment=was.comment,
                        **more,
                    )

    def _fill(self, rows: Sequence[Row]) -> None:
        """Write the values that are not what they were."""
        written = [
            field.name
            for field in self._evolution.new.fields
            if field.name not in self._evolution.new.key
            and (
                field in self._evolution.added
                or field in self._evolution.retyped
                or (self._evolution.was(field).nullable and not field.nullable)
            )
        ]
        if rows and written:
            table = ModelTable(self._evolution.new, self._table)
            values = [{name: row[name] for name in written} | table.by_key(row) for row in rows]
            self._connection.execute(table.update_one(tuple(written)), values)

    def _tighten(self) -> None:
        """Nullability and comments, then unique constraints, indexes and references of the new model."""
        retyped = {field.name for field in self._evolution.retyped}
        for field in self._evolution.new.fields:
            column = self._column(field)
            was = self._change.was_column(field.name) if field.name in self._evolution.origin else None
            nullable = was is None or was.nullable or field.name in retyped
            comment = was.comment if was is not None else column.comment
            changes: dict[str, Any] = {}
            if nullable != column.nullable:
                changes["nullable"] = column.nullable
            if comment != column.comment:
                changes["comment"] = column.comment
            if changes:
                counted: dict[str, Any] = (
                    {"existing_autoincrement": True} if field.generated and field.kind == "int" else {}
                )
                self._op.alter_column(
                    self._name,
                    plain(column),
                    existing_type=column.type,
                    existing_nullable=nullable,
                    existing_comment=comment,
                    **counted,
                    **changes,
                )
        if self._was.comment != self._table.comment:
            was_comment = self._was.comment
            self._op.create_table_comment(self._name, self._table.comment, existing_comment=was_comment)
        self._constrain()

    def _constrain(self) -> None:
        live = sa.inspect(self._connection)
        there = {tuple(each["column_names"]) for each in live.get_unique_constraints(self._name)}
        uniques = [each for each in self._table.constraints if isinstance(each, sa.UniqueConstraint)]
        for constraint in sorted(uniques, key=_columns_of):
            if _columns_of(constraint) not in there:
                self._impl.add_constraint(constraint)
        names = {each["name"] for each in live.get_indexes(self._name)}
        for index in sorted(self._table.indexes, key=lambda index: str(index.name)):
            if index.name not in names:
                self._impl.create_index(index)
        there_now = {described(key) for key in live.get_foreign_keys(self._name)}
        for reference, key in self._change.references().items():
            if reference not in there_now:
                self._impl.add_constraint(key)

    def _alter_column(self, name: Any, now: str, **changes: Any) -> None:
        was = self._change.was_column(now)
        field = self._evolution.new.by_name[now]
        counted: dict[str, Any] = (
            {"existing_autoincrement": True} if field.generated and field.kind == "int" else {}
        )
        self._op.alter_column(
            self._name,
            name,
            existing_type=was.type,
            existing_nullable=was.nullable,
            existing_comment=was.comment,
            **counted,
            **changes,
        )

    def _column(self, field: FieldSchema) -> sa.Column[Any]:
        return self._table.c[field.name]


def _columns_of(of: sa.UniqueConstraint | sa.Index) -> tuple[str, ...]:
    return tuple(str(column.name) for column in of.columns)


def _fields_of(index: sa.Index) -> list[str]:
    return [str(column.key) for column in index.columns]
