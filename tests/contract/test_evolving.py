"""A populated table takes the shape of another model, alike on every backend that can."""

from datetime import datetime
from decimal import Decimal

import pytest
from teams import RENAMED, Base, Goal, Person, Player, Team

from orm_testing import (
    ConfigurationError,
    DuplicateKeyError,
    Field,
    ForeignKeyError,
    Model,
    SchemaError,
    ValidationError,
    requires,
)


def by_name(description):
    return sorted(description.columns, key=lambda column: column.name)


@requires("evolution")
class TestEvolution(Base):
    def test_a_populated_table_evolves(self, orm):
        """Fields are added, dropped, renamed and retyped; rows, keys and references stay; the new model works."""
        ann, bob = self.populate(orm)
        orm.evolve(Person, Player, rename=RENAMED)
        one, two = orm.all_models(Player)
        assert (one.id, one.full_name, one.email, one.shirt, one.age) == (ann.id, "Ann", "a", 1, "30")
        assert (one.first, one.last, one.team, one.captain) == ("N", "A", "t", None)
        assert (one.price, one.tags, one.joined) == (Decimal("1.50"), [], None)
        assert one.seen == datetime(2024, 5, 6, 7, 8, 9, 10)
        assert (two.id, two.captain, two.seen) == (bob.id, ann.id, datetime(2024, 1, 2, 3, 4, 5, 6))
        new = orm.create_and_verify(Player, full_name="Cid", email="a", age="old", captain=bob.id)
        assert new.id == bob.id + 1
        orm.expect_create_failure(Player, DuplicateKeyError, full_name="Cid", email="z", age="old")
        orm.expect_create_failure(Player, ForeignKeyError, full_name="D", email="d", age="", captain=99)
        orm.update_and_verify(new, shirt=None, tags=["x"])
        orm.delete_and_verify(new)
        assert orm.count_models(Goal, by=bob.id) == 1

    def test_the_evolved_table_is_as_one_made_anew(self, orm):
        """What the store reports of it is what it reports of a new table of the new model, but for the order of columns."""
        self.populate(orm)
        orm.evolve(Person, Player, rename=RENAMED)
        evolved = orm.describe(Player)
        orm.drop_schema()
        orm.create_schema()
        new = orm.describe(Player)
        assert by_name(evolved) == by_name(new)
        assert (evolved.primary_key, evolved.unique, evolved.comment) == (
            new.primary_key,
            new.unique,
            new.comment,
        )
        assert (evolved.indexes, evolved.foreign_keys) == (new.indexes, new.foreign_keys)

    def test_an_empty_table_evolves(self, orm):
        """Where there are no rows, a new field needs no default."""

        class Strict(Model):
            __tablename__ = "Goal"
            id: str = Field(primary_key=True, max_length=20)
            by: int = Field(references=Person, on_delete="cascade")
            minute: int

        orm.evolve(Goal, Strict)
        self.populate_strictly(orm, Strict)

    def populate_strictly(self, orm, model):
        bob = orm.create_and_verify(Person, name="Bob", email="b")
        orm.create_and_verify(model, id="g", by=bob.id, minute=90)

    def test_the_old_model_is_none_any_more(self, orm):
        """After it, verbs take the new model and refuse the old; other models still refer to the table."""
        orm.evolve(Person, Player, rename=RENAMED)
        with pytest.raises(ConfigurationError, match="Person is not among the models of this test"):
            orm.count_models(Person)
        ann = orm.create_and_verify(Player, full_name="A", email="a", age="1")
        orm.create_and_verify(Goal, id="g", by=ann.id)
        orm.expect_create_failure(Goal, ForeignKeyError, id="h", by=ann.id + 1)
        orm.delete_and_verify(ann)
        assert not orm.all_models(Goal)

    def test_it_evolves_again_and_back(self, orm):
        """Evolutions follow one another, and a reset in mid-test undoes them all."""
        ann, _ = self.populate(orm)
        orm.evolve(Person, Player, rename=RENAMED)
        orm.evolve(Player, Person, rename={new: old for old, new in RENAMED.items()})
        assert orm.get_and_verify_exists(Person, id=ann.id) == ann.model_copy(
            update={"seen": datetime(2024, 5, 6, 7, 8, 9, 10)}
        )
        orm.evolve(Person, Player, rename=RENAMED)
        orm.reset()
        self.populate(orm)

    def test_what_cannot_be_is_refused_and_changes_nothing(self, orm):
        """Values, missing defaults and duplicates that the new model has no place for are errors of the tree."""
        ann, _ = self.populate(orm)

        class Short(Model):
            __tablename__ = "Person"
            id: int | None = Field(None, primary_key=True, generated=True)
            name: str = Field(max_length=2)

        class Needs(Model):
            __tablename__ = "Person"
            id: int | None = Field(None, primary_key=True, generated=True)
            wants: str

        class Tight(Model):
            __tablename__ = "Person"
            id: int | None = Field(None, primary_key=True, generated=True)
            seen: datetime

        class Alike(Model):
            __tablename__ = "Person"
            id: int | None = Field(None, primary_key=True, generated=True)
            gone: str = Field(unique=True, max_length=5)

        for model, error, message in [
            (
                Short,
                ValidationError,
                r"Short\.name cannot hold 'Ann' of the row \{'id': 1\}: String should have at most 2",
            ),
            (Needs, SchemaError, r"Needs\.wants is never None, .* Give the field a default"),
            (Tight, SchemaError, r"Tight\.seen is never None"),
            (Alike, DuplicateKeyError, r"several rows of Alike would have gone='x'"),
        ]:
            with pytest.raises(error, match=message):
                orm.evolve(Person, model)
        assert orm.get_and_verify_exists(Person, id=ann.id) == ann

    def test_what_is_no_evolution_is_a_configuration_error(self, orm):
        """Another table, another key, names that no field has, and a model that has a table already are refused."""

        class Elsewhere(Model):
            id: int | None = Field(None, primary_key=True, generated=True)

        class Keyed(Model):
            __tablename__ = "Person"
            id: str = Field(primary_key=True, max_length=20)

        class Fitting(Model):
            __tablename__ = "Person"
            id: int | None = Field(None, primary_key=True, generated=True)
            name: str

        for old, new, rename, message in [
            (Person, Elsewhere, {}, "of different tables, 'Person' and 'Elsewhere'. Write"),
            (Person, Keyed, {}, "the key can be renamed, and else stays as it is"),
            (Person, Fitting, {"nme": "name"}, "'nme', which is not a field of Person. Did you mean 'name'"),
            (Person, Fitting, {"name": "nam"}, "'nam', which is not a field of Fitting. Did you mean 'name'"),
            (Person, Fitting, {"name": "name", "email": "name"}, "gives two fields one name"),
            (Team, Person, {}, "Person has a table already, as one of the models of this test"),
            (Player, Person, {}, "Player is not among the models of this test"),
        ]:
            with pytest.raises(ConfigurationError, match=message):
                orm.evolve(old, new, rename=rename)
        assert orm.count_models(Person) == 0

    def test_the_key_is_renamed(self, orm):
        """A key has another name, and what refers to it follows."""

        class Club(Model):
            __tablename__ = "Team"
            code: str = Field(primary_key=True, max_length=20)

        self.populate(orm)
        orm.evolve(Team, Club, rename={"id": "code"})
        assert orm.describe(Club).primary_key == ("code",)
        orm.create_and_verify(Club, code="u")
        orm.create_and_verify(Person, name="C", email="c", team="u")
        orm.expect_create_failure(Person, ForeignKeyError, name="D", email="d", team="nowhere")
