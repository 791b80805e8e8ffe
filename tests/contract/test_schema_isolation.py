"""Whatever a test did to the schema, the next starts with that of its models."""

from teams import RENAMED, Base, Goal, Person, Player, Team, goal_worth

from orm_testing import requires


@requires("evolution")
class TestEachStartsWithTheFirstSchema(Base):
    """The tests run in this order: each that changes the schema stands between two that expect it unchanged."""

    def expected(self, orm):
        assert [column.name for column in orm.describe(Person).columns] == list(Person.model_fields)
        assert all(not orm.all_models(model) for model in (Person, Team, Goal))
        self.populate(orm)

    def test_1_before(self, orm):
        """The schema is the models'."""
        self.expected(orm)

    def test_2_evolves(self, orm):
        """One test evolves a table."""
        self.expected(orm)
        orm.evolve(Person, Player, rename=RENAMED)

    def test_3_after_an_evolution(self, orm):
        """The next has the table as it was."""
        self.expected(orm)

    def test_4_drops(self, orm):
        """One test drops all tables."""
        self.expected(orm)
        orm.drop_schema()

    def test_5_after_a_drop(self, orm):
        """The next has them all."""
        self.expected(orm)

    @requires("transactional_ddl")
    def test_6_rolls_back(self, orm):
        """One test changes the schema in a transaction, and again outside."""
        self.expected(orm)
        with orm.expect_rollback(ValueError):
            orm.evolve(Goal, goal_worth((int, 1)))
            orm.drop_schema()
            raise ValueError
        orm.drop_schema(Goal)

    def test_7_after_a_transaction(self, orm):
        """The next knows nothing of it."""
        self.expected(orm)
