"""The store of PostgreSQL starts each test clean, whatever the last one did, and leaves nothing behind."""

from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa

from orm_testing import BeginOperation, CreateOperation, Field, Model, UpdateOperation
from orm_testing.store import Stale
from orm_testing_drivers.postgres.store import PostgresStore


class Item(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""
    parent: int | None = Field(None, references="Item")


class Tag(Model):
    name: str = Field(primary_key=True)
    item: int | None = Field(None, references=Item)


def add(driver, model=Item, **data):
    result = driver.execute(CreateOperation(model, data))
    assert result.success, result.error
    return result.data


def names(driver):
    return [row["name"] for row in driver.rows(Item)]


def databases(server):
    with psycopg.connect(server.url) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_reset_empties_all_tables_and_starts_keys_anew(postgres):
    """Rows that any connection wrote are gone, references notwithstanding, and keys begin with 1, rolled-back ones too."""
    driver = postgres(Item, Tag)
    for _ in range(2):
        first = add(driver, name="a")
        add(driver, parent=first.id)
        add(driver, Tag, name="t", item=first.id)
        with driver.store.connect() as other:
            other.execute("""INSERT INTO "Item" (name) VALUES ('raw')""")
        assert first.id == 1
        driver.reset()
        assert driver.rows(Item) == driver.rows(Tag) == []
        driver.execute(BeginOperation())
        assert add(driver).id == 1
        driver.reset()


def test_a_sequence_that_was_only_set_is_set_back(postgres):
    """`setval` that gave no key yet leaves the next test its first key."""
    driver = postgres(Item)
    with driver.store.connect() as other:
        other.execute("""SELECT setval('"Item_id_seq"', 50, false)""")
    driver.reset()
    assert add(driver).id == 1


def test_a_reset_is_one_round_trip(postgres, monkeypatch):
    """One statement looks, deletes and sets back, and where nothing but rows can have changed nothing else is asked."""
    driver = postgres(Item, Tag)
    add(driver)
    ran = []
    execute = psycopg.Cursor.execute
    monkeypatch.setattr(
        psycopg.Cursor,
        "execute",
        lambda self, query, *rest, **more: (ran.append(query), execute(self, query, *rest, **more))[1],
    )
    driver.reset()
    assert len(ran) == 1
    assert driver.store.isolation().startswith("deletion in one round trip, from 2 tables at most")
    assert driver.rows(Item) == []


def test_reset_ends_what_was_left_open(postgres):
    """A transaction of the driver's, and one on a connection that a test forgot, are rolled back."""
    driver = postgres(Item)
    driver.execute(BeginOperation())
    add(driver)
    assert driver.leaks() == ["1 transaction was left open"]
    driver.reset()
    assert driver.leaks() == []
    forgotten = driver.store.connect()
    forgotten.execute("BEGIN")
    forgotten.execute("""INSERT INTO "Item" (name) VALUES ('x')""")
    assert driver.leaks() == ["a connection to the store was left open"]
    driver.reset()
    assert driver.leaks() == []
    forgotten.execute("COMMIT")
    assert driver.rows(Item) == []
    forgotten.close()


def test_a_stranger_in_a_transaction_is_a_leak_and_is_sent_away_where_it_blocks(postgres):
    """Its lock holds a reset up for a moment, and the driver's own connection lives on."""
    driver = postgres(Item)
    add(driver, name="a")
    stranger = psycopg.connect(driver.store.url, application_name="pgcli")
    stranger.execute('SELECT * FROM "Item" FOR UPDATE')
    assert driver.leaks() == ["somebody (pgcli) was left in the database, idle in transaction"]
    driver.reset()
    assert driver.rows(Item) == []
    with pytest.raises(psycopg.OperationalError):
        stranger.execute("SELECT 1")
    stranger.close()
    assert add(driver).id == 1


@pytest.mark.parametrize(
    "change",
    [
        'ALTER TABLE "Item" ADD COLUMN extra int',
        'DROP TABLE "Item"',
        "CREATE TABLE more AS SELECT 1 AS one",
        'SELECT * INTO more FROM "Item"',
        "DO $$ BEGIN CREATE VIEW v AS SELECT 1 AS one; END $$",
        'CREATE INDEX ON "Item" (name)',
        'COMMENT ON TABLE "Item" IS $$x$$',
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        'CREATE RULE r AS ON DELETE TO "Item" DO INSTEAD NOTHING',
        'ALTER TABLE "Item" DISABLE TRIGGER ALL',
        "CREATE TYPE mood AS ENUM ('sad')",
        "CREATE SCHEMA another",
    ],
)
def test_reset_undoes_a_change_of_the_schema(postgres, change):
    """What a test made, changed or dropped is as it was, by a new database, time and again."""
    driver = postgres(Item)
    for _ in range(2):
        add(driver)
        before = driver.store._database
        with driver.store.connect() as other:
            other.execute(change)
        with pytest.raises(Stale, match="the schema was changed"):
            driver.store.reset()
        driver.reset()
        assert driver.store._database != before
        assert driver.store.isolation().startswith("a new database in the place of")
        assert driver.rows(Item) == []
        assert add(driver).id == 1
        driver.reset()
        assert driver.rows(Item) == []
        assert "deletion" in driver.store.isolation()


def test_a_change_by_a_stranger_is_seen_too(postgres):
    """Whoever was told the URL may have changed the schema, so each reset looks."""
    driver = postgres(Item)
    with psycopg.connect(driver.store.url) as stranger:
        stranger.execute('ALTER TABLE "Item" ADD COLUMN extra int')
    before = driver.store._database
    driver.reset()
    assert driver.store._database != before
    assert driver.rows(Item) == []


def test_truncating_is_no_change_of_the_schema(postgres):
    """A test may TRUNCATE, and the next needs no new database."""
    driver = postgres(Item)
    add(driver)
    before = driver.store._database
    with psycopg.connect(driver.store.url) as stranger:
        stranger.execute('TRUNCATE "Item" RESTART IDENTITY CASCADE')
    driver.reset()
    assert driver.store._database == before


MIGRATED = """
    CREATE TABLE kind (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, twice int GENERATED ALWAYS AS (id * 2) STORED);
    INSERT INTO kind (name) VALUES ('a'), ('b');
    CREATE TABLE log (line text);
    CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (TG_OP); RETURN NULL; END';
    CREATE TRIGGER noting AFTER INSERT OR DELETE ON kind FOR EACH ROW EXECUTE FUNCTION noted();
"""


@pytest.mark.parametrize(
    "write",
    [
        "INSERT INTO kind (name) VALUES ('c')",
        "UPDATE kind SET name = 'z' WHERE id = 1",
        "DELETE FROM kind",
        "DELETE FROM kind WHERE id = 1; INSERT INTO kind (name) VALUES ('a')",
    ],
)
def test_a_reset_goes_back_to_what_migrations_made(postgres_store, write):
    """Rows that were there at the seal are put back, keys that the store makes included, and no trigger has a say."""
    store = postgres_store(Item, made=MIGRATED)
    other = store.connect()
    for _ in range(2):
        other.execute(write)
        store.reset()
        assert other.execute("SELECT * FROM kind ORDER BY id").fetchall() == [(1, "a", 2), (2, "b", 4)]
        assert other.execute("SELECT * FROM log").fetchall() == []
        assert other.execute("INSERT INTO kind (name) VALUES ('new') RETURNING id").fetchone() == (3,)
        store.reset()
    other.execute("DROP TABLE log CASCADE")
    with pytest.raises(Stale):
        store.reset()
    store.renew()
    with store.connect() as fresh:
        assert fresh.execute("SELECT * FROM kind ORDER BY id").fetchall() == [(1, "a", 2), (2, "b", 4)]
        assert fresh.execute("SELECT * FROM log").fetchall() == []


def test_marked_rows_come_back_until_they_are_unmarked(postgres):
    """mark keeps the rows that are here, with the keys given so far, in a new database as well; unmark starts empty again."""
    driver = postgres(Item, Tag)
    item = add(driver, name="loaded")
    add(driver, Tag, name="kept", item=item.id)
    assert driver.mark()
    for change in ("SELECT 1", "CREATE TABLE more ()"):
        assert add(driver, name="test's own").id == 2
        assert driver.execute(UpdateOperation(Item, item, {"name": "changed"})).success
        with driver.store.connect() as other:
            other.execute(change)
        driver.reset()
        assert names(driver) == ["loaded"]
        assert len(driver.rows(Tag)) == 1
    assert add(driver, name="more").id == 2
    driver.mark()
    driver.reset()
    assert names(driver) == ["loaded", "more"]
    driver.unmark()
    driver.reset()
    assert driver.rows(Item) == driver.rows(Tag) == []
    assert add(driver).id == 1


def test_the_schema_of_the_library_leaves_no_trace_of_the_reset(postgres):
    """The function that resets is the session's own: others see tables alone."""
    driver = postgres(Item)
    with driver.store.connect() as other:
        assert other.execute(
            "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        ).fetchone() == (0,)
        tables = other.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("Item",)]


def test_a_lost_connection_is_made_anew(postgres):
    """Where a test ends every session of its database, the next test has a new one."""
    driver = postgres(Item)
    add(driver)
    with psycopg.connect(driver.store.server.url) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [driver.store._database],
        )
    driver.reset()
    assert driver.rows(Item) == []
    assert add(driver).id == 1


def test_others_connect_by_url(postgres):
    """SQLAlchemy's engine on the store's URL sees the same rows."""
    driver = postgres(Item)
    add(driver, name="x")
    engine = sa.create_engine(
        sa.make_url(driver.store.url).set(drivername="postgresql+psycopg"), poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        assert connection.execute(sa.text('SELECT name FROM "Item"')).scalars().all() == ["x"]
    engine.dispose()


def test_what_was_made_is_noted_first_and_dropped(postgres_server, tmp_path):
    """Each database has a name of ours in the journal, and none is left when the last store of the process is closed."""
    journal = tmp_path / "journal"
    server = replace(postgres_server, prefix=f"{postgres_server.prefix}_noted", journal=journal)
    store = PostgresStore()
    store.server = server
    store.open(tmp_path)
    store.seal()
    store.renew()
    made = {name for name in databases(server) if name.startswith(server.prefix)}
    assert store._database in made
    assert made <= set(journal.read_text().split())
    store.close()
    assert not {name for name in databases(server) if name.startswith(server.prefix)}
