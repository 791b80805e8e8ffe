"""Wrong declarations: each is a `ConfigurationError` that says what to write."""

import datetime
from typing import Annotated

import pydantic
import pytest

from orm_testing import ConfigurationError, Field, Model, PrimaryKey, References, SchemaSet, schema_of


def no_key():
    class Thing(Model):
        name: str

    return Thing


def no_key_plain():
    class Thing(pydantic.BaseModel):
        name: str

    return Thing


def no_fields():
    class Thing(Model):
        pass

    return Thing


def one_column_twice():
    class Thing(Model):
        id: str = Field(primary_key=True)
        a: str = Field(alias="x")
        b: str = Field(alias="x")

    return Thing


def alias_of_another_field():
    class Thing(Model):
        id: str = Field(primary_key=True)
        a: str
        b: str = Field(alias="a")

    return Thing


def time_in_text():
    class Thing(Model):
        id: str = Field(primary_key=True)
        made: str = Field("", auto_now_add=True)

    return Thing


def time_in_a_number():
    class Thing(Model):
        id: str = Field(primary_key=True)
        made: int = Field(0, auto_now=True)

    return Thing


def generated_date():
    class Thing(Model):
        id: datetime.date = Field(generated=True)

    return Thing


def generated_part():
    class Thing(Model):
        a: int = Field(generated=True)
        b: int = Field(primary_key=True)

    return Thing


def structured_key():
    class Thing(Model):
        id: list[str] = Field(primary_key=True)

    return Thing


def structured_unique():
    class Thing(Model):
        id: str = Field(primary_key=True)
        tags: list[str] = Field(unique=True)

    return Thing


def structured_unique_group():
    class Thing(Model):
        __unique__ = (("id", "tags"),)
        id: str = Field(primary_key=True)
        tags: list[str]

    return Thing


def null_without_none():
    class Thing(Model):
        id: str = Field(primary_key=True)
        other: str = Field(references="Thing", on_delete="set_null")

    return Thing


def unknown_on_delete():
    class Thing(pydantic.BaseModel):
        id: Annotated[str, PrimaryKey()]
        other: Annotated[str, References("Thing", "explode")]

    return Thing


def unknown_in_unique():
    class Thing(Model):
        __unique__ = (("tenant", "emial"),)
        id: str = Field(primary_key=True)
        tenant: str
        email: str

    return Thing


def unknown_in_indexes():
    class Thing(Model):
        __indexes__ = ("emial",)
        id: str = Field(primary_key=True)
        email: str

    return Thing


def unknown_type():
    class Thing(Model):
        id: str = Field(primary_key=True)
        other: "Nowhere"  # noqa: F821

    return Thing


@pytest.mark.parametrize(
    ("declare", "says"),
    [
        (no_key, r"no primary key\. Write `name: … = Field\(primary_key=True\)`"),
        (no_key_plain, r"`name: Annotated\[…, PrimaryKey\(\)\]`"),
        (no_fields, r"no primary key\. Write `id: "),
        (one_column_twice, r"'a' and 'b' are both stored as 'x'.*another alias"),
        (alias_of_another_field, r"'a' and 'b' are both stored as 'a'"),
        (time_in_text, r"Thing\.made: auto_now and auto_now_add are for fields of type datetime or date"),
        (time_in_a_number, r"Thing\.made: .*datetime or date"),
        (generated_date, r"Thing\.id: .*int, UUID or str, not date"),
        (generated_part, r"a generated key stands alone.*a, b"),
        (structured_key, r"Thing\.id: a key must be a plain value"),
        (structured_unique, r"tags"),
        (structured_unique_group, r"tags"),
        (null_without_none, r"Thing\.other: .*write `… \| None`"),
        (unknown_on_delete, r'"restrict", "cascade" or "set_null", not \'explode\''),
        (unknown_in_unique, r"__unique__ names 'emial'.*Did you mean 'email'\?"),
        (unknown_type, r"Nowhere"),
        (unknown_in_indexes, r"__indexes__ names 'emial'.*Did you mean 'email'\?"),
    ],
)
def test_a_wrong_declaration_says_what_to_write(declare, says):
    """The first use of a wrongly declared model is an error that names the field and the remedy."""
    model = declare()
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=says):
            schema_of(model)


@pytest.mark.parametrize("thing", [int, "User", None, 5, object()])
def test_what_is_no_pydantic_model_has_no_schema(thing):
    """`schema_of` says what it wants where it is given something else."""
    with pytest.raises(ConfigurationError, match="is not a pydantic model"):
        schema_of(thing)


class User(Model):
    id: str = Field(primary_key=True)


class Seat(Model):
    row: int = Field(primary_key=True)
    number: int = Field(primary_key=True)


def referring(to, name="Post"):
    return pydantic.create_model(
        name, __base__=Model, id=(str, Field(primary_key=True)), author=(str, Field(references=to))
    )


@pytest.mark.parametrize(
    ("models", "says"),
    [
        (
            (User, referring("Usr")),
            r"Post\.author refers to 'Usr'.*Did you mean 'User'\?.*get_test_models\(\)",
        ),
        ((referring(User),), r"Post\.author refers to 'User', which is not among the models"),
        ((Seat, referring(Seat)), r"Post\.author refers to Seat, whose key has several parts"),
        ((User, referring("User", "User")), r"both stored as 'User'.*__tablename__"),
    ],
)
def test_models_that_do_not_fit_together_are_refused(models, says):
    """A set of models is refused where a reference leads nowhere or two of them want one table."""
    with pytest.raises(ConfigurationError, match=says):
        SchemaSet(models)


def test_a_model_that_is_not_listed_is_named_with_those_that_are():
    """Asking a set for a model outside it says which models the test has and how to add one."""
    with pytest.raises(
        ConfigurationError, match=r"Seat is not among .*: User\. Return it from get_test_models"
    ):
        SchemaSet((User,)).of(Seat)
    with pytest.raises(ConfigurationError, match="which are: none"):
        SchemaSet(()).of(Seat)
