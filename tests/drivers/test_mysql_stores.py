"""The stores of MariaDB and MySQL start each test clean, whatever the last one did, and leave nothing behind."""

import dataclasses
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from orm_testing import (
    BeginOperation,
    ConfigurationError,
    ConflictError,
    CreateOperation,
    Field,
    Model,
    SchemaSet,
    UpdateOperation,
)
from orm_testing_drivers.mysql import store as store_module
from orm_testing_drivers.mysql.connection import opened
from orm_testing_drivers.mysql.store import MysqlStore

pytestmark = pytest.mark.external_services


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


def asked(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def databases(server):
    with opened(server.url) as connection:
        return {name for (name,) in asked(connection, "SHOW DATABASES")}


def test_reset_empties_all_tables_and_starts_keys_anew(on_mysql):
    """Rows that any connection wrote are gone, restricting references notwithstanding, and keys begin with 1."""
    driver = on_mysql(Item)
    for _ in range(2):
        first = add(driver, name="a")
        add(driver, parent=first.id)
        other = driver.store.connect()
        asked(other, "INSERT INTO Item (name) VALUES ('raw')")
        other.close()
        assert first.id == 1
        driver.reset()
        assert driver.rows(Item) == []


def test_a_key_that_a_rollback_used_up_is_given_again(on_mysql):
    """The counter of a table starts anew even where no row was ever committed."""
    driver = on_mysql(Item)
    driver.execute(BeginOperation())
    assert add(driver).id == 1
    driver.reset()
    assert add(driver).id == 1


def test_reset_undoes_an_update_of_marked_rows(on_mysql):
    """mark keeps the rows that are here, with the keys given so far; unmark starts empty again."""
    driver = on_mysql(Item)
    item = add(driver, name="loaded")
    assert driver.mark()
    for _ in range(2):
        assert driver.execute(UpdateOperation(Item, item, {"name": "changed"})).success
        assert add(driver, name="test's own").id == 2
        driver.reset()
        assert names(driver) == ["loaded"]
    driver.unmark()
    driver.reset()
    assert names(driver) == []
    assert add(driver).id == 1


def test_a_reset_ends_the_session_that_is_in_its_way(on_mysql):
    """A transaction that a test forgot on a connection nobody knows of is ended, and the store is emptied."""
    driver = on_mysql(Item)
    add(driver, name="held")
    stranger = opened(driver.store.server.url, driver.store._database)
    asked(stranger, "BEGIN")
    asked(stranger, "UPDATE Item SET name = 'mine'")
    driver.reset()
    assert driver.rows(Item) == []
    assert add(driver).id == 1


def test_a_lock_that_nobody_gives_up_is_a_conflict(on_mysql, monkeypatch):
    """Where the session in the way cannot be ended, the reset says so, and works once it is gone."""
    driver = on_mysql(Item)
    monkeypatch.setattr(store_module, "_SECONDS_FOR_LOCKS", 1)
    monkeypatch.setattr(MysqlStore, "_inside", lambda _: [])
    add(driver)
    stranger = opened(driver.store.server.url, driver.store._database)
    asked(stranger, "BEGIN")
    asked(stranger, "UPDATE Item SET name = 'mine'")
    with pytest.raises(ConflictError, match="somebody holds a lock"):
        driver.store.reset()
    stranger.close()
    driver.store.reset()
    assert driver.rows(Item) == []


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE Item ADD COLUMN extra INT",
        "ALTER TABLE Item COMMENT = 'other'",
        "ALTER TABLE Item ADD CONSTRAINT odd CHECK (name <> 'odd')",
        "DROP TABLE Item",
        "CREATE TABLE more AS SELECT 1 AS one",
        "CREATE VIEW seen AS SELECT id FROM Item",
        "CREATE PROCEDURE p() SELECT 1",
        "CREATE TRIGGER t AFTER DELETE ON Item FOR EACH ROW SET @deleted = 1",
    ],
)
def test_reset_undoes_a_change_of_the_schema(on_mysql, change):
    """Whatever a test made, changed or dropped is as it was, time and again."""
    driver = on_mysql(Item)
    before = driver.store._stored_schema()
    for _ in range(2):
        add(driver)
        other = driver.store.connect()
        asked(other, change)
        assert driver.store._stored_schema() != before
        driver.reset()
        assert driver.store._stored_schema() == before
        assert driver.rows(Item) == []
        assert add(driver).id == 1
        driver.reset()


def test_a_change_by_whoever_knows_the_url_is_undone(on_mysql):
    """An engine of the user's own sees the same rows, and what it does to the schema does not outlive the test."""
    driver = on_mysql(Item)
    add(driver, name="x")
    engine = sa.create_engine(driver.store.url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        assert connection.execute(sa.text("SELECT name FROM Item")).scalars().all() == ["x"]
        connection.execute(sa.text("ALTER TABLE Item DROP COLUMN name"))
    driver.reset()
    assert add(driver, name="y").name == "y"
    assert (
        "somebody was told the URL" in driver.store.isolation() or "new database" in driver.store.isolation()
    )


def test_marked_rows_survive_a_new_database(on_mysql):
    """Rows and counters are carried over when the schema was changed."""
    driver = on_mysql(Item)
    add(driver, name="loaded")
    driver.mark()
    asked(driver.store.connect(), "DROP TABLE Item")
    driver.reset()
    for _ in range(2):
        assert names(driver) == ["loaded"]
        assert add(driver).id == 2
        driver.reset()


PROJECT = [
    "CREATE TABLE kinds (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20), loud VARCHAR(20) AS (upper(name)))",
    "INSERT INTO kinds (name) VALUES ('cat'), ('dog')",
    "CREATE TABLE `od``d%` (one DECIMAL(4, 2), two FLOAT, three BIT(3))",
    "INSERT INTO `od``d%` VALUES (1.50, 0.1, b'101')",
    "CREATE VIEW zoo AS SELECT name FROM aviary",
    "CREATE TRIGGER counted AFTER DELETE ON Item FOR EACH ROW INSERT INTO kinds (name) VALUES ('gone')",
    "CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN 2 * n",
]
ANSWERS = ["SELECT * FROM kinds", "SELECT * FROM `od``d%`", "SELECT * FROM zoo", "SELECT twice(4)"]


def test_a_reset_goes_back_to_what_migrations_made(on_mysql):
    """Tables with rows, views, triggers and functions of a project's own are as at the seal, in a new database too."""
    driver = on_mysql(Item)
    store = driver.store
    raw = store.connect()
    for statement in [*PROJECT[:4], "CREATE VIEW aviary AS SELECT name FROM kinds", *PROJECT[4:]]:
        asked(raw, statement)
    store.seal()
    wanted = [asked(raw, each) for each in ANSWERS]
    assert wanted[0] == [(1, "cat", "CAT"), (2, "dog", "DOG")]
    for change in (
        "INSERT INTO kinds (name) VALUES ('fish')",
        "DROP TABLE kinds",
        "UPDATE kinds SET name = 'x'",
    ):
        add(driver)
        asked(store.connect(), change)
        driver.reset()
        with store.connect() as now:
            assert [asked(now, each) for each in ANSWERS] == wanted
            asked(now, "INSERT INTO kinds (name) VALUES ('new')")
            assert asked(now, "SELECT max(id) FROM kinds") == [(3,)]
        driver.reset()


def test_a_table_with_a_history_is_made_anew(on_mysql):
    """What deletion cannot bring back is brought back by a new database, and the store says why."""
    driver = on_mysql(Item)
    if not driver.fingerprint().startswith("MariaDB"):
        pytest.skip("MySQL keeps no history of rows")
    asked(driver.store.connect(), "CREATE TABLE old (id INT) WITH SYSTEM VERSIONING")
    driver.store.seal()
    asked(driver.store.connect(), "INSERT INTO old VALUES (1)")
    assert "keeps the history of its rows" in driver.store.isolation()
    driver.reset()
    assert asked(driver.store.connect(), "SELECT count(*) FROM old FOR SYSTEM_TIME ALL") == [(0,)]


def test_deletion_says_that_it_is_how_the_store_is_emptied(on_mysql):
    """`isolation` tells the way and why it is enough."""
    driver = on_mysql(Item)
    assert driver.store.isolation() == (
        "deletion in one round trip, from 1 tables at most: nothing but rows changes"
    )


def test_without_the_right_to_make_routines_the_store_is_emptied_too(on_mysql, monkeypatch):
    """The same statements then go in one packet."""
    driver = on_mysql(Item)
    reset = driver.store._reset
    run = reset._run

    def refusing(statement):
        if statement.startswith("CREATE PROCEDURE"):
            raise store_module.pymysql.OperationalError(1044, "no")
        run(statement)

    monkeypatch.setattr(reset, "_run", refusing)
    reset._define()
    assert "CALL" not in reset._call
    for _ in range(2):
        assert add(driver).id == 1
        driver.reset()
        assert driver.rows(Item) == []


def test_leaks_are_connections_and_transactions_that_are_not_ended(on_mysql):
    """Those of before the last reset are not the test's."""
    store = on_mysql(Item).store
    kept = store.connect()
    store.connect().close()
    assert store.leaks() == ["a connection to the store was left open"]
    store.reset()
    assert store.leaks() == []
    stranger = opened(store.server.url, store._database)
    asked(stranger, "BEGIN")
    asked(stranger, "INSERT INTO Item (name) VALUES ('x')")
    assert store.leaks() == ["1 session was left inside a transaction"]
    stranger.close()
    kept.close()


def test_two_stores_do_not_meet_and_leave_nothing(on_mysql, mysql_server, tmp_path):
    """Each has a database of its own, which is dropped when it is closed, however many are connected."""
    one = on_mysql(Item)
    add(one)
    other = MysqlStore()
    other.server = mysql_server
    before = databases(mysql_server)
    other.open(tmp_path)
    other.prepare(SchemaSet((Item,)))
    other.seal()
    opened(mysql_server.url, other._database)
    assert other.count(one.work.schemas.of(Item)) == 0
    name = other._database
    assert name.startswith(mysql_server.prefix)
    assert name in databases(mysql_server)
    other.close()
    other._databases._thread.submit(lambda: None).result()
    assert name not in databases(mysql_server)
    assert before - databases(mysql_server) == {name} & before


def test_a_lesser_user_lives_as_long_as_its_session(on_mysql, mysql_server):
    """It is made for the session, may do in this database what was asked for, and is gone when the session closes."""
    driver = on_mysql(Item)
    with opened(mysql_server.url) as admin:
        before = set(asked(admin, "SELECT user FROM mysql.user"))
        session = driver.session("reading")
        [(name,)] = set(asked(admin, "SELECT user FROM mysql.user")) - before
        [_, grant] = asked(admin, f"SHOW GRANTS FOR '{name}'@'%'")
        escaped = driver.store._database.replace("_", r"\_")
        assert grant[0].startswith(f"GRANT SELECT ON `{escaped}`.* TO")
        session.close()
        assert set(asked(admin, "SELECT user FROM mysql.user")) == before


def test_a_user_who_may_make_no_database_is_told_which_grant(mysql_server, tmp_path):
    """The one message names the GRANT, and nothing was made."""
    with opened(mysql_server.url) as admin:
        asked(admin, "CREATE OR REPLACE USER 'poor'@'%' IDENTIFIED BY 'pw'")
        try:
            url = sa.make_url(mysql_server.url).set(username="poor", password="pw")
            store = MysqlStore()
            store.server = dataclasses.replace(mysql_server, url=url.render_as_string(hide_password=False))
            with pytest.raises(ConfigurationError, match=r"GRANT ALL ON `orm\\_testing\\_%`"):
                store.open(tmp_path)
        finally:
            asked(admin, "DROP USER 'poor'@'%'")


def test_a_store_without_a_server_is_a_configuration_error(tmp_path):
    """The message says what it needs."""
    with pytest.raises(ConfigurationError, match="needs a server of MariaDB or MySQL"):
        MysqlStore().open(tmp_path)


def test_threads_make_users_and_read_at_the_same_time(on_mysql):
    """The store's own connection, which makes users and serves the backdoor, is used by one thread at a time."""
    driver = on_mysql(Item)
    add(driver, name="a")

    def work(_):
        for _ in range(5):
            lesser = driver.store.for_user("reading")
            assert len(driver.rows(Item)) == 1
            lesser.dismiss()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, range(6)))
