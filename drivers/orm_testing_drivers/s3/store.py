"""`S3Store`: a bucket of its own, or a part of the bucket that the URL names; in moto as on a server."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from orm_testing.schema import ModelSchema
from orm_testing_drivers.aws.errors import NATIVE, code_of, opening
from orm_testing_drivers.nosql.clients import Heard, in_our_words
from orm_testing_drivers.nosql.store import KeyedStore
from orm_testing_drivers.s3.backdoor import Asked, Backdoor, Remembered
from orm_testing_drivers.s3.buckets import check_free, client, given_bucket, make_bucket, mark, remove
from orm_testing_drivers.s3.errors import translated
from orm_testing_drivers.s3.layout import Layout, bucket_of
from orm_testing_drivers.s3.objects import Objects

_READING = frozenset({"GetObject", "HeadObject", "ListObjectsV2"})


class S3Store(KeyedStore):
    """All that is in a bucket of its own is removed; in one that was given, what lies below `namespace` and a slash."""

    bucket: str
    beginning: str
    """How the names of all objects begin that are ours."""

    conditional: bool
    """Whether the server judges the conditions of a write, as it was seen to do."""

    def look(self) -> None:
        self._given = given_bucket(self.server.url)
        self.bucket = self._given or bucket_of(self.namespace)
        self.beginning = f"{self.namespace}/" if self._given else ""
        self._client = self.client()
        if self._given is not None:
            with opening("S3"):
                check_free(self._client, self._given, self.namespace)
        self._layouts: dict[ModelSchema, Layout] = {}
        self._made: set[str] = set()
        self._objects = Objects(self._client, self.bucket, conditional=False)
        stands_in = self.server.stands_in
        self._backdoor = Backdoor(Remembered(self.bucket) if stands_in else Asked(self._client, self.bucket))

    def enter(self) -> None:
        with opening("S3"):
            self._make_bucket()

    def make(self) -> None:
        """Objects are made as they are written."""

    def client(self, heard: Heard | None = None) -> Any:
        """A client for a driver."""
        return client(self.server.url, heard)

    def connect(self) -> Any:
        """A client of boto3. What is in `bucket` is the store's; in a given one, what lies below `namespace`."""
        self.told = True
        return self.client()

    def address(self) -> str:
        """That of the server, with the bucket as its path; moto in this process has none."""
        if not self.server.url:
            return ""
        return urlunsplit(urlsplit(self.server.url)._replace(path=f"/{quote(self.bucket)}"))

    def close(self) -> None:
        with suppress(*NATIVE):
            remove(self._client, self.server.url, self.namespace)
        self._client.close()

    def heard(self, request: str, parameters: Mapping[str, Any]) -> None:
        """A driver of this store is about to send this: what it makes is known to a reset without a look."""
        if request == "PutObject":
            self._made.add(parameters["Key"])
        if request not in _READING:
            self.touched = True

    def layout(self, schema: ModelSchema) -> Layout:
        if schema not in self._layouts:
            self._layouts[schema] = Layout(schema, self.beginning)
        return self._layouts[schema]

    def lost(self) -> bool:
        """A `mock_aws` that a test begins empties all of moto."""
        if not self.server.stands_in:
            return False
        from orm_testing_drivers.aws.in_process import backend, one_at_a_time

        with one_at_a_time:
            return self.bucket not in backend("s3").buckets

    def empty(self) -> None:
        """A bucket that a test removed is made again."""
        with in_our_words(translated, *NATIVE):
            try:
                if not self.server.stands_in:
                    self._objects.remove_all(self._names() if self.told else list(self._made))
                elif self.lost():
                    self._make_bucket()
                else:
                    self._empty_in_memory()
            except ClientError as error:
                if code_of(error) != "NoSuchBucket" or self._given is not None:
                    raise
                self._make_bucket()
        self._made.clear()

    def dump(self) -> Any:
        with in_our_words(translated, *NATIVE):
            return {name: self._objects.get(name) for name in self._names()}

    def restore(self, dumped: Any) -> None:
        self._made.update(dumped)
        with in_our_words(translated, *NATIVE):
            for name, (content, _) in dumped.items():
                self._objects.put(name, content)

    def rows(
        self, schema: ModelSchema, key: Mapping[str, Any] | None, connection: Any = None
    ) -> list[dict[str, Any]]:
        with in_our_words(translated, *NATIVE):
            return self._backdoor.rows(self.layout(schema), key)

    def count(self, schema: ModelSchema, connection: Any = None) -> int:
        with in_our_words(translated, *NATIVE):
            return self._backdoor.count(self.layout(schema))

    def attachment(self, schema: ModelSchema, key: Mapping[str, Any], name: str) -> bytes | None:
        with in_our_words(translated, *NATIVE):
            return self._backdoor.attachment(self.layout(schema), key, name)

    def _make_bucket(self) -> None:
        if self._given is None:
            make_bucket(self._client, self.bucket)
        self.conditional = mark(self._client, self.bucket, self.namespace)

    def _names(self) -> list[str]:
        ours = f"{self.namespace}.ours"
        return [name for name, _ in self._objects.names(self.beginning) if name != ours]

    def _empty_in_memory(self) -> None:
        """Without a request, moto's own memory of the bucket is emptied."""
        from orm_testing_drivers.aws.in_process import backend, one_at_a_time

        with one_at_a_time:
            objects = backend("s3").buckets[self.bucket].keys
            for name in list(objects):
                if name != f"{self.namespace}.ours":
                    objects.pop(name)
