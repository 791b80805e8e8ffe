"""The models of several themes. Themes that list the same ones are served by one driver and one store."""

import enum
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from pydantic import AwareDatetime

from orm_testing.kit.support.cases import Cases, stored
from orm_testing.model import Field, Model


class Person(Model):
    """A key that is given, a unique field, a default made anew for each, and times that the system under test fills."""

    id: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)
    name: str = "nobody"
    age: int | None = Field(None, ge=0)
    tags: list[str] = Field(default_factory=list)
    created_at: datetime | None = Field(None, auto_now_add=True)
    updated_at: datetime | None = Field(None, auto_now=True)
    changed_on: date | None = Field(None, auto_now=True)


class Seat(Model):
    """A key of two parts, and two fields that are unique together."""

    room: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    row: str = "A"
    place: int | None = None
    taken: bool = False

    __unique__ = (("row", "place"),)


class Counted(Model):
    """A key that the store counts."""

    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = "nothing"


class Drawn(Model):
    """A key that is drawn, a UUID, and a field that is stored under another name."""

    id: UUID | None = Field(None, primary_key=True, generated=True)
    name: str = "nothing"
    note: str | None = Field(None, alias="Side Note")


class PlainCases(Cases):
    """A theme whose cases store what most themes store."""

    Person = stored(Person)
    Seat = stored(Seat)
    Counted = stored(Counted)
    Drawn = stored(Drawn)


class Shade(enum.Enum):
    """What a key of an enum is taken from."""

    LIGHT = "light"
    DARK = "dark"


class ByText(Model):
    """A key that is text."""

    id: str = Field(primary_key=True)
    note: str = ""
    label: str | None = Field(None, unique=True)


class ByTextDrawn(Model):
    """A key that is text, drawn where none is given; its table's name begins as another's does."""

    id: str = Field(primary_key=True, generated=True)
    note: str = ""
    label: str | None = Field(None, unique=True)


class ByTexts(Model):
    """A key of two texts."""

    left: str = Field(primary_key=True)
    right: str = Field(primary_key=True)
    note: str = ""


class ByInteger(Model):
    """A key that is a whole number."""

    id: int = Field(primary_key=True)
    note: str = ""


class ByBool(Model):
    """A key that is one of two."""

    id: bool = Field(primary_key=True)
    note: str = ""


class ByFloat(Model):
    """A key that is a binary fraction."""

    id: float = Field(primary_key=True)
    note: str = ""


class ByDecimal(Model):
    """A key that is a decimal fraction."""

    id: Decimal = Field(primary_key=True)
    note: str = ""


class ByBytes(Model):
    """A key of bytes."""

    id: bytes = Field(primary_key=True)
    note: str = ""


class ByUuid(Model):
    """A key that is a UUID, and given."""

    id: UUID = Field(primary_key=True)
    note: str = ""


class ByEnum(Model):
    """A key that is a member of an enum."""

    id: Shade = Field(primary_key=True)
    note: str = ""


class ByDate(Model):
    """A key that is a day."""

    id: date = Field(primary_key=True)
    note: str = ""


class ByTime(Model):
    """A key that is a time of the day."""

    id: time = Field(primary_key=True)
    note: str = ""


class ByDatetime(Model):
    """A key that is a time without a zone."""

    id: datetime = Field(primary_key=True)
    note: str = ""


class ByInstant(Model):
    """A key that is an instant."""

    id: AwareDatetime = Field(primary_key=True)
    note: str = ""


class ByDuration(Model):
    """A key that is a span of time."""

    id: timedelta = Field(primary_key=True)
    note: str = ""


class KeyedCases(Cases):
    """A theme whose cases store rows by keys of every type."""

    ByText = stored(ByText)
    ByTextDrawn = stored(ByTextDrawn)
    ByTexts = stored(ByTexts)
    ByInteger = stored(ByInteger)
    ByBool = stored(ByBool)
    ByFloat = stored(ByFloat)
    ByDecimal = stored(ByDecimal)
    ByBytes = stored(ByBytes)
    ByUuid = stored(ByUuid)
    ByEnum = stored(ByEnum)
    ByDate = stored(ByDate)
    ByTime = stored(ByTime)
    ByDatetime = stored(ByDatetime)
    ByInstant = stored(ByInstant)
    ByDuration = stored(ByDuration)
