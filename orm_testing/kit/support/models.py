"""The models of several themes. Themes that list the same ones are served by one driver and one store."""

from datetime import datetime
from uuid import UUID

from orm_testing.model import Field, Model


class Person(Model):
    """A key that is given, a unique field, and times that the system under test fills."""

    id: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)
    name: str = "nobody"
    age: int | None = Field(None, ge=0)
    created_at: datetime | None = Field(None, auto_now_add=True)
    updated_at: datetime | None = Field(None, auto_now=True)


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
    """A key that is drawn: a UUID."""

    id: UUID | None = Field(None, primary_key=True, generated=True)
    name: str = "nothing"


PLAIN = (Person, Seat, Counted, Drawn)
"""What most themes store."""
