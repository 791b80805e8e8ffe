"""The backdoor's own word on how values lie in documents: it shares the names with the driver, and no code of values."""

import datetime
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from orm_testing.kinds import member_of, stored_form
from orm_testing.schema import FieldSchema, ModelSchema
from orm_testing.values import same
from orm_testing_drivers.mongodb.names import BY, column_name, unescaped

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def row_of(schema: ModelSchema, document: Mapping[str, Any]) -> dict[str, Any]:
    """A stored document as a row of the model."""
    key = document["_id"]
    row = {}
    for field in schema.fields:
        name = column_name(field.column)
        held = document.get(name)
        micros = document.get(f"{BY}{name}")
        if field.primary_key:
            part = key[name] if len(schema.key) > 1 else key
            held, micros = (part, None) if held is None else (held, part)
        row[field.name] = None if held is None else _read(field, held, micros)
    return row


def id_of(schema: ModelSchema, key: Mapping[str, Any]) -> Any:
    """The `_id` of a row with this key, where it is as plain as the key; None where it is not."""
    parts = {}
    for name in schema.key:
        field, value = schema.by_name[name], key[name]
        if field.kind == "enum":
            value = stored_form(value)
        elif field.kind not in ("int", "text", "bool"):
            return None
        if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
            return None
        if type(value) is int and value.bit_length() > 63:  # noqa: PLR2004
            return None
        parts[column_name(field.column)] = value
    return parts if len(parts) > 1 else next(iter(parts.values()))


def has(row: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return all(row[name] == value or same(row[name], value) for name, value in values.items())


def _read(field: FieldSchema, held: Any, exact: Any) -> Any:
    if field.kind in ("datetime", "aware_datetime"):
        return _moment(held, exact, aware=field.kind == "aware_datetime")
    read = _READ.get(field.kind)
    return held if read is None else read(field, held)


def _moment(held: datetime.datetime, exact: int | None, *, aware: bool) -> datetime.datetime:
    """The date, with the microseconds that stand beside it where they are of the same millisecond."""
    moment = held.replace(tzinfo=datetime.UTC)
    if exact is not None and (moment - _EPOCH) // datetime.timedelta(milliseconds=1) == exact // 1000:
        moment = moment.replace(microsecond=exact % 1_000_000)
    return moment if aware else moment.replace(tzinfo=None)


def _plain(held: Any) -> Any:
    if isinstance(held, list):
        return list(map(_plain, held))
    if not isinstance(held, dict):
        return held
    if held.keys() == {"%int"}:
        return int(held["%int"])
    if held.keys() == {"%float"}:
        return float(held["%float"])
    if held.keys() == {"%list"}:
        return list(map(_plain, held["%list"]))
    return {unescaped(name): _plain(inner) for name, inner in held.items()}


_READ: Mapping[str, Callable[[FieldSchema, Any], Any]] = {
    "int": lambda _, held: int(held),
    "decimal": lambda _, held: Decimal(str(held)),
    "bytes": lambda _, held: bytes(held),
    "uuid": lambda _, held: UUID(bytes=bytes(held)),
    "enum": lambda field, held: member_of(field.python_type, held),
    "date": lambda _, held: datetime.date(held.year, held.month, held.day),
    "time": lambda _, held: datetime.time.fromisoformat(held),
    "timedelta": lambda _, held: datetime.timedelta(microseconds=held),
    "json": lambda field, held: field.from_json(json.dumps(_plain(held))),
}
