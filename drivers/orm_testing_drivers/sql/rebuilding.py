"""How a table of SQLite, which changes none in place, evolves: a new one takes its place, with its rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy.sql.elements import quoted_name

from orm_testing.errors import ForeignKeyError, UnsupportedError
from orm_testing.evolution import Evolution, Row
from orm_testing.schema import ModelSchema, SchemaSet

Tables = Mapping[ModelSchema, sa.Table]


class Rebuilding:
    """One evolution, while nothing checks references: the old table goes as if it had never been referred to."""

    def __init__(
        self, op: Operations, evolution: Evolution, schemas: SchemaSet, was: Tables, tables: Tables
    ) -> None:
        self._op = op
        connection = op.get_context().connection
        assert connection is not None
        self._connection = connection
        self._evolution = evolution
        self._schemas = schemas
        self._all = tables
        self._was, self._table = was[evolution.old], tables[evolution.new]
        self._name = self._table.name

    def run(self, rows: Sequence[Row]) -> None:
        connection, op, impl = self._connection, self._op, self._op.get_context().impl
        referring = [child.name for child, _ in self._schemas.children(self._evolution.new)]
        if referring and connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one():
            raise UnsupportedError(
                f"SQLite cannot give the table {str(self._name)!r} another shape inside a transaction, since"
                f" {', '.join(referring)} refers to it",
                capability="transactional_ddl",
            )
        counted = self._sequence()
        self._rename_key()
        metadata = sa.MetaData()
        for table in self._all.values():
            if table is not self._table:
                table.to_metadata(metadata)
        made = self._table.to_metadata(metadata, name=quoted_name(f"{self._name} evolved", quote=True))
        indexes = sorted(self._table.indexes, key=lambda index: str(index.name))
        for index in list(made.indexes):
            made.indexes.remove(index)
        impl.create_table(made)
        op.bulk_insert(made, [dict(row) for row in rows])
        op.drop_table(self._name)
        op.rename_table(made.name, self._name)
        for index in indexes:
            impl.create_index(index)
        self._restore_sequence(counted)
        quoted = connection.dialect.identifier_preparer.quote(self._name)
        broken = connection.exec_driver_sql(f"PRAGMA foreign_key_check({quoted})").all()
        if broken:
            parents = ", ".join(sorted({row[2] for row in broken}))
            raise ForeignKeyError(
                f"rows of {self._evolution.new.name} refer to what is not there, in {parents}",
                model=self._evolution.new.name,
            )

    def _rename_key(self) -> None:
        """What refers to a column that gets another name follows it, unlike what refers to a table that is replaced."""
        held = [str(column.name) for column in self._was.columns]
        for number, name in enumerate(self._evolution.new.key):
            old, new = plain(self._was.c[self._evolution.origin[name]]), plain(self._table.c[name])
            if old != new:
                if str(new) in held:
                    self._op.alter_column(self._name, new, new_column_name=f"orm_testing_{number}")
                self._op.alter_column(self._name, old, new_column_name=new)

    def _sequence(self) -> Any:
        """The last number that SQLite gave to a row of the table."""
        if not self._evolution.new.generated:
            return None
        if not sa.inspect(self._connection).has_table("sqlite_sequence"):
            return None
        query = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
        return self._connection.execute(query, {"name": self._name}).scalar()

    def _restore_sequence(self, number: Any) -> None:
        if number is not None:
            values = {"name": self._name, "seq": number}
            execute = self._connection.execute
            execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
            execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"), values)


def plain(column: sa.Column[Any]) -> quoted_name:
    """The column's name, to be quoted as it is."""
    return quoted_name(str(column.name), quote=True)
