"""The work: what each operation does on one connection. The sync and the async driver both run it."""

from abc import abstractmethod
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from orm_testing.clock import Clock
from orm_testing.errors import ConflictError, DuplicateKeyError, NotFoundError, OperationError
from orm_testing.operations import (
    BeginOperation,
    ClearOperation,
    CommitOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    EvolveOperation,
    Operation,
    RollbackOperation,
    UpdateOperation,
    UpsertOperation,
    shown,
)
from orm_testing.results import Statement
from orm_testing.schema import ModelSchema, SchemaSet
from orm_testing_drivers.sql.causes import Causes
from orm_testing_drivers.sql.errors import Refused, native, translated
from orm_testing_drivers.sql.rows import ModelTable, Row
from orm_testing_drivers.sql.schema import READS, SchemaWork
from orm_testing_drivers.sql.tables import clearing, tables_of
from orm_testing_drivers.sql.types import Types

_ATTEMPTS = 10
"""How often an upsert begins anew: inside a transaction whose snapshot hides the other's row, it would do so for ever."""

_READS = READS | {"get", "query", "count", "exists", "aggregate"}


class SqlWork(SchemaWork):
    """Carries operations out, each in a transaction of its own or, inside one that a test began, in a savepoint."""

    types: ClassVar[Types]
    counting_options: ClassVar[dict[str, Any]] = {}
    """What SQLAlchemy is told of a table that counts its keys."""
    clock: Clock

    def __init__(self, schemas: SchemaSet) -> None:
        tables = self.tables_of(schemas)
        super().__init__(schemas, [ModelTable(schema, table) for schema, table in tables.items()])
        self.transactions: list[sa.Transaction] = []
        self.statements: list[Statement] = []
        self._causes = Causes(schemas, self.tables)
        self._clearing = clearing(schemas, tables)

    @classmethod
    def tables_of(cls, schemas: SchemaSet) -> dict[ModelSchema, sa.Table]:
        """The table of each model as the product has it."""
        return tables_of(schemas, cls.types, counting=cls.counting_options)

    @abstractmethod
    def translate(self, error: BaseException) -> OperationError | None:
        """The library's error for a native one of this product."""

    def started(self, clock: Clock) -> list[Statement]:
        """Make ready for an operation, and give the list that its statements will be in."""
        self.clock = clock
        self.statements = []
        return self.statements

    def translated(self, error: BaseException) -> OperationError | None:
        """The library's error, or None for what is a fault of the driver."""
        return self.translate(native(error)) or translated(native(error))

    def run(self, connection: sa.Connection, operation: Operation) -> Any:
        """The operation's answer; what failed has changed nothing, and is raised in the library's words.

        An upsert that finds no row, and then the key taken, is made anew: another session was faster.
        """
        if not isinstance(operation, UpsertOperation):
            return self._attempted(connection, operation)
        schema = self.rows_of(operation.model_class).schema
        for _ in range(_ATTEMPTS):
            try:
                return self._attempted(connection, operation)
            except DuplicateKeyError as error:
                if error.fields != schema.key:
                    raise
        raise ConflictError(f"others write the same {schema.name} all the time", model=schema.name)

    def _attempted(self, connection: sa.Connection, operation: Operation) -> Any:
        try:
            if operation.verb in ("begin", "commit", "rollback"):
                return self.bounded(connection, operation)
            if isinstance(operation, EvolveOperation):
                return self.evolve_all(connection, operation, self._carried_out)
            return self._carried_out(connection, operation)
        except Refused as refused:
            error, failure = refused.reason(), self._explained(connection, refused)
        except (SQLAlchemyError, OverflowError, UnicodeEncodeError) as raised:
            error, failure = raised, None
        cause = native(error)
        failure = failure or self.translated(cause) or self._explained(connection, Refused(self.missing))
        if failure is None:
            raise error
        raise failure from failure.__cause__ or (None if failure is cause else cause)

    def begin_unit(self, connection: sa.Connection, *, writes: bool) -> sa.Transaction:
        """Begin a transaction; a product that locks as it begins wants to know what for."""
        return connection.begin()

    def isolate(self, connection: sa.Connection, level: str) -> None:
        """Give the transaction that has just begun the isolation level, one of those declared."""
        connection.exec_driver_sql(f"SET TRANSACTION ISOLATION LEVEL {level.upper()}")

    def key_given(self, connection: sa.Connection, rows: ModelTable, key: int) -> None:
        """A row has a key that the store could have made: keys that it makes later come after it."""

    def undo(self, unit: sa.Transaction) -> None:
        """Roll back; there are products that may have done so already."""
        self._note_end(unit, "ROLLBACK")
        unit.rollback()

    def abandon(self) -> None:
        """End the transactions that a test left open, and forget what became of its models."""
        try:
            while self.transactions:
                self.undo(self.transactions.pop())
        finally:
            self.forget()

    def leaks(self) -> list[str]:
        count = len(self.transactions)
        return [f"{count} transaction{'s were' if count > 1 else ' was'} left open"] if count else []

    def create(self, connection: sa.Connection, operation: CreateOperation) -> Any:
        rows = self.rows_of(operation.model_class)
        return self._inserted(connection, rows, rows.make.new(operation.data, self.clock))

    def create_many(self, connection: sa.Connection, operation: CreateManyOperation) -> Any:
        """All in one statement, unless the store makes keys, which not every store tells of several rows at once."""
        rows = self.rows_of(operation.model_class)
        try:
            instances = [rows.make.new(data, self.clock) for data in operation.rows]
            if rows.sequenced:
                return [self._inserted(connection, rows, instance) for instance in instances]
            if instances:
                connection.execute(rows.insert, [rows.values(instance) for instance in instances])
        except (OperationError, Refused, SQLAlchemyError) as error:
            raise Refused(lambda connection: self._first_failure(connection, operation)) from error
        return instances

    def update(self, connection: sa.Connection, operation: UpdateOperation) -> Any:
        rows = self.rows_of(operation.model_class)
        key = self._key_of(rows, operation.instance)
        current = self._stored(connection, rows, key, operation.instance)
        changed = rows.make.changed(current, operation.changes, self.clock)
        self._updated(connection, rows, key, current, changed)
        written = connection.execute(rows.select_one, key).first()
        if written is None:  # another session deleted it meanwhile
            raise _absent(rows, operation.instance)
        return rows.instance(written)

    def delete(self, connection: sa.Connection, operation: DeleteOperation) -> None:
        rows = self.rows_of(operation.model_class)
        key = self._key_of(rows, operation.instance)
        try:
            count = connection.execute(rows.delete_one, key).rowcount
        except IntegrityError as error:
            row = rows.schema.key_of(operation.instance)
            raise Refused(lambda connection: self._causes.of_delete(connection, rows, row)) from error
        if not count:
            raise _absent(rows, operation.instance)

    def upsert(self, connection: sa.Connection, operation: UpsertOperation) -> Any:
        rows = self.rows_of(operation.model_class)
        instance = rows.make.new(operation.data, self.clock)
        if any(operation.data.get(name) is None for name in rows.schema.key):
            return self._inserted(connection, rows, instance)
        key = rows.by_key(instance.__dict__)
        current = connection.execute(rows.select_one, key).first()
        if current is None:
            return self._inserted(connection, rows, instance)
        kept = rows.row(current)
        instance = rows.make.new(operation.data, self.clock, kept=kept)
        self._updated(connection, rows, key, kept, rows.values(instance))
        return instance

    def clear(self, connection: sa.Connection, operation: ClearOperation) -> None:
        """Every table, in an order that the references between them allow."""
        for statement in self._clearing:
            connection.execute(statement)

    def begin(self, connection: sa.Connection, operation: BeginOperation) -> None:
        unit = self._unit(connection, writes=False)
        self.transactions.append(unit)
        if operation.isolation is not None:
            self.isolate(connection, operation.isolation)

    def commit(self, connection: sa.Connection, operation: CommitOperation) -> None:
        self._end(connection, self.transactions.pop())

    def rollback(self, connection: sa.Connection, operation: RollbackOperation) -> None:
        self.undo(self.transactions.pop())

    def _unit(self, connection: sa.Connection, *, writes: bool) -> sa.Transaction:
        if connection.in_transaction():
            return connection.begin_nested()
        return self.begin_unit(connection, writes=writes)

    def _carried_out(self, connection: sa.Connection, operation: Operation) -> Any:
        unit = self._unit(connection, writes=operation.verb not in _READS)
        try:
            answer = getattr(self, operation.verb)(connection, operation)
        except BaseException:
            self.undo(unit)
            raise
        self._end(connection, unit)
        return answer

    def _end(self, connection: sa.Connection, unit: sa.Transaction) -> None:
        """Commit; where the database refuses, it still holds the transaction that SQLAlchemy has let go."""
        try:
            self._note_end(unit, "COMMIT")
            unit.commit()
        except SQLAlchemyError:
            self.undo(unit)
            if not connection.in_transaction():
                connection.connection.rollback()
            raise

    def _note_end(self, unit: sa.Transaction, statement: str) -> None:
        """Of a transaction, which is ended by a call to the client library; a savepoint is by a statement."""
        if isinstance(unit, sa.RootTransaction) and unit.is_active:
            self.statements.append((statement, ()))

    def _explained(self, connection: sa.Connection, refused: Refused) -> OperationError | None:
        unit = self._unit(connection, writes=False)
        try:
            return refused.explain(connection)
        finally:
            self.undo(unit)

    def _first_failure(
        self, connection: sa.Connection, operation: CreateManyOperation
    ) -> OperationError | None:
        for data in operation.rows:
            try:
                self.run(connection, CreateOperation(operation.model_class, data))
            except OperationError as error:
                return error
        return None

    def _key_of(self, rows: ModelTable, instance: Any) -> Row:
        """The parameters that find its row; `NotFoundError` where no row could have its key."""
        key = rows.schema.key_of(instance)
        fields = rows.schema.by_name
        if not all(
            value is None or self.queries.could_hold(fields[name], value) for name, value in key.items()
        ):
            raise _absent(rows, instance)
        return rows.by_key(key)

    def _stored(self, connection: sa.Connection, rows: ModelTable, key: Row, instance: Any) -> Row:
        found = connection.execute(rows.select_one, key).first()
        if found is None:
            raise _absent(rows, instance)
        return rows.row(found)

    def _inserted(self, connection: sa.Connection, rows: ModelTable, instance: Any) -> Any:
        values = rows.values(instance)
        awaited = rows.sequenced and values[rows.schema.key[0]] is None
        if awaited:
            del values[rows.schema.key[0]]
        try:
            result = connection.execute(rows.insert, values)
        except IntegrityError as error:
            raise self._refused(rows, rows.values(instance), new=True) from error
        if awaited:
            instance.__dict__[rows.schema.key[0]] = result.inserted_primary_key[0]  # type: ignore[index]
        elif rows.sequenced:
            self.key_given(connection, rows, values[rows.schema.key[0]])
        return instance

    def _updated(
        self, connection: sa.Connection, rows: ModelTable, key: Row, current: Row, values: Row
    ) -> None:
        changes = {name: value for name, value in values.items() if name not in rows.schema.key}
        if not changes:
            return
        try:
            connection.execute(rows.update_one(tuple(changes)), {**changes, **key})
        except IntegrityError as error:
            raise self._refused(rows, {**current, **changes}, new=False) from error

    def _refused(self, rows: ModelTable, row: Row, *, new: bool) -> Refused:
        return Refused(lambda connection: self._causes.of_write(connection, rows, row, new=new))


def _absent(rows: ModelTable, instance: Any) -> NotFoundError:
    name = rows.schema.name
    return NotFoundError(f"no {name} has the key {shown(rows.schema.key_of(instance))}", model=name)
