"""The kind of a field, told from its annotation."""

import datetime
import decimal
import enum
import uuid
from typing import Annotated, Any, Literal, NewType, Optional

import pydantic
import pytest
from typing_extensions import TypeAliasType

from orm_testing.kinds import bare, kind_of, member_of, stored_form

UserId = NewType("UserId", str)
Short = TypeAliasType("Short", Annotated[str, pydantic.StringConstraints(max_length=3)])
MaybeShort = TypeAliasType("MaybeShort", Short | None)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(enum.Enum):
    ONE = 1
    TWO = "two"


class Flags(enum.Flag):
    A = 1
    B = 2


class Address(pydantic.BaseModel):
    city: str


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (bool, "bool"),
        (int, "int"),
        (pydantic.PositiveInt, "int"),
        (float, "float"),
        (decimal.Decimal, "decimal"),
        (str, "text"),
        (UserId, "text"),
        (Short, "text"),
        (pydantic.EmailStr, "text"),
        (Literal["a", "b"], "text"),
        (Literal[1, 2], "int"),
        (bytes, "bytes"),
        (uuid.UUID, "uuid"),
        (Color, "enum"),
        (Level, "enum"),
        (datetime.date, "date"),
        (datetime.time, "time"),
        (datetime.datetime, "datetime"),
        (pydantic.NaiveDatetime, "datetime"),
        (pydantic.AwareDatetime, "aware_datetime"),
        (datetime.timedelta, "timedelta"),
        (list[str], "json"),
        (dict[str, int], "json"),
        (Address, "json"),
        (int | str, "json"),
        (Literal["a", 1], "json"),
        (Literal[True, False], "json"),
    ],
)
@pytest.mark.parametrize("optional", [False, True], ids=["required", "optional"])
def test_each_annotation_has_its_kind(annotation, kind, optional):
    """An annotation has its kind whether or not it may be None, and says which of the two it is."""
    assert kind_of(Optional[annotation] if optional else annotation) == (kind, optional)  # noqa: UP045


@pytest.mark.parametrize(
    "annotation", [Annotated[str | None, "note"], MaybeShort, Annotated[UserId, "note"] | None]
)
def test_none_is_seen_through_wrappings(annotation):
    """`Annotated`, aliases and `NewType` hide neither the kind nor that None is a value."""
    assert kind_of(annotation) == ("text", True)
    assert bare(annotation) is str


@pytest.mark.parametrize("annotation", [Any, None, type(None), int | str | None])
def test_what_may_be_anything_may_be_none(annotation):
    """What has no kind of its own is JSON, and nullable where None fits the annotation."""
    assert kind_of(annotation) == ("json", True)


def test_a_literal_that_holds_none_may_be_none():
    """None among the values of a `Literal` makes the field nullable, as `| None` does."""
    assert kind_of(Literal["a", None])[1] is True  # noqa: PYI061


@pytest.mark.parametrize(
    ("member", "stored"),
    [(Color.RED, "red"), (Level.HIGH, 2), (Mixed.ONE, "ONE"), (Mixed.TWO, "TWO"), (Flags.B, 2)],
)
def test_an_enum_member_comes_back_from_its_stored_form(member, stored):
    """A member is stored by value where all values are alike, else by name, and is found again by that."""
    assert stored_form(member) == stored
    assert member_of(type(member), stored) is member
    assert member_of(type(member) | None, stored) is member
