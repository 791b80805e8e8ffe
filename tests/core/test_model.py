"""`Model` and `Field`: pydantic's, with the words that storage needs."""

import datetime

import pydantic
import pytest

from orm_testing import (
    AutoNow,
    AutoNowAdd,
    Comment,
    ConfigurationError,
    Field,
    Index,
    Model,
    PrimaryKey,
    References,
    Unique,
)


@pytest.mark.parametrize(
    ("options", "mark"),
    [
        ({"primary_key": True}, PrimaryKey()),
        ({"generated": True}, PrimaryKey(generated=True)),
        ({"primary_key": True, "generated": True}, PrimaryKey(generated=True)),
        ({"unique": True}, Unique()),
        ({"index": True}, Index()),
        ({"auto_now": True}, AutoNow()),
        ({"auto_now_add": True}, AutoNowAdd()),
        ({"references": "User"}, References("User")),
        ({"references": "User", "on_delete": "cascade"}, References("User", "cascade")),
        ({"comment": "what it is"}, Comment("what it is")),
    ],
)
def test_each_word_of_storage_is_metadata(options, mark):
    """An option of `Field` is exactly the mark that stands for it in `Annotated`."""
    assert Field(**options).metadata == [mark]


def test_pydantics_own_options_do_what_they_do_in_pydantic():
    """Constraints refuse, factories fill, and a default stands, beside the words of storage."""

    class Thing(Model):
        id: str = Field(primary_key=True, max_length=3)
        age: int = Field(5, ge=0)
        tags: list[str] = Field(default_factory=list, comment="words")

    assert (Thing(id="a").age, Thing(id="a").tags) == (5, [])
    assert Thing(id="a").tags is not Thing(id="b").tags
    for wrong in ({"id": "long"}, {"id": "a", "age": -1}, {}):
        with pytest.raises(pydantic.ValidationError):
            Thing(**wrong)


def test_a_model_forbids_fields_that_it_does_not_have():
    """A `Model` refuses an unknown field, and a project may lift that with its own configuration."""

    class Strict(Model):
        id: str = Field(primary_key=True)

    class Loose(Strict):
        model_config = pydantic.ConfigDict(extra="ignore")

    with pytest.raises(pydantic.ValidationError, match="Extra inputs"):
        Strict(id="a", nmae="x")
    assert Loose(id="a", nmae="x") == Loose(id="a")


def test_a_time_field_needs_no_default_when_the_store_fills_it():
    """`auto_now_add` leaves the field's default to the model, so that None may be one."""

    class Thing(Model):
        id: str = Field(primary_key=True)
        made: datetime.datetime | None = Field(None, auto_now_add=True)

    assert Thing(id="a").made is None


def test_on_delete_needs_a_reference():
    """Without `references`, `on_delete` would say nothing of anything."""
    with pytest.raises(ConfigurationError, match="on_delete='cascade' needs references="):
        Field(on_delete="cascade")
