"""The models on which capabilities are probed: each has what some capability speaks of, and little else."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from orm_testing.kit.support.cases import Cases, stored
from orm_testing.model import Field, Model


class Sample(Model):
    """A field of each type whose values a capability bounds, one that is unique, one that is indexed, and a time that is filled."""

    id: str = Field(primary_key=True)
    unique: str | None = Field(None, unique=True)
    indexed: int | None = Field(None, index=True)
    number: int | None = None
    real: float | None = None
    exact: Decimal | None = None
    text: str | None = None
    thing: Any = None
    at: datetime | None = None
    made_at: datetime | None = Field(None, auto_now_add=True)


class Tally(Model):
    """A key that the store counts."""

    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""


class Place(Model):
    """A key of two parts."""

    room: str = Field(primary_key=True)
    number: int = Field(primary_key=True)


class Owner(Model):
    """What is referred to."""

    id: str = Field(primary_key=True)


class Owned(Model):
    """What refers to it, and goes with it."""

    id: str = Field(primary_key=True)
    owner: str = Field(references=Owner, on_delete="cascade")


class Shape(Model):
    """A table that is made, dropped and changed."""

    id: str = Field(primary_key=True)
    name: str = ""


class Reshaped(Model):
    """What becomes of it."""

    __tablename__ = "Shape"

    id: str = Field(primary_key=True)
    name: str = ""
    size: int = 1


class SampleCases(Cases):
    """A theme whose cases store what capabilities are probed on."""

    Sample = stored(Sample)
    Tally = stored(Tally)
    Place = stored(Place)
    Owner = stored(Owner)
    Owned = stored(Owned)
    Shape = stored(Shape)
