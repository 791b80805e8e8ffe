"""People, their teams and their goals, with all that a table has; and what the table of people becomes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from orm_testing.dsl.client import OrmDsl
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.model import Field, Model
from orm_testing.schema import schema_of


class Team(Model):
    id: str = Field(primary_key=True, max_length=20)


class Person(Model):
    """A key that the store counts, two unique groups, two indexes, and references to another table and to its own."""

    __comment__ = "who plays"
    __unique__ = (("name", "shirt"),)
    __indexes__ = (("name", "age"),)

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
    """What becomes of a person: fields are added, dropped, renamed and retyped, and two change places."""

    __tablename__ = "Person"
    __comment__ = "who is paid"
    __unique__ = (("full_name", "age"),)
    __indexes__ = (("full_name", "shirt"),)

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
"""What becomes of the names of a person's fields in a player."""


class Point(Model):
    """What becomes of a goal, which nothing refers to: it has one field more and one reference less."""

    __tablename__ = "Goal"

    id: str = Field(primary_key=True, max_length=20)
    worth: int = 1


class TeamCases(Cases):
    """What the themes share that change the schema of these models."""

    Person = stored(Person)
    Team = stored(Team)
    Goal = stored(Goal)

    def becoming(self, model: type[Any]) -> type[Any]:
        """The class that is stored for a model of the kit that the test does not begin with."""
        return self.model(schema_of(model))

    def populate(self, orm: OrmDsl) -> tuple[Any, Any]:
        """Two people, of whom one captains the other, and a goal."""
        orm.create_and_verify(self.Team, id="t")
        ann = orm.create_and_verify(
            self.Person, name="Ann", email="a", age=30, shirt=1, team="t", first="A", last="N"
        )
        seen = datetime(2024, 1, 2, 3, 4, 5, 6)
        bob = orm.create_and_verify(self.Person, name="Bob", email="b", age=40, captain=ann.id, seen=seen)
        orm.create_and_verify(self.Goal, id="g", by=bob.id)
        return ann, bob
