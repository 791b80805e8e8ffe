"""`Everything`: a model with a field of every type of value, which the themes of queries and of values share."""

import dataclasses
import enum
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import pydantic

from orm_testing.model import Field, Model


class Colour(enum.Enum):
    """An enum of text, whose members do not stand in the order of their values."""

    YELLOW = "yellow"
    RED = "red"
    BLUE = "blue"
    WHITE = "White"
    GREEN = "green"
    BLACK = "black"
    CYAN = "cyan"


class Level(enum.IntEnum):
    """An enum of integers, which as text would stand in another order."""

    TOP = 100
    HIGH = 20
    USUAL = 10
    SECOND = 9
    FIRST = 2
    NONE = 0
    BELOW = -10


class Mixed(enum.Enum):
    """An enum whose values have no type in common."""

    ONE = 1
    TWO = "two"
    THREE = 3.0


class Rights(enum.IntFlag):
    """An enum of flags: a value may have several of them, or none."""

    READ = 1
    WRITE = 2


class Address(pydantic.BaseModel):
    """A model within a model."""

    street: str
    since: datetime | None = None
    before: "Address | None" = None
    names: list[frozenset[str]] = []


@dataclasses.dataclass
class Point:
    """A dataclass within a model."""

    x: float
    y: Decimal


class Everything(Model):
    """One field of each type of value, any of which may be None."""

    id: int = Field(primary_key=True)
    flag: bool | None = None
    number: int | None = None
    real: float | None = None
    exact: Decimal | None = None
    text: str | None = None
    raw: bytes | None = None
    uid: UUID | None = None
    colour: Colour | None = None
    level: Level | None = None
    mixed: Mixed | None = None
    rights: Rights | None = None
    word: Literal["yes", "no"] | None = None
    day: date | None = None
    at: time | None = None
    naive: datetime | None = None
    aware: pydantic.AwareDatetime | None = None
    took: timedelta | None = None
    numbers: list[int] | None = None
    tags: dict[str, Any] | None = None
    days: dict[date, int] | None = None
    pair: tuple[int, str] | None = None
    members: set[int] | None = None
    home: Address | None = None
    point: Point | None = None
    url: pydantic.HttpUrl | None = None
    thing: Any = None
