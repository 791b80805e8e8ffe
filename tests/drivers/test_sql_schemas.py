"""What is particular to SQL about the schema: names, circles of references, numbering, and tables of others."""

import sys

import pytest

from orm_testing import (
    ConfigurationError,
    CreateSchemaOperation,
    Field,
    ForeignKeyError,
    Model,
    SchemaError,
    UnsupportedError,
)
from orm_testing.kit.support.odd_tables import Egg, Hen, Named, Odd, Plain


def test_the_statements_are_what_the_store_ran(dsl):
    """`ddl` gives, byte for byte, what the store keeps as the statements that made the table and its indexes."""
    orm = dsl(Odd)
    kept = orm.driver.store.connection.execute(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type DESC, name"
    ).fetchall()
    assert orm.ddl(Odd) == "\n".join(f"{sql};" for (sql,) in kept)


def test_the_statements_make_the_table(dsl):
    """Run by hand, they make a table that is described as the first was."""
    orm = dsl(Odd)
    before, statements = orm.describe(Odd), orm.ddl(Odd)
    orm.drop_schema()
    orm.driver.store.connection.executescript(statements)
    assert orm.describe(Odd) == before


def test_references_are_enforced_again_after_a_failure(dsl):
    """An evolution that the store refuses changes nothing, and what it had switched off is on again."""

    class Bound(Model):
        __tablename__ = "Egg"
        id: int | None = Field(None, primary_key=True, generated=True)
        hen: int | None = Field(None, references=Hen)
        next: int = Field(7, references=Hen)

    orm = dsl(Hen, Egg)
    egg = orm.create_and_verify(Egg)
    with pytest.raises(ForeignKeyError, match="rows of Bound refer to what is not there, in Hen"):
        orm.evolve(Egg, Bound)
    assert orm.all_models(Egg) == [egg]
    orm.expect_create_failure(Egg, ForeignKeyError, hen=99)


def test_inside_a_transaction_a_table_that_others_need_stays(dsl):
    """SQLite cannot switch off references there, and would delete what refers to the rows."""
    orm = dsl(Hen, Egg)
    orm.create_and_verify(Hen)
    with (
        pytest.raises(UnsupportedError, match="inside a transaction, since Egg refers to it"),
        orm.transaction(),
    ):
        orm.evolve(Hen, Hen)
    assert orm.count_models(Hen) == 1


def test_columns_of_others_are_not_lost(dsl):
    """A table that has columns which the model does not know is not evolved."""
    orm = dsl(Plain)
    orm.driver.store.connection.execute('ALTER TABLE "Plain" ADD COLUMN secret')
    with pytest.raises(
        SchemaError, match=r"evolve starts from the table as Plain has it, .* other columns: secret"
    ):
        orm.evolve(Plain, Named)


def test_without_alembic_the_message_says_what_to_install(dsl, monkeypatch):
    """Evolving needs Alembic; all else does not."""
    orm = dsl(Plain)
    for name in [name for name in sys.modules if name.split(".")[0] == "alembic"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "alembic", None)
    orm.drop_schema()
    orm.create_schema()
    with pytest.raises(ConfigurationError, match=r"pip install 'orm-testing\[evolution\]'"):
        orm.evolve(Plain, Named)


def test_a_failed_operation_leaves_no_transaction_open(dsl):
    """After an operation on an absent table the connection is free for the next."""
    orm = dsl(Plain)
    orm.drop_schema()
    orm.expect_create_failure(Plain, SchemaError, name="x")
    assert not orm.driver.connection.in_transaction()


def test_the_work_is_again_of_its_first_models(dsl):
    """A reset of the driver forgets what a test made of its models; so does the end of a transaction that is undone."""
    orm = dsl(Plain)
    first = orm.driver.work.schemas
    orm.evolve(Plain, Named)
    assert orm.driver.work.schemas is not first
    orm.driver.reset()
    assert orm.driver.work.schemas is first


def test_a_transaction_that_was_left_open_leaves_nothing(dsl):
    """What a test did to the schema inside a transaction that it never ended is gone after a reset."""
    orm = dsl(Plain)
    row = orm.create_and_verify(Plain)
    orm.transaction().__enter__()
    orm.evolve(Plain, Named)
    orm.reset()
    assert not orm.all_models(Plain)
    assert orm.create_and_verify(Plain) == row


def test_no_models_make_no_tables(dsl):
    """A set of no models is made as easily as any."""
    assert dsl().driver.execute(CreateSchemaOperation(())).success
