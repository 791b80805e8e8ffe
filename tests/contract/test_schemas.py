"""Tables are made, described, dropped and evolved alike on every backend that can."""

import enum
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pydantic
import pytest

from orm_testing import (
    AsyncMultiBackendTestBase,
    ConfigurationError,
    DuplicateKeyError,
    Field,
    ForeignKeyError,
    Model,
    MultiBackendTestBase,
    SchemaError,
    ValidationError,
    requires,
)

BACKENDS = ("inmemory", "sqlite", "sqlite_file")


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Shade(enum.Enum):
    CRIMSON = "red"
    NAVY = "blue"


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


def by_name(description):
    return sorted(description.columns, key=lambda column: column.name)


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


class Item(Model):
    id: str = Field(primary_key=True, max_length=5)
    value: str | None = None


def item(annotation):
    return pydantic.create_model(
        "Item", __base__=Model, id=(str, Field(primary_key=True, max_length=5)), value=annotation
    )


UUID_TEXT = "12345678-1234-5678-1234-567812345678"
CHANGES = [
    (int, 5, str, "5"),
    (str, "5", int, 5),
    (int, 5, Decimal, Decimal(5)),
    (int, 5, float, 5.0),
    (float, 5.0, int, 5),
    (bool, True, str, "true"),
    (str, "false", bool, False),
    (bool, True, int, 1),
    (Decimal, Decimal("1.50"), str, None),
    (str, "1.5", Decimal, Decimal("1.5")),
    (date, date(2024, 2, 29), str, "2024-02-29"),
    (str, "2024-02-29", date, date(2024, 2, 29)),
    (date, date(2024, 2, 29), datetime, datetime(2024, 2, 29)),
    (datetime, datetime(2024, 2, 29), date, date(2024, 2, 29)),
    (datetime, datetime(2024, 2, 29, 1), pydantic.AwareDatetime, datetime(2024, 2, 29, 1, tzinfo=UTC)),
    (pydantic.AwareDatetime, datetime(2024, 2, 29, 1, tzinfo=UTC), datetime, datetime(2024, 2, 29, 1)),
    (UUID, UUID(UUID_TEXT), str, UUID_TEXT),
    (str, UUID_TEXT, UUID, UUID(UUID_TEXT)),
    (str, "é", bytes, "é".encode()),
    (bytes, "é".encode(), str, "é"),
    (Colour, Colour.RED, str, "red"),
    (str, "red", Colour, Colour.RED),
    (Colour, Colour.RED, Shade, Shade.CRIMSON),
    (int, 90, timedelta, timedelta(seconds=90)),
    (list[int], [1, 2], list[str], None),
    (list[int], [1, 2], str, "[1,2]"),
    (str, '{"a":1}', dict[str, int], {"a": 1}),
    (list[int], [1, 2], tuple[int, int], (1, 2)),
]


@requires("evolution")
class TestRetyping(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Item]

    @pytest.mark.parametrize(("was", "value", "becomes", "expected"), CHANGES)
    def test_values_become_what_the_new_type_makes_of_them(self, orm, was, value, becomes, expected):
        """A value of one type becomes the same value of another on every backend, and None stays None."""
        old, new = item((was | None, None)), item((becomes | None, None))
        orm.evolve(Item, old)
        orm.create_and_verify(old, id="a", value=value)
        stored = orm.get_and_verify_exists(old, id="a").value
        orm.create_and_verify(old, id="b", value=None)
        if becomes == list[str]:
            with pytest.raises(ValidationError, match="cannot hold"):
                orm.evolve(old, new)
            return
        orm.evolve(old, new)
        one, none = orm.all_models(new)
        assert one.value == (str(stored) if expected is None else expected)
        assert type(one.value) is (str if expected is None else type(expected))
        assert none.value is None
        orm.create_and_verify(new, id="c", value=one.value)

    @pytest.mark.parametrize(
        ("was", "value", "becomes"),
        [
            (str, "x", int),
            (float, 5.5, int),
            (datetime, datetime(2024, 1, 1, 1), date),
            (bytes, b"\xff", str),
            (str, "green", Colour),
        ],
    )
    def test_no_value_is_lost(self, orm, was, value, becomes):
        """What the new type would not hold whole is refused, and the table is as it was."""
        old, new = item((was, ...)), item((becomes, ...))
        orm.evolve(Item, old)
        row = orm.create_and_verify(old, id="a", value=value)
        with pytest.raises(ValidationError, match=r"Item\.value cannot hold .* of the row \{'id': 'a'\}"):
            orm.evolve(old, new)
        orm.delete_and_verify(row)


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


def goal_worth(worth):
    """A model of the table of goals that nothing refers to, with one more field."""
    key = (str, Field(primary_key=True, max_length=20))
    return pydantic.create_model("Goal", __base__=Model, id=key, worth=worth)


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


class Hen(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    egg: int | None = Field(None, references="Egg")


class Egg(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    hen: int | None = Field(None, references=Hen)


class Odd(Model):
    __tablename__ = 'group "%s" order'
    __indexes__ = [("select", "pct")]

    id: str = Field(primary_key=True, alias="from", max_length=5)
    select: str = Field("s", unique=True, max_length=9)
    pct: int = Field(5, alias="100 %", comment='it\'s "%s"')
    gone: int = 0


class Odder(Model):
    __tablename__ = 'group "%s" order'

    id: str = Field(primary_key=True, alias="from", max_length=5)
    where: str = Field("s", unique=True, alias="100 %", max_length=9)
    pct: str = Field("", alias="select")


class Plain(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""


class Named(Model):
    __tablename__ = "Plain"
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""
    more: int = 1


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
