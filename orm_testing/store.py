"""`Store`: where the data really is, how it starts clean, and the independent way to read it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orm_testing.errors import UnsupportedError
from orm_testing.schema import ModelSchema, SchemaSet
from orm_testing.services.server import Server


class Stale(Exception):  # noqa: N818  (no error of a caller: it asks whoever resets for a new store)
    """A reset cannot bring the store back: what is needed is `renew`. Its message says why."""


class Store(ABC):
    """A place for the rows of one set of models, which the library makes, empties and removes.

    A driver registered with `store=` is handed one, opened and prepared. Whatever the driver does, the store
    resets itself and reads its rows with statements and decoding of its own.
    """

    url: str
    """How another library connects to this store."""

    server: Server | None = None
    """The server to make the store on, for a backend with a service; set before `open`."""

    @abstractmethod
    def open(self, directory: Path) -> None:
        """Make the store; files go into `directory`, which is the library's own."""

    @abstractmethod
    def close(self) -> None:
        """Remove what `open` made."""

    @abstractmethod
    def prepare(self, schemas: SchemaSet) -> None:
        """Make tables, or whatever the store keeps rows in, for these models."""

    def seal(self) -> None:  # noqa: B027  (a store that keeps no schema has nothing to learn)
        """The schema stands, made by `prepare` or by the project's own migrations: learn what a reset goes back to.

        That is an empty store, or the rows that the migrations put there.
        """

    @abstractmethod
    def reset(self) -> None:
        """Empty the store, or put back what `mark` marked, whatever happened before; `Stale` where only `renew` can."""

    def renew(self) -> None:
        """Put a newly made store in the place of this one, as `seal` or `mark` saw it. The `url` may change.

        No connection that a driver holds to the old one is of use after that.
        """
        raise NotImplementedError(f"{type(self).__name__} raises Stale, and has no renew")

    def isolation(self) -> str:
        """How `reset` works now and why, for people who ask."""
        return "as the store sees fit"

    @abstractmethod
    def mark(self) -> bool | None:
        """From now on `reset` puts back the rows that are here now. False where it cannot, and nothing is marked."""

    @abstractmethod
    def unmark(self) -> None:
        """From now on `reset` empties the store."""

    @abstractmethod
    def rows(
        self, schema: ModelSchema, key: Mapping[str, Any] | None, connection: Any = None
    ) -> list[dict[str, Any]]:
        """The backdoor: stored rows by field name in the order of their keys, all or those with these values.

        `connection` is that of an open transaction, whose view of the store is asked for.
        """

    @abstractmethod
    def count(self, schema: ModelSchema, connection: Any = None) -> int:
        """How many rows are stored, through the backdoor as `rows`."""

    def has_table(self, schema: ModelSchema, connection: Any = None) -> bool | None:
        """Whether the model has its table, through the backdoor as `rows`; None where the store cannot tell."""
        return None

    def attachment(self, schema: ModelSchema, key: Mapping[str, Any], name: str) -> bytes | None:
        """What the row with this key has attached under a name, through the backdoor as `rows`; None for nothing."""
        raise UnsupportedError(f"{type(self).__name__} keeps no attachments", capability="attachments")

    def rows_and_count(
        self, schema: ModelSchema, key: Mapping[str, Any], connection: Any = None
    ) -> tuple[list[dict[str, Any]], int]:
        """The rows with these values, and how many rows there are in all: at once, where the store can say both at once."""
        return self.rows(schema, key, connection), self.count(schema, connection)

    @abstractmethod
    def connect(self) -> Any:
        """A new connection of the store's own client library, for the caller to close."""

    @abstractmethod
    def fingerprint(self) -> str:
        """Product and version, asked of the live store."""

    def leaks(self) -> list[str]:
        """What a test left behind that a reset does not remove: open connections, say."""
        return []
