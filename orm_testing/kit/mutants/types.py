"""Faults of types: of what comes back."""

import enum
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pydantic

from orm_testing.kit.cases.limits import Limits
from orm_testing.kit.cases.structures import Structures
from orm_testing.kit.cases.values import Values
from orm_testing.kit.mutants.selecting import Answering
from orm_testing.kit.support.values import EAST
from orm_testing.schema import FieldSchema


class TrueComesBackAsOne(Answering):
    """A boolean comes back as an integer."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return int(value) if isinstance(value, bool) else value


class OneComesBackAsTrue(Answering):
    """An integer that is 0 or 1 comes back as a boolean."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return bool(value) if type(value) is int and value in (0, 1) and not field.primary_key else value


class TrueWithinComesBackAsOne(Answering):
    """A boolean within a dict comes back as an integer."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: int(part) if isinstance(part, bool) else part for name, part in value.items()}


class WholeFloatsComeBackAsIntegers(Answering):
    """A float without a fraction comes back as an integer."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return int(value) if isinstance(value, float) and value.is_integer() else value


class WholeDecimalsComeBackAsIntegers(Answering):
    """A Decimal without a fraction comes back as an integer."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


class BytesComeBackAsText(Answering):
    """Bytes come back as text."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return value.decode("latin-1") if isinstance(value, bytes) else value


class BytesComeBackAsAnotherType(Answering):
    """Bytes come back as a bytearray."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return bytearray(value) if isinstance(value, bytes) else value


class UuidsComeBackAsText(Answering):
    """A UUID comes back as text."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return str(value) if isinstance(value, UUID) else value


class EnumsComeBackAsTheirValue(Answering):
    """An enum comes back as its value."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return value.value if isinstance(value, enum.Enum) else value


class DatesComeBackAsDatetimes(Answering):
    """A date comes back as its midnight."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return datetime.combine(value, time()) if type(value) is date else value


class NaiveTimesComeBackAware(Answering):
    """A naive datetime comes back with a zone."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


class AwareTimesComeBackInAnotherZone(Answering):
    """An aware datetime comes back as the same instant in another zone than UTC."""

    themes = (Structures, Values)

    def told(self, field: FieldSchema, value: Any) -> Any:
        within = isinstance(value, datetime) and value.tzinfo and MINYEAR < value.year < MAXYEAR
        return value.astimezone(EAST) if within else value


class DurationsComeBackAsSeconds(Answering):
    """A duration comes back as a number."""

    themes = (Values, Limits)

    def told(self, field: FieldSchema, value: Any) -> Any:
        return value.total_seconds() if field.kind == "timedelta" else value


class TuplesComeBackAsLists(Answering):
    """A tuple comes back as a list."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return list(value) if isinstance(value, tuple) else value


class SetsComeBackAsLists(Answering):
    """A set comes back as a list."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return sorted(value) if isinstance(value, set) else value


class KeysOfDigitsComeBackAsNumbers(Answering):
    """A key of a dict that is made of digits comes back as a number."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {int(name) if str(name).isdigit() else name: part for name, part in value.items()}


class TypedKeysComeBackAsText(Answering):
    """Keys of a dict that are no text come back as text."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return {str(name): part for name, part in value.items()} if isinstance(value, dict) else value


class ModelsComeBackAsDicts(Answering):
    """A model within a model comes back as a dict."""

    themes = (Values, Structures)

    def told(self, field: FieldSchema, value: Any) -> Any:
        return value.model_dump() if isinstance(value, pydantic.BaseModel) else value


class UrlsComeBackAsText(Answering):
    """What pydantic made of text comes back as text."""

    def told(self, field: FieldSchema, value: Any) -> Any:
        return str(value) if field.name == "url" else value


class JsonComesBackAsText(Answering):
    """A structure comes back as the text that it is stored as."""

    themes = (Values, Structures)

    def told(self, field: FieldSchema, value: Any) -> Any:
        return field.to_json(value) if field.kind == "json" else value
