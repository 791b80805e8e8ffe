"""`ModelSchema`: what a driver knows of a model."""

import datetime
from typing import Annotated

import pydantic
import pytest
from annotated_types import MaxLen

from orm_testing import (
    AutoNow,
    AutoNowAdd,
    Comment,
    Field,
    Index,
    InMemoryDriver,
    Model,
    PrimaryKey,
    References,
    SchemaSet,
    Unique,
    ValueRangeError,
    schema_of,
)
from orm_testing.schema import is_described


class Team(Model):
    id: int = Field(generated=True)


class Said(Model):
    """Declared with `Field`."""

    __tablename__ = "people"
    __comment__ = "who there is"
    __unique__ = (("city", "email"),)
    __indexes__ = ("city", ("city", "name"))

    id: str = Field(primary_key=True)
    email: str = Field(unique=True, max_length=40, comment="where to write")
    name: str = Field(index=True, alias="fullName")
    city: str | None = None
    team: int | None = Field(None, references=Team, on_delete="set_null")
    made: datetime.datetime | None = Field(None, auto_now_add=True)
    touched: pydantic.AwareDatetime | None = Field(None, auto_now=True)


class Annotation(pydantic.BaseModel):
    """The same, declared with `Annotated` on a plain pydantic model."""

    __tablename__ = "people"
    __comment__ = "who there is"
    __unique__ = (("city", "email"),)
    __indexes__ = ("city", ("city", "name"))

    id: Annotated[str, PrimaryKey()]
    email: Annotated[str, Unique, MaxLen(40), Comment("where to write")]
    name: Annotated[str, Index()] = pydantic.Field(alias="fullName")
    city: str | None = None
    team: Annotated[int | None, References(Team, "set_null")] = None
    made: Annotated[datetime.datetime | None, AutoNowAdd()] = None
    touched: Annotated[pydantic.AwareDatetime | None, AutoNow()] = None


@pytest.mark.parametrize("model", [Said, Annotation])
def test_a_schema_says_all_that_was_declared(model):
    """Table, key, constraints, columns and comments are read alike from `Field` and from `Annotated`."""
    schema = schema_of(model)
    assert (schema.name, schema.table, schema.comment) == (model.__name__, "people", "who there is")
    assert schema.key == ("id",)
    assert schema.unique == (("email",), ("city", "email"))
    assert schema.indexes == (("name",), ("city",), ("city", "name"))
    assert schema.generated is None
    email, name, team = (schema.by_name[each] for each in ("email", "name", "team"))
    assert (email.kind, email.max_length, email.comment, email.unique) == ("text", 40, "where to write", True)
    assert (name.column, name.index, name.nullable, name.required) == ("fullName", True, False, True)
    assert (team.references, team.on_delete, team.nullable) == (
        References(Team, "set_null"),
        "set_null",
        True,
    )
    assert schema.by_name["id"].on_delete == "restrict"
    assert (schema.by_name["made"].auto_now_add, schema.by_name["made"].auto_now) == (True, False)
    assert (schema.by_name["touched"].auto_now, schema.by_name["touched"].kind) == (True, "aware_datetime")
    assert "people" in repr(schema)


def test_both_ways_of_declaring_give_equal_fields():
    """Field by field, `Field` and `Annotated` are two spellings of one schema."""
    for said, annotated in zip(schema_of(Said).fields, schema_of(Annotation).fields, strict=True):
        assert said == annotated


def test_a_table_is_called_as_its_class_unless_it_says_otherwise():
    """Without `__tablename__` the table bears the name of the class."""
    assert schema_of(Team).table == "Team"
    assert schema_of(Team).comment is None


def test_a_description_serves_as_comment():
    """Pydantic's own description is the comment where no other is given."""

    class Thing(Model):
        id: str = Field(primary_key=True, description="the key")

    assert schema_of(Thing).by_name["id"].comment == "the key"


def test_a_key_may_have_several_parts():
    """Several `primary_key=True` make one composite key, in the order of declaration."""

    class Seat(Model):
        row: int = Field(primary_key=True)
        number: int = Field(primary_key=True)
        taken: bool = False

    schema = schema_of(Seat)
    assert schema.key == ("row", "number")
    assert schema.key_of(Seat(row=1, number=2)) == {"row": 1, "number": 2}


def test_a_generated_key_is_known():
    """`generated` names the one field whose value the store makes."""
    schema = schema_of(Team)
    assert schema.generated is schema.by_name["id"]
    assert schema.by_name["id"].primary_key


def test_values_of_an_instance_are_copies():
    """`values_of` holds every field and shares nothing with the instance."""

    class Bag(Model):
        id: str = Field(primary_key=True)
        things: list[list[int]] = Field(default_factory=list)

    bag = Bag(id="b", things=[[1]])
    values = schema_of(Bag).values_of(bag)
    bag.things[0].append(2)
    assert values == {"id": "b", "things": [[1]]}


def test_metadata_of_others_is_let_be():
    """Metadata that is not ours, a class included, is nothing to the schema."""

    class Marker:
        def __init__(self, needed):
            self.needed = needed

    class Thing(pydantic.BaseModel):
        id: Annotated[str, PrimaryKey(), Marker(1), "note", Marker]

    assert schema_of(Thing).key == ("id",)


class Ignoring(pydantic.BaseModel):
    id: Annotated[str, PrimaryKey()]


class Allowing(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow")
    id: Annotated[str, PrimaryKey()]


class Frozen(Model):
    model_config = pydantic.ConfigDict(frozen=True)
    id: str = Field(primary_key=True)


class Private(Model):
    id: str = Field(primary_key=True)
    _note: str = pydantic.PrivateAttr("untouched")


@pytest.mark.parametrize("model", [Team, Ignoring, Allowing, Frozen, Private])
def test_an_instance_of_stored_values_equals_one_that_was_validated(model):
    """What `instance` makes of stored values equals a validated instance, whatever the model's configuration."""
    key = 1 if model is Team else "k"
    assert schema_of(model).instance({"id": key}) == model(id=key)


def test_an_instance_of_stored_values_has_its_private_attributes():
    """A private attribute has its default on an instance that came from the store."""
    assert schema_of(Private).instance({"id": "k"})._note == "untouched"


class Early(Model):
    id: str = Field(primary_key=True)
    home: "Address | None" = None


def test_a_model_may_name_a_class_that_comes_later():
    """An annotation that was not yet defined when the model was is looked up when the schema is made."""
    assert schema_of(Early).by_name["home"].nullable
    assert schema_of(Early).by_name["home"].kind == "json"


class Address(pydantic.BaseModel):
    city: str
    zip_code: str = pydantic.Field("", alias="zip")


class Rich(Model):
    id: str = Field(primary_key=True)
    numbers: dict[int, float] = Field(default_factory=dict)
    blobs: list[bytes] = Field(default_factory=list)
    when: list[datetime.datetime] = Field(default_factory=list)
    home: Address | None = None
    letters: set[str] = Field(default_factory=set)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("numbers", {2: 1.5, 1: float("inf")}),
        ("blobs", [b"\x00\xff", b""]),
        ("when", [datetime.datetime.fromisoformat("2024-01-02T03:04:05.000006")]),
        ("home", Address(city="Łódź")),
        ("home", Address(city="X", zip="123")),
        ("home", None),
        ("letters", {"b", "a", "😀"}),
    ],
)
def test_structured_values_survive_json(name, value):
    """What a typed field holds comes back from its canonical text equal and of its type."""
    field = schema_of(Rich).by_name[name]
    again = field.from_json(field.to_json(value))
    assert again == value
    assert type(again) is type(value)


def test_canonical_text_does_not_depend_on_order():
    """Equal dicts have one text, whatever order they were made in, and text is kept readable."""
    field = schema_of(Rich).by_name["numbers"]
    assert field.to_json({1: 1.0, 2: 2.0}) == field.to_json({2: 2.0, 1: 1.0})
    assert "Łódź" in schema_of(Rich).by_name["home"].to_json(Address(city="Łódź"))


def test_a_value_without_a_json_form_is_an_error_that_names_the_field():
    """What cannot be written as JSON is a `ValueRangeError` with the field's name."""

    class Anything(Model):
        id: str = Field(primary_key=True)
        thing: object = None

    with pytest.raises(ValueRangeError, match=r"thing: .* has no JSON form") as caught:
        schema_of(Anything).by_name["thing"].to_json(object())
    assert caught.value.fields == ("thing",)


def test_only_pydantic_models_are_described():
    """`is_described` holds for pydantic's classes alone, not for instances or other types."""
    assert is_described(Team)
    assert is_described(Ignoring)
    assert not any(map(is_described, [Team(id=1), int, "Team", None, InMemoryDriver, SchemaSet]))
