"""Teams, people and goals, with all that a table has: the models of tests that change the schema."""

from datetime import date, datetime
from decimal import Decimal

import pydantic
from everywhere import BACKENDS

from orm_testing import Field, Model, MultiBackendTestBase


class Team(Model):
    id: str = Field(primary_key=True, max_length=20)


class Person(Model):
    __comment__ = "who plays"
    __unique__ = [("name", "shirt")]
    __indexes__ = [("name", "age")]

    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = Field(max_length=40, index=True, comment="as on the shirt")
    email: str = Field(unique=True, max_length=50)
    shirt: int = 0
    age: int = 0
    team: str | None = Field(None, references=Team, on_delete="set_null")
    captain: int | None = Field(None, references="Person")
    gone: str = "x"
    seen: datetime | None = None
    first: str = "f"
    last: str = "l"


class Goal(Model):
    id: str = Field(primary_key=True, max_length=20)
    by: int = Field(references=Person, on_delete="cascade")


class Player(Model):
    """What becomes of a person."""

    __tablename__ = "Person"
    __comment__ = "who is paid"
    __unique__ = [("full_name", "age")]
    __indexes__ = [("full_name", "shirt")]

    id: int | None = Field(None, primary_key=True, generated=True)
    full_name: str = Field(max_length=60, comment="as in the passport")
    email: str = Field(max_length=50, index=True)
    shirt: int | None = None
    age: str = Field(max_length=10)
    team: str | None = Field(None, references=Team, on_delete="cascade")
    captain: int | None = Field(None, references="Player")
    seen: datetime = datetime(2024, 5, 6, 7, 8, 9, 10)
    last: str = "f"
    first: str = "l"
    price: Decimal = Decimal("1.50")
    tags: list[str] = Field(default_factory=list)
    joined: date | None = None


RENAMED = {"name": "full_name", "first": "last", "last": "first"}


def goal_worth(worth):
    """A model of the table of goals that nothing refers to, with one more field."""
    key = (str, Field(primary_key=True, max_length=20))
    return pydantic.create_model("Goal", __base__=Model, id=key, worth=worth)


class Base(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Person, Team, Goal]

    def populate(self, orm):
        """Two people, of whom one captains the other, and a goal."""
        orm.create_and_verify(Team, id="t")
        ann = orm.create_and_verify(
            Person, name="Ann", email="a", age=30, shirt=1, team="t", first="A", last="N"
        )
        seen = datetime(2024, 1, 2, 3, 4, 5, 6)
        bob = orm.create_and_verify(Person, name="Bob", email="b", age=40, captain=ann.id, seen=seen)
        orm.create_and_verify(Goal, id="g", by=bob.id)
        return ann, bob
