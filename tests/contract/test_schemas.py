"""Tables are made, described and dropped alike on every backend that can."""

import pytest
from everywhere import BACKENDS
from teams import RENAMED, Base, Goal, Person, Player, Team, goal_worth

from orm_testing import AsyncMultiBackendTestBase, ForeignKeyError, SchemaError, requires


@requires("schema")
class TestTables(Base):
    def test_tables_come_and_go(self, orm):
        """A dropped table is gone with its rows, and comes back empty."""
        self.populate(orm)
        assert orm.schema_exists(Person)
        orm.drop_schema(Goal)
        assert not orm.schema_exists(Goal)
        assert orm.count_models(Person) == 2
        orm.drop_schema()
        assert not any(map(orm.schema_exists, [Person, Team]))

    def test_a_table_that_comes_back_is_as_it_was(self, orm):
        """What is dropped and made again is described as before, is empty, and can be written to."""
        self.populate(orm)
        before = [orm.describe(model) for model in (Person, Team, Goal)]
        orm.drop_schema(Person, Goal, Team)
        orm.create_schema(Team, Person, Goal)
        assert [orm.describe(model) for model in (Person, Team, Goal)] == before
        assert not orm.all_models(Person)
        self.populate(orm)

    def test_what_is_there_is_not_made_and_what_is_absent_not_dropped(self, orm):
        """Both are a SchemaError that names the table, and nothing of the rest is done."""
        with pytest.raises(SchemaError, match="'Person' of Person is there already"):
            orm.create_schema(Person)
        orm.drop_schema(Goal)
        with pytest.raises(SchemaError, match="'Goal' of Goal is absent"):
            orm.drop_schema(Person, Goal)
        assert orm.schema_exists(Person)
        with pytest.raises(SchemaError, match="'Person' of Person is there already"):
            orm.create_schema(Goal, Person)
        assert not orm.schema_exists(Goal)

    def test_references_hold_tables_together(self, orm):
        """A table does not go before what refers to it, nor come before what it refers to."""
        with pytest.raises(ForeignKeyError, match=r"Goal\.by refers to it"):
            orm.drop_schema(Person)
        orm.drop_schema(Goal, Person)
        with pytest.raises(SchemaError, match=r"'Person' of Person is absent, and Goal\.by refers to it"):
            orm.create_schema(Goal)
        orm.create_schema(Person)
        orm.create_schema(Goal)

    def test_operations_on_an_absent_table_say_so(self, orm):
        """Every verb on a model without a table fails with SchemaError; those of others go on."""
        orm.drop_schema(Goal)
        with pytest.raises(SchemaError, match="'Goal' of Goal is absent"):
            orm.describe(Goal)
        with pytest.raises(SchemaError):
            orm.all_models(Goal)
        orm.expect_create_failure(Goal, SchemaError, id="g", by=1)
        self_made = orm.create_and_verify(Team, id="t")
        orm.delete_and_verify(self_made)

    def test_a_table_is_described_as_it_is(self, orm):
        """Columns, keys, constraints, indexes and references are those of the model."""
        table = orm.describe(Person)
        assert table.name == "Person"
        assert [column.name for column in table.columns] == list(Person.model_fields)
        assert [column.name for column in table.columns if column.nullable] == ["team", "captain", "seen"]
        assert [column.name for column in table.columns if column.autoincrement] == ["id"]
        assert table.primary_key == ("id",)
        assert table.unique == (("email",), ("name", "shirt"))
        ours = {index.columns for index in table.indexes if index.name.startswith("Person_index")}
        assert ours == {("name",), ("name", "age")}
        keys = [(key.columns, key.table, key.referred, key.on_delete) for key in table.foreign_keys]
        assert keys == [
            (("captain",), "Person", ("id",), "restrict"),
            (("team",), "Team", ("id",), "set_null"),
        ]
        assert table == orm.describe(Person)

    def test_the_statements_are_stable(self, orm):
        """The statements are those that make the table, the same each time, and say all that the model does."""
        statements = orm.ddl(Person)
        assert statements.startswith("CREATE TABLE ")
        assert all(name in statements for name in Person.model_fields)
        assert statements.count("CREATE INDEX ") == 2
        assert statements == orm.ddl(Person)
        assert orm.ddl(Goal) not in statements


@requires("schema", "transactions", "transactional_ddl")
class TestTransactions(Base):
    def test_a_rollback_takes_back_what_was_done_to_the_schema(self, orm):
        """Tables that a transaction dropped or made are as before after a rollback, with their rows."""
        self.populate(orm)
        with orm.expect_rollback(ValueError):
            orm.drop_schema(Goal)
            assert not orm.schema_exists(Goal)
            raise ValueError
        assert orm.count_models(Goal) == 1
        orm.drop_schema(Goal)
        with orm.expect_rollback(ValueError):
            orm.create_schema(Goal)
            raise ValueError
        assert not orm.schema_exists(Goal)

    def test_a_commit_keeps_it(self, orm):
        """What a transaction did to the schema stays when it commits."""
        with orm.transaction():
            orm.drop_schema(Goal)
        assert not orm.schema_exists(Goal)
        with orm.transaction():
            orm.create_schema(Goal)
        self.populate(orm)

    @requires("evolution")
    def test_an_evolution_is_rolled_back(self, orm):
        """After the rollback the old model is a model of the test again; after a commit the new one stays."""

        Point, Counted = goal_worth((int, 1)), goal_worth((str, "1"))  # noqa: N806  (they are models)
        self.populate(orm)
        with orm.expect_rollback(ValueError):
            orm.evolve(Goal, Point)
            orm.create_and_verify(Point, id="h")
            with orm.transaction():
                orm.evolve(Point, Counted)
            raise ValueError
        assert orm.count_models(Goal) == 1
        with orm.transaction():
            orm.evolve(Goal, Point)
        assert [point.worth for point in orm.all_models(Point)] == [1]


@requires("evolution")
class TestAwaited(AsyncMultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Person, Team, Goal]

    @pytest.mark.asyncio
    async def test_the_verbs_are_awaited(self, orm):
        """The same verbs do the same for async tests."""
        await orm.create_and_verify(Person, name="Ann", email="a", age=30)
        assert (await orm.ddl(Person)).startswith("CREATE TABLE ")
        await orm.evolve(Person, Player, rename=RENAMED)
        assert [player.age for player in await orm.all_models(Player)] == ["30"]
        assert {column.name for column in (await orm.describe(Player)).columns} == set(Player.model_fields)
        await orm.drop_schema()
        assert not await orm.schema_exists(Player)
        await orm.create_schema(Team, Player)
        assert await orm.count_models(Player) == 0

    @pytest.mark.asyncio
    async def test_the_next_starts_with_the_first_schema(self, orm):
        """After it the models are again those of the class."""
        await orm.create_and_verify(Person, name="Ann", email="a", age=30)
        assert [column.name for column in (await orm.describe(Person)).columns] == list(Person.model_fields)

    @requires("transactional_ddl")
    @pytest.mark.asyncio
    async def test_a_rollback_takes_it_back(self, orm):
        """In async tests too."""
        async with orm.expect_rollback(ValueError):
            await orm.drop_schema(Goal)
            assert not await orm.schema_exists(Goal)
            raise ValueError
        assert await orm.schema_exists(Goal)
