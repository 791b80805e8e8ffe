"""The objects behind `with orm.transaction():` and `with orm.expect_rollback():`, in both kinds."""

from types import TracebackType
from typing import Protocol, TypeVar

from orm_testing.dsl import transactions
from orm_testing.dsl.context import Context
from orm_testing.dsl.steps import Verb
from orm_testing.dsl.transactions import Entered
from orm_testing.errors import is_judgement

__tracebackhide__ = is_judgement

T = TypeVar("T")


class Runs(Protocol):
    """What a transaction needs of the client: its context, and that it carries verbs out."""

    context: Context

    def run(self, verb: Verb[T]) -> T: ...


class AsyncRuns(Protocol):
    """The same of a client that is awaited."""

    context: Context

    async def run(self, verb: Verb[T]) -> T: ...


class Transaction:
    def __init__(self, orm: Runs, isolation: str | None) -> None:
        self._orm = orm
        self._isolation = isolation
        self._entered: Entered

    def __enter__(self) -> None:
        self._entered = self._orm.run(transactions.enter(self._orm.context, self._isolation))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._orm.run(transactions.leave(self._orm.context, self._entered, error))


class ExpectedRollback:
    def __init__(self, orm: Runs, expected: type[BaseException]) -> None:
        self._orm = orm
        self._expected = expected
        self._entered: Entered

    def __enter__(self) -> None:
        self._entered = self._orm.run(transactions.enter(self._orm.context))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return self._orm.run(
            transactions.leave_expecting(self._orm.context, self._entered, self._expected, error)
        )


class AsyncTransaction:
    def __init__(self, orm: AsyncRuns, isolation: str | None) -> None:
        self._orm = orm
        self._isolation = isolation
        self._entered: Entered

    async def __aenter__(self) -> None:
        self._entered = await self._orm.run(transactions.enter(self._orm.context, self._isolation))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._orm.run(transactions.leave(self._orm.context, self._entered, error))


class AsyncExpectedRollback:
    def __init__(self, orm: AsyncRuns, expected: type[BaseException]) -> None:
        self._orm = orm
        self._expected = expected
        self._entered: Entered

    async def __aenter__(self) -> None:
        self._entered = await self._orm.run(transactions.enter(self._orm.context))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        return await self._orm.run(
            transactions.leave_expecting(self._orm.context, self._entered, self._expected, error)
        )
