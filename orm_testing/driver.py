"""The contract of a driver: how an operation reaches a system under test, and what must come back."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, Literal

from orm_testing.driver_base import DriverBase
from orm_testing.errors import NotFoundError, UnsupportedError
from orm_testing.operations import (
    AggregateOperation,
    AttachmentOperation,
    AttachOperation,
    BeginOperation,
    ClearOperation,
    CommitOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    CreateSchemaOperation,
    DdlOperation,
    DeleteOperation,
    DescribeOperation,
    DetachOperation,
    DropSchemaOperation,
    EvolveOperation,
    ExistsOperation,
    GetOperation,
    Operation,
    QueryOperation,
    RollbackOperation,
    SchemaExistsOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.results import OperationResult
from orm_testing.schema import schema_of

Rights = Literal["all", "rows", "reading"]
"""What the user of a session may do: everything, change rows but not the schema, or read."""


def _asked_for(model_class: type[Any], key: Mapping[str, Any], name: str) -> AttachmentOperation:
    return AttachmentOperation(model_class, schema_of(model_class).instance(key), name)


def _attached(result: OperationResult[Any]) -> bytes | None:
    error = result.error
    if error is not None and not isinstance(error, NotFoundError):
        raise error
    content: bytes | None = None if error else result.data
    return content


class DriverInterface(DriverBase):
    """A driver: one thin class that carries operations out on one system under test.

    Write `execute_create` and its sisters: each does the thing and returns the instance (the list, the number), or
    raises. `execute` is the one way in. What is not written is answered with `UnsupportedError`.

    Its life: `setup_backend` once, `reset` between tests, `close` at the end. A driver that neither has a store nor
    writes `reset` is made anew for each test.
    """

    def open(self) -> None:
        """Connect to the system under test. What is missing is an error here, in words that say what to do."""

    def close(self) -> None:
        """Give back everything that `open` took."""

    def prepare(self, models: Sequence[type[Any]]) -> None:
        """Make the system under test ready to hold these models."""

    def setup_backend(self, models: Sequence[type[Any]]) -> None:
        """Open and prepare: what is done once, before the first test."""
        self.open()
        self.prepare(models)

    def execute(self, operation: Operation) -> OperationResult[Any]:
        """Carry an operation out; a failure of the store is a result, a fault of the driver is raised."""
        started = perf_counter()
        try:
            if operation.needs is not None:
                self._check_capable(operation)
            answer = getattr(self, "execute_" + operation.verb)(operation)
        except Exception as error:  # noqa: BLE001  (judged in `_raised`)
            return self._raised(operation, error, started)
        return self._result(operation, answer, started)

    def execute_create(self, operation: CreateOperation) -> Any:
        """Store a new row; `DuplicateKeyError`, with nothing changed, where its key or a unique value is taken."""
        raise self._unsupported(operation)

    def execute_create_many(self, operation: CreateManyOperation) -> Any:
        """Store all rows or none; the instances in the order given."""
        raise self._unsupported(operation)

    def execute_get(self, operation: GetOperation) -> Any:
        """The one row that matches; `NotFoundError`, or `MultipleResultsError`."""
        raise self._unsupported(operation)

    def execute_update(self, operation: UpdateOperation) -> Any:
        """Write `changes` to the row with the instance's key and return it whole; `NotFoundError` where it is gone."""
        raise self._unsupported(operation)

    def execute_delete(self, operation: DeleteOperation) -> Any:
        """Remove the row with the instance's key; `NotFoundError` where it is gone. Return nothing."""
        raise self._unsupported(operation)

    def execute_upsert(self, operation: UpsertOperation) -> Any:
        """Create the row, or put it whole in the place of the one with its key."""
        raise self._unsupported(operation)

    def execute_query(self, operation: QueryOperation) -> Any:
        """The list of rows that match, in order."""
        raise self._unsupported(operation)

    def execute_count(self, operation: CountOperation) -> Any:
        """How many rows match."""
        raise self._unsupported(operation)

    def execute_exists(self, operation: ExistsOperation) -> Any:
        """Whether any row matches."""
        raise self._unsupported(operation)

    def execute_aggregate(self, operation: AggregateOperation) -> Any:
        """A list of dicts, one per group in the order of the group's values, with `group_by` fields and aggregates."""
        raise self._unsupported(operation)

    def execute_attach(self, operation: AttachOperation) -> Any:
        """Store bytes under a name, beside the row with the instance's key; `NotFoundError` where it is gone. Return nothing.

        They go with the row when it is deleted, and stay when it is updated or upserted.
        """
        raise self._unsupported(operation)

    def execute_attachment(self, operation: AttachmentOperation) -> Any:
        """The bytes that the row has under the name; `NotFoundError` where there are none."""
        raise self._unsupported(operation)

    def execute_detach(self, operation: DetachOperation) -> Any:
        """Remove what the row has under the name; `NotFoundError` where there is none. Return nothing."""
        raise self._unsupported(operation)

    def execute_clear(self, operation: ClearOperation) -> Any:
        """Remove every row of the test's models. Return nothing."""
        raise self._unsupported(operation)

    def execute_create_schema(self, operation: CreateSchemaOperation) -> Any:
        """Make the tables of these models, all or none; `SchemaError` where one is there. Return nothing."""
        raise self._unsupported(operation)

    def execute_drop_schema(self, operation: DropSchemaOperation) -> Any:
        """Remove the tables of these models; `SchemaError` where one is absent. Return nothing."""
        raise self._unsupported(operation)

    def execute_schema_exists(self, operation: SchemaExistsOperation) -> Any:
        """Whether the model's table is there."""
        raise self._unsupported(operation)

    def execute_describe(self, operation: DescribeOperation) -> Any:
        """The `TableDescription` of the model's table, as the live store reports it."""
        raise self._unsupported(operation)

    def execute_ddl(self, operation: DdlOperation) -> Any:
        """The statements that make the model's table, as text."""
        raise self._unsupported(operation)

    def execute_evolve(self, operation: EvolveOperation) -> Any:
        """Give the table of `model_class` the shape of `into`, and its rows what `Evolution.rows` makes of them.

        From then on, until a reset or until a transaction around it is rolled back, operations name `into`. Return
        nothing.
        """
        raise self._unsupported(operation)

    def execute_begin(self, operation: BeginOperation) -> Any:
        """Begin a transaction, nested where one is open. Return nothing."""
        raise self._unsupported(operation)

    def execute_commit(self, operation: CommitOperation) -> Any:
        """End the innermost transaction and keep what it did. Return nothing."""
        raise self._unsupported(operation)

    def execute_rollback(self, operation: RollbackOperation) -> Any:
        """End the innermost transaction and undo what it did. Return nothing."""
        raise self._unsupported(operation)

    def rows(self, model_class: type[Any], key: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """The backdoor: stored rows by field name in a stable order, all or those with these values.

        With a store, the store reads them. A driver without one that can look behind its system under test overrides
        this and declares the capability `backdoor`; otherwise rows are read through the driver's own queries.
        """
        if self.store is not None:
            return self.store.rows(schema_of(model_class), key, self.transaction_connection())
        found = self.execute(QueryOperation(model_class, dict(key or {})))
        if not found.success:
            error = found.error
            assert error is not None
            raise error
        return [dict(self.values_of(instance)) for instance in found.data]

    def committed_rows(
        self, model_class: type[Any], key: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """The backdoor outside of transactions: a store is asked on its own connection, whatever the driver holds open."""
        if self.store is None:
            return self.rows(model_class, key)
        return self.store.rows(schema_of(model_class), key)

    def has_table(self, model_class: type[Any]) -> bool | None:
        """The backdoor's word on whether the model has its table; None where it cannot tell."""
        if self.store is None:
            return None
        return self.store.has_table(schema_of(model_class), self.transaction_connection())

    def attachment_of(self, model_class: type[Any], key: Mapping[str, Any], name: str) -> bytes | None:
        """The backdoor's word on what the row with this key has attached under a name; None for nothing.

        A driver without a store that can look behind its system under test overrides this; otherwise it is asked itself.
        """
        if self.store is not None:
            return self.store.attachment(schema_of(model_class), key, name)
        return _attached(self.execute(_asked_for(model_class, key, name)))

    def count_rows(self, model_class: type[Any]) -> int:
        """How many rows the backdoor finds."""
        if self.store is None:
            return len(self.rows(model_class))
        return self.store.count(schema_of(model_class), self.transaction_connection())

    def transaction_connection(self) -> Any:
        """The store's connection that an open transaction runs on, so that the backdoor sees what it sees."""
        return None

    def session(self, rights: Rights = "all") -> "DriverInterface":
        """A second driver on the same store, independent of this one: open, prepared, and closed by the caller.

        A driver that can do this declares the capability `sessions`; one whose sessions can also work as a user with
        fewer rights, made here and removed when the session closes, declares `users`.
        """
        raise UnsupportedError(f"{type(self).__name__} has no sessions", capability="sessions")

    def reset(self) -> None:
        """Empty the store, or put back what `mark` marked, whatever the last test did; end what it left open."""
        self._store_to_reset().reset()

    def mark(self) -> bool:
        """From now on `reset` puts back the rows that are here now. False where the driver cannot."""
        if self.store is None:
            return False
        return self.store.mark() is not False

    def unmark(self) -> None:
        """From now on `reset` empties the store again."""
        if self.store is not None:
            self.store.unmark()


class AsyncDriverInterface(DriverBase):
    """The twin of `DriverInterface` for a system under test that is awaited.

    `open` and `close` run inside each test's event loop, around the test: nothing that is bound to a loop outlives
    it. Preparing, resetting and the backdoor are the store's, on connections of its own. A driver without a store
    makes its system ready in `open`, and writes `rows`.
    """

    async def open(self) -> None:
        """Connect, inside the test's event loop."""

    async def close(self) -> None:
        """Give back everything that `open` took, in the same event loop."""

    def prepare(self, models: Sequence[type[Any]]) -> None:
        """Learn the models of the test; called once, outside any event loop."""

    async def execute(self, operation: Operation) -> OperationResult[Any]:
        """Carry an operation out; a failure of the store is a result, a fault of the driver is raised."""
        started = perf_counter()
        try:
            if operation.needs is not None:
                self._check_capable(operation)
            method = getattr(self, "execute_" + operation.verb, None)
            if method is None:
                return self._failure(operation, self._unsupported(operation), started)
            answer = await method(operation)
        except Exception as error:  # noqa: BLE001  (judged in `_raised`)
            return self._raised(operation, error, started)
        return self._result(operation, answer, started)

    async def rows(
        self, model_class: type[Any], key: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """The backdoor, as in `DriverInterface.rows`."""
        if self.store is not None:
            return self.store.rows(schema_of(model_class), key)
        found = await self.execute(QueryOperation(model_class, dict(key or {})))
        if not found.success:
            error = found.error
            assert error is not None
            raise error
        return [dict(self.values_of(instance)) for instance in found.data]

    async def committed_rows(
        self, model_class: type[Any], key: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """As in `DriverInterface.committed_rows`."""
        if self.store is None:
            return await self.rows(model_class, key)
        return self.store.rows(schema_of(model_class), key)

    async def has_table(self, model_class: type[Any]) -> bool | None:
        """As in `DriverInterface.has_table`."""
        return None if self.store is None else self.store.has_table(schema_of(model_class))

    async def attachment_of(self, model_class: type[Any], key: Mapping[str, Any], name: str) -> bytes | None:
        """As in `DriverInterface.attachment_of`."""
        if self.store is not None:
            return self.store.attachment(schema_of(model_class), key, name)
        return _attached(await self.execute(_asked_for(model_class, key, name)))

    async def count_rows(self, model_class: type[Any]) -> int:
        """How many rows the backdoor finds."""
        return len(await self.rows(model_class))

    async def session(self, rights: Rights = "all") -> "AsyncDriverInterface":
        """As in `DriverInterface.session`, open in the running event loop."""
        raise UnsupportedError(f"{type(self).__name__} has no sessions", capability="sessions")

    async def reset(self) -> None:
        """Empty the store, in mid-test."""
        self._store_to_reset().reset()
