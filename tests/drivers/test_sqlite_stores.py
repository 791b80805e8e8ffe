"""The stores of SQLite start each test clean, whatever the last one did, and leave nothing behind."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from orm_testing import (
    BeginOperation,
    ConfigurationError,
    ConflictError,
    CountOperation,
    CreateOperation,
    Field,
    Model,
    SchemaSet,
    UpdateOperation,
)
from orm_testing_drivers.sqlite import SqliteDriver, SqliteFileStore, SqliteMemoryStore
from orm_testing_drivers.sqlite import store as store_module


class Item(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""
    parent: int | None = Field(None, references="Item")


def add(driver, **data):
    result = driver.execute(CreateOperation(Item, data))
    assert result.success, result.error
    return result.data


def names(driver):
    return [row["name"] for row in driver.rows(Item)]


def test_reset_empties_all_tables_and_starts_keys_anew(opened):
    """Rows that any connection wrote are gone, restricting references notwithstanding, and keys begin with 1."""
    driver = opened(Item)
    for _ in range(2):
        first = add(driver, name="a")
        add(driver, parent=first.id)
        other = driver.store.connect()
        other.execute("INSERT INTO Item (name) VALUES ('raw')")
        other.close()
        assert first.id == 1
        driver.reset()
        assert driver.rows(Item) == []


def test_reset_sees_every_kind_of_change(opened):
    """An update and a change through a connection made before the last reset are undone as well."""
    driver = opened(Item)
    other = driver.store.connect()
    for _ in range(2):
        other.execute("INSERT INTO Item (name) VALUES ('raw')")
        driver.reset()
        assert driver.rows(Item) == []
    item = add(driver, name="a")
    driver.mark()
    for _ in range(2):
        assert driver.execute(UpdateOperation(Item, item, {"name": "b"})).success
        driver.reset()
        assert names(driver) == ["a"]
    other.close()


def test_reset_ends_what_was_left_open(opened):
    """A transaction of the driver's, and one on a connection that a test forgot, are rolled back."""
    driver = opened(Item)
    driver.execute(BeginOperation())
    driver.execute(BeginOperation())
    add(driver)
    assert driver.leaks() == ["2 transactions were left open"]
    driver.reset()
    assert driver.leaks() == []
    forgotten = driver.store.connect()
    forgotten.execute("BEGIN")
    forgotten.execute("INSERT INTO Item (name) VALUES ('x')")
    assert driver.leaks() == ["a connection to the store was left open, inside a transaction"]
    driver.reset()
    assert driver.rows(Item) == []
    add(driver)
    assert not forgotten.in_transaction
    forgotten.close()


def test_a_stranger_that_holds_the_lock_is_named(opened):
    """A transaction that nobody can end makes the reset a ConflictError that says what is wrong."""
    driver = opened(Item)
    store = driver.store
    stranger = sqlite3.connect(store._database, uri=store._uri, isolation_level=None)
    store.connection.execute("PRAGMA busy_timeout=1")
    add(driver)
    stranger.execute("BEGIN IMMEDIATE")
    with pytest.raises(ConflictError, match="left a connection inside a transaction"):
        driver.reset()
    stranger.close()
    driver.reset()
    assert driver.rows(Item) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE Item ADD COLUMN extra",
        "DROP TABLE Item",
        "CREATE TABLE more AS SELECT 1 AS one",
        "CREATE TRIGGER t AFTER DELETE ON Item BEGIN INSERT INTO Item (name) VALUES ('again'); END",
    ],
)
def test_reset_undoes_a_change_of_the_schema(opened, change):
    """Tables and triggers made, changed or dropped by a test are as they were, time and again."""
    driver = opened(Item)
    schema = "SELECT sql FROM sqlite_master ORDER BY 1"
    other = driver.store.connect()
    before = other.execute(schema).fetchall()
    for _ in range(2):
        add(driver)
        other.execute(change)
        driver.reset()
        assert other.execute(schema).fetchall() == before
        assert driver.rows(Item) == []
        assert add(driver).id == 1
        driver.reset()
    other.close()


@pytest.mark.parametrize(
    "also",
    [
        "CREATE TRIGGER t AFTER DELETE ON Item BEGIN INSERT INTO Item (name) VALUES ('again'); END",
        "CREATE VIRTUAL TABLE words USING fts5(word)",
    ],
)
def test_a_project_schema_with_a_will_of_its_own_is_restored(stored, opened, also):
    """Where DELETE would not leave tables empty, the reset puts back a copy."""
    store = stored(Item)
    raw = store.connect()
    raw.execute(also)
    raw.close()
    store.seal()
    driver = opened(Item, store=store)
    for _ in range(2):
        add(driver)
        driver.reset()
        assert driver.rows(Item) == []


def test_a_reset_goes_back_to_what_migrations_made(stored, opened):
    """The tables of a project's own migrations, and the rows that they put there, are as they were at the seal."""
    store = stored(Item)
    raw = store.connect()
    raw.execute('CREATE TABLE "od""d" (one)')
    raw.execute('INSERT INTO "od""d" VALUES (1)')
    store.seal()
    driver = opened(Item, store=store)
    for _ in range(2):
        assert raw.execute('SELECT * FROM "od""d"').fetchall() == [(1,)]
        raw.execute('INSERT INTO "od""d" VALUES (2)')
        driver.reset()
    raw.close()


def test_a_reset_that_fails_is_tried_again(stored):
    """A DELETE that raises leaves no transaction behind."""
    store = stored(Item)
    store._deletes = ["DELETE FROM nowhere"]
    raw = store.connect()
    raw.execute("INSERT INTO Item (name) VALUES ('x')")
    with pytest.raises(sqlite3.OperationalError):
        store.reset()
    assert not store.connection.in_transaction
    raw.close()


def test_marked_rows_come_back_until_they_are_unmarked(opened):
    """mark keeps the rows that are here, with the keys given so far; unmark starts empty again."""
    driver = opened(Item)
    add(driver, name="loaded")
    assert driver.mark()
    for _ in range(2):
        assert add(driver, name="test's own").id == 2
        driver.reset()
        assert names(driver) == ["loaded"]
    add(driver, name="more")
    driver.mark()
    driver.reset()
    assert names(driver) == ["loaded", "more"]
    driver.unmark()
    driver.reset()
    assert names(driver) == []


def test_leaks_are_connections_that_are_not_closed(stored):
    """Those of before the last reset are not the test's."""
    store = stored(Item)
    kept = store.connect()
    store.connect().close()
    assert store.leaks() == ["a connection to the store was left open"]
    store.reset()
    assert store.leaks() == []
    kept.close()


def test_connections_enforce_foreign_keys_and_run_alone(stored):
    """What the store hands out behaves as the driver's own connection does."""
    store = stored(Item)
    raw = store.connect()
    with pytest.raises(sqlite3.IntegrityError):
        raw.execute("INSERT INTO Item (name, parent) VALUES ('x', 99)")
    assert raw.execute("PRAGMA busy_timeout").fetchone() == (2000,)
    assert raw.isolation_level is None
    raw.close()


def test_others_connect_by_url(opened):
    """A SQLAlchemy engine on the store's URL sees the same rows."""
    driver = opened(Item)
    add(driver, name="x")
    engine = sa.create_engine(driver.store.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT name FROM Item")).scalars().all() == ["x"]
    engine.dispose()


def test_two_stores_do_not_meet(opened):
    """Each has a database of its own, and says what product it is."""
    one, other = opened(Item), opened(Item)
    add(one)
    assert other.execute(CountOperation(Item)).data == 0
    assert one.fingerprint() == f"SQLite {sqlite3.sqlite_version}"


def test_a_closed_file_store_leaves_no_file(tmp_path: Path):
    """The database, its log and its index are removed; while open it is in WAL mode."""
    store = SqliteFileStore()
    store.open(tmp_path)
    store.prepare(SchemaSet((Item,)))
    store.seal()
    store.mark()
    assert store.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert list(tmp_path.iterdir())
    store.close()
    assert not list(tmp_path.iterdir())


def test_a_closed_memory_store_leaves_no_file(tmp_path: Path):
    """Nothing is written anywhere."""
    store = SqliteMemoryStore()
    store.open(tmp_path)
    store.close()
    assert not list(tmp_path.iterdir())


def test_an_sqlite_without_shared_memory_is_a_configuration_error(tmp_path: Path, monkeypatch):
    """The message says which version has it and what to use instead."""

    def refuse(*_arguments, **_options):
        raise sqlite3.OperationalError("no such vfs: memdb")

    monkeypatch.setattr(store_module.sqlite3, "connect", refuse)
    with pytest.raises(ConfigurationError, match="Use the backend sqlite_file"):
        SqliteMemoryStore().open(tmp_path)


def test_a_driver_without_a_sql_store_is_a_configuration_error():
    """The message says how to register one."""
    with pytest.raises(ConfigurationError, match="needs a SQL store"):
        SqliteDriver().open()
