"""`given`: a row of which the test names what matters."""

import datetime
import decimal
import enum
import re
import sys
import uuid
from typing import Annotated, Literal

import annotated_types
import pydantic
import pytest

from orm_testing import ConfigurationError, Field, Model, VerificationError
from orm_testing.dsl.known import Known


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Address(pydantic.BaseModel):
    city: str
    number: int = pydantic.Field(ge=1, le=5)


class Team(Model):
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)


class Person(Model):
    id: str = Field(primary_key=True)
    team: str = Field(references=Team)
    email: str = Field(unique=True, max_length=20)
    code: str = Field(pattern=r"^[A-Z]{3}$")
    age: int = Field(ge=18, le=99)
    price: decimal.Decimal = Field(max_digits=6, decimal_places=2)
    share: float = Field(gt=0, lt=1)
    color: Color
    size: Literal["S", "M"]
    born: datetime.date
    wakes: datetime.time
    seen: datetime.datetime
    sent: pydantic.AwareDatetime
    took: datetime.timedelta
    token: uuid.UUID
    raw: bytes
    home: Address
    tags: list[str]
    scores: dict[str, int] = Field(default_factory=dict)
    words: Annotated[set[int], annotated_types.Len(1, 3)] = Field(default_factory=set)
    nickname: str | None = None
    full: str = Field(alias="fullName")
    boss: str | None = Field(None, references="Person")
    made: datetime.datetime = Field(None, auto_now_add=True)


class Auto(Model):
    id: int | None = Field(None, generated=True)
    name: str


class Goal(Model):
    id: uuid.UUID = Field(primary_key=True)
    scorer: str = Field(references="Person")


class Badge(Model):
    person: str = Field(primary_key=True, references=Person)


class Switch(Model):
    on: bool = Field(primary_key=True)


class Seat(Model):
    row: Literal["A", "B"] = Field(primary_key=True)
    number: int = Field(primary_key=True)


class Link(Model):
    id: str = Field(primary_key=True)
    team: str | None = Field(references=Team)


class Loop(Model):
    id: str = Field(primary_key=True)
    parent: str = Field(references="Loop")


class Named(Model):
    model_config = pydantic.ConfigDict(populate_by_name=True)
    id: str = Field(primary_key=True)
    full: str = Field(alias="fullName")


MODELS = (Team, Person, Auto, Goal, Badge, Switch, Seat, Link, Loop, Named)
FROZEN = datetime.datetime.fromisoformat("2024-01-01T00:00:00")


@pytest.fixture
def fresh(make_orm):
    """Makes fresh clients that know all models and whose clock stands still."""

    def make():
        orm = make_orm(*MODELS)
        orm.clock.freeze(FROZEN)
        return orm

    return make


def test_all_that_is_not_named_is_filled_with_valid_values(fresh):
    """The row is valid by the model's own constraints, is in the store, and has what the test named."""
    orm = fresh()
    for _ in range(10):
        person = orm.given(Person, size="M", nickname="Al")
        assert (person.size, person.nickname, person.made, person.boss) == ("M", "Al", FROZEN, None)
        assert 18 <= person.age <= 99
        assert len(person.email) <= 20
        assert re.fullmatch("[A-Z]{3}", person.code)
        assert 1 <= person.home.number <= 5
        assert (person.seen.tzinfo, person.sent.tzinfo) == (None, datetime.UTC)
        assert orm.get_and_verify_exists(Person, id=person.id) == person


def test_it_is_the_same_in_every_run(fresh):
    """Two clients that ask for the same rows in the same order are given equal ones."""
    asked = [Person, Team, Person, Goal, Auto, Seat, Person]
    one, other = ([orm.given(model) for model in asked] for orm in (fresh(), fresh()))
    assert one == other


def test_values_are_distinct(fresh):
    """Rows that are asked for one after another differ in key, in unique fields, and in the others where they can."""
    orm = fresh()
    people = [orm.given(Person) for _ in range(8)]
    for name in ("id", "email", "team", "age", "token", "seen", "full"):
        assert len({getattr(person, name) for person in people}) == 8


def test_parents_are_made_unless_they_are_named(fresh):
    """A row that must refer to another is given one, all the way up, and takes the one that the test names."""
    orm = fresh()
    goal = orm.given(Goal)
    assert orm.get_and_verify_exists(Team, id=orm.get_and_verify_exists(Person, id=goal.scorer).team)
    second = orm.given(Goal, scorer=goal.scorer)
    assert second.scorer == goal.scorer
    assert [orm.count_models(model) for model in (Team, Person, Goal)] == [1, 1, 2]
    assert len({orm.given(Badge).person for _ in range(3)}) == 3


def test_what_the_store_makes_is_left_to_it(fresh):
    """A generated key and a time of the clock are not filled."""
    orm = fresh()
    assert [orm.given(Auto).id for _ in range(3)] == [1, 2, 3]


def test_a_key_of_several_parts_is_distinct_as_a_whole(fresh):
    """Parts with few values do not stand in the way of many rows."""
    orm = fresh()
    seats = [orm.given(Seat) for _ in range(6)]
    assert len({(seat.row, seat.number) for seat in seats}) == 6


def test_a_part_of_a_key_may_be_named(fresh):
    """Rows that share one named part differ in the other."""
    orm = fresh()
    assert len({orm.given(Seat, row="A").number for _ in range(5)}) == 5


def test_values_that_run_out_are_an_error(fresh):
    """A unique field with two values makes two rows; the third asks the test to name it."""
    orm = fresh()
    assert {orm.given(Switch).on, orm.given(Switch).on} == {True, False}
    with pytest.raises(ConfigurationError, match=r"given\(Switch\) found no row that fits, in 100 tries"):
        orm.given(Switch)
    assert orm.count_models(Switch) == 2


def test_values_in_the_store_are_avoided(fresh):
    """A value that the test stored by other means is taken."""
    orm = fresh()
    orm.create_and_verify(Switch, on=True)
    assert orm.given(Switch).on is False


def test_a_required_reference_that_may_be_none_is_filled(fresh):
    """A reference without a default has to be given something, although None would do."""
    orm = fresh()
    link = orm.given(Link)
    assert link.team is None or orm.model_exists(Team, id=link.team)


def test_a_model_that_takes_names_and_aliases_is_filled(fresh):
    """`populate_by_name` changes nothing for `given`."""
    assert fresh().given(Named).full


@pytest.mark.parametrize("model", [Loop, Badge])
def test_a_parent_that_cannot_be_made_is_to_be_named(make_orm, model):
    """A row that needs another of its own model, or of one that is not listed, is an error that says so."""
    if model is Badge:
        model = pydantic.create_model(
            "Stray", __base__=Model, id=(str, Field(primary_key=True)), team=(str, Field(references=Team))
        )
    orm = make_orm(Loop)
    orm.context.known = Known((*orm.context.models, model))
    with pytest.raises(
        ConfigurationError, match=r"given\(\w+\) cannot make the row that '\w+' refers to; name"
    ):
        orm.given(model)


def test_what_is_named_wrongly_fails(fresh):
    """A field that does not exist, or a value that the model refuses, is no matter of filling."""
    with pytest.raises(VerificationError, match=r"Did you mean 'name'\?"):
        fresh().given(Team, nmae="x")
    with pytest.raises(VerificationError, match="ValidationError"):
        fresh().given(Person, age=5)


def test_only_pydantic_models_can_be_filled(fresh):
    """A model of another kind is pointed to `create_and_verify`."""
    with pytest.raises(ConfigurationError, match="int is none; use create_and_verify"):
        fresh().given(int)


def test_without_polyfactory_it_says_what_to_install(fresh, monkeypatch):
    """The error names the extra."""
    monkeypatch.setitem(sys.modules, "polyfactory.factories.pydantic_factory", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'orm-testing\[data\]'"):
        fresh().given(Team)


def test_rows_fit_validators_steps_and_groups(make_orm):
    """What a model's own validators, steps and unique groups ask is met, and where it cannot be, the message says so."""

    class Span(Model):
        __unique__ = (("flag", "half"),)
        id: int = Field(primary_key=True, ge=0)
        start: int = Field(ge=0, le=9)
        end: int = Field(ge=0, le=9)
        even: int = Field(ge=5, lt=10, multiple_of=2)
        flag: bool
        half: bool

        @pydantic.model_validator(mode="after")
        def ends_after_it_starts(self):
            if self.end < self.start:
                raise ValueError("it ends before it starts")
            return self

    orm = make_orm(Span)
    rows = [orm.given(Span) for _ in range(4)]
    assert len({(row.flag, row.half) for row in rows}) == 4
    assert {row.even for row in rows} <= {6, 8}
    with pytest.raises(ConfigurationError, match=r"given\(Span\) found no row that fits, in 100 tries"):
        orm.given(Span)
