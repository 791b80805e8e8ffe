"""`RedisStore`: all keys that begin with a name of ours, on a server or in fakeredis."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError

from orm_testing.errors import AccessError, ConfigurationError, UnavailableError
from orm_testing.schema import ModelSchema, SchemaSet
from orm_testing_drivers.nosql.clients import Heard, in_our_words
from orm_testing_drivers.nosql.store import KeyedStore
from orm_testing_drivers.redis.backdoor import Backdoor
from orm_testing_drivers.redis.connection import hear, keys_of, opened, remove
from orm_testing_drivers.redis.errors import translated
from orm_testing_drivers.redis.layout import Layout
from orm_testing_drivers.redis.scripts import ALL, EMPTY


class RedisStore(KeyedStore):
    """What is in it is removed key by key: the server's databases may have others' keys.

    A client of a test's own writes below `namespace` and a colon; what it writes elsewhere stays.
    """

    def look(self) -> None:
        """Nobody else's keys begin as ours: nothing is looked for, which would take a look at all keys of the server."""
        self._stand_in: Any = None
        if self.server.stands_in:
            import fakeredis

            self._stand_in = fakeredis.FakeServer()
        self._client = self.client()
        try:
            with in_our_words(translated, RedisError):
                for script in ALL:
                    self._client.script_load(script.text)
        except AccessError as error:
            raise ConfigurationError(
                f"this user of the given server may not do what a store needs ({error}): ACL SETUSER … ~orm_testing_* +@all"
                " -@dangerous is enough."
            ) from error
        self.schemas = SchemaSet(())
        self._layouts: dict[ModelSchema, Layout] = {}
        self._backdoor = Backdoor(self._client, self.layout)

    def make(self) -> None:
        """Redis makes keys as they are written."""

    def client(self, heard: Heard | None = None, *, pooled: bool = False) -> Any:
        """A client for a driver, which says that it writes."""
        if self._stand_in is None:
            return opened(self.server.url, heard)
        import fakeredis

        made = fakeredis.FakeRedis(server=self._stand_in, protocol=2, single_connection_client=not pooled)
        return hear(made, heard)

    def connect(self) -> Any:
        self.told = True
        return self.client(pooled=True)

    def address(self) -> str:
        """That of the server, which knows no namespaces; a stand-in has none."""
        return self.server.url

    def close(self) -> None:
        if self._stand_in is None:
            with suppress(UnavailableError):
                self.empty()
        self._client.close()

    def layout(self, schema: ModelSchema) -> Layout:
        if schema not in self._layouts:
            self._layouts[schema] = Layout(self.namespace, schema)
        return self._layouts[schema]

    def remove_rows(self, layouts: Sequence[Layout], client: Any, *, counters: bool) -> None:
        """Remove all rows that the drivers wrote, in one request; with `counters`, keys are made from 1 again."""
        self.touched = True
        keys: list[bytes] = []
        arguments: list[Any] = [b"1" if counters else b"0"]
        for layout in layouts:
            own = layout.own_keys()
            keys += own
            arguments += (layout.rows, len(own))
        EMPTY.run(client, keys, arguments)

    def empty(self) -> None:
        with in_our_words(translated, RedisError):
            if self._stand_in is not None:
                self._client.flushall()
            elif self.told:
                remove(self._client, [self.namespace])
            else:
                layouts = [self.layout(schema) for schema in self.schemas]
                self.remove_rows(layouts, self._client, counters=True)

    def dump(self) -> Any:
        with in_our_words(translated, RedisError):
            keys = keys_of(self._client, [self.namespace])
            return {key: self._client.dump(key) for key in keys}

    def restore(self, dumped: Any) -> None:
        with in_our_words(translated, RedisError):
            for key, value in dumped.items():
                self._client.restore(key, 0, value, replace=True)

    def rows(
        self, schema: ModelSchema, key: Mapping[str, Any] | None, connection: Any = None
    ) -> list[dict[str, Any]]:
        with in_our_words(translated, RedisError):
            return self._backdoor.rows(schema, key)

    def count(self, schema: ModelSchema, connection: Any = None) -> int:
        with in_our_words(translated, RedisError):
            return self._backdoor.count(schema)

    def rows_and_count(
        self, schema: ModelSchema, key: Mapping[str, Any], connection: Any = None
    ) -> tuple[list[dict[str, Any]], int]:
        with in_our_words(translated, RedisError):
            return self._backdoor.rows_and_count(schema, key)
