"""`MongoStore`: a database of our own, on a server or in mongomock's memory."""

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from orm_testing.errors import ConfigurationError
from orm_testing.filters import in_order
from orm_testing.schema import ModelSchema, SchemaSet
from orm_testing_drivers.mongodb import backdoor
from orm_testing_drivers.mongodb.connection import HeardCollection, database_of, of_namespace, opened
from orm_testing_drivers.mongodb.dialects import Dialect, dialect_of
from orm_testing_drivers.mongodb.errors import translated
from orm_testing_drivers.mongodb.layout import Layout
from orm_testing_drivers.mongodb.names import KEYS, collection_name
from orm_testing_drivers.nosql.clients import Heard, in_our_words
from orm_testing_drivers.nosql.store import KeyedStore


class MongoStore(KeyedStore):
    """Collections with their unique indexes. A reset deletes documents where any may be, and keeps what is costly to make."""

    alone: AbstractContextManager[Any] = nullcontext()
    """Held by our clients around each request, where the product leaves others in the midst of it."""

    def __init__(self) -> None:
        super().__init__()
        self.layouts: dict[str, Layout] = {}
        self._filled: set[str] = set()

    @property
    def dialect(self) -> Dialect:
        return dialect_of(self.fingerprint())

    def client(self, heard: Heard | None = None) -> Any:
        """A client of the product's own library, for the caller to close."""
        if not self.server.stands_in:
            return opened(self.server.url, heard)
        import mongomock

        return mongomock.MongoClient(f"mongodb://localhost/{self.namespace}", _store=self._memory)

    def collections(self, client: Any, heard: Heard) -> Callable[[str], Any]:
        """The collections of the namespace by name, whose requests are heard, through a client that was given the same `heard`."""
        database = self._namespace_of(client)
        if self.server.stands_in:
            return lambda name: HeardCollection(database[name], heard)
        return lambda name: database[name]

    def wrote(self, name: str) -> None:
        """A driver is about to write to this collection."""
        self._filled.add(name)
        self.touched = True

    def connect(self) -> Any:
        """A client whose default database is the store's."""
        self.told = True
        return self.client() if self.server.stands_in else opened(self.address())

    def address(self) -> str:
        if self.server.stands_in:
            return f"mongomock://localhost/{self.namespace}"
        return of_namespace(self.server.url, self.namespace)

    def look(self) -> None:
        if self.server.stands_in:
            from mongomock import store as memory

            made: Any = memory.ServerStore
            self._memory = made()
        if not self.dialect.atomic:
            self.alone = threading.RLock()
        self._own = self.client()
        self._database = self._namespace_of(self._own)
        with ExitStack() as undoing:
            undoing.callback(self._own.close)
            with in_our_words(translated, PyMongoError):
                taken = bool(self._database.list_collection_names())
            if taken:
                raise ConfigurationError(
                    f"the database {self.namespace} is there already, and is none of ours: it is left alone."
                )
            undoing.pop_all()

    def prepare(self, schemas: SchemaSet) -> None:
        self.layouts = {collection_name(schema.table): Layout(schema, self.dialect) for schema in schemas}
        super().prepare(schemas)

    def make(self) -> None:
        with in_our_words(translated, PyMongoError):
            for name in self.layouts:
                self._make_indexes(name)
        self.touched = False

    def close(self) -> None:
        with in_our_words(translated, PyMongoError):
            try:
                self._own.drop_database(self.namespace)
            finally:
                self._own.close()

    def empty(self) -> None:
        with in_our_words(translated, PyMongoError), self.alone:
            if self.told:
                self._empty_all()
            else:
                for name in self._filled:
                    self._clear(name)
        self._filled.clear()

    def dump(self) -> Any:
        with in_our_words(translated, PyMongoError), self.alone:
            names = self._database.list_collection_names() if self.told else self._filled
            return {name: found for name in names if (found := list(self._database[name].find()))}

    def restore(self, dumped: Any) -> None:
        with in_our_words(translated, PyMongoError), self.alone:
            for name, documents in dumped.items():
                self._database[name].insert_many(documents)
        self._filled.update(dumped)

    def rows(
        self, schema: ModelSchema, key: Mapping[str, Any] | None, connection: Any = None
    ) -> list[dict[str, Any]]:
        wanted = backdoor.id_of(schema, key) if key and key.keys() == set(schema.key) else None
        query = {} if wanted is None else {"_id": wanted}
        with in_our_words(translated, PyMongoError), self.alone:
            documents = list(self._database[collection_name(schema.table)].find(query))
        rows = [backdoor.row_of(schema, document) for document in documents]
        found = [row for row in rows if backdoor.has(row, key or {})]
        return in_order(found, [(schema.by_name[name], False) for name in schema.key])

    def count(self, schema: ModelSchema, connection: Any = None) -> int:
        with in_our_words(translated, PyMongoError), self.alone:
            return int(self._database[collection_name(schema.table)].count_documents({}))

    def isolation(self) -> str:
        return "the documents are deleted from the collections that were written to, and the indexes stay"

    def _namespace_of(self, client: Any) -> Any:
        return client[self.namespace] if self.server.stands_in else database_of(client, self.namespace)

    def _clear(self, name: str) -> None:
        if self.server.stands_in:
            self._memory[self.namespace][name]._documents.clear()  # noqa: SLF001  (deleting looks at each document)
        else:
            self._database[name].delete_many({})

    def _empty_all(self) -> None:
        """A client that we do not see may have left anything: its own collections go, and ours are as they were made."""
        there = self._there()
        for name, has_options in there.items():
            if not has_options and (name in self.layouts or name == KEYS):
                self._clear(name)
            elif not name.startswith("system."):
                self._database.drop_collection(name)
        for name, layout in self.layouts.items():
            wanted = {index.document["name"] for index in _indexes(layout)}
            kept = name in there and not there[name]
            found = self._database[name].index_information().keys() if kept else set()
            if found - {"_id_"} != wanted:
                self._database.drop_collection(name)
                self._make_indexes(name)

    def _there(self) -> dict[str, bool]:
        """The collections by name, and whether one was made with options, which ours have none of."""
        if self.server.stands_in:
            return dict.fromkeys(self._database.list_collection_names(), False)
        return {each["name"]: bool(each.get("options")) for each in self._database.list_collections()}

    def _make_indexes(self, name: str) -> None:
        if indexes := _indexes(self.layouts[name]):
            self._database[name].create_indexes(indexes)


def _indexes(layout: Layout) -> list[pymongo.IndexModel]:
    """Those that see to unique values, and those that the model asks for."""
    made = []
    for number, unique in enumerate(layout.uniques):
        sparse = {"sparse": True} if unique.sparse else {}
        made.append(pymongo.IndexModel(_ascending(unique.paths), name=f"u{number}", unique=True, **sparse))
    for number, paths in enumerate(layout.indexes):
        made.append(pymongo.IndexModel(_ascending(paths), name=f"i{number}"))
    return made


def _ascending(paths: Sequence[str]) -> list[tuple[str, int]]:
    return [(path, pymongo.ASCENDING) for path in paths]
