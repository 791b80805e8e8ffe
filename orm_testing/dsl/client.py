"""`OrmDsl`: the DSL client that the `orm` fixture yields. It holds signatures; the verbs hold the logic."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from orm_testing.clock import Clock
from orm_testing.descriptions import TableDescription
from orm_testing.driver import DriverInterface
from orm_testing.dsl import attachments, failing, given, reading, schemas, sessions, writing
from orm_testing.dsl.arguments import data_of, filters_of, order_of
from orm_testing.dsl.context import Context
from orm_testing.dsl.sessions import Worker
from orm_testing.dsl.steps import (
    CountRows,
    HasTable,
    Look,
    ReadAttachment,
    ReadBack,
    ReadBackAndCount,
    Reset,
    Step,
    Verb,
)
from orm_testing.dsl.transaction import ExpectedRollback, Transaction
from orm_testing.errors import ConfigurationError, OperationError, is_judgement
from orm_testing.operations import (
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    GetOperation,
    QueryOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.results import OperationResult
from orm_testing.schema import schema_of

__tracebackhide__ = is_judgement

M = TypeVar("M")
T = TypeVar("T")
Data = Mapping[str, Any] | None
Filters = Any
Order = str | Sequence[str] | None

if TYPE_CHECKING:

    class _Pair(tuple["OrmDsl", str]):
        """So that a checker knows both sides of `client, backend_name = orm`."""

        __slots__ = ()

        def __new__(cls, *_: Any) -> "OrmDsl": ...

else:

    class _Pair:
        __slots__ = ()

        def __iter__(self) -> Iterator[Any]:
            return iter((self, self.get_backend_name()))


class OrmDsl(_Pair):
    """Says what a test means. It unpacks: `client, backend_name = orm`.

    Fields go in as keywords, or through `data=` where a field bears the name of an option; conditions likewise, or
    through `filters=`. Bare verbs (`create_model`) answer and never judge; `…_and_verify` and `expect_…` judge.
    """

    def __init__(self, context: Context, driver: DriverInterface) -> None:
        self.context = context
        self._lock = threading.Lock()
        self._further: list[DriverInterface] = []
        self.driver = driver
        """The driver, for what the verbs do not say."""
        self.clock: Clock = context.clock
        """The test's clock: `freeze` it, `advance` it; `auto_now` and `auto_now_add` read it."""

    def get_backend_name(self) -> str:
        return self.context.backend_name

    def is_backend(self, name: str) -> bool:
        """Whether this is the backend that `ENABLED_BACKENDS` names so; a name that no backend has is an error."""
        return self.context.is_backend(name)

    def create_model(self, model_class: type[M], /, data: Data = None, **fields: Any) -> OperationResult[M]:
        """Create a row; the result says whether it worked."""
        return self.run(writing.answered(self.context, CreateOperation(model_class, data_of(data, fields))))

    def get_model(
        self, model_class: type[M], /, filters: Filters = None, **lookups: Any
    ) -> OperationResult[M]:
        """The one row that matches; a result with `NotFoundError` or `MultipleResultsError` otherwise."""
        return self.run(
            writing.answered(self.context, GetOperation(model_class, filters_of(filters, lookups)))
        )

    def update_model(self, instance: M, /, data: Data = None, **changes: Any) -> OperationResult[M]:
        """Change the named fields of the row that has the instance's key."""
        operation = UpdateOperation(type(instance), instance, data_of(data, changes))
        return self.run(writing.answered(self.context, operation))

    def delete_model(self, instance: Any, /) -> OperationResult[None]:
        """Remove the row that has the instance's key."""
        return self.run(writing.answered(self.context, DeleteOperation(type(instance), instance)))

    def upsert_model(self, model_class: type[M], /, data: Data = None, **fields: Any) -> OperationResult[M]:
        """Create the row, or put it whole in the place of the one with its key."""
        return self.run(writing.answered(self.context, UpsertOperation(model_class, data_of(data, fields))))

    def query_models(
        self,
        model_class: type[M],
        /,
        filters: Filters = None,
        order_by: Order = (),
        limit: int | None = None,
        offset: int = 0,
        **lookups: Any,
    ) -> OperationResult[M]:
        """The rows that match, in order, as the result's `data`."""
        query = QueryOperation(model_class, filters_of(filters, lookups), order_of(order_by), limit, offset)
        return self.run(writing.answered(self.context, query))

    def count_models(self, model_class: type[Any], /, filters: Filters = None, **lookups: Any) -> int:
        """How many rows match; raises where the store cannot say."""
        return self.run(reading.count(self.context, model_class, filters_of(filters, lookups)))

    def model_exists(self, model_class: type[Any], /, filters: Filters = None, **lookups: Any) -> bool:
        """Whether any row matches; raises where the store cannot say."""
        return self.run(reading.exists(self.context, model_class, filters_of(filters, lookups)))

    def all_models(self, model_class: type[M], /) -> list[M]:
        """All rows in the order of their keys; raises where the store cannot say."""
        return self.run(reading.all_models(self.context, model_class))

    def first(
        self, model_class: type[M], /, filters: Filters = None, order_by: Order = (), **lookups: Any
    ) -> M | None:
        """The first row that matches, or None; raises where the store cannot say."""
        return self.run(
            reading.first(self.context, model_class, filters_of(filters, lookups), order_of(order_by))
        )

    def aggregate(
        self,
        model_class: type[Any],
        /,
        *aggregates: str,
        group_by: Order = (),
        filters: Filters = None,
        **lookups: Any,
    ) -> Any:
        """`aggregate(User, "count", "age__avg")` is a dict; with `group_by=["city"]`, a list of one dict per group."""
        return self.run(
            reading.aggregate(
                self.context, model_class, aggregates, filters_of(filters, lookups), order_of(group_by)
            )
        )

    def clear_storage(self) -> OperationResult[None]:
        """Ask the system under test to remove every row of every model of the test."""
        return self.run(writing.clear(self.context))

    def reset(self) -> None:
        """The store as it is at the start of a test, in mid-test: what Hypothesis needs between examples."""
        self.run(writing.reset(self.context))

    def create_and_verify(self, model_class: type[M], /, data: Data = None, **fields: Any) -> M:
        """Create a row, and find in the store what was given and returned."""
        return self.run(writing.create(self.context, model_class, data_of(data, fields)))

    def create_many_and_verify(self, model_class: type[M], rows: Sequence[Mapping[str, Any]], /) -> list[M]:
        """Create several rows at once, all or none, and find each in the store."""
        return self.run(writing.create_many(self.context, model_class, [dict(row) for row in rows]))

    def get_and_verify_exists(self, model_class: type[M], /, filters: Filters = None, **lookups: Any) -> M:
        """The one row that matches, which is in the store as it was returned."""
        return self.run(reading.exists_and_verify(self.context, model_class, filters_of(filters, lookups)))

    def get_and_verify_not_exists(
        self, model_class: type[Any], /, filters: Filters = None, **lookups: Any
    ) -> None:
        """No row matches, by the backend's own word and in the store; a broken backend fails this."""
        self.run(reading.not_exists_and_verify(self.context, model_class, filters_of(filters, lookups)))

    def update_and_verify(self, instance: M, /, data: Data = None, **changes: Any) -> M:
        """Change the named fields and nothing else, and find them in the store."""
        return self.run(writing.update(self.context, instance, data_of(data, changes)))

    def delete_and_verify(self, instance: Any, /) -> None:
        """Remove the row, and find it neither in the store nor by the backend's own word."""
        self.run(writing.delete(self.context, instance))

    def upsert_and_verify(self, model_class: type[M], /, data: Data = None, **fields: Any) -> M:
        """Create or replace the row, and find in the store what was given and returned."""
        return self.run(writing.upsert(self.context, model_class, data_of(data, fields)))

    def query_and_verify_count(
        self,
        model_class: type[M],
        /,
        expected_count: int,
        filters: Filters = None,
        order_by: Order = (),
        limit: int | None = None,
        offset: int = 0,
        **lookups: Any,
    ) -> list[M]:
        """As many rows as expected, each in the store as it was returned, and none that matches left out."""
        query = QueryOperation(model_class, filters_of(filters, lookups), order_of(order_by), limit, offset)
        return self.run(reading.query_and_verify_count(self.context, model_class, expected_count, query))

    def expect_create_failure(
        self,
        model_class: type[Any],
        error: type[OperationError] = OperationError,
        /,
        data: Data = None,
        **fields: Any,
    ) -> OperationError:
        """The create fails with this error, which is returned, and changes nothing."""
        operation = CreateOperation(model_class, data_of(data, fields))
        return self.run(failing.expect_failure(self.context, "expect_create_failure", operation, error))

    def expect_create_many_failure(
        self,
        model_class: type[Any],
        error: type[OperationError],
        rows: Sequence[Mapping[str, Any]],
        /,
    ) -> OperationError:
        """The rows, to be created all at once, are refused with this error, which is returned; none is stored."""
        operation = CreateManyOperation(model_class, [dict(row) for row in rows])
        return self.run(failing.expect_failure(self.context, "expect_create_many_failure", operation, error))

    def expect_update_failure(
        self,
        instance: Any,
        error: type[OperationError] = OperationError,
        /,
        data: Data = None,
        **changes: Any,
    ) -> OperationError:
        """The update fails with this error, which is returned, and changes nothing."""
        operation = UpdateOperation(type(instance), instance, data_of(data, changes))
        return self.run(failing.expect_failure(self.context, "expect_update_failure", operation, error))

    def expect_delete_failure(
        self, instance: Any, error: type[OperationError] = OperationError, /
    ) -> OperationError:
        """The delete fails with this error, which is returned, and changes nothing."""
        operation = DeleteOperation(type(instance), instance)
        return self.run(failing.expect_failure(self.context, "expect_delete_failure", operation, error))

    def expect_upsert_failure(
        self,
        model_class: type[Any],
        error: type[OperationError] = OperationError,
        /,
        data: Data = None,
        **fields: Any,
    ) -> OperationError:
        """The upsert fails with this error, which is returned, and changes nothing."""
        operation = UpsertOperation(model_class, data_of(data, fields))
        return self.run(failing.expect_failure(self.context, "expect_upsert_failure", operation, error))

    def expect_query_failure(
        self,
        model_class: type[Any],
        error: type[OperationError] = OperationError,
        /,
        filters: Filters = None,
        order_by: Order = (),
        limit: int | None = None,
        offset: int = 0,
        **lookups: Any,
    ) -> OperationError:
        """The query fails with this error, which is returned."""
        query = QueryOperation(model_class, filters_of(filters, lookups), order_of(order_by), limit, offset)
        return self.run(failing.expect_failure(self.context, "expect_query_failure", query, error))

    def given(self, model_class: type[M], /, data: Data = None, **fields: Any) -> M:
        """A row of which the test names what matters: the rest is filled, the row created and verified."""
        return self.run(given.given(self.context, model_class, data_of(data, fields)))

    def attach(self, instance: Any, name: str, content: bytes, /) -> None:
        """Store bytes beside the row under a name, in the place of what has that name, and find them in the store."""
        self.run(attachments.attach(self.context, instance, name, content))

    def attachment(self, instance: Any, name: str, /) -> bytes:
        """The bytes that the row has under the name, which are those in the store; `NotFoundError` where there are none."""
        return self.run(attachments.attachment(self.context, instance, name))

    def detach(self, instance: Any, name: str, /) -> None:
        """Remove what the row has under the name, and find it gone; `NotFoundError` where there is none."""
        self.run(attachments.detach(self.context, instance, name))

    def create_schema(self, *models: type[Any]) -> None:
        """Make the tables of these models, or of all that have none, and find them in the store."""
        self.run(schemas.create(self.context, models))

    def drop_schema(self, *models: type[Any]) -> None:
        """Remove the tables of these models, or of all that have one, and find them gone from the store."""
        self.run(schemas.drop(self.context, models))

    def schema_exists(self, model_class: type[Any], /) -> bool:
        """Whether the model has its table."""
        return self.run(schemas.exists(self.context, model_class))

    def describe(self, model_class: type[Any], /) -> TableDescription:
        """The model's table as the live store reports it; `SchemaError` where it is absent."""
        return self.run(schemas.describe(self.context, model_class))

    def ddl(self, model_class: type[Any], /) -> str:
        """The statements that make the model's table on this backend, the same byte for byte in each run."""
        return self.run(schemas.ddl(self.context, model_class))

    def evolve(self, old: type[Any], new: type[Any], /, *, rename: Mapping[str, str] | None = None) -> None:
        """Give the table of `old` the shape of `new`, and find the rows kept in it; `rename` has new names by old ones.

        From then on `new` is a model of the test, and `old` is none; the next test starts as if nothing had been.
        """
        self.run(schemas.evolve(self.context, old, new, rename or {}))

    def transaction(self, *, isolation: str | None = None) -> "Transaction":
        """`with orm.transaction():` commits at the end, rolls back on an exception, and nests.

        `isolation` is a level of SQL, such as `"serializable"`; without one the store's own holds.
        """
        return Transaction(self, isolation)

    def expect_rollback(self, error: type[BaseException], /) -> "ExpectedRollback":
        """`with orm.expect_rollback(ValueError):` the block raises it in a transaction, and leaves no trace."""
        return ExpectedRollback(self, error)

    def concurrently(self, number: int, work: "Callable[[OrmDsl, Worker], T]", /) -> list[T]:
        """Run `work(client, worker)` in this many threads or tasks at the same time, each with a session of its own.

        All begin together, and meet again where each says `worker.wait()`. The answers come in the order of the
        workers; the first error of any is raised. Verbs of workers say nothing of rows that other workers may change.
        """
        return sessions.concurrently(self, number, work)

    def as_user(self, *, read_only: bool) -> "OrmDsl":
        """A second client, as a user who may only read, or who may change rows and not the schema.

        The user is made here, and removed at the end of the test.
        """
        sessions.check_users(self.context)
        driver = self.driver.session("reading" if read_only else "rows")
        self._further.append(driver)
        return OrmDsl(self.context.session(driver, alone=True), driver)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The client serves a test, after which the sessions of further clients end."""
        try:
            yield
        finally:
            while self._further:
                self._further.pop().close()

    def run(self, verb: Verb[T]) -> T:
        """Carry a verb out: each step it yields is done by the driver, and the outcome sent back."""
        if not self._lock.acquire(blocking=False):
            verb.close()
            raise ConfigurationError(
                "one client is used from two threads at once. A client, like its driver, serves one thread at a time."
            )
        try:
            outcome = None
            while True:
                try:
                    step = verb.send(outcome)
                except StopIteration as stop:
                    result: T = stop.value
                    return result
                outcome = self._perform(step)
        finally:
            self._lock.release()

    def _perform(self, step: Step) -> Any:
        if isinstance(step, Look):
            return self._looked(step)
        if isinstance(step, HasTable):
            return self.driver.has_table(step.model_class)
        if isinstance(step, ReadAttachment):
            return self.driver.attachment_of(step.model_class, step.key, step.name)
        if isinstance(step, Reset):
            return self.driver.reset()
        entry = self.context.started(step)
        result = self.driver.execute(step)
        self.context.trace.finish(entry, result)
        return result

    def _looked(self, step: Look) -> Any:
        """What the backdoor sees; a table that the test dropped holds nothing."""
        model_class, driver = step.model_class, self.driver
        self.context.check_listed(model_class)
        absent = model_class in self.context.known.absent
        if isinstance(step, CountRows):
            return 0 if absent else driver.count_rows(model_class)
        if isinstance(step, ReadBackAndCount) and not absent and driver.store and not self.context.depth:
            return driver.store.rows_and_count(schema_of(model_class), step.key)
        read = driver.rows if self.context.depth else driver.committed_rows
        rows = [] if absent else read(model_class, step.key)
        if isinstance(step, ReadBack):
            return rows
        return rows, 0 if absent else driver.count_rows(model_class)
