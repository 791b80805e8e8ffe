"""The life of a driver: opened once per worker, backend and set of models; reset between tests; closed at the end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

from orm_testing.backends import SERVES_ASYNC, make_store, registry
from orm_testing.base import ORIGINAL_CREATE_DRIVER
from orm_testing.clock import Clock
from orm_testing.driver import AsyncDriverInterface, DriverInterface
from orm_testing.driver_base import CONTRACT_VERSION
from orm_testing.errors import DriverContractError
from orm_testing.isolation.plan import Plan
from orm_testing.schema import SchemaSet, is_described, schema_of
from orm_testing.services.server import Server
from orm_testing.store import Stale, Store
from orm_testing.threaded import ThreadedDriver

T = TypeVar("T")


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
        alter: Callable[[Any], None] | None = None,
    ) -> None:
        self.wanted = wanted
        self._alter = alter
        self._server = server
        self.store: Store | None = None
        self.driver: DriverInterface | AsyncDriverInterface
        self.loaded: type[Any] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._reset_proved = False
        self._served = False
        self.plan: Plan
        self._starts_empty = True
        if wanted.asynchronous:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"orm_testing-{wanted.backend_name}")
        try:
            driver = self._do(self._made)
            if isinstance(driver, AsyncDriverInterface):
                self._end_thread()
            self._do(lambda: self._open(directory))
            self._do(lambda: self._set_up(driver))
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

    @property
    def place(self) -> str:
        """What it shares with others that are open at the same time: a product's server, or nothing but the backend."""
        server = self.store.server if self.store is not None else None
        return self.wanted.backend_name if server is None else server.product

    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def renews(self) -> bool:
        """Whether a new store can take the place of this driver's."""
        return self.store is not None and type(self.store).renew is not Store.renew

    def start(self, clock: Clock, *, loaded: type[Any] | None, new_store: bool = False) -> bool:
        """Begin a test: the store is empty, or holds what `loaded` loaded. True where that is still to be loaded.

        `plan` says afterwards how the clean start came about.
        """
        if self.loaded is not None and self.loaded is not loaded:
            self._do(self._keeper().unmark)
            self.loaded = None
        self.plan = self._started(new_store=new_store)
        self.driver.clock = clock
        return loaded is not None and self.loaded is None

    def keep_loaded(self, owner: type[Any]) -> None:
        """What is stored now is what each test of this class starts with, where the driver can put it back."""
        keeper = self._keeper()
        if self._do(keeper.mark) is not False:
            self.loaded = owner

    def leaks(self) -> list[str]:
        """What the test left behind, once the driver had its chance to clean up."""
        found = list(self._do(self.driver.leaks))
        try:
            self._do(self._reset)
        except Stale:
            self._renew()
        if self.loaded is None and self.resets and self._starts_empty:
            found += self._survivors()
        return found

    def close(self) -> None:
        """Close the driver, then its store; in the driver's own thread where it has one."""
        try:
            self._close_driver()
        finally:
            try:
                if self.store is not None:
                    self._do(self.store.close)
            finally:
                self._end_thread()

    def _started(self, *, new_store: bool) -> Plan:
        first, self._served = not self._served, True
        if not self.resets:
            return Plan("new driver", "it has neither a store nor a reset")
        kind: Literal["new store", "new driver"] = "new driver" if self.store is None else "new store"
        if new_store and not first:
            self._renew()
            return Plan(kind, "the test asks for one")
        try:
            self._reset_and_prove()
        except Stale as stale:
            self._renew()
            return Plan("new store", str(stale))
        if first:
            return Plan(kind, "the test asks for one" if new_store else "the first test of these models")
        return Plan("reset", "the driver's own" if self.store is None else self.store.isolation())

    def _renew(self) -> None:
        """A new store, and a new driver on it: connections to the old one are of no more use."""
        assert self.store is not None
        with suppress(Exception):  # what it is connected to may be gone
            self._close_driver()
        self._do(self.store.renew)
        self._do(lambda: self._set_up(self._made()))

    def _close_driver(self) -> None:
        driver = getattr(self, "driver", None)
        if isinstance(driver, DriverInterface):
            self._do(driver.close)

    def _open(self, directory: Callable[[], Path]) -> None:
        """Make the store, where the backend has one, with the schema that the tests need."""
        wanted = self.wanted
        name = wanted.backend_name
        store = make_store(name) if registry.knows(name) else None
        if store is None:
            return
        store.server = self._server(name)
        store.open(directory())
        self.store = store
        if wanted.prepare_schema is not None:
            wanted.prepare_schema(store)
        else:
            store.prepare(SchemaSet(wanted.models))
        store.seal()

    def _set_up(self, driver: DriverInterface | AsyncDriverInterface) -> None:
        driver.backend_name = self.wanted.backend_name
        driver.clock = Clock()
        driver.store = self.store
        self.driver = driver
        if isinstance(driver, DriverInterface):
            driver.setup_backend(self.wanted.models)
        else:
            driver.prepare(self.wanted.models)

    def _made(self) -> Any:
        token = SERVES_ASYNC.set(self.wanted.asynchronous)
        try:
            driver = self.wanted.create_driver(self.wanted.backend_name)
        finally:
            SERVES_ASYNC.reset(token)
        self._check(driver)
        if self._alter is not None:
            self._alter(driver)
        return driver

    def _check(self, driver: Any) -> None:
        name = self.wanted.backend_name
        if not isinstance(driver, DriverInterface | AsyncDriverInterface):
            raise DriverContractError(
                f"what makes the backend {name!r} returned {driver!r}; it must be a DriverInterface (or its async twin)."
            )
        if isinstance(driver, AsyncDriverInterface) and not self.wanted.asynchronous:
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
