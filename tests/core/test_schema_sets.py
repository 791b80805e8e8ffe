"""`SchemaSet`: models that are stored together, and how they refer to each other."""

import itertools

import pytest

from orm_testing import ConfigurationError, Field, Model, SchemaSet, schema_of


class Country(Model):
    id: str = Field(primary_key=True)


class City(Model):
    id: str = Field(primary_key=True)
    country: str = Field(references=Country)


class Person(Model):
    id: str = Field(primary_key=True)
    born_in: str = Field(references="City")
    lives_in: str | None = Field(None, references="City")
    boss: str | None = Field(None, references="Person")


class Chicken(Model):
    id: str = Field(primary_key=True)
    egg: str | None = Field(None, references="Egg")


class Egg(Model):
    id: str = Field(primary_key=True)
    chicken: str | None = Field(None, references=Chicken)


class CountryAgain(Country):
    __tablename__ = "other_countries"


CountryAgain.__name__ = "Country"


@pytest.mark.parametrize("models", [*itertools.permutations([Country, City, Person])])
def test_parents_come_before_their_children(models):
    """In whatever order models are listed, each stands behind those it refers to."""
    assert [schema.model_class for schema in SchemaSet(models)] == [Country, City, Person]


def test_references_by_class_and_by_name_find_their_models():
    """A class, a name and the model itself lead to the right schema, from both ends."""
    schemas = SchemaSet((Person, City, Country))
    country, city, person = map(schema_of, (Country, City, Person))
    assert schemas.of(City) is city
    assert schemas.parent(city, "country") is country
    assert schemas.parent(person, "boss") is person
    assert [(field.name, parent) for field, parent in schemas.parents(person)] == [
        ("born_in", city), ("lives_in", city), ("boss", person),
    ]  # fmt: skip
    assert [(child, field.name) for child, field in schemas.children(city)] == [
        (person, "born_in"), (person, "lives_in"),
    ]  # fmt: skip
    assert schemas.children(person) == [(person, person.by_name["boss"])]
    assert schemas.parents(country) == []


@pytest.mark.parametrize("models", [(Chicken, Egg), (Egg, Chicken)])
def test_models_may_refer_to_each_other_in_a_circle(models):
    """A cycle of references is ordered somehow, and holds each model once."""
    assert {schema.model_class for schema in SchemaSet(models)} == {Chicken, Egg}
    assert len(SchemaSet(models).schemas) == 2


def test_a_model_that_is_listed_twice_counts_once():
    """Listing a model again changes nothing."""
    assert [schema.model_class for schema in SchemaSet((Country, Country))] == [Country]


def test_two_models_of_one_name_live_beside_each_other():
    """Two classes of one name are two models where their tables have two names."""
    schemas = SchemaSet((Country, CountryAgain))
    assert schemas.of(Country).table == "Country"
    assert schemas.of(CountryAgain).table == "other_countries"


def test_a_reference_holds_what_the_key_holds():
    """A field that refers to a key of another kind could never match it."""

    class Owner(Model):
        id: int = Field(primary_key=True)

    class Owned(Model):
        id: int = Field(primary_key=True)
        owner: str = Field(references=Owner)

    with pytest.raises(
        ConfigurationError, match=r"Owned.owner holds text, and the key of Owner, to which it refers, int"
    ):
        SchemaSet((Owner, Owned))


def test_a_name_that_two_models_bear_is_no_reference():
    """A reference by name needs one model of that name; the class says which."""

    def same_name(table):
        class Twin(Model):
            __tablename__ = table
            id: int = Field(primary_key=True)

        return Twin

    class Referring(Model):
        id: int = Field(primary_key=True)
        twin: int = Field(references="Twin")

    with pytest.raises(ConfigurationError, match="two models of this test are called so; name the class"):
        SchemaSet((same_name("one"), same_name("two"), Referring))
