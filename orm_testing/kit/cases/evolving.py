"""Evolving: a table takes the shape of another model, and its rows are kept."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import (
    ConfigurationError,
    DuplicateKeyError,
    ForeignKeyError,
    OperationError,
    SchemaError,
    ValidationError,
)
from orm_testing.kit.support import teams
from orm_testing.kit.support.teams import TeamCases
from orm_testing.marks import requires
from orm_testing.model import Field, Model


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


class Fitting(Model):
    __tablename__ = "Person"

    id: int | None = Field(None, primary_key=True, generated=True)
    name: str


class Keyed(Model):
    __tablename__ = "Person"

    id: str = Field(primary_key=True, max_length=20)


class Elsewhere(Model):
    id: int | None = Field(None, primary_key=True, generated=True)


class Strict(Model):
    __tablename__ = "Goal"

    id: str = Field(primary_key=True, max_length=20)
    by: int = Field(references=teams.Person, on_delete="cascade")
    minute: int


class Club(Model):
    __tablename__ = "Team"

    code: str = Field(primary_key=True, max_length=20)


@requires("evolution", "autoincrement", "unique")
class Evolving(TeamCases):
    """A populated table takes the shape of another model, with its rows kept; or it stays as it was."""

    def test_rows_are_kept(self, orm: OrmDsl) -> None:
        """Fields are added, dropped, renamed and retyped, two change places, and rows and keys stay."""
        player = self.becoming(teams.Player)
        ann, bob = self.populate(orm)
        orm.evolve(self.Person, player, rename=teams.RENAMED)
        one, two = orm.all_models(player)
        assert (one.id, one.full_name, one.email, one.shirt, one.age) == (ann.id, "Ann", "a", 1, "30")
        assert (one.first, one.last, one.team, one.captain) == ("N", "A", "t", None)
        assert (one.price, one.tags, one.joined) == (Decimal("1.50"), [], None)
        assert one.seen == datetime(2024, 5, 6, 7, 8, 9, 10)
        assert (two.id, two.full_name, two.captain) == (bob.id, "Bob", ann.id)
        assert two.seen == datetime(2024, 1, 2, 3, 4, 5, 6)

    def test_the_new_model_works(self, orm: OrmDsl) -> None:
        """Rows are created, changed and deleted by the new model, with keys that go on and its own unique groups."""
        player = self.becoming(teams.Player)
        _, bob = self.populate(orm)
        orm.evolve(self.Person, player, rename=teams.RENAMED)
        new = orm.create_and_verify(player, full_name="Cid", email="a", age="old", captain=bob.id)
        assert new.id == bob.id + 1
        error = orm.expect_create_failure(player, DuplicateKeyError, full_name="Cid", email="z", age="old")
        assert set(error.fields) == {"full_name", "age"}
        orm.update_and_verify(new, shirt=None, tags=["x"])
        orm.delete_and_verify(new)
        assert orm.count_models(player) == 2

    @requires("foreign_keys")
    def test_references_hold_both_ways(self, orm: OrmDsl) -> None:
        """What the evolved table refers to, and what refers to it, is enforced as before, by the new model."""
        player = self.becoming(teams.Player)
        ann, bob = self.populate(orm)
        orm.evolve(self.Person, player, rename=teams.RENAMED)
        orm.expect_create_failure(player, ForeignKeyError, full_name="D", email="d", age="", captain=99)
        orm.expect_create_failure(self.Goal, ForeignKeyError, id="h", by=99)
        one, two = orm.all_models(player)
        orm.expect_delete_failure(one, ForeignKeyError)
        orm.delete_and_verify(two)
        assert (one.id, two.id) == (ann.id, bob.id)
        assert not orm.all_models(self.Goal)

    def test_the_table_is_as_one_made_anew(self, orm: OrmDsl) -> None:
        """What is told of it is what is told of a new table of the new model, but for the order of its columns."""
        player = self.becoming(teams.Player)
        self.populate(orm)
        orm.evolve(self.Person, player, rename=teams.RENAMED)
        evolved = orm.describe(player)
        orm.drop_schema()
        orm.create_schema()
        new = orm.describe(player)
        assert _by_name(evolved) == _by_name(new)
        assert (evolved.primary_key, evolved.unique) == (new.primary_key, new.unique)
        assert evolved.comment == new.comment
        assert (evolved.indexes, evolved.foreign_keys) == (new.indexes, new.foreign_keys)

    def test_the_columns_are_those_of_the_new_model(self, orm: OrmDsl) -> None:
        """A column that was added is told of, and one that was dropped is gone, from the statements too."""
        point = self.becoming(teams.Point)
        assert "by" in {column.name for column in orm.describe(self.Goal).columns}
        orm.evolve(self.Goal, point)
        assert {column.name for column in orm.describe(point).columns} == set(teams.Point.model_fields)
        statements = orm.ddl(point)
        assert "worth" in statements
        assert "REFERENCES" not in statements.upper()

    def test_an_empty_table_needs_no_default(self, orm: OrmDsl) -> None:
        """Where there are no rows, a new field may lack a default."""
        strict = self.becoming(Strict)
        orm.evolve(self.Goal, strict)
        bob = orm.create_and_verify(self.Person, name="Bob", email="b")
        orm.create_and_verify(strict, id="g", by=bob.id, minute=90)

    def test_the_old_model_is_none_any_more(self, orm: OrmDsl) -> None:
        """Verbs take the new model and refuse the old one."""
        point = self.becoming(teams.Point)
        orm.evolve(self.Goal, point)
        with pytest.raises(ConfigurationError, match="is not among the models of this test"):
            orm.count_models(self.Goal)
        orm.create_and_verify(point, id="p")

    def test_it_evolves_again_and_back(self, orm: OrmDsl) -> None:
        """Evolutions follow one another; back at the first model, what no model on the way lacked is as it was."""
        player = self.becoming(teams.Player)
        ann, _ = self.populate(orm)
        orm.evolve(self.Person, player, rename=teams.RENAMED)
        back = {new: old for old, new in teams.RENAMED.items()}
        orm.evolve(player, self.Person, rename=back)
        again = orm.get_and_verify_exists(self.Person, id=ann.id)
        assert (again.name, again.email, again.shirt, again.age) == ("Ann", "a", 1, 30)
        assert (again.team, again.captain, again.gone, again.first, again.last) == ("t", None, "x", "A", "N")
        assert again.seen == datetime(2024, 5, 6, 7, 8, 9, 10)

    def test_the_key_is_renamed(self, orm: OrmDsl) -> None:
        """A key has another name, its rows are kept, and what refers to them goes on to."""
        club = self.becoming(Club)
        self.populate(orm)
        orm.evolve(self.Team, club, rename={"id": "code"})
        assert orm.describe(club).primary_key == ("code",)
        assert [each.code for each in orm.all_models(club)] == ["t"]
        orm.create_and_verify(club, code="u")
        orm.create_and_verify(self.Person, name="C", email="c", team="u")
        if "foreign_keys" in orm.driver.capabilities:
            orm.expect_create_failure(self.Person, ForeignKeyError, name="D", email="d", team="nowhere")

    @pytest.mark.parametrize(
        ("model", "error", "fields"),
        [
            (Short, ValidationError, ("name",)),
            (Needs, SchemaError, ("wants",)),
            (Tight, SchemaError, ("seen",)),
            (Alike, DuplicateKeyError, ("gone",)),
        ],
        ids=["a value too long", "no default", "None", "a duplicate"],
    )
    def test_what_cannot_be_is_refused(
        self, orm: OrmDsl, model: type[Any], error: type[OperationError], fields: tuple[str, ...]
    ) -> None:
        """Where rows have no place in the new model, it is an error that names the field, and nothing changes."""
        ann, _ = self.populate(orm)
        before = orm.describe(self.Person)
        with pytest.raises(error) as caught:
            orm.evolve(self.Person, self.becoming(model))
        assert caught.value.fields == fields
        assert orm.describe(self.Person) == before
        assert orm.get_and_verify_exists(self.Person, id=ann.id) == ann

    @pytest.mark.parametrize(
        ("old", "new", "rename", "message"),
        [
            (teams.Person, Elsewhere, {}, "of different tables"),
            (teams.Person, Keyed, {}, "the key can be renamed, and else stays as it is"),
            (teams.Person, Fitting, {"nme": "name"}, "'nme', which is not a field of .* Did you mean 'name'"),
            (teams.Person, Fitting, {"name": "nam"}, "'nam', which is not a field of .* Did you mean 'name'"),
            (teams.Person, Fitting, {"name": "name", "email": "name"}, "gives two fields one name"),
            (teams.Team, teams.Person, {}, "has a table already, as one of the models of this test"),
            (teams.Player, teams.Person, {}, "is not among the models of this test"),
        ],
        ids=["table", "key", "old name", "new name", "one name twice", "a table of its own", "not a model"],
    )
    def test_what_is_no_evolution_is_said(
        self, orm: OrmDsl, old: type[Any], new: type[Any], rename: dict[str, str], message: str
    ) -> None:
        """Another table, another key, names that no field has, and models out of place are a `ConfigurationError`."""
        before = orm.describe(self.Person)
        with pytest.raises(ConfigurationError, match=message):
            orm.evolve(self.becoming(old), self.becoming(new), rename=rename)
        assert orm.describe(self.Person) == before


@requires("evolution", "autoincrement", "unique")
class FirstSchema(TeamCases):
    """Whatever was done to the schema, a reset brings that of the models back, and so the next test begins with it."""

    def expected(self, orm: OrmDsl) -> None:
        for model, first in ((self.Person, teams.Person), (self.Team, teams.Team), (self.Goal, teams.Goal)):
            assert orm.schema_exists(model)
            assert [column.name for column in orm.describe(model).columns] == list(first.model_fields)
            assert not orm.all_models(model)
        self.populate(orm)

    def test_after_an_evolution(self, orm: OrmDsl) -> None:
        """A table that evolved is as it was in the beginning after a reset, and empty, and works."""
        self.expected(orm)
        orm.evolve(self.Goal, self.becoming(teams.Point))
        orm.reset()
        self.expected(orm)
        orm.evolve(self.Team, self.becoming(Club), rename={"id": "code"})

    def test_after_a_drop(self, orm: OrmDsl) -> None:
        """Tables that were dropped are there again after a reset, and empty, and work."""
        self.expected(orm)
        orm.drop_schema()
        orm.reset()
        self.expected(orm)
        orm.drop_schema()

    @requires("transactions", "transactional_ddl")
    def test_after_a_transaction(self, orm: OrmDsl) -> None:
        """What transactions did to the schema, rolled back or left open, is undone by a reset."""
        self.expected(orm)
        with orm.expect_rollback(ValueError):
            orm.evolve(self.Goal, self.becoming(teams.Point))
            orm.drop_schema()
            raise ValueError
        with orm.transaction():
            orm.drop_schema(self.Goal)
            orm.reset()
        self.expected(orm)
        orm.drop_schema(self.Goal)


def _by_name(description: Any) -> Any:
    return sorted(description.columns, key=lambda column: column.name)
