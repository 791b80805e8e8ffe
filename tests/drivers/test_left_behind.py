"""What a test leaves that is neither a row nor a table: a setting of a session, a lock, an object that has no table."""

import psycopg
import pymysql
import pytest

from orm_testing import Field, Model
from orm_testing_drivers.sql.watching import changes_schema, changes_session

pytestmark = pytest.mark.external_services


class Item(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""


_MADE = """
CREATE DOMAIN positive AS integer;
CREATE TYPE size AS ENUM ('s');
CREATE TABLE kept (a integer, b integer);
INSERT INTO kept VALUES (1, 1);
CREATE FUNCTION renames() RETURNS void LANGUAGE plpgsql AS 'BEGIN ALTER TABLE kept RENAME TO other; END';
CREATE FUNCTION makes() RETURNS void LANGUAGE plpgsql AS 'BEGIN CREATE TABLE made (a integer); END';
"""


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ("SET search_path TO pg_catalog", "SHOW search_path"),
        ("/* first */ SET ROLE pg_monitor", "SELECT current_user"),
        ("SELECT set_config('timezone', 'Asia/Tokyo', false)", "SHOW timezone"),
        ("SELECT pg_advisory_lock(5)", "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"),
        ("PREPARE mine AS SELECT 1", "SELECT count(*) FROM pg_prepared_statements WHERE name = 'mine'"),
        ("DECLARE mine CURSOR WITH HOLD FOR SELECT 1", "SELECT count(*) FROM pg_cursors"),
    ],
)
def test_a_driver_of_postgres_begins_with_a_session_of_its_own(postgres, statement, question):
    """What a test did to the session of its driver is not there for the next test."""
    assert_settled(postgres(Item), statement, question)


@pytest.mark.parametrize(
    ("statement", "question"),
    [
        ("SET SESSION sql_mode = ''", "SELECT @@sql_mode"),
        ("SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SELECT @@tx_isolation"),
        ("SELECT GET_LOCK('mine', 1)", "SELECT IS_USED_LOCK('mine')"),
        ("CREATE TEMPORARY TABLE Item (other INT)", "SHOW CREATE TABLE Item"),
        ("LOCK TABLES Item WRITE", "SELECT 1"),
        ("USE mysql", "SELECT database() = 'mysql'"),
    ],
)
def test_a_driver_of_mysql_begins_with_a_session_of_its_own(on_mysql, statement, question):
    """What a test did to the session of its driver is not there for the next test."""
    assert_settled(on_mysql(Item), statement, question)


def assert_settled(driver, statement, question):
    def answer():
        found = driver.connection.exec_driver_sql(question).fetchall()
        driver.connection.commit()
        return found

    before = answer()
    driver.connection.exec_driver_sql(statement)
    driver.connection.commit()
    database = driver.store._database
    driver.reset()
    assert answer() == before
    assert driver.store._database == database


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE t SET a = 1",
        "INSERT INTO t (a) VALUES (1) ON CONFLICT DO UPDATE SET a = 2",
        "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
        "SET foreign_key_checks = 0",
        "SET LOCAL work_mem = '1MB'",
    ],
)
def test_a_statement_that_leaves_the_session_as_it_was_is_known(statement):
    """What drivers say all the time costs no new connection, and no question after the schema."""
    assert not changes_session(statement)
    assert not changes_schema(statement)


@pytest.mark.parametrize(
    "change",
    [
        "ALTER DOMAIN positive ADD CONSTRAINT above CHECK (value > 0)",
        "SELECT lo_from_bytea(0, 'large')",
        "CREATE STATISTICS seen ON a, b FROM kept",
        "CREATE CAST (size AS integer) WITH INOUT",
        'CREATE COLLATION mine FROM "C"',
        "CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq)",
        "CREATE PUBLICATION mine FOR ALL TABLES",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
        "DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = pg_catalog', current_database()); END$$",
        "SELECT makes()",
        "SELECT renames()",
        "-- first\nDO $$BEGIN PERFORM makes(); END$$",
    ],
)
def test_a_change_of_postgres_that_touches_no_table_is_seen(postgres, postgres_store, change):
    """The next test has another database, as it was sealed, whatever kind of object was made or changed, and by whom."""
    driver = postgres(Item, store=postgres_store(Item, made=_MADE))
    database = driver.store._database
    with driver.store.connect() as connection:
        connection.execute(change)
    driver.reset()
    assert driver.store._database != database
    with driver.store.connect() as connection:
        assert connection.execute("SELECT a, b FROM kept").fetchall() == [(1, 1)]


def test_many_rows_at_once_are_watched_as_one_is(postgres):
    """A change of the schema through `executemany` is undone."""
    driver = postgres(Item)
    with driver.store.connect() as connection:
        connection.cursor().executemany("CREATE TABLE made (a integer)", [()])
    driver.reset()
    with driver.store.connect() as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM made")


def test_a_table_that_nobody_was_seen_to_drop_is_back(postgres, postgres_server):
    """A connection that the store knows nothing of dropped a table: the reset does not fail for it."""
    driver = postgres(Item)
    with psycopg.connect(driver.store._url, autocommit=True) as stranger:
        stranger.execute('DROP TABLE "Item"')
    driver.reset()
    assert driver.rows(Item) == []


def test_a_database_of_mysql_keeps_its_character_set(on_mysql):
    """Tables that the next test makes are of the character set that they were of before."""
    driver = on_mysql(Item)

    def asked(statement):
        with driver.store.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    before = asked("SELECT @@character_set_database")
    asked("ALTER DATABASE CHARACTER SET latin1")
    driver.reset()
    assert asked("SELECT @@character_set_database") == before


def test_a_cursor_of_another_class_is_not_trusted(on_mysql):
    """What was changed through PyMySQL's other cursors is undone too."""
    driver = on_mysql(Item)
    with driver.store.connect() as connection, connection.cursor(pymysql.cursors.DictCursor) as cursor:
        cursor.execute("CREATE TABLE made (a INT)")
    driver.reset()
    assert driver.connection.exec_driver_sql("SHOW TABLES").fetchall() == [("Item",)]


def test_the_store_goes_on_without_the_procedure_that_emptied_it(on_mysql):
    """A test that drops every procedure of the database, ours with them, costs the next one no more than a new database."""
    driver = on_mysql(Item)
    with driver.store.connect() as connection, connection.cursor() as cursor:
        cursor.execute("DROP PROCEDURE orm_testing_reset")
    driver.reset()
    assert driver.rows(Item) == []


@pytest.mark.parametrize("name", ["postgres", "on_mysql"])
def test_a_connection_is_opened_again_once(request, name):
    """What every connection begins with is no change: the reset after a new connection keeps it."""
    driver = request.getfixturevalue(name)(Item)
    first = driver.connection
    driver.reset()
    assert driver.connection is first
    driver.connection.exec_driver_sql(
        "SET lock_timeout = 1" if name == "postgres" else "SET max_sort_length = 64"
    )
    driver.reset()
    second = driver.connection
    assert second is not first
    driver.reset()
    assert driver.connection is second
