"""Further clients of one test, each with a session of its own: several at the same time, or one as a lesser user."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from orm_testing.dsl.context import Context
from orm_testing.errors import ConfigurationError, UnsupportedError
from orm_testing.threaded import running_on_trio

if TYPE_CHECKING:
    from orm_testing.dsl.async_client import AsyncOrmDsl
    from orm_testing.dsl.client import OrmDsl

T = TypeVar("T")

PATIENCE = 60.0
"""How many seconds a worker waits for the others before it says that they do not come."""


class Worker:
    """One of several that work at the same time; `number` counts from 0."""

    def __init__(self, number: int, meeting: Meeting) -> None:
        self.number = number
        self._meeting = meeting

    def wait(self) -> None:
        """Wait until every worker has come this far."""
        self._meeting.wait(self.number)


class AsyncWorker:
    """The same among tasks."""

    def __init__(self, number: int, meeting: AsyncMeeting) -> None:
        self.number = number
        self._meeting = meeting

    async def wait(self) -> None:
        """Wait until every worker has come this far."""
        await self._meeting.wait(self.number)


class Meeting:
    """Where threads wait for each other; once one has left, nobody waits in vain."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._here = 0
        self._met = 0
        self._gone: int | None = None
        self._changed = threading.Condition()

    def wait(self, number: int) -> None:
        with self._changed:
            meeting = self._met
            self._here += 1
            if self._here == self._size:
                self._here = 0
                self._met += 1
                self._changed.notify_all()
                return
            self._changed.wait_for(lambda: self._met > meeting or self._gone is not None, PATIENCE)
            if self._met == meeting:
                raise _in_vain(number, self._gone)

    def leave(self, number: int) -> None:
        with self._changed:
            self._gone = number
            self._changed.notify_all()


class AsyncMeeting:
    """Where tasks wait for each other, on asyncio and trio alike."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._here = 0
        self._met = 0
        self._gone: int | None = None
        self._changed = _event()

    async def wait(self, number: int) -> None:
        meeting = self._met
        self._here += 1
        if self._here == self._size:
            self._here = 0
            self._met += 1
            self._tell()
            return
        while self._met == meeting:
            if self._gone is not None:
                raise _in_vain(number, self._gone)
            await self._changed.wait()

    def leave(self, number: int) -> None:
        self._gone = number
        self._tell()

    def _tell(self) -> None:
        told, self._changed = self._changed, _event()
        told.set()


class _Errors:
    """What went wrong in which worker, in the order of time."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._raised: list[tuple[int, BaseException]] = []

    def add(self, worker: int, error: BaseException) -> None:
        self._raised.append((worker, error))

    def raise_first(self) -> None:
        if not self._raised:
            return
        (worker, first), *others = self._raised
        first.add_note(f"in worker {worker} of {self._number}, which count from 0")
        for other, error in others:
            first.add_note(f"after it, in worker {other}: {type(error).__name__}: {error}")
        raise first


def concurrently(orm: OrmDsl, number: int, work: Callable[[OrmDsl, Worker], T]) -> list[T]:
    """Each worker in a thread: it opens its session, waits for the others, and does the work."""
    _check(orm.context, number)
    meeting, errors = Meeting(number), _Errors(number)
    results: dict[int, T] = {}

    def run(worker: Worker) -> None:
        try:
            driver = orm.driver.session()
            try:
                client = type(orm)(orm.context.session(driver, alone=False), driver)
                worker.wait()
                results[worker.number] = work(client, worker)
            finally:
                driver.close()
        except BaseException as error:  # noqa: BLE001  (raised again in the thread of the test)
            errors.add(worker.number, error)
        finally:
            meeting.leave(worker.number)

    threads = [
        threading.Thread(target=run, args=[Worker(each, meeting)], name=f"orm_testing-worker-{each}")
        for each in range(number)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    errors.raise_first()
    return [results[each] for each in range(number)]


async def concurrently_async(
    orm: AsyncOrmDsl, number: int, work: Callable[[AsyncOrmDsl, AsyncWorker], Awaitable[T]]
) -> list[T]:
    """Each worker in a task of the running event loop."""
    _check(orm.context, number)
    meeting, errors = AsyncMeeting(number), _Errors(number)
    results: dict[int, T] = {}

    async def run(worker: AsyncWorker) -> None:
        try:
            driver = await orm.driver.session()
            client = type(orm)(orm.context.session(driver, alone=False), driver, is_open=True)
            async with client.opened():
                await worker.wait()
                results[worker.number] = await work(client, worker)
        except Exception as error:  # noqa: BLE001  (raised again in the task of the test)
            errors.add(worker.number, error)
        finally:
            meeting.leave(worker.number)

    await _together([(run, AsyncWorker(each, meeting)) for each in range(number)])
    errors.raise_first()
    return [results[each] for each in range(number)]


def check_users(context: Context) -> None:
    """Raise `UnsupportedError` where a session cannot work as another user."""
    if "users" not in context.driver.capabilities:
        raise UnsupportedError(
            f"{context.backend_name} lacks the capability 'users', which as_user needs", capability="users"
        )


def _check(context: Context, number: int) -> None:
    if "sessions" not in context.driver.capabilities:
        raise UnsupportedError(
            f"{context.backend_name} lacks the capability 'sessions', which concurrently needs",
            capability="sessions",
        )
    if number < 1:
        raise ConfigurationError(f"concurrently wants a number of workers, such as 2, not {number!r}.")


def _in_vain(number: int, gone: int | None) -> ConfigurationError:
    why = f"worker {gone} has ended" if gone is not None else f"they did not come within {PATIENCE:g} s"
    return ConfigurationError(f"worker {number} waits for the others, and {why}.")


def _event() -> Any:
    if running_on_trio():
        import trio

        return trio.Event()
    return asyncio.Event()


async def _together(
    tasks: Sequence[tuple[Callable[[AsyncWorker], Awaitable[None]], AsyncWorker]],
) -> None:
    if running_on_trio():
        import trio

        async with trio.open_nursery() as nursery:
            for run, worker in tasks:
                nursery.start_soon(run, worker)
        return
    await asyncio.gather(*(run(worker) for run, worker in tasks))
