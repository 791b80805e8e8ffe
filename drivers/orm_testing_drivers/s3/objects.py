"""`Objects`: the objects of one bucket, with writes that are made only where nobody else was first."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from orm_testing_drivers.aws.errors import code_of, status_of
from orm_testing_drivers.s3.layout import fits

AT_ONCE = 1000
"""How many objects one request lists or removes."""

JSON = "application/json"
_ABSENT = 404
_NOT_SO = 412


class Objects:
    """With `conditional`, the server itself judges the conditions of a write; else it is asked before, and may be overtaken."""

    def __init__(self, client: Any, bucket: str, *, conditional: bool) -> None:
        self.client = client
        self.bucket = bucket
        self.conditional = conditional
        self._seen: set[str] | None = None

    def get(self, name: str) -> tuple[bytes, str] | None:
        """The content and its ETag."""
        if not fits(name):
            return None
        try:
            found = self.client.get_object(Bucket=self.bucket, Key=name)
        except ClientError as error:
            if code_of(error) != "NoSuchKey":
                raise
            return None
        return found["Body"].read(), found["ETag"]

    def put(self, name: str, content: bytes, kind: str = JSON, **condition: str) -> str:
        """Store it, whether or not there is one; its ETag."""
        answer = self.client.put_object(
            Bucket=self.bucket, Key=name, Body=content, ContentType=kind, **condition
        )
        return str(answer["ETag"])

    def put_new(self, name: str, content: bytes) -> str | None:
        """Store it where there is none; its ETag, or None where there is one."""
        if self.conditional:
            return self._unless_refused(name, content, IfNoneMatch="*")
        if self._seen is None:
            return None if self.get(name) is not None else self.put(name, content)
        if name in self._seen:
            return None
        self._seen.add(name)
        return self.put(name, content)

    @contextmanager
    def surveyed(self, beginning: str) -> Iterator[None]:
        """In the block, a server that judges no conditions is asked once which of such names there are, and not for each."""
        if not self.conditional:
            self._seen = {name for name, _ in self.names(beginning)}
        try:
            yield
        finally:
            self._seen = None

    def put_over(self, name: str, content: bytes, tag: str) -> str | None:
        """Store it in the place of that with this ETag; its own, or None where that is not there any more."""
        if self.conditional:
            return self._unless_refused(name, content, IfMatch=tag)
        return self.put(name, content)

    def remove(self, name: str, tag: str | None = None) -> bool:
        """Remove it, where there is one; with an ETag, only what has that: False for another."""
        condition = {"IfMatch": tag} if tag is not None and self.conditional else {}
        try:
            self.client.delete_object(Bucket=self.bucket, Key=name, **condition)
        except ClientError as error:
            if not _refused(error):
                raise
            return False
        return True

    def remove_all(self, names: Sequence[str]) -> None:
        for start in range(0, len(names), AT_ONCE):
            objects = [{"Key": name} for name in names[start : start + AT_ONCE]]
            answer = self.client.delete_objects(
                Bucket=self.bucket, Delete={"Objects": objects, "Quiet": True}
            )
            for refused in answer.get("Errors", ()):
                raise ClientError({"Error": refused}, "DeleteObjects")

    def names(self, beginning: str = "", *, deep: bool = True) -> Iterator[tuple[str, str]]:
        """Names that begin so, in order, each with its ETag; all pages are followed. Not `deep`: none beyond a next slash."""
        if not fits(beginning):
            return
        options = {} if deep else {"Delimiter": "/"}
        pages = self.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=beginning, **options):
            for found in page.get("Contents", ()):
                yield found["Key"], found["ETag"]

    def first(self, beginning: str) -> str | None:
        """The first name that begins so."""
        if not fits(beginning):
            return None
        page = self.client.list_objects_v2(Bucket=self.bucket, Prefix=beginning, MaxKeys=1)
        return next((found["Key"] for found in page.get("Contents", ())), None)

    def contents(self, names: Iterable[str]) -> Iterator[bytes]:
        """What these hold that are there still."""
        for name in names:
            found = self.get(name)
            if found is not None:
                yield found[0]

    def _unless_refused(self, name: str, content: bytes, **condition: str) -> str | None:
        try:
            return self.put(name, content, **condition)
        except ClientError as error:
            if not _refused(error):
                raise
            return None


def _refused(error: ClientError) -> bool:
    """Whether a condition did not hold, which nobody can tell of a request that was sent again: the first may have been heard."""
    status = status_of(error)
    if error.response.get("ResponseMetadata", {}).get("RetryAttempts"):
        return False
    return status == _NOT_SO or (status == _ABSENT and code_of(error) == "NoSuchKey")
