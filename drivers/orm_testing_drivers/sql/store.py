"""`SqlStore`: what the stores of SQL databases share. Its backdoor speaks to the database's own library."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from orm_testing.errors import ConfigurationError
from orm_testing.kinds import Kind
from orm_testing.schema import FieldSchema, ModelSchema, SchemaSet
from orm_testing.store import Store
from orm_testing_drivers.sql.tables import tables_of
from orm_testing_drivers.sql.work import SqlWork

Code = Callable[[FieldSchema, Any], Any]
_Read = tuple[str, tuple[FieldSchema, ...], tuple[tuple[str, Callable[[Any], Any] | None], ...]]


class SqlStore(Store):
    """A database whose rows are read with statements and decoding that share nothing with the drivers' SQLAlchemy."""

    work_class: ClassVar[type[SqlWork]]
    engine_options: ClassVar[Mapping[str, Any]]
    """How a driver's engine connects to `url`."""

    encode: ClassVar[Mapping[Kind, Code]]
    decode: ClassVar[Mapping[Kind, Code]]
    """The backdoor's own word on how values are stored; a kind that is not named is stored as it is."""

    placeholder: ClassVar[str]
    connection: Any
    """The store's own connection."""

    def __init__(self) -> None:
        self._reads: dict[Any, _Read] = {}
        self._counts: dict[ModelSchema, str] = {}

    def prepare(self, schemas: SchemaSet) -> None:
        tables = tables_of(schemas, self.work_class.types, **self.work_class.table_options)
        engine = sa.create_engine(self.url, **self.engine_options)
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
        asked = tuple((name, value is None) for name, value in key.items()) if key else ()
        read = self._reads.get((schema, asked))
        if read is None:
            read = self._reads[schema, asked] = self._read(schema, asked)
        statement, given, columns = read
        values = [self._encoded(field, key[field.name]) for field in given] if key else ()
        cursor = (connection or self.connection).cursor()
        try:
            cursor.execute(statement, values)
            stored = cursor.fetchall()
        finally:
            cursor.close()
        return [
            {
                name: value if decode is None or value is None else decode(value)
                for (name, decode), value in zip(columns, row, strict=True)
            }
            for row in stored
        ]

    def count(self, schema: ModelSchema, connection: Any = None) -> int:
        if schema not in self._counts:
            self._counts[schema] = f"SELECT count(*) FROM {self.quoted(schema.table)}"  # noqa: S608  (quoted)
        cursor = (connection or self.connection).cursor()
        try:
            cursor.execute(self._counts[schema])
            (number,) = cursor.fetchone()
        finally:
            cursor.close()
        return int(number)

    @abstractmethod
    def quoted(self, name: str) -> str:
        """A name as an identifier of the product."""

    def _encoded(self, field: FieldSchema, value: Any) -> Any:
        encode = self.encode.get(field.kind)
        return encode(field, value) if encode else value

    def _read(self, schema: ModelSchema, asked: tuple[tuple[str, bool], ...]) -> _Read:
        column = {field.name: self.quoted(field.column) for field in schema.fields}
        tests = [
            f"{column[name]} IS NULL" if null else f"{column[name]} = {self.placeholder}"
            for name, null in asked
        ]
        where = f" WHERE {' AND '.join(tests)}" if tests else ""
        order = ", ".join(column[name] for name in schema.key)
        columns = ", ".join(column.values())
        return (
            f"SELECT {columns} FROM {self.quoted(schema.table)}{where} ORDER BY {order}",  # noqa: S608  (quoted)
            tuple(schema.by_name[name] for name, null in asked if not null),
            tuple((field.name, self._decoder(field)) for field in schema.fields),
        )

    def _decoder(self, field: FieldSchema) -> Callable[[Any], Any] | None:
        decode = self.decode.get(field.kind)
        return None if decode is None else lambda value: decode(field, value)
