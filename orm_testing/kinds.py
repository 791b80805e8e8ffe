"""The kind of a field: what sort of values a store must hold, told from the annotation."""

import datetime
import decimal
import enum
import types
import typing
import uuid
from typing import Any, Literal

import pydantic

Kind = Literal[
    "bool", "int", "float", "decimal", "text", "bytes", "uuid", "enum", "date", "time", "datetime",
    "aware_datetime", "timedelta", "json",
]  # fmt: skip

_KINDS: dict[Any, Kind] = {
    bool: "bool",
    int: "int",
    float: "float",
    decimal.Decimal: "decimal",
    str: "text",
    pydantic.EmailStr: "text",
    bytes: "bytes",
    uuid.UUID: "uuid",
    datetime.date: "date",
    datetime.time: "time",
    datetime.datetime: "datetime",
    pydantic.NaiveDatetime: "datetime",
    pydantic.AwareDatetime: "aware_datetime",
    datetime.timedelta: "timedelta",
}


def bare(annotation: Any) -> Any:
    """The annotation without `Annotated`, `NewType`, `type X = …` and `| None`."""
    while True:
        if isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif typing.get_origin(annotation) is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif hasattr(annotation, "__value__"):
            annotation = annotation.__value__
        elif typing.get_origin(annotation) in (typing.Union, types.UnionType):
            rest = [part for part in typing.get_args(annotation) if part is not type(None)]
            if len(rest) != 1:
                return annotation
            annotation = rest[0]
        else:
            return annotation


def kind_of(annotation: Any) -> tuple[Kind, bool]:
    """The kind, and whether `None` is a value. What has no kind of its own is stored as JSON."""
    nullable = _accepts_none(annotation)
    plain = bare(annotation)
    if isinstance(plain, type) and plain in _KINDS:
        return _KINDS[plain], nullable
    if isinstance(plain, type) and issubclass(plain, enum.Enum):
        return "enum", nullable
    if typing.get_origin(plain) is Literal:
        values = [value for value in typing.get_args(plain) if value is not None]
        if all(type(value) is str for value in values):
            return "text", nullable
        if all(type(value) is int for value in values):
            return "int", nullable
    return "json", nullable


def stored_form(member: enum.Enum) -> Any:
    """An enum member as it is stored and ordered: its value where all values are text or all are integers."""
    kinds = {type(other.value) for other in type(member)}
    return member.value if kinds in ({str}, {int}) else member.name


def member_of(python_type: Any, stored: Any) -> Any:
    """The enum member whose `stored_form` this is."""
    members = bare(python_type)
    kinds = {type(other.value) for other in members}
    return members(stored) if kinds in ({str}, {int}) else members[stored]


def _accepts_none(annotation: Any) -> bool:
    if annotation is Any or annotation is None or annotation is type(None):
        return True
    if typing.get_origin(annotation) is Literal:
        return None in typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Annotated:
        return _accepts_none(typing.get_args(annotation)[0])
    if hasattr(annotation, "__value__"):
        return _accepts_none(annotation.__value__)
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return any(_accepts_none(part) for part in typing.get_args(annotation))
    return False
