"""How the backdoor reads rows and attachments: it lists and gets, and decodes in its own way."""

import binascii
import datetime
import decimal
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from orm_testing.errors import UnavailableError
from orm_testing.filters import in_order
from orm_testing.kinds import bare, stored_form
from orm_testing.schema import FieldSchema, ModelSchema
from orm_testing.values import same
from orm_testing_drivers.s3.layout import ROW, Layout, fits

_Row = dict[str, Any]


class Asked:
    """What a server answers to requests of the backdoor's own."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def names(self, beginning: str) -> list[str]:
        """Those up to a next slash."""
        names: list[str] = []
        more: dict[str, str] = {}
        while True:
            page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=beginning, Delimiter="/", **more)
            names += [found["Key"] for found in page.get("Contents", ())]
            if not page["IsTruncated"]:
                return names
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def content(self, name: str) -> bytes | None:
        try:
            body: bytes = self._client.get_object(Bucket=self._bucket, Key=name)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                return None
            raise
        return body


class Remembered:
    """What moto in this process holds, read without a request."""

    def __init__(self, bucket: str) -> None:
        self._bucket = bucket

    def names(self, beginning: str) -> list[str]:
        from orm_testing_drivers.aws.in_process import one_at_a_time

        with one_at_a_time:
            return sorted(
                name
                for name in self._objects()
                if name.startswith(beginning) and "/" not in name[len(beginning) :]
            )

    def content(self, name: str) -> bytes | None:
        from orm_testing_drivers.aws.in_process import one_at_a_time

        with one_at_a_time:
            found = self._objects().get(name)
            return None if found is None else bytes(found.value)

    def _objects(self) -> Any:
        from orm_testing_drivers.aws.in_process import backend

        found = backend("s3").buckets.get(self._bucket)
        if found is None:
            raise UnavailableError(f"the bucket is gone: {self._bucket}")
        return found.keys


class Backdoor:
    """Where objects lie it knows from the layout; what is in them it reads by itself."""

    def __init__(self, source: Asked | Remembered) -> None:
        self._source = source

    def rows(self, layout: Layout, key: Mapping[str, Any] | None) -> list[_Row]:
        schema = layout.schema
        if key is not None and key.keys() == set(schema.key):
            names = [layout.of_key(tuple([key[name] for name in schema.key])) + ROW]
        else:
            names = self._names(layout)
        bodies = [body for name in names if fits(name) and (body := self._source.content(name)) is not None]
        rows = [row for row in (_read(schema, body) for body in bodies) if key is None or _has(row, key)]
        return in_order(rows, [(schema.by_name[name], False) for name in schema.key])

    def count(self, layout: Layout) -> int:
        return len(self._names(layout))

    def attachment(self, layout: Layout, key: Mapping[str, Any], name: str) -> bytes | None:
        place = layout.file(tuple([key[part] for part in layout.schema.key]), name)
        return self._source.content(place) if fits(place) else None

    def _names(self, layout: Layout) -> list[str]:
        return [name for name in self._source.names(layout.rows) if name.endswith(f".{ROW}")]


def _has(row: Mapping[str, Any], key: Mapping[str, Any]) -> bool:
    return all(row[name] == value or same(row[name], value) for name, value in key.items())


def _read(schema: ModelSchema, body: bytes) -> _Row:
    held = json.loads(body.decode("utf-8"))
    return {
        field.name: None if held.get(field.column) is None else _value(field, held[field.column])
        for field in schema.fields
    }


def _value(field: FieldSchema, held: Any) -> Any:
    if field.kind == "json":
        return field.from_json(json.dumps(held))
    if field.kind == "enum":
        members = bare(field.python_type)
        named = {stored_form(member): member for member in members}
        return named[held] if held in named else members(held)  # flags, none or several
    read = _READ.get(field.kind)
    return held if read is None else read(held)


def _instant(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)


_READ: Mapping[str, Callable[[Any], Any]] = {
    "float": float,
    "decimal": decimal.Decimal,
    "bytes": binascii.a2b_base64,
    "uuid": uuid.UUID,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "aware_datetime": _instant,
    "timedelta": lambda number: datetime.timedelta(microseconds=number),
}
