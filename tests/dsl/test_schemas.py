"""Verbs on the schema believe no driver: what it says it did is looked for in the store."""

import pytest

from orm_testing import (
    Clock,
    Field,
    InMemoryDriver,
    Model,
    OrmDsl,
    SchemaSet,
    UnsupportedError,
    VerificationError,
)
from orm_testing.dsl.context import Context
from orm_testing_drivers.sqlite import SqliteDriver, SqliteMemoryStore


class User(Model):
    id: str = Field(primary_key=True)
    name: str = ""
    age: int = 0


class Pet(Model):
    id: str = Field(primary_key=True)
    owner: str = Field(references=User, on_delete="cascade")


class Human(Model):
    __tablename__ = "User"
    id: str = Field(primary_key=True)
    full_name: str
    age: str
    height: int = 170


@pytest.fixture
def make(tmp_path):
    """Makes a client on SQLite whose driver has these methods in the place of its own."""
    opened = []

    def make(**methods):
        store = SqliteMemoryStore()
        store.open(tmp_path)
        opened.append(store)
        store.prepare(SchemaSet((User, Pet)))
        store.seal()
        driver = type("Liar", (SqliteDriver,), methods)()
        driver.store, driver.backend_name, driver.clock = store, "sqlite", Clock()
        driver.setup_backend((User, Pet))
        opened.append(driver)
        orm = OrmDsl(Context(driver, "sqlite", (User, Pet), driver.clock), driver)
        orm.create_and_verify(User, id="a", name="A", age=30)
        orm.create_and_verify(Pet, id="p", owner="a")
        return orm

    yield make
    for each in reversed(opened):
        each.close()


def nothing(_driver, _operation):
    """Does nothing, and says that it did."""


def afterwards(statement):
    """An evolution that then does what it should not."""

    def execute(driver, operation):
        driver.execute_operation(operation)
        driver.store.connection.execute(statement)

    return execute


def test_an_honest_driver_is_believed(make):
    """Nothing is said against a driver that does what it says."""
    orm = make()
    orm.evolve(User, Human, rename={"name": "full_name"})
    assert orm.all_models(Human) == [Human(id="a", full_name="A", age="30")]
    orm.drop_schema()
    orm.create_schema()


def test_a_drop_that_drops_nothing_is_caught(make):
    """The driver itself says that the table is still there."""
    with pytest.raises(
        VerificationError,
        match="drop_schema Pet on sqlite: it succeeded, and the table is there, says the driver",
    ):
        make(execute_drop_schema=nothing).drop_schema(Pet)


def test_a_drop_that_lies_to_the_end_is_caught(make):
    """The store says it, where the driver does not."""
    orm = make(execute_drop_schema=nothing, execute_schema_exists=lambda *_: False)
    with pytest.raises(VerificationError, match="the table is there, says the store"):
        orm.drop_schema(Pet)


def test_a_create_that_makes_nothing_is_caught(make):
    """By the driver's own word, or by the store's."""
    orm = make(execute_create_schema=nothing)
    orm.drop_schema(Pet)
    with pytest.raises(
        VerificationError,
        match="create_schema Pet on sqlite: it succeeded, and the table is not there, says the driver",
    ):
        orm.create_schema(Pet)
    orm = make(execute_create_schema=nothing)
    orm.drop_schema(Pet)
    orm.driver.execute_schema_exists = lambda _: True
    with pytest.raises(VerificationError, match="the table is not there, says the store"):
        orm.create_schema(Pet)


def test_an_evolution_that_does_nothing_is_caught(make):
    """The live table has not the columns of the new model."""

    def learns(driver, operation):
        driver.work.learn(SchemaSet((Human, Pet), {User: Human}))

    with pytest.raises(VerificationError) as caught:
        make(execute_evolve=learns).evolve(User, Human, rename={"name": "full_name"})
    assert "the table has other columns than Human" in str(caught.value)
    assert "missing:  ['full_name', 'height']\n  too many: ['name']" in str(caught.value)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ('DELETE FROM "User"', "there were 1 row, and there are 0 in the evolved table"),
        ("UPDATE \"User\" SET full_name = ''", "field 'full_name' differs"),
        ("UPDATE \"User\" SET age = '31'", "field 'age' differs"),
        ('UPDATE "User" SET height = 0', "field 'height' differs"),
        ("UPDATE \"User\" SET id = 'b'", "is not in the store"),
        ('DELETE FROM "Pet"', "rows of Pet changed too"),
    ],
)
def test_an_evolution_that_harms_the_rows_is_caught(make, statement, said):
    """Rows lost, values lost, wrong or not filled in, keys changed, other tables touched."""
    orm = make(execute_evolve=afterwards(statement))
    with pytest.raises(VerificationError, match=said):
        orm.evolve(User, Human, rename={"name": "full_name"})


def test_a_failure_that_changed_the_store_is_caught(make):
    """An evolution that fails leaves everything as it was."""

    class Strict(Model):
        __tablename__ = "User"
        id: str = Field(primary_key=True)
        wants: int

    def execute(driver, operation):
        driver.store.connection.execute('DELETE FROM "Pet"')
        driver.execute_operation(operation)

    with pytest.raises(VerificationError, match="SchemaError came, and the store changed all the same"):
        make(execute_evolve=execute).evolve(User, Strict)


def test_where_the_schema_ends_transactions_it_is_left_alone_in_them(make):
    """A backend without `transactional_ddl` is asked nothing inside a transaction."""
    orm = make(capabilities=SqliteDriver.capabilities.without("transactional_ddl"))
    for verb in (orm.drop_schema, orm.create_schema, lambda: orm.evolve(User, Human)):
        with pytest.raises(UnsupportedError, match=r"@requires\('transactional_ddl'\)"), orm.transaction():
            verb()
    orm.drop_schema()


def test_a_backend_without_a_schema_says_so(make_orm):
    """In memory there are no tables: each verb is unsupported, and names the capability."""
    orm = make_orm(User, Pet, driver=InMemoryDriver)
    for verb, capability in [
        (orm.create_schema, "schema"),
        (orm.drop_schema, "schema"),
        (lambda: orm.schema_exists(User), "schema"),
        (lambda: orm.describe(User), "schema"),
        (lambda: orm.ddl(User), "schema"),
        (lambda: orm.evolve(User, Human, rename={"name": "full_name"}), "evolution"),
    ]:
        with pytest.raises(UnsupportedError) as raised:
            verb()
        assert raised.value.capability == capability


def test_further_clients_know_what_became_of_the_schema(make):
    """A session that begins after an evolution takes the new model."""
    orm = make()
    orm.evolve(User, Human, rename={"name": "full_name"})
    session = orm.driver.session()
    try:
        client = OrmDsl(orm.context.session(session, alone=True), session)
        assert client.get_and_verify_exists(Human, id="a").full_name == "A"
    finally:
        session.close()
