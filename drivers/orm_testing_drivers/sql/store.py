"""`SqlStore`: what the stores of SQL databases share. Its backdoor speaks to the database's own library."""

import threading
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from orm_testing.driver import Rights
from orm_testing.errors import ConfigurationError, OperationError, UnsupportedError
from orm_testing.kinds import Kind
from orm_testing.schema import FieldSchema, ModelSchema, SchemaSet
from orm_testing.store import Store
from orm_testing_drivers.sql.work import SqlWork

if TYPE_CHECKING:  # SQLAlchemy's asyncio takes time to import
    from sqlalchemy.ext.asyncio import AsyncEngine

Code = Callable[[FieldSchema, Any], Any]
_Read = tuple[str, tuple[FieldSchema, ...], tuple[tuple[str, Callable[[Any], Any] | None], ...]]


class SqlStore(Store):
    """A database whose rows are read with statements and decoding that share nothing with the drivers' SQLAlchemy."""

    work_class: ClassVar[type[SqlWork]]
    encode: ClassVar[Mapping[Kind, Code]]
    decode: ClassVar[Mapping[Kind, Code]]
    """The backdoor's own word on how values are stored; a kind that is not named is stored as it is."""

    placeholder: ClassVar[str]
    finds_table: ClassVar[str] = (
        "SELECT 1 FROM information_schema.tables WHERE table_schema = current_schema() AND table_name = %s"
    )
    """The backdoor's own question whether there is a table of this name."""

    connection: Any
    """The store's own connection."""

    unsettled = False
    """Whether a statement on a driver's connection may have left something to all that follow on it."""

    def __init__(self) -> None:
        self._reads: dict[Any, _Read] = {}
        self._counts: dict[ModelSchema, str] = {}
        self._one_at_a_time = threading.RLock()

    @abstractmethod
    def engine(self) -> sa.Engine:
        """What a driver works with: SQLAlchemy's way to this store."""

    @abstractmethod
    def async_engine(self) -> "AsyncEngine":
        """The same for asyncio; `ImportError` where a library that it takes is missing."""

    def for_user(self, rights: Rights) -> "SqlStore":
        """This store for the sessions of a user with these rights, who is made for it; `dismiss` removes that user."""
        if rights != "all":
            raise UnsupportedError(f"{type(self).__name__} has no users", capability="users")
        return self

    def dismiss(self) -> None:
        """The session that the store was made for has ended."""

    def lost(self, error: Exception) -> OperationError | None:
        """The library's error for one of a read that says that the store is not there."""
        return None

    def prepare(self, schemas: SchemaSet) -> None:
        tables = self.work_class.tables_of(schemas)
        engine = self.engine()
        try:
            if tables:
                next(iter(tables.values())).metadata.create_all(engine)
        except DBAPIError as error:
            raise ConfigurationError(f"the tables of these models cannot be made: {error.orig}") from error
        finally:
            engine.dispose()

    def rows(
        self, schema: ModelSchema, key: Mapping[str, Any] | None, connection: Any = None
    ) -> list[dict[str, Any]]:
        statement, given, columns = self._prepared(schema, key)
        values = [self._encoded(field, key[field.name]) for field in given] if key else ()
        return [_decoded(columns, row) for row in self._found(statement, values, connection)]

    def rows_and_count(
        self, schema: ModelSchema, key: Mapping[str, Any], connection: Any = None
    ) -> tuple[list[dict[str, Any]], int]:
        statement, given, columns = self._prepared(schema, key, counted=True)
        values = [self._encoded(field, key[field.name]) for field in given]
        found = self._found(statement, values, connection)
        if not found:
            return [], self.count(schema, connection)
        return [_decoded(columns, row[1:]) for row in found], int(found[0][0])

    def count(self, schema: ModelSchema, connection: Any = None) -> int:
        if schema not in self._counts:
            self._counts[schema] = f"SELECT count(*) FROM {self.quoted(schema.table)}"  # noqa: S608  (quoted)
        [(number,)] = self._found(self._counts[schema], (), connection)
        return int(number)

    def has_table(self, schema: ModelSchema, connection: Any = None) -> bool:
        return bool(self._found(self.finds_table, (schema.table,), connection))

    @abstractmethod
    def quoted(self, name: str) -> str:
        """A name as an identifier of the product."""

    def _found(self, statement: str, values: Sequence[Any], connection: Any) -> Sequence[Any]:
        """The store's own connection serves one thread at a time: a read in another would see what that one began with."""
        if connection is not None:
            return self._asked(statement, values, connection)
        with self._one_at_a_time:
            return self._asked(statement, values, self.connection)

    def _asked(self, statement: str, values: Sequence[Any], connection: Any) -> Sequence[Any]:
        try:
            cursor = connection.cursor()
            try:
                cursor.execute(statement, values)
                rows: Sequence[Any] = cursor.fetchall()
            finally:
                cursor.close()
        except Exception as error:
            lost = self.lost(error)
            if lost is None:
                raise
            raise lost from error
        return rows

    def _encoded(self, field: FieldSchema, value: Any) -> Any:
        encode = self.encode.get(field.kind)
        return encode(field, value) if encode else value

    def _prepared(
        self, schema: ModelSchema, key: Mapping[str, Any] | None, *, counted: bool = False
    ) -> _Read:
        asked = tuple((name, value is None) for name, value in key.items()) if key else ()
        read = self._reads.get((schema, asked, counted))
        if read is None:
            count = f"(SELECT count(*) FROM {self.quoted(schema.table)}), " if counted else ""  # noqa: S608  (quoted)
            read = self._reads[schema, asked, counted] = self._read(schema, asked, count)
        return read

    def _read(self, schema: ModelSchema, asked: tuple[tuple[str, bool], ...], first: str) -> _Read:
        column = {field.name: self.quoted(field.column) for field in schema.fields}
        tests = [
            f"{column[name]} IS NULL" if null else f"{column[name]} = {self.placeholder}"
            for name, null in asked
        ]
        where = f" WHERE {' AND '.join(tests)}" if tests else ""
        order = ", ".join(column[name] for name in schema.key)
        columns = ", ".join(column.values())
        return (
            f"SELECT {first}{columns} FROM {self.quoted(schema.table)}{where} ORDER BY {order}",  # noqa: S608  (quoted)
            tuple(schema.by_name[name] for name, null in asked if not null),
            tuple((field.name, self._decoder(field)) for field in schema.fields),
        )

    def _decoder(self, field: FieldSchema) -> Callable[[Any], Any] | None:
        decode = self.decode.get(field.kind)
        return None if decode is None else lambda value: decode(field, value)


def _decoded(
    columns: Sequence[tuple[str, Callable[[Any], Any] | None]], row: Sequence[Any]
) -> dict[str, Any]:
    return {
        name: value if decode is None or value is None else decode(value)
        for (name, decode), value in zip(columns, row, strict=True)
    }
