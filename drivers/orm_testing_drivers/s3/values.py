"""Rows as JSON: numbers, text and truth values as JSON has them, and what it has not as text that people read."""

import base64
import datetime
import json
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from orm_testing.errors import ValueRangeError
from orm_testing.kinds import Kind, member_of, stored_form
from orm_testing.schema import FieldSchema, ModelSchema
from orm_testing_drivers.nosql.collection import Row

_STEP = datetime.timedelta(microseconds=1)


def encoded(schema: ModelSchema, row: Mapping[str, Any]) -> bytes:
    """The row as an object holds it; `ValueRangeError` for a value that has no JSON."""
    document = {}
    for field in schema.fields:
        value = row[field.name]
        if value is not None:
            convert = _TO_JSON.get(field.kind)
            try:
                value = convert(field, value) if convert else value
                if field.kind == "int":
                    str(value)
            except ValueError as error:
                raise ValueRangeError(
                    f"{schema.name}.{field.name} cannot be stored: {error}",
                    model=schema.name,
                    fields=(field.name,),
                ) from error
        document[field.column] = value
    return json_bytes(document)


def json_bytes(document: Any) -> bytes:
    """Text as it is; half of a surrogate pair, which UTF-8 has not, as an escape, and all beyond ASCII beside it."""
    try:
        return json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(document).encode("ascii")


def decoded(schema: ModelSchema, body: bytes) -> Row:
    """The row that an object holds; what it has not is None, what the model has not is left out."""
    document = json.loads(body)
    row: Row = {}
    for field in schema.fields:
        value = document.get(field.column)
        convert = _FROM_JSON.get(field.kind)
        row[field.name] = value if value is None or convert is None else convert(field, value)
    return row


def _float(_: FieldSchema, value: float) -> float | str:
    return value if math.isfinite(value) else str(value)


def _aware(_: FieldSchema, value: datetime.datetime) -> str:
    return value.astimezone(datetime.UTC).isoformat("T", "microseconds")


_TO_JSON: Mapping[Kind, Callable[[FieldSchema, Any], Any]] = {
    "float": _float,
    "decimal": lambda _, value: str(value),
    "bytes": lambda _, value: base64.b64encode(value).decode("ascii"),
    "uuid": lambda _, value: str(value),
    "enum": lambda _, value: stored_form(value),
    "date": lambda _, value: value.isoformat(),
    "time": lambda _, value: value.isoformat("microseconds"),
    "datetime": lambda _, value: value.isoformat("T", "microseconds"),
    "aware_datetime": _aware,
    "timedelta": lambda _, value: value // _STEP,
    "json": lambda field, value: json.loads(field.to_json(value)),
}

_FROM_JSON: Mapping[Kind, Callable[[FieldSchema, Any], Any]] = {
    "float": lambda _, value: float(value),
    "decimal": lambda _, value: Decimal(value),
    "bytes": lambda _, value: base64.b64decode(value),
    "uuid": lambda _, value: UUID(value),
    "enum": lambda field, value: member_of(field.python_type, value),
    "date": lambda _, value: datetime.date.fromisoformat(value),
    "time": lambda _, value: datetime.time.fromisoformat(value),
    "datetime": lambda _, value: datetime.datetime.fromisoformat(value),
    "aware_datetime": lambda _, value: datetime.datetime.fromisoformat(value).astimezone(datetime.UTC),
    "timedelta": lambda _, value: value * _STEP,
    "json": lambda field, value: field.from_json(json.dumps(value, ensure_ascii=False)),
}
