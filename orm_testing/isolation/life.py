"""The life of a driver: opened once per worker, backend and set of models; reset between tests; closed at the end."""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from orm_testing.backends import SERVES_ASYNC, make_store, registry
from orm_testing.base import ORIGINAL_CREATE_DRIVER
from orm_testing.clock import Clock
from orm_testing.driver import CONTRACT_VERSION, AsyncDriverInterface, DriverInterface
from orm_testing.errors import DriverContractError
from orm_testing.schema import SchemaSet, is_described, schema_of
from orm_testing.services.server import Server
from orm_testing.store import Store
from orm_testing.threaded import ThreadedDriver

T = TypeVar("T")
KEPT_OPEN = 32
"""How many drivers a worker keeps open for tests to come."""


def no_server(_: str) -> None:
    """For backends that need no server."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one driver can serve: tests of one backend and set of models, made in the same way."""

    backend_name: str
    models: tuple[type[Any], ...]
    asynchronous: bool
    create_driver: Callable[[str], Any]
    prepare_schema: Callable[[Store], None] | None

    @property
    def key(self) -> Any:
        """Equal for the classes that can share a driver: those that make it by the same functions."""
        makers = (_identity(self.create_driver), _identity(self.prepare_schema))
        return (self.backend_name, self.models, self.asynchronous, *makers)


def _identity(maker: Any) -> Any:
    """What makes two makers the same: the function, and the class that it speaks for."""
    function = getattr(maker, "__func__", maker)
    if function is ORIGINAL_CREATE_DRIVER:
        return function
    owner = getattr(maker, "__self__", None)
    return function, owner if isinstance(owner, type) else type(owner)


class LiveDriver:
    """An open driver with its store. `serving` is what a client talks to; `loaded` whose data a reset puts back."""

    def __init__(
        self,
        wanted: Wanted,
        directory: Callable[[], Path],
        server: Callable[[str], Server | None] = no_server,
    ) -> None:
        self.wanted = wanted
        self._server = server
        self.store: Store | None = None
        self.driver: DriverInterface | AsyncDriverInterface
        self.loaded: type[Any] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._reset_proved = False
        self._starts_empty = True
        if wanted.asynchronous:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"orm_testing-{wanted.backend_name}")
        try:
            driver = self._do(self._made)
            if isinstance(driver, AsyncDriverInterface):
                self._end_thread()
            self._do(lambda: self._open(driver, directory))
            if wanted.prepare_schema is not None:
                self._starts_empty = not self._survivors()
            self._fingerprint: str = self._do(self.driver.fingerprint)
        except BaseException:
            with suppress(Exception):  # what went wrong first is what is told
                self.close()
            raise

    @property
    def serving(self) -> Any:
        if self._thread is not None and isinstance(self.driver, DriverInterface):
            return ThreadedDriver(self.driver, self._thread)
        return self.driver

    @property
    def resets(self) -> bool:
        """Whether the driver can start a second test; else each test has one of its own."""
        if self.store is not None:
            return True
        return (
            isinstance(self.driver, DriverInterface) and type(self.driver).reset is not DriverInterface.reset
        )

    def fingerprint(self) -> str:
        return self._fingerprint

    def start(self, clock: Clock, *, loaded: type[Any] | None) -> bool:
        """Begin a test: the store is empty, or holds what `loaded` loaded. True where that is still to be loaded."""
        self.driver.clock = clock
        if self.loaded is not None and self.loaded is not loaded:
            self._do(self._keeper().unmark)
            self.loaded = None
        self._reset_and_prove()
        return loaded is not None and self.loaded is None

    def keep_loaded(self, owner: type[Any]) -> None:
        """What is stored now is what each test of this class starts with, where the driver can put it back."""
        keeper = self._keeper()
        if self._do(keeper.mark) is not False:
            self.loaded = owner

    def leaks(self) -> list[str]:
        """What the test left behind, once the driver had its chance to clean up."""
        found = list(self._do(self.driver.leaks))
        self._do(self._reset)
        if self.loaded is None and self.resets and self._starts_empty:
            found += self._survivors()
        return found

    def close(self) -> None:
        """Close the driver, then its store; in the driver's own thread where it has one."""
        try:
            driver = getattr(self, "driver", None)
            if isinstance(driver, DriverInterface):
                self._do(driver.close)
        finally:
            try:
                if self.store is not None:
                    self._do(self.store.close)
            finally:
                self._end_thread()

    def _made(self) -> Any:
        token = SERVES_ASYNC.set(self.wanted.asynchronous)
        try:
            return self.wanted.create_driver(self.wanted.backend_name)
        finally:
            SERVES_ASYNC.reset(token)

    def _open(self, driver: Any, directory: Callable[[], Path]) -> None:
        wanted = self.wanted
        name = wanted.backend_name
        if not isinstance(driver, DriverInterface | AsyncDriverInterface):
            raise DriverContractError(
                f"what makes the backend {name!r} returned {driver!r}; it must be a DriverInterface (or its async twin)."
            )
        if isinstance(driver, AsyncDriverInterface) and not wanted.asynchronous:
            raise DriverContractError(
                f"the backend {name!r} has an async driver, which serves async tests: derive the class from"
                " AsyncMultiBackendTestBase."
            )
        if driver.contract_version != CONTRACT_VERSION:
            raise DriverContractError(
                f"{type(driver).__name__} is written for version {driver.contract_version} of the contract, and this is"
                f" version {CONTRACT_VERSION}."
            )
        if driver.store is not None:
            raise DriverContractError(
                f"{type(driver).__name__}.store is where the library puts an opened store; name your own attribute otherwise."
            )
        driver.backend_name = name
        driver.clock = Clock()
        store = make_store(name) if registry.knows(name) else None
        if store is not None:
            store.server = self._server(name)
            store.open(directory())
            self.store = driver.store = store
            if wanted.prepare_schema is not None:
                wanted.prepare_schema(store)
            else:
                store.prepare(SchemaSet(wanted.models))
            store.seal()
        self.driver = driver
        if isinstance(driver, DriverInterface):
            driver.setup_backend(wanted.models)
        else:
            driver.prepare(wanted.models)

    def _reset(self) -> None:
        if isinstance(self.driver, DriverInterface):
            if self.resets:
                self.driver.reset()
        elif self.store is not None:
            self.store.reset()

    def _reset_and_prove(self) -> None:
        """Reset; and the first time that there is something to remove, see that the reset removes it."""
        if self._reset_proved or self.loaded is not None or not self.resets or not self._starts_empty:
            self._do(self._reset)
            return
        try:
            held = self._survivors()
        except Exception:  # noqa: BLE001  (a test may have dropped the tables, which a reset puts right)
            held = []
        self._do(self._reset)
        if not held:
            return
        left = self._survivors()
        if left:
            raise DriverContractError(
                f"{type(self.driver).__name__}.reset does not empty the store: {'; '.join(left)}."
            )
        self._reset_proved = True

    def _survivors(self) -> list[str]:
        found = []
        for model in self.wanted.models:
            rows = self._do(partial(self._rows, model))
            if rows:
                found.append(f"{len(rows)} of {model.__name__} in the store: {rows[0]!r}")
        return found

    def _rows(self, model: type[Any]) -> list[dict[str, Any]]:
        if isinstance(self.driver, DriverInterface):
            return self.driver.rows(model)
        if self.store is not None and is_described(model):
            return self.store.rows(schema_of(model), None)
        return []

    def _keeper(self) -> Any:
        if isinstance(self.driver, DriverInterface):
            return self.driver
        return self.store if self.store is not None else _NoKeeper()

    def _end_thread(self) -> None:
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = None

    def _do(self, work: Callable[[], T]) -> T:
        return work() if self._thread is None else self._thread.submit(work).result()


class _NoKeeper:
    """A driver that is made anew for each test keeps nothing between them."""

    def mark(self) -> bool:
        return False

    def unmark(self) -> None:
        """Nothing was kept."""


class Pool:
    """The open drivers of one worker."""

    def __init__(
        self, directory: Callable[[], Path], server: Callable[[str], Server | None] = no_server
    ) -> None:
        self._directory = directory
        self._server = server
        self._open: OrderedDict[Any, LiveDriver] = OrderedDict()
        self._failures: list[str] = []

    def lease(self, wanted: Wanted) -> LiveDriver:
        """An open driver: one that served before, where it can be reset, or a new one."""
        live = self._open.get(wanted.key)
        if live is not None:
            self._open.move_to_end(wanted.key)
            return live
        while len(self._open) >= KEPT_OPEN:
            self._close(self._open.popitem(last=False)[1])
        live = LiveDriver(wanted, self._directory, self._server)
        if live.resets:
            self._open[wanted.key] = live
        return live

    def give_back(self, live: LiveDriver) -> None:
        """After the test: a driver that cannot be reset ends here."""
        if not live.resets:
            live.close()

    def discard(self, live: LiveDriver) -> None:
        """A driver that can no longer be trusted ends here; the next test gets another."""
        if self._open.pop(live.wanted.key, None) is not None:
            self._close(live)

    def close(self) -> list[str]:
        """Close every driver, each even where closing another fails; what failed, one sentence each."""
        while self._open:
            self._close(self._open.popitem()[1])
        return self._failures

    def _close(self, live: LiveDriver) -> None:
        try:
            live.close()
        except Exception as error:  # noqa: BLE001  (told at the end of the run, not in a test that has no part in it)
            name = live.wanted.backend_name
            self._failures.append(f"a driver of {name!r} did not close: {type(error).__name__}: {error}")
