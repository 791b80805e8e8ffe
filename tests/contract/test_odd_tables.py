"""Tables with hostile names, in circles or with a past are made, dropped and evolved like others."""

import pytest
from everywhere import BACKENDS
from odd_tables import Egg, Hen, Named, Odd, Odder, Plain

from orm_testing import Field, ForeignKeyError, Model, MultiBackendTestBase, requires


@requires("evolution", "foreign_keys")
class TestOddTables(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Hen, Egg, Odd, Plain]

    def test_names_are_data(self, orm):
        """Tables and columns are made, described, evolved and dropped whatever they are called."""
        orm.create_and_verify(Odd, id="a", pct=7)
        orm.evolve(Odd, Odder, rename={"select": "where"})
        assert orm.all_models(Odder) == [
            Odder.model_validate({"from": "a", "100 %": "s", "select": "7"}, by_alias=True)
        ]
        assert orm.describe(Odder).unique == (("100 %",),)
        assert not orm.describe(Odder).indexes
        orm.drop_schema()
        orm.create_schema()
        assert orm.describe(Odder).name == Odd.__tablename__

    def test_a_circle_of_tables_comes_and_goes(self, orm):
        """Tables that refer to each other go and come together, with rows in them that do."""
        hen = orm.create_and_verify(Hen)
        egg = orm.create_and_verify(Egg, hen=hen.id)
        orm.update_and_verify(hen, egg=egg.id)
        with pytest.raises(ForeignKeyError):
            orm.drop_schema(Hen)
        orm.drop_schema()
        orm.create_schema()
        assert not orm.all_models(Hen)
        orm.expect_create_failure(Egg, ForeignKeyError, hen=1)

    def test_a_table_in_a_circle_evolves(self, orm):
        """The references of the other tables still hold, and so do those of its own."""

        class Duck(Model):
            __tablename__ = "Hen"
            id: int | None = Field(None, primary_key=True, generated=True)
            egg: int | None = Field(None, references="Egg", on_delete="set_null")
            name: str = "d"

        hen = orm.create_and_verify(Hen)
        egg = orm.create_and_verify(Egg, hen=hen.id)
        orm.update_and_verify(hen, egg=egg.id)
        orm.evolve(Hen, Duck)
        assert orm.all_models(Egg) == [egg]
        orm.expect_create_failure(Egg, ForeignKeyError, hen=99)
        orm.expect_create_failure(Duck, ForeignKeyError, egg=99)
        orm.expect_delete_failure(orm.get_model(Duck, id=hen.id).instance, ForeignKeyError)

    def test_no_number_is_given_twice(self, orm):
        """The key of a row that was deleted before the evolution is not made again after it."""
        orm.delete_and_verify(orm.create_and_verify(Plain))
        orm.evolve(Plain, Named)
        assert orm.create_and_verify(Named).id == 2

    def test_what_a_connection_prepared_is_prepared_anew(self, orm):
        """Statements that ran often before a column had another type run after it."""
        plain = orm.create_and_verify(Plain, name="5")
        for _ in range(8):
            orm.get_and_verify_exists(Plain, id=plain.id)

        class Counted(Model):
            __tablename__ = "Plain"
            id: int | None = Field(None, primary_key=True, generated=True)
            name: int = 0

        orm.evolve(Plain, Counted)
        for _ in range(8):
            assert orm.get_and_verify_exists(Counted, id=plain.id).name == 5
