"""`DynamoStore`: tables of our own at an endpoint of DynamoDB, or in moto."""

import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from orm_testing.errors import ConfigurationError, UnavailableError
from orm_testing.schema import ModelSchema
from orm_testing_drivers.aws.client import client
from orm_testing_drivers.aws.errors import NATIVE, code_of, opening
from orm_testing_drivers.dynamodb import sentinels
from orm_testing_drivers.dynamodb.backdoor import Asked, Backdoor, Remembered
from orm_testing_drivers.dynamodb.errors import translated
from orm_testing_drivers.dynamodb.products import traits_of
from orm_testing_drivers.dynamodb.tables import Table
from orm_testing_drivers.dynamodb.writing import batches
from orm_testing_drivers.dynamodb.written import Written
from orm_testing_drivers.nosql.clients import in_our_words
from orm_testing_drivers.nosql.store import KeyedStore

_SETTLED_WITHIN = 120.0
_LONGEST_PAUSE = 1.0
_GONE = "gone"
_MANY = 50
"""From how many rows on a table is sooner made anew than emptied."""


class DynamoStore(KeyedStore):
    """A table for each model, called by the namespace and the model's table, and one called by the namespace alone.

    That one holds what is no row: an item for each unique value that is taken, and what keys are counted by.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[ModelSchema, Table] = {}
        self._made: dict[str, dict[str, Any]] = {}
        self._written = Written()
        self._client: Any = None

    @property
    def endpoint(self) -> str:
        """The URL of the server; nothing for moto in this process."""
        return self.server.url

    def address(self) -> str:
        """The namespace is the path; moto in this process has none."""
        if not self.endpoint:
            return ""
        return urlsplit(self.endpoint)._replace(path=f"/{self.namespace}").geturl()

    def table_of(self, model_class: type[Any]) -> str:
        """What the model's table is called, for who reads or writes it otherwise."""
        self.told = True
        return self.tables[self.schemas.of(model_class)].name

    def look(self) -> None:
        """The first table is asked for, and refused where there is one: a look before could only be overtaken."""
        self._client = client("dynamodb", self.endpoint)
        self._backdoor = Backdoor(Asked(self._client) if self.endpoint else Remembered())

    def enter(self) -> None:
        self._make([sentinels.definition(self.namespace)])

    def make(self) -> None:
        largest = traits_of(self.fingerprint()).largest_item
        self.tables = {schema: Table(schema, self.namespace, largest) for schema in self.schemas}
        self._make([table.definition() for table in self.tables.values()])

    def close(self) -> None:
        if self._client is None:
            return
        for name in reversed(self._made):
            with suppress(*NATIVE):  # a later run looks again
                self._client.delete_table(TableName=name)
        self._client.close()

    def heard(self, request: str, parameters: Mapping[str, Any]) -> None:
        """A driver of this store is about to send this."""
        if self._written.hear(request, parameters):
            self.touched = True

    def lost(self) -> bool:
        return self.server.stands_in and bool(_absent_in_process(self._made))

    def empty(self) -> None:
        """By the keys that were written, where nobody was told how to write others."""
        if self.server.stands_in:
            _empty_in_process(self._made if self.told else self._written.keys())
            self._make([self._made[name] for name in _absent_in_process(self._made)])
        else:
            with in_our_words(translated, *NATIVE):
                self._empty(self._found() if self.told else self._written.keys())
        self._written.clear()

    def dump(self) -> dict[str, list[Any]]:
        with in_our_words(translated, *NATIVE):
            return {name: list(self._items(name)) for name in self._made}

    def restore(self, dumped: dict[str, list[Any]]) -> None:
        puts = [(name, {"PutRequest": {"Item": item}}) for name, items in dumped.items() for item in items]
        for name, items in dumped.items():
            for item in items:
                self._written.add(name, item)
        with in_our_words(translated, *NATIVE):
            batches(self._client, puts)

    def rows(
        self, schema: ModelSchema, key: Mapping[str, Any] | None, connection: Any = None
    ) -> list[dict[str, Any]]:
        with in_our_words(translated, *NATIVE):
            return self._backdoor.rows(self.tables[schema].name, schema, key)

    def count(self, schema: ModelSchema, connection: Any = None) -> int:
        with in_our_words(translated, *NATIVE):
            return self._backdoor.count(self.tables[schema].name)

    def connect(self) -> Any:
        """A client of boto3 for the whole endpoint; `table_of` says what a model's table is called."""
        self.told = True
        return client("dynamodb", self.endpoint)

    def _make(self, definitions: Iterable[dict[str, Any]]) -> None:
        """A table of the same name that is there already is none of ours, and is left alone."""
        waiting = []
        for definition in definitions:
            name = definition["TableName"]
            with opening("DynamoDB"):
                try:
                    made = self._client.create_table(**definition)
                except ClientError as error:
                    if code_of(error) == "ResourceInUseException":
                        raise ConfigurationError(
                            f"the table {name} is there already, and is none of ours: it is left alone."
                        ) from error
                    raise
            self._made[name] = definition
            self._written.table(definition)
            if made["TableDescription"]["TableStatus"] != "ACTIVE":
                waiting.append(name)
        for name in waiting:
            self._await(name)

    def _await(self, name: str, wanted: str = "ACTIVE") -> None:
        """Ask for the state of a table until it is this one."""
        deadline, pause = time.monotonic() + _SETTLED_WITHIN, 0.005
        while self._status(name) != wanted:
            if time.monotonic() > deadline:
                raise UnavailableError(f"the table {name} was not {wanted} within {_SETTLED_WITHIN:g} s")
            threading.Event().wait(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _status(self, name: str) -> str:
        try:
            return str(self._client.describe_table(TableName=name)["Table"]["TableStatus"])
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                return _GONE
            raise

    def _empty(self, found: dict[str, list[Any]]) -> None:
        if traits_of(self.fingerprint()).tables_at_once:
            for name in [name for name, keys in found.items() if len(keys) > _MANY]:
                self._renew(name)
                del found[name]
        batches(self._client, _deletions(found))

    def _found(self) -> dict[str, list[Any]]:
        """The keys of all that is there; a table that a test dropped is made anew."""
        found = {}
        for name, definition in list(self._made.items()):
            keys = [key["AttributeName"] for key in definition["KeySchema"]]
            words = {f"#{number}": key for number, key in enumerate(keys)}
            asked = {"ProjectionExpression": ", ".join(words), "ExpressionAttributeNames": words}
            try:
                found[name] = list(self._items(name, **asked))
            except ClientError as error:
                if code_of(error) != "ResourceNotFoundException":
                    raise
                self._make([definition])
        return found

    def _renew(self, name: str) -> None:
        """Drop a table and make it again, where that takes no longer than a few requests."""
        self._client.delete_table(TableName=name)
        self._await(name, _GONE)
        self._make([self._made[name]])

    def _items(self, name: str, **asked: Any) -> Iterable[Any]:
        while True:
            page = self._client.scan(TableName=name, ConsistentRead=True, **asked)
            yield from page["Items"]
            if not page.get("LastEvaluatedKey"):
                return
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _deletions(found: Mapping[str, Iterable[Any]]) -> list[tuple[str, dict[str, Any]]]:
    return [(name, {"DeleteRequest": {"Key": key}}) for name, keys in found.items() for key in keys]


def _empty_in_process(names: Iterable[str]) -> None:
    """The memory of moto itself, which takes a fraction of what requests take."""
    from orm_testing_drivers.aws.in_process import backend, one_at_a_time

    with one_at_a_time:
        tables = backend("dynamodb").tables
        for name in names:
            if name in tables:
                tables[name].items.clear()


def _absent_in_process(names: Iterable[str]) -> list[str]:
    """Tables that moto has not any more: a test dropped them, or began a `mock_aws` of its own, which empties all of moto."""
    from orm_testing_drivers.aws.in_process import backend, one_at_a_time

    with one_at_a_time:
        tables = backend("dynamodb").tables
        return [name for name in names if name not in tables]
