"""Schema: tables are made, told of and dropped, and a transaction takes back what it did to them."""

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import ForeignKeyError, SchemaError
from orm_testing.kit.support import teams
from orm_testing.kit.support.teams import TeamCases
from orm_testing.marks import requires
from orm_testing.model import Field, Model


class Counted(Model):
    """What becomes of a point."""

    __tablename__ = "Goal"

    id: str = Field(primary_key=True, max_length=20)
    worth: str = "1"


@requires("schema", "autoincrement", "unique")
class Schema(TeamCases):
    """The tables are those of the models, until a test makes or drops them; what is told of them is what is there."""

    def test_tables_come_and_go(self, orm: OrmDsl) -> None:
        """A dropped table is gone with its rows, the others keep theirs, and all can be dropped at once."""
        self.populate(orm)
        assert orm.schema_exists(self.Person)
        orm.drop_schema(self.Goal)
        assert not orm.schema_exists(self.Goal)
        assert orm.count_models(self.Person) == 2
        orm.drop_schema()
        assert not any(map(orm.schema_exists, [self.Person, self.Team, self.Goal]))

    def test_a_table_that_comes_back_is_as_it_was(self, orm: OrmDsl) -> None:
        """What is dropped and made again is described as before, is empty, and can be written to."""
        models = (self.Person, self.Team, self.Goal)
        self.populate(orm)
        before = [orm.describe(model) for model in models]
        orm.drop_schema(self.Person, self.Goal, self.Team)
        orm.create_schema(self.Team, self.Person, self.Goal)
        assert [orm.describe(model) for model in models] == before
        assert [orm.count_models(model) for model in models] == [0, 0, 0]
        self.populate(orm)

    def test_what_is_there_is_not_made(self, orm: OrmDsl) -> None:
        """To make a table that is there is a `SchemaError` that names the model, and no other table is made."""
        orm.drop_schema(self.Goal)
        for models in ([self.Person], [self.Goal, self.Person]):
            with pytest.raises(SchemaError) as caught:
                orm.create_schema(*models)
            assert caught.value.model == self.Person.__name__
        assert not orm.schema_exists(self.Goal)

    def test_what_is_absent_is_not_dropped(self, orm: OrmDsl) -> None:
        """To drop a table that is absent is a `SchemaError` that names the model, and no other table goes."""
        orm.drop_schema(self.Goal)
        for models in ([self.Goal], [self.Person, self.Goal]):
            with pytest.raises(SchemaError) as caught:
                orm.drop_schema(*models)
            assert caught.value.model == self.Goal.__name__
        assert orm.schema_exists(self.Person)

    @requires("foreign_keys")
    def test_a_table_does_not_go_before_what_refers_to_it(self, orm: OrmDsl) -> None:
        """To drop a table that another refers to is a `ForeignKeyError`, and both stay; together they go."""
        with pytest.raises(ForeignKeyError):
            orm.drop_schema(self.Person)
        assert orm.schema_exists(self.Person)
        orm.drop_schema(self.Goal, self.Person)

    @requires("foreign_keys")
    def test_a_table_does_not_come_before_what_it_refers_to(self, orm: OrmDsl) -> None:
        """To make a table that refers to an absent one is a `SchemaError`; in order, each can be made."""
        orm.drop_schema(self.Goal, self.Person)
        with pytest.raises(SchemaError):
            orm.create_schema(self.Goal)
        assert not orm.schema_exists(self.Goal)
        orm.create_schema(self.Person)
        orm.create_schema(self.Goal)

    def test_an_absent_table_is_no_empty_one(self, orm: OrmDsl) -> None:
        """Verbs on a model without a table fail with `SchemaError`; those on other models work."""
        orm.drop_schema(self.Goal)
        with pytest.raises(SchemaError):
            orm.describe(self.Goal)
        with pytest.raises(SchemaError):
            orm.all_models(self.Goal)
        with pytest.raises(SchemaError):
            orm.count_models(self.Goal)
        orm.expect_create_failure(self.Goal, SchemaError, id="g", by=1)
        orm.delete_and_verify(orm.create_and_verify(self.Team, id="t"))

    def test_columns_are_described(self, orm: OrmDsl) -> None:
        """A table has the columns of its model in their order; it is told which may be None and which are counted."""
        table = orm.describe(self.Person)
        assert table.name == "Person"
        assert [column.name for column in table.columns] == list(teams.Person.model_fields)
        assert [column.name for column in table.columns if column.nullable] == ["team", "captain", "seen"]
        assert [column.name for column in table.columns if column.autoincrement] == ["id"]
        assert all(column.type for column in table.columns)

    def test_keys_and_indexes_are_described(self, orm: OrmDsl) -> None:
        """A table has its model's key, its unique groups, and its indexes, none of which is unique."""
        table = orm.describe(self.Person)
        assert table.primary_key == ("id",)
        assert table.unique == (("email",), ("name", "shirt"))
        ours = {index.columns for index in table.indexes if index.name.startswith("Person_index")}
        assert ours == {("name",), ("name", "age")}
        assert not any(index.unique for index in table.indexes)

    @requires("foreign_keys")
    def test_references_are_described(self, orm: OrmDsl) -> None:
        """A table tells which columns refer to what, and what becomes of them when that is deleted."""
        keys = [
            (key.columns, key.table, key.referred, key.on_delete)
            for key in orm.describe(self.Person).foreign_keys
        ]
        assert keys == [
            (("captain",), "Person", ("id",), "restrict"),
            (("team",), "Team", ("id",), "set_null"),
        ]
        (key,) = orm.describe(self.Goal).foreign_keys
        assert (key.columns, key.table, key.referred, key.on_delete) == (
            ("by",),
            "Person",
            ("id",),
            "cascade",
        )

    def test_comments_are_described(self, orm: OrmDsl) -> None:
        """The comments of a table and of its columns are told as the model has them, or none of them is kept."""
        table = orm.describe(self.Person)
        told = {column.name: column.comment for column in table.columns if column.comment is not None}
        assert (table.comment, told) in [("who plays", {"name": "as on the shirt"}), (None, {})]

    def test_the_statements_are_those_of_the_table(self, orm: OrmDsl) -> None:
        """The statements name the table and each of its columns, and say nothing of other tables' columns."""
        statements = orm.ddl(self.Person)
        assert "Person" in statements
        assert all(name in statements for name in teams.Person.model_fields)
        assert orm.ddl(self.Goal) not in statements

    def test_the_statements_are_the_same_each_time(self, orm: OrmDsl) -> None:
        """Asked twice, with rows in the table, and after the tables were dropped and made, they are alike to the byte."""
        models = (self.Person, self.Team, self.Goal)
        before = [orm.ddl(model) for model in models]
        assert [orm.ddl(model) for model in models] == before
        self.populate(orm)
        assert [orm.ddl(model) for model in models] == before
        orm.drop_schema()
        orm.create_schema()
        assert [orm.ddl(model) for model in models] == before

    def test_a_reset_brings_the_same_statements(self, orm: OrmDsl) -> None:
        """After a reset that undid what became of the schema, in another store if need be, they are alike to the byte."""
        models = (self.Person, self.Team, self.Goal)
        before = [orm.ddl(model) for model in models]
        orm.drop_schema()
        orm.reset()
        assert all(map(orm.schema_exists, models))
        assert [orm.ddl(model) for model in models] == before

    @requires("sessions")
    def test_another_session_sees_what_became_of_the_schema(self, orm: OrmDsl) -> None:
        """A table that one session dropped is absent for the others, whatever they were told of it before."""
        assert orm.describe(self.Goal).name == "Goal"
        orm.concurrently(1, lambda client, _: client.drop_schema(self.Goal))
        assert not orm.schema_exists(self.Goal)
        with pytest.raises(SchemaError):
            orm.describe(self.Goal)


@requires("schema", "transactions", "transactional_ddl", "autoincrement", "unique")
class TransactionalSchema(TeamCases):
    """A transaction takes back what it did to the schema, or keeps it whole."""

    def test_a_rollback_brings_a_dropped_table_back(self, orm: OrmDsl) -> None:
        """A table that a transaction dropped is there again after a rollback, with its rows."""
        self.populate(orm)
        with orm.expect_rollback(ValueError):
            orm.drop_schema(self.Goal)
            assert not orm.schema_exists(self.Goal)
            raise ValueError
        assert orm.schema_exists(self.Goal)
        assert orm.count_models(self.Goal) == 1

    def test_a_rollback_removes_a_made_table(self, orm: OrmDsl) -> None:
        """A table that a transaction made is absent again after a rollback."""
        orm.drop_schema(self.Goal)
        with orm.expect_rollback(ValueError):
            orm.create_schema(self.Goal)
            raise ValueError
        assert not orm.schema_exists(self.Goal)

    def test_a_commit_keeps_it(self, orm: OrmDsl) -> None:
        """What a transaction did to the schema stays when it commits."""
        with orm.transaction():
            orm.drop_schema(self.Goal)
        assert not orm.schema_exists(self.Goal)
        with orm.transaction():
            orm.create_schema(self.Goal)
        self.populate(orm)

    @requires("evolution")
    def test_a_rolled_back_evolution_is_none(self, orm: OrmDsl) -> None:
        """After a rollback, of a nested evolution too, the old model is a model of the test again, with its rows."""
        point, counted = self.becoming(teams.Point), self.becoming(Counted)
        self.populate(orm)
        before = orm.describe(self.Goal)
        with orm.expect_rollback(ValueError):
            orm.evolve(self.Goal, point)
            orm.create_and_verify(point, id="h")
            with orm.transaction():
                orm.evolve(point, counted)
            raise ValueError
        assert orm.describe(self.Goal) == before
        assert orm.count_models(self.Goal) == 1
        assert not orm.model_exists(self.Goal, id="h")

    @requires("evolution")
    def test_a_committed_evolution_stays(self, orm: OrmDsl) -> None:
        """After a commit the new model is the test's, with the rows of the old one."""
        point = self.becoming(teams.Point)
        self.populate(orm)
        with orm.transaction():
            orm.evolve(self.Goal, point)
        assert [each.worth for each in orm.all_models(point)] == [1]
