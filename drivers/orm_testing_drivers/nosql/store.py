"""`KeyedStore`: a namespace of our own on a server, or in a stand-in: a database, a prefix, a bucket."""

import itertools
from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from orm_testing.errors import ConfigurationError
from orm_testing.schema import SchemaSet
from orm_testing.services.server import Server
from orm_testing.store import Store


class KeyedStore(Store):
    """Everything in the namespace is ours, and a reset removes it; nothing outside of it is ever touched."""

    _numbers: ClassVar["itertools.count[int]"] = itertools.count(1)

    server: Server
    """Set before `open`, which says so where it is not."""

    namespace: str
    """Its name, which carries checkout, run and worker."""

    touched = True
    """Whether anything may have been written since the last reset; who writes through a client of ours says so."""

    def __init__(self) -> None:
        self.told = False
        """Whether somebody was told how to reach the store, and may write when we do not see it."""
        self.schemas: SchemaSet
        self._marked: Any = None

    @property
    def url(self) -> str:  # type: ignore[override]
        self.told = True
        return self.address()

    def open(self, directory: Path) -> None:
        given: Server | None = self.server
        if given is None:
            raise ConfigurationError(f"{type(self).__name__} needs a server, and was given none.")
        self.namespace = f"{self.server.prefix}_{next(self._numbers)}"
        self.look()
        self.server.made(self.namespace)
        self.enter()

    def prepare(self, schemas: SchemaSet) -> None:
        self.schemas = schemas
        self.make()

    def reset(self) -> None:
        if not (self.touched or self.told or self.lost()):
            return
        self.empty()
        if self._marked is not None:
            self.restore(self._marked)
        self.touched = False

    def mark(self) -> bool:
        self._marked = self.dump()
        return True

    def unmark(self) -> None:
        self._marked = None
        self.touched = True

    def fingerprint(self) -> str:
        return self.server.fingerprint

    def isolation(self) -> str:
        return "everything in a namespace of its own is removed, where anything may have been written"

    def lost(self) -> bool:
        """Whether a stand-in forgot what was made in it, as one does that a test uses for itself as well."""
        return False

    def enter(self) -> None:
        """Make the namespace, where that is something to make; as `look` where it is there, and a look would be too early."""

    @abstractmethod
    def address(self) -> str:
        """The `url`, by which another client reaches just this namespace."""

    @abstractmethod
    def look(self) -> None:
        """Connect; `ConfigurationError` where something of this name is there already: it is none of ours, and stays."""

    @abstractmethod
    def make(self) -> None:
        """Make in it what the models need before the first row: tables, indexes, buckets."""

    @abstractmethod
    def empty(self) -> None:
        """Remove every row of every model, and the numbers that keys were made of, whoever wrote them."""

    @abstractmethod
    def dump(self) -> Any:
        """All that is stored, for `restore`."""

    @abstractmethod
    def restore(self, dumped: Any) -> None:
        """Put back what `dump` gave, into an empty namespace."""
