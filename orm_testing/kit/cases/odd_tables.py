"""Odd tables: those with hostile names, in circles or with a past are made, dropped and evolved like others."""

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import ForeignKeyError
from orm_testing.kit.support import odd_tables
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.marks import requires
from orm_testing.schema import schema_of


@requires("evolution", "foreign_keys")
class OddTables(Cases):
    """What a table is called, what it refers to and what it was before make no difference to what becomes of it."""

    Hen = stored(odd_tables.Hen)
    Egg = stored(odd_tables.Egg)
    Odd = stored(odd_tables.Odd)
    Plain = stored(odd_tables.Plain)

    def test_names_are_data(self, orm: OrmDsl) -> None:
        """Tables and columns are made, described, evolved and dropped whatever they are called."""
        odder = self.model(schema_of(odd_tables.Odder))
        orm.create_and_verify(self.Odd, id="a", pct=7)
        orm.evolve(self.Odd, odder, rename={"select": "where"})
        [row] = orm.all_models(odder)
        assert (row.id, row.where, row.pct) == ("a", "s", "7")
        assert orm.describe(odder).unique == (("100 %",),)
        assert not orm.describe(odder).indexes
        orm.drop_schema()
        orm.create_schema()
        assert orm.describe(odder).name == odd_tables.Odd.__tablename__

    def test_a_circle_of_tables_comes_and_goes(self, orm: OrmDsl) -> None:
        """Tables that refer to each other go and come together, with rows in them that do."""
        hen = orm.create_and_verify(self.Hen)
        egg = orm.create_and_verify(self.Egg, hen=hen.id)
        orm.update_and_verify(hen, egg=egg.id)
        with pytest.raises(ForeignKeyError):
            orm.drop_schema(self.Hen)
        orm.drop_schema()
        orm.create_schema()
        assert not orm.all_models(self.Hen)
        orm.expect_create_failure(self.Egg, ForeignKeyError, hen=1)

    def test_a_table_in_a_circle_evolves(self, orm: OrmDsl) -> None:
        """The references of the other tables still hold, and so do those of its own."""
        duck = self.model(schema_of(odd_tables.Duck))
        hen = orm.create_and_verify(self.Hen)
        egg = orm.create_and_verify(self.Egg, hen=hen.id)
        orm.update_and_verify(hen, egg=egg.id)
        orm.evolve(self.Hen, duck)
        assert [row.hen for row in orm.all_models(self.Egg)] == [hen.id]
        orm.expect_create_failure(self.Egg, ForeignKeyError, hen=99)
        orm.expect_create_failure(duck, ForeignKeyError, egg=99)
        orm.expect_delete_failure(orm.get_and_verify_exists(duck, id=hen.id), ForeignKeyError)

    def test_no_number_is_given_twice(self, orm: OrmDsl) -> None:
        """The key of a row that was deleted before the evolution is not made again after it."""
        named = self.model(schema_of(odd_tables.Named))
        first = orm.create_and_verify(self.Plain)
        orm.delete_and_verify(first)
        orm.evolve(self.Plain, named)
        assert orm.create_and_verify(named).id != first.id

    def test_what_a_connection_prepared_is_prepared_anew(self, orm: OrmDsl) -> None:
        """Statements that ran often before a column had another type run after it."""
        numbered = self.model(schema_of(odd_tables.Numbered))
        plain = orm.create_and_verify(self.Plain, name="5")
        for _ in range(8):
            orm.get_and_verify_exists(self.Plain, id=plain.id)
        orm.evolve(self.Plain, numbered)
        for _ in range(8):
            assert orm.get_and_verify_exists(numbered, id=plain.id).name == int(plain.name)
