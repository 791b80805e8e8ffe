"""What each operation on the schema does on one connection."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.engine.mock import MockConnection

from orm_testing.clock import Clock
from orm_testing.descriptions import TableDescription
from orm_testing.errors import ConfigurationError, ForeignKeyError, SchemaError
from orm_testing.evolution import Evolution
from orm_testing.operations import (
    CreateSchemaOperation,
    DdlOperation,
    DescribeOperation,
    DropSchemaOperation,
    EvolveOperation,
    Operation,
    SchemaExistsOperation,
)
from orm_testing.schema import ModelSchema, SchemaSet, schema_of, succeeded
from orm_testing_drivers.sql.describing import described
from orm_testing_drivers.sql.reads import Reads
from orm_testing_drivers.sql.rows import ModelTable

READS = frozenset({"schema_exists", "describe", "ddl"})


class SchemaWork(Reads):
    """Makes, removes, describes and changes the tables of some models; `learn` says of which."""

    clock: Clock
    transactions: list[sa.Transaction]
    tables_of: Callable[[SchemaSet], dict[ModelSchema, sa.Table]]
    _clearing: list[Any]

    indexes_references: ClassVar[bool] = False
    """Whether the product makes an index for each reference, or takes one of ours, which then must stay."""

    no_rule: ClassVar[str] = "no_action"
    """What a reference that names no ON DELETE has the product do."""

    def __init__(self, schemas: SchemaSet, tables: Iterable[ModelTable]) -> None:
        super().__init__(schemas, tables)
        self.prepared = schemas
        """The models that the work was made for, and is of again once a test is over."""
        self._spoken: list[SchemaSet] = []

    def learn(self, schemas: SchemaSet) -> None:
        """From now on the work is of these models."""
        if schemas is not self.schemas:
            made_anew = vars(type(self)(schemas))  # type: ignore[call-arg]
            kept = ("transactions", "statements", "clock", "prepared", "_spoken")
            vars(self).update({name: value for name, value in made_anew.items() if name not in kept})

    def bounded(self, connection: sa.Connection, operation: Operation) -> None:
        """Begin or end a transaction; one that is undone takes back which models the work is of."""
        try:
            getattr(self, operation.verb)(connection, operation)
        except BaseException:
            if operation.verb != "begin" and self._spoken:
                self.learn(self._spoken.pop())
            raise
        if operation.verb == "begin":
            self._spoken.append(self.schemas)
            return
        spoken = self._spoken.pop()
        if operation.verb == "rollback":
            self.learn(spoken)

    @contextmanager
    def inspecting(self, connection: sa.Connection) -> Iterator[None]:
        """Around the use of SQLAlchemy's inspector, for products whose connections must be as it expects."""
        yield

    @contextmanager
    def unchecked(self, connection: sa.Connection) -> Iterator[None]:
        """Around a change that makes a table anew, for products that would delete what refers to its rows with the old one."""
        yield

    def counts(self, connection: sa.Connection, name: str) -> bool:
        """Whether a table numbers its rows without ever giving a number twice, where SQLAlchemy's inspector does not say."""
        return False

    def forget(self) -> None:
        """The work is again of the models that it was made for."""
        self._spoken.clear()
        self.learn(self.prepared)

    def create_schema(self, connection: sa.Connection, operation: CreateSchemaOperation) -> None:
        wanted = [self.schemas.of(model) for model in operation.model_classes]
        for schema in wanted:
            if self._is_there(connection, schema):
                raise _error(schema, "is there already")
            for field, parent in self.schemas.parents(schema):
                if parent not in wanted and not self._is_there(connection, parent):
                    raise _error(
                        parent, f"is absent, and {schema.name}.{field.name} refers to it: create both"
                    )
        tables = [self._table(schema) for schema in wanted]
        _metadata(tables).create_all(connection, tables=tables, checkfirst=False)

    def drop_schema(self, connection: sa.Connection, operation: DropSchemaOperation) -> None:
        """All at once: references between them do not stand in the way."""
        wanted = [schema for schema in self.schemas if schema.model_class in operation.model_classes]
        for schema in wanted:
            if not self._is_there(connection, schema):
                raise _error(schema, "is absent")
            for child, field in self.schemas.children(schema):
                if child not in wanted and self._is_there(connection, child):
                    raise ForeignKeyError(
                        f"the table of {schema.name} cannot go while {child.name}.{field.name} refers to it: drop both",
                        model=child.name,
                        fields=(field.name,),
                    )
        tables = [self._table(schema) for schema in wanted]
        self._part(connection, tables)
        for table in reversed(tables):
            connection.execute(sa.schema.DropTable(table))

    def schema_exists(self, connection: sa.Connection, operation: SchemaExistsOperation) -> bool:
        return self._is_there(connection, self.schemas.of(operation.model_class))

    def describe(self, connection: sa.Connection, operation: DescribeOperation) -> TableDescription:
        schema = self.schemas.of(operation.model_class)
        if not self._is_there(connection, schema):
            raise _error(schema, "is absent")
        with self.inspecting(connection):
            name = self._table(schema).name
            counts = self.counts(connection, name)
            return described(connection, name, counts=counts, no_rule=self.no_rule)

    def ddl(self, connection: sa.Connection, operation: DdlOperation) -> str:
        """What of the making of all tables concerns this one."""
        table = self._table(self.schemas.of(operation.model_class))
        statements: list[tuple[str, str]] = []

        def made(element: Any, *_: Any, **__: Any) -> None:
            of = element.element
            if of is table or getattr(of, "table", None) is table:
                statement = str(element.compile(dialect=connection.dialect)).strip() + ";"
                statements.append(("" if of is table else str(of.name), statement))

        table.metadata.create_all(MockConnection(connection.dialect, made), checkfirst=False)
        # SQLAlchemy keeps the indexes of a table in a set: in each process, and for each table, in another order
        return "\n".join(statement for _, statement in sorted(statements, key=lambda named: named[0]))

    def evolve(self, connection: sa.Connection, operation: EvolveOperation) -> None:
        from orm_testing_drivers.sql.evolving import Evolving

        rows = self.rows_of(operation.model_class)
        if not self._is_there(connection, rows.schema):
            raise _error(rows.schema, "is absent")
        schemas = self._evolved(operation)
        evolution = Evolution(rows.schema, schemas.of(operation.into), operation.rename)
        stored = [rows.row(row) for row in connection.execute(rows.select)]
        evolved = evolution.rows(stored, self.clock)
        tables = self.tables_of(self.schemas), self.tables_of(schemas)
        with self.inspecting(connection):
            evolving = Evolving(
                connection, evolution, schemas, *tables, indexes_references=self.indexes_references
            )
            evolving.run(evolved)

    def evolve_all(
        self, connection: sa.Connection, operation: EvolveOperation, carry_out: Callable[..., Any]
    ) -> None:
        """The whole of it: what a product must be told outside of transactions, the change, and the new models."""
        alembic_or_say_how()
        schemas = self._evolved(operation)
        with self.unchecked(connection):
            carry_out(connection, operation)
        self.learn(schemas)

    def missing(self, connection: sa.Connection) -> SchemaError | None:
        """The error of an operation that failed because tables are absent, where some are."""
        absent = [schema for schema in self.schemas if not self._is_there(connection, schema)]
        return _error(absent[0], "is absent") if absent else None

    def _evolved(self, operation: EvolveOperation) -> SchemaSet:
        old, new = operation.model_class, operation.into
        models = tuple(new if schema.model_class is old else schema.model_class for schema in self.schemas)
        schema_of(new)
        return SchemaSet(models, succeeded(self.schemas.successors, old, new))

    def _part(self, connection: sa.Connection, tables: Sequence[sa.Table]) -> None:
        """Drop the references between tables of a circle; where that cannot be, empty the tables, so that none refers."""
        if not connection.dialect.supports_alter:
            for statement in self._clearing:
                if statement.table in tables:
                    connection.execute(statement)
            return
        for place, table in enumerate(tables):
            later = {other.name for other in tables[place + 1 :]}
            for key in sa.inspect(connection).get_foreign_keys(table.name):
                if key["referred_table"] in later:
                    column: sa.Column[Any] = sa.Column(
                        "x", sa.ForeignKey(f"{table.name}.x", name=key["name"])
                    )
                    named = sa.Table(table.name, sa.MetaData(), column)
                    [constraint] = named.foreign_key_constraints
                    connection.execute(sa.schema.DropConstraint(constraint))

    def _is_there(self, connection: sa.Connection, schema: ModelSchema) -> bool:
        return sa.inspect(connection).has_table(self._table(schema).name)

    def _table(self, schema: ModelSchema) -> sa.Table:
        return self.tables[schema.model_class].table


def alembic_or_say_how() -> None:
    """Raise `ConfigurationError` where Alembic is not installed."""
    try:
        import alembic.operations  # noqa: F401
    except ImportError as error:
        raise ConfigurationError(
            f"evolve needs {error.name}, which is not installed: pip install 'orm-testing[evolution]'"
        ) from error


def _metadata(tables: Sequence[sa.Table]) -> sa.MetaData:
    return tables[0].metadata if tables else sa.MetaData()


def _error(schema: ModelSchema, problem: str) -> SchemaError:
    return SchemaError(f"the table {schema.table!r} of {schema.name} {problem}", model=schema.name)
