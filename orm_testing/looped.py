"""An async driver in sync tests: from open to close it lives in an event loop of its own, in a thread."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from orm_testing.capabilities import Capabilities
from orm_testing.driver import AsyncDriverInterface, DriverInterface, Rights
from orm_testing.operations import Operation
from orm_testing.results import OperationResult

T = TypeVar("T")


class LoopedDriver(DriverInterface):
    """Has each operation awaited in the driver's loop, and waits for it.

    What it opens for a test it closes, and the loop with it, when the next one begins with a reset, as async tests do: nothing
    that is bound to a loop outlives its test. A driver without a store is then made anew.
    """

    def __init__(self, make: Callable[[], AsyncDriverInterface]) -> None:
        self._make = make
        self._models: Sequence[type[Any]] = ()
        self._loop: Loop | None = None
        self._opening = threading.Lock()
        self._take(make())

    @property
    def capabilities(self) -> Capabilities:
        """The driver's, which it may settle whenever it opens."""
        return self.driver.capabilities

    @capabilities.setter
    def capabilities(self, capabilities: Capabilities) -> None:
        self.driver.capabilities = capabilities

    def open(self) -> None:
        """The driver opens once it is prepared."""

    def close(self) -> None:
        loop, self._loop = self._loop, None
        if loop is not None:
            try:
                loop.run(self.driver.close())
            finally:
                loop.stop()

    def prepare(self, models: Sequence[type[Any]]) -> None:
        self._models = models
        self._told()
        self.driver.prepare(models)
        self._opened()

    def execute(self, operation: Operation) -> OperationResult[Any]:
        self.driver.clock = self.clock
        return self._opened().run(self.driver.execute(operation))

    def rows(self, model_class: type[Any], key: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        return self._opened().run(self.driver.rows(model_class, key))

    def committed_rows(
        self, model_class: type[Any], key: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        return self._opened().run(self.driver.committed_rows(model_class, key))

    def has_table(self, model_class: type[Any]) -> bool | None:
        return self._opened().run(self.driver.has_table(model_class))

    def attachment_of(self, model_class: type[Any], key: Mapping[str, Any], name: str) -> bytes | None:
        return self._opened().run(self.driver.attachment_of(model_class, key, name))

    def count_rows(self, model_class: type[Any]) -> int:
        return self._opened().run(self.driver.count_rows(model_class))

    def fingerprint(self) -> str:
        return self.driver.fingerprint()

    def leaks(self) -> list[str]:
        return self.driver.leaks()

    def session(self, rights: Rights = "all") -> "LoopedSession":
        loop = self._opened()
        return LoopedSession(loop.run(self.driver.session(rights)), loop)

    def reset(self) -> None:
        if self.store is None:
            self.close()
            self._take(self._make())
            self.prepare(self._models)
            return
        if self._loop is None:
            self.store.reset()
        else:
            try:
                self._loop.run(self.driver.reset())
            finally:
                self.close()
        self._opened()

    def _take(self, driver: AsyncDriverInterface) -> None:
        self.driver = driver
        self.key_of = driver.key_of  # type: ignore[method-assign]
        self.values_of = driver.values_of  # type: ignore[method-assign]

    def _told(self) -> None:
        """The driver knows what the library told this one."""
        self.driver.backend_name = self.backend_name
        self.driver.clock = self.clock
        self.driver.store = self.store

    def _opened(self) -> "Loop":
        with self._opening:  # several threads may ask for sessions at once
            if self._loop is None:
                loop = Loop()
                try:
                    loop.run(self.driver.open())
                except BaseException:
                    loop.stop()
                    raise
                self._loop = loop
            return self._loop


class LoopedSession(LoopedDriver):
    """A session of such a driver, which shares its loop."""

    def __init__(self, session: AsyncDriverInterface, loop: "Loop") -> None:
        super().__init__(lambda: session)
        self.backend_name, self.clock, self.store = session.backend_name, session.clock, session.store
        self._loop = loop

    def close(self) -> None:
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.run(self.driver.close())


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="orm_testing-loop", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns, or raises, in the loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def stop(self) -> None:
        """Once what the loop still runs has ended, as at the end of `asyncio.run`."""
        self.run(_ended(self._loop))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _ended(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await loop.shutdown_asyncgens()
