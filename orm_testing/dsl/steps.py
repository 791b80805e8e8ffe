"""What a verb may ask for besides an operation: a look through the backdoor, and an empty store."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from orm_testing.operations import Operation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadBack:
    """The stored rows of a model, all or those with these values: answered with a list of dicts."""

    model_class: type[Any]
    key: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ReadBackAndCount:
    """The stored rows with these values, and how many rows the model has: answered with both."""

    model_class: type[Any]
    key: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CountRows:
    """How many rows of a model the backdoor finds: answered with a number."""

    model_class: type[Any]


@dataclass(frozen=True, slots=True)
class HasTable:
    """Whether the backdoor finds the model's table: answered with a bool, or None where it cannot tell."""

    model_class: type[Any]


@dataclass(frozen=True, slots=True)
class ReadAttachment:
    """What the row with this key has attached under a name, by the backdoor: answered with bytes, or None."""

    model_class: type[Any]
    key: Mapping[str, Any]
    name: str


@dataclass(frozen=True, slots=True)
class Reset:
    """The store as it is at the start of a test."""


Look = ReadBack | ReadBackAndCount | CountRows
Step = Operation | Look | HasTable | ReadAttachment | Reset
Verb = Generator[Step, Any, T]
"""A verb yields steps, is sent their results, and returns what the user gets."""
