"""How the backdoor reads rows: by plain commands, and with a decoding of its own."""

import datetime
import decimal
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orm_testing.filters import in_order
from orm_testing.kinds import bare, stored_form
from orm_testing.schema import FieldSchema, ModelSchema
from orm_testing.values import same
from orm_testing_drivers.redis.layout import Layout

_Row = dict[str, Any]


class Backdoor:
    """Where rows lie it knows from the layout; what is in them it reads by itself."""

    def __init__(self, client: Any, layout: Callable[[ModelSchema], Layout]) -> None:
        self._client = client
        self._layout = layout

    def rows(self, schema: ModelSchema, key: Mapping[str, Any] | None) -> list[_Row]:
        if key is not None and key.keys() == set(schema.key):
            return _read(schema, [self._client.hgetall(self._place(schema, key))])
        layout = self._layout(schema)
        reads = self._client.pipeline(transaction=False)
        for found in self._client.zrange(layout.by_key.key, 0, -1):
            reads.hgetall(layout.rows + found)
        rows = [row for row in _read(schema, reads.execute()) if key is None or _has(row, key)]
        return in_order(rows, [(schema.by_name[name], False) for name in schema.key])

    def count(self, schema: ModelSchema) -> int:
        return int(self._client.zcard(self._layout(schema).by_key.key))

    def rows_and_count(self, schema: ModelSchema, key: Mapping[str, Any]) -> tuple[list[_Row], int]:
        if key.keys() != set(schema.key):
            return self.rows(schema, key), self.count(schema)
        both = self._client.pipeline(transaction=False)
        both.hgetall(self._place(schema, key))
        both.zcard(self._layout(schema).by_key.key)
        found, number = both.execute()
        return _read(schema, [found]), int(number)

    def _place(self, schema: ModelSchema, key: Mapping[str, Any]) -> bytes:
        layout = self._layout(schema)
        return layout.rows + layout.id_of([key[name] for name in schema.key])


def _has(row: Mapping[str, Any], key: Mapping[str, Any]) -> bool:
    return all(row[name] == value or same(row[name], value) for name, value in key.items())


def _read(schema: ModelSchema, hashes: Sequence[Mapping[bytes, bytes]]) -> list[_Row]:
    columns = [(field, field.column.encode("utf-8", "surrogatepass")) for field in schema.fields]
    return [
        {field.name: _value(field, found[column]) if column in found else None for field, column in columns}
        for found in hashes
        if found
    ]


def _value(field: FieldSchema, raw: bytes) -> Any:
    if field.kind == "bytes":
        return raw
    text = raw.decode("utf-8", "surrogatepass")
    if field.kind == "json":
        return field.from_json(text)
    if field.kind == "enum":
        members = bare(field.python_type)
        named = {str(stored_form(member)): member for member in members}
        return named[text] if text in named else members(int(text))  # flags, none or several
    return _READ[field.kind](text)


def _instant(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).astimezone(datetime.UTC)


_READ: Mapping[str, Callable[[str], Any]] = {
    "bool": lambda text: bool(json.loads(text)),
    "int": int,
    "float": float,
    "decimal": decimal.Decimal,
    "text": str,
    "uuid": uuid.UUID,
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "datetime": datetime.datetime.fromisoformat,
    "aware_datetime": _instant,
    "timedelta": lambda text: datetime.timedelta(microseconds=int(text)),
}
