"""How the backdoor reads: its own requests and its own decoding, on purpose not the driver's."""

import base64
import datetime
import enum
import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from orm_testing.errors import UnavailableError
from orm_testing.filters import in_order
from orm_testing.kinds import Kind, member_of, stored_form
from orm_testing.schema import FieldSchema, ModelSchema

Decode = Callable[[FieldSchema, Any], Any]
Item = Mapping[str, Mapping[str, Any]]
"""Attributes by their names, as a client of boto3 gets them."""


class Asked:
    """What an endpoint answers to requests of the backdoor's own."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def items(self, table: str) -> Iterator[Item]:
        pages = self._pages(self._client.scan, TableName=table, ConsistentRead=True)
        return (item for page in pages for item in page["Items"])

    def partition(self, table: str, column: str, key: Mapping[str, Any]) -> Iterator[Item]:
        pages = self._pages(
            self._client.query,
            TableName=table,
            ConsistentRead=True,
            KeyConditionExpression="#key = :key",
            ExpressionAttributeNames={"#key": column},
            ExpressionAttributeValues={":key": key},
        )
        return (item for page in pages for item in page["Items"])

    def count(self, table: str) -> int:
        pages = self._pages(self._client.scan, TableName=table, ConsistentRead=True, Select="COUNT")
        return sum(page["Count"] for page in pages)

    def _pages(self, ask: Callable[..., Any], **asked: Any) -> Iterator[Any]:
        while True:
            page = ask(**asked)
            yield page
            last = page.get("LastEvaluatedKey")
            if not last:
                return
            asked["ExclusiveStartKey"] = last


class Remembered:
    """What moto in this process holds, read without a request."""

    def items(self, table: str) -> list[Item]:
        from orm_testing_drivers.aws.in_process import backend, one_at_a_time

        with one_at_a_time:
            found = backend("dynamodb").tables.get(table)
            if found is None:
                raise UnavailableError(f"the table is gone: {table}")
            return [_remembered(held.attrs) for held in found.all_items()]

    def partition(self, table: str, column: str, key: Mapping[str, Any]) -> list[Item]:
        return [item for item in self.items(table) if _plain(item[column]) == _plain(key)]

    def count(self, table: str) -> int:
        return len(self.items(table))


def _remembered(attributes: Mapping[str, Any]) -> Item:
    """Attributes of moto as a client gets them."""
    return {name: {held.type: _content(held.type, held.value)} for name, held in attributes.items()}


def _content(kind: str, value: Any) -> Any:
    if kind == "L":
        return [{held.type: _content(held.type, held.value)} for held in value]
    if kind == "M":
        return _remembered(value)
    return base64.b64decode(value) if kind == "B" and isinstance(value, str) else value


class Backdoor:
    """Reads the tables of a store."""

    def __init__(self, source: Asked | Remembered) -> None:
        self._source = source

    def rows(self, table: str, schema: ModelSchema, key: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        """The rows with these values, in the order of their keys."""
        first, wanted = schema.by_name[schema.key[0]], key or {}
        items: Iterable[Item]
        if first.name in wanted:
            asked = _key_of(first, wanted[first.name])
            items = () if asked is None else self._source.partition(table, first.column, asked)
        else:
            items = self._source.items(table)
        rows = [_row(schema, item) for item in items]
        found = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
        return in_order(found, [(schema.by_name[name], False) for name in schema.key])

    def count(self, table: str) -> int:
        return self._source.count(table)


def _key_of(field: FieldSchema, value: Any) -> dict[str, Any] | None:
    """A value of a partition key; None where no row can have it."""
    if value is None or value in ("", b""):
        return None
    if isinstance(value, bytes):
        return {"B": value}
    encode = _KEYS.get(field.kind, _number_or_text)
    asked: dict[str, Any] = encode(value)
    try:
        fits = len(str(*asked.values()).encode()) <= _LONGEST_KEY
    except UnicodeEncodeError:
        return None
    return asked if fits else None


def _number_or_text(value: Any) -> dict[str, Any]:
    value = stored_form(value) if isinstance(value, enum.Enum) else value
    if isinstance(value, int | float | Decimal):
        return {"N": str(value)}
    return {"S": str(value)}


_LONGEST_KEY = 2048
_KEYS: Mapping[Kind, Callable[[Any], dict[str, Any]]] = {
    "bool": lambda value: {"S": str(value).lower()},
    "time": lambda value: {"S": f"{value:%H:%M:%S.%f}"},
    "datetime": lambda value: {"S": value.isoformat(timespec="microseconds")},
    "aware_datetime": lambda value: {
        "S": value.astimezone(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    },
    "timedelta": lambda value: {"N": str(value // datetime.timedelta(microseconds=1))},
}


def _row(schema: ModelSchema, item: Item) -> dict[str, Any]:
    row = {}
    for field in schema.fields:
        held = _plain(item[field.column]) if field.column in item else None
        row[field.name] = None if held is None else _DECODE[field.kind](field, held)
    return row


def _plain(attribute: Mapping[str, Any]) -> Any:
    """An attribute as Python has it; numbers as decimals."""
    ((kind, content),) = attribute.items()
    if kind == "NULL":
        return None
    if kind == "N":
        return Decimal(content)
    if kind == "L":
        return [_plain(each) for each in content]
    if kind == "M":
        return {key: _plain(each) for key, each in content.items()}
    return content


def _structured(value: Any) -> Any:
    """What JSON has, of what an attribute holds: a map whose one key is `orm_testing` holds JSON text."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_structured(each) for each in value]
    if isinstance(value, dict):
        if list(value) == ["orm_testing"]:
            return json.loads(value["orm_testing"])
        return {key: _structured(each) for key, each in value.items()}
    return value


def _member(field: FieldSchema, value: Any) -> Any:
    return member_of(field.python_type, int(value) if isinstance(value, Decimal) else value)


_DECODE: Mapping[Kind, Decode] = {
    "bool": lambda _, value: value in (True, "true"),
    "int": lambda _, value: int(value),
    "float": lambda _, value: float(value),
    "decimal": lambda _, value: value,
    "text": lambda _, value: value,
    "bytes": lambda _, value: bytes(value),
    "uuid": lambda _, value: uuid.UUID(value),
    "enum": _member,
    "date": lambda _, value: datetime.date.fromisoformat(value),
    "time": lambda _, value: datetime.time.fromisoformat(value),
    "datetime": lambda _, value: datetime.datetime.fromisoformat(value),
    "aware_datetime": lambda _, value: datetime.datetime.fromisoformat(value).astimezone(datetime.UTC),
    "timedelta": lambda _, value: datetime.timedelta(microseconds=int(value)),
    "json": lambda field, value: field.from_json(json.dumps(_structured(value))),
}
