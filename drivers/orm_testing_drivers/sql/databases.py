"""`Databases`: those that this process makes on a server. The next is made, and the last dropped, while tests run."""

import itertools
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import ClassVar, TypeVar

from orm_testing.errors import ConfigurationError
from orm_testing.services.server import Server

T = TypeVar("T")


class MayNotError(Exception):
    """The server does not let this user make databases."""


class Admin(ABC):
    """A connection by which databases are made and dropped; `UnavailableError` where the server cannot be reached."""

    @abstractmethod
    def __init__(self, url: str) -> None: ...

    @abstractmethod
    def create(self, name: str, template: str | None) -> None:
        """Make a database, as a copy of `template` where one is named, which nobody may be connected to then."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Drop a database, whoever is connected; an absent one is no error."""

    @abstractmethod
    def close(self) -> None: ...


class Databases:
    """Makes and drops databases by one connection, in a thread of its own."""

    _by_server: ClassVar[dict[Server, "Databases"]] = {}
    _lock: ClassVar[threading.Lock] = threading.Lock()
    _numbers: ClassVar["itertools.count[int]"] = itertools.count(1)

    def __init__(self, server: Server, admin: type[Admin]) -> None:
        self._server = server
        self._opens = admin
        self._admin: Admin | None = None
        self._users = 0
        self._ahead: dict[str | None, Future[str]] = {}
        self._taken: Counter[str | None] = Counter()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"orm_testing-{server.product}")

    @classmethod
    def on(cls, server: Server, admin: type[Admin]) -> "Databases":
        """Those on this server. Each caller releases them once."""
        with cls._lock:
            found = cls._by_server.get(server)
            if found is None:
                found = cls._by_server[server] = cls(server, admin)
            found._users += 1
            return found

    def release(self) -> None:
        """With the last user goes what was made ahead, and all that was to be dropped is, where the server stays."""
        with self._lock:
            self._users -= 1
            if self._users:
                return
            del self._by_server[self._server]
        if self._server.journal is None:
            self._thread.shutdown(cancel_futures=True)
            self._disconnect()
            return
        for template in list(self._ahead):
            self._drop_ahead(template)
        self._thread.submit(self._disconnect)
        self._thread.shutdown()

    def take(self, template: str | None = None, *, another: bool = True) -> str:
        """The name of a new database, empty or a copy; `MayNotError` where none may be made.

        Who takes a second one is likely to take `another`, which is made ahead from then on.
        """
        ahead = self._ahead.pop(template, None) or self._thread.submit(self._make, template)
        name = ahead.result()
        self._taken[template] += 1
        if another and self._taken[template] > 1:
            self._ahead[template] = self._thread.submit(self._make, template)
        return name

    def new_name(self) -> str:
        """A name that is noted as ours, for what is about to be made."""
        name = f"{self._server.prefix}_{next(self._numbers)}"
        self._server.made(name)
        return name

    def copy(self, origin: str) -> str:
        """The name of a copy of a database that nobody is connected to."""
        return self._thread.submit(self._make, origin).result()

    def give_back(self, name: str) -> None:
        """Drop a database when there is time."""
        self._thread.submit(self._do, lambda admin: admin.drop(name))

    def forget(self, template: str) -> None:
        """Drop a template, and its copy that was made ahead."""
        self._drop_ahead(template)
        self.give_back(template)

    def _drop_ahead(self, template: str | None) -> None:
        ahead = self._ahead.pop(template, None)
        if ahead is not None and not ahead.cancel():
            with suppress(Exception):  # what could not be made need not be dropped
                self.give_back(ahead.result())

    def _make(self, template: str | None) -> str:
        name = self.new_name()
        self._do(lambda admin: admin.create(name, template))
        return name

    def _do(self, work: Callable[[Admin], T]) -> T:
        """Do it, on a new connection where the one that is held is lost."""
        held = self._admin
        if held is not None:
            try:
                return work(held)
            except (MayNotError, ConfigurationError):
                raise
            except Exception:  # noqa: BLE001  (a new connection tells whether it is the server's fault)
                self._disconnect()
        self._admin = self._opens(self._server.url)
        return work(self._admin)

    def _disconnect(self) -> None:
        if self._admin is not None:
            with suppress(Exception):
                self._admin.close()
            self._admin = None
