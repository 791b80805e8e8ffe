"""A sync driver in async tests: it lives, from open to close, in one thread of its own."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from orm_testing.driver import AsyncDriverInterface, DriverInterface, Rights
from orm_testing.operations import Operation
from orm_testing.results import OperationResult

T = TypeVar("T")


class ThreadedDriver(AsyncDriverInterface):
    """Hands each operation to the driver's thread and awaits it, under asyncio and trio alike."""

    def __init__(self, driver: DriverInterface, thread: ThreadPoolExecutor) -> None:
        self.driver = driver
        self.thread = thread
        self.capabilities = driver.capabilities | {"trio": True}
        self.backend_name = driver.backend_name
        self.key_of = driver.key_of  # type: ignore[method-assign]
        self.values_of = driver.values_of  # type: ignore[method-assign]

    async def execute(self, operation: Operation) -> OperationResult[Any]:
        return await awaited(self.thread.submit(self.driver.execute, operation))

    async def rows(
        self, model_class: type[Any], key: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        return await awaited(self.thread.submit(self.driver.rows, model_class, key))

    async def committed_rows(
        self, model_class: type[Any], key: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        return await awaited(self.thread.submit(self.driver.committed_rows, model_class, key))

    async def has_table(self, model_class: type[Any]) -> bool | None:
        return await awaited(self.thread.submit(self.driver.has_table, model_class))

    async def attachment_of(self, model_class: type[Any], key: Mapping[str, Any], name: str) -> bytes | None:
        return await awaited(self.thread.submit(self.driver.attachment_of, model_class, key, name))

    async def count_rows(self, model_class: type[Any]) -> int:
        return await awaited(self.thread.submit(self.driver.count_rows, model_class))

    async def session(self, rights: Rights = "all") -> "ThreadedDriver":
        thread = ThreadPoolExecutor(1, thread_name_prefix="orm_testing-session")
        return ThreadedSession(await awaited(thread.submit(self.driver.session, rights)), thread)

    async def reset(self) -> None:
        await awaited(self.thread.submit(self.driver.reset))


class ThreadedSession(ThreadedDriver):
    """A session of such a driver, which ends with its thread."""

    async def close(self) -> None:
        await awaited(self.thread.submit(self.driver.close))
        self.thread.shutdown()


async def awaited(future: "Future[T]") -> T:
    """The result of a thread's future, awaited in whichever event loop is running."""
    if running_on_trio():
        return await _awaited_on_trio(future)
    return await asyncio.wrap_future(future)


def running_on_trio() -> bool:
    """Whether the code runs in a trio task."""
    trio = sys.modules.get("trio")
    if trio is None:
        return False
    try:
        trio.lowlevel.current_trio_token()
    except RuntimeError:
        return False
    return True


async def _awaited_on_trio(future: "Future[T]") -> T:
    import trio

    done = trio.Event()
    token = trio.lowlevel.current_trio_token()
    wake: Callable[[Any], None] = lambda _: token.run_sync_soon(done.set)  # noqa: E731
    future.add_done_callback(wake)
    await done.wait()
    return future.result()
