"""`Teller`: operations and answers of one test as text that is the same in another run, unless a backend differs.

What differs from run to run although nothing is wrong has a name in its place: keys that the store makes and UUIDs by
the order in which they appear, times of the run, and the words of an error. Long text is cut, and ends with its digest.
"""

import dataclasses
import enum
import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from orm_testing.errors import ConfigurationError, OperationError, UnsupportedError
from orm_testing.filters import Group
from orm_testing.operations import Operation, QueryOperation
from orm_testing.schema import FieldSchema, ModelSchema, is_described, schema_of
from orm_testing.trace import Entry, InstanceCopy
from orm_testing.values import number_of_rows

LONGEST = 600
"""How many characters of one text are told."""

_UUID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b[0-9a-f]{32}\b", re.IGNORECASE)
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
_LEEWAY = timedelta(seconds=2)


class Teller:
    """Tells one test; `began` is when it did, as an aware time."""

    def __init__(self, models: Iterable[type[Any]], began: datetime) -> None:
        self._began = began - _LEEWAY
        self._names: dict[tuple[str, Any], str] = {}
        self._schemas = [schema for model in models if (schema := _described(model)) is not None]
        self._numbered = {schema.name for schema in self._schemas if _makes_numbers(schema)}

    def asked(self, operation: Operation) -> str:
        """The operation as the call that makes it."""
        schema = _described(getattr(operation, "model_class", None))
        told: dict[str, Any] = {}
        for each in dataclasses.fields(operation):
            value = getattr(operation, each.name)
            if each.name in {"data", "changes"}:
                told[each.name] = self._fields(schema, value)
            elif each.name == "rows":
                told[each.name] = [self._fields(schema, row) for row in value]
            elif each.name == "filters":
                told[each.name] = self._conditions(schema, value)
            elif isinstance(value, InstanceCopy):
                told[each.name] = _Told(self._value(value, schema))
        return self._finished(repr(dataclasses.replace(operation, **told)))

    def answered(self, entry: Entry) -> list[str]:
        """What came back: a headline, and a line for each row."""
        if not entry.done:
            return ["the driver raised"]
        if entry.error is not None:
            return [_failure(entry.error)]
        operation = entry.operation
        schema = _described(getattr(operation, "model_class", None))
        if not isinstance(entry.answer, list):
            return ["ok" if entry.answer is None else self._finished(self._value(entry.answer, schema))]
        headline = number_of_rows(len(entry.answer))
        rows = [self._value(row, schema) for row in entry.answer]
        if not isinstance(operation, QueryOperation) or schema is None or not _makes_uuids(schema):
            return [headline, *map(self._finished, rows)]
        if operation.limit is not None or operation.offset:
            return [headline]  # which rows are on a page is for the keys to say, and these are random
        in_some_order = sorted(rows, key=lambda row: _UUID.sub("", row))
        return [headline, *sorted(map(self._finished, in_some_order))]

    def plain(self, text: str) -> str:
        """Words that are not compared, as far as a line can show them."""
        return _cut(" ".join(text.split())).encode("utf-8", "backslashreplace").decode()

    def _fields(self, schema: ModelSchema | None, data: Mapping[str, Any]) -> dict[str, "_Told"]:
        return {name: _Told(self._field(schema, name, value)) for name, value in data.items()}

    def _conditions(self, schema: ModelSchema | None, part: Any) -> Any:
        if isinstance(part, Group):
            return Group(part.joined, tuple(self._conditions(schema, inner) for inner in part.parts))
        if isinstance(part, Mapping):
            return {name: _Told(self._condition(schema, name, value)) for name, value in part.items()}
        if isinstance(part, list | tuple):
            return [self._conditions(schema, inner) for inner in part]
        return _Told(self._value(part))

    def _condition(self, schema: ModelSchema | None, name: Any, value: Any) -> str:
        field = name if schema is None or name in schema.by_name else str(name).rpartition("__")[0]
        if isinstance(value, list | tuple):
            return f"[{', '.join(self._field(schema, field, each) for each in value)}]"
        return self._field(schema, field, value)

    def _field(self, schema: ModelSchema | None, name: Any, value: Any) -> str:
        field = schema.by_name.get(name) if schema is not None and isinstance(name, str) else None
        if schema is None or field is None or value is None:
            return self._value(value)
        if (field.auto_now or field.auto_now_add) and isinstance(value, date):
            return f"<{type(value).__name__} of a write>"
        keys = self._keys_in(schema, field)
        if keys is not None and type(value) is int:
            return self._named(keys, value)
        return self._value(value)

    def _keys_in(self, schema: ModelSchema, field: FieldSchema) -> str | None:
        """The model whose store-made number the field holds."""
        if field.generated and field.kind == "int":
            return schema.name
        if field.references is None:
            return None
        model = field.references.model
        name = model if isinstance(model, str) else model.__name__
        return name if name in self._numbered else None

    def _value(self, value: Any, schema: ModelSchema | None = None) -> str:
        """The value as text; `schema` is that of the instance, or of the fields of a row, that it may be."""
        kind = type(value).__name__
        if isinstance(value, date):
            return self._time(value)
        if isinstance(value, enum.Enum):
            return f"{kind}.{value.name}"
        if isinstance(value, dict):
            pairs = ((self._value(key), self._field(schema, key, held)) for key, held in value.items())
            return f"{{{', '.join(f'{key}: {held}' for key, held in sorted(pairs))}}}"
        if isinstance(value, list | tuple | set | frozenset):
            members = map(self._value, value)
            return f"{kind}({', '.join(members if isinstance(value, list | tuple) else sorted(members))})"
        parts = _parts(value)
        if parts is None:
            return _ADDRESS.sub("", repr(value))
        name, fields = parts
        known = list(schema.by_name) if schema is not None else []
        names = sorted(fields, key=lambda name: known.index(name) if name in known else len(known))
        held = (f"{field}={self._field(schema, field, fields[field])}" for field in names)
        return f"{name}({', '.join(held)})"

    def _time(self, value: date) -> str:
        now = datetime.now(UTC) + _LEEWAY
        if not isinstance(value, datetime):
            days = {moment.date() for end in (self._began, now) for moment in (end, end.astimezone())}
            return "<today>" if value in days else repr(value)
        if value.tzinfo is not None:
            return "<now, aware>" if self._began <= value <= now else repr(value)
        for zone in (UTC, None):  # the library's own naive times are in UTC, a user's may be local
            begin, end = (moment.astimezone(zone).replace(tzinfo=None) for moment in (self._began, now))
            if begin <= value <= end:
                return "<now>"
        return repr(value)

    def _finished(self, text: str) -> str:
        def name(found: re.Match[str]) -> str:
            return self._named("UUID", found[0].replace("-", "").lower())

        return _cut(_UUID.sub(name, text)).encode("utf-8", "backslashreplace").decode()

    def _named(self, kind: str, value: Any) -> str:
        if (kind, value) not in self._names:
            alike = sum(other == kind for other, _ in self._names)
            self._names[kind, value] = f"<{kind} #{alike + 1}>"
        return self._names[kind, value]


class _Told:
    """Text that shows itself as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _parts(value: Any) -> tuple[str, Mapping[str, Any]] | None:
    """The name and the fields of what is made of such."""
    if isinstance(value, InstanceCopy):
        return value.model_name, value.values
    if hasattr(type(value), "model_fields"):
        return type(value).__name__, {**value.__dict__, **(getattr(value, "__pydantic_extra__", None) or {})}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, {
            field.name: getattr(value, field.name) for field in dataclasses.fields(value)
        }
    return None


def _described(model: Any) -> ModelSchema | None:
    if not is_described(model):
        return None
    try:
        return schema_of(model)
    except ConfigurationError:  # told to the test that uses it
        return None


def _makes_numbers(schema: ModelSchema) -> bool:
    return schema.generated is not None and schema.generated.kind == "int"


def _makes_uuids(schema: ModelSchema) -> bool:
    return schema.generated is not None and schema.generated.kind != "int"


def _failure(error: OperationError) -> str:
    told = type(error).__name__
    if isinstance(error, UnsupportedError):
        return f"{told} ({error.capability})"
    number = len(error.fields)
    return f"{told} ({number} field{'' if number == 1 else 's'})" if number else told


def _cut(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{text[: LONGEST // 2]}… ({len(text)} characters, SHA-256 {digest}…)"
