"""Errors of MariaDB and MySQL are told in the library's words, and what follows them is honest."""

import asyncio
import threading

import pytest

from orm_testing import (
    AccessError,
    BeginOperation,
    CheckError,
    Clock,
    CommitOperation,
    ConflictError,
    CountOperation,
    CreateOperation,
    DeleteOperation,
    Field,
    ForeignKeyError,
    Model,
    QueryOperation,
    RollbackOperation,
    UnavailableError,
    UpdateOperation,
)
from orm_testing.backends import make_driver
from orm_testing_drivers.mysql.connection import opened

pytestmark = pytest.mark.external_services


class Row(Model):
    id: int = Field(primary_key=True)
    name: str = ""


class Node(Model):
    id: str = Field(primary_key=True)
    loop: str = Field(references="Node")


def done(driver, operation):
    result = driver.execute(operation)
    assert result.success, result.error
    return result.data


def asked(connection, statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def deadlocked(driver):
    """A driver inside a transaction that has written row 1, and that the server chooses as a deadlock's victim."""
    for number in (1, 2):
        done(driver, CreateOperation(Row, {"id": number}))
    other = opened(driver.store.server.url, driver.store._database)
    asked(other, "BEGIN")
    asked(other, "UPDATE Row SET name = 'other' WHERE id = 2")
    for number in range(10, 20):  # the victim is the one who wrote less
        asked(other, f"INSERT INTO Row VALUES ({number}, '')")
    done(driver, BeginOperation())
    done(driver, UpdateOperation(Row, Row(id=1), {"name": "mine"}))
    waiting = threading.Thread(target=lambda: asked(other, "UPDATE Row SET name = 'other' WHERE id = 1"))
    waiting.start()
    error = driver.execute(UpdateOperation(Row, Row(id=2), {"name": "mine"})).error
    waiting.join()
    other.commit()
    other.close()
    return error


def test_a_deadlock_ends_the_transaction_for_all_that_follows(on_mysql):
    """The server has undone everything, so nothing more is done as if inside it, and its commit fails."""
    driver = on_mysql(Row)
    assert isinstance(deadlocked(driver), ConflictError)
    for operation in (
        CreateOperation(Row, {"id": 3}),
        CountOperation(Row),
        BeginOperation(),
        CommitOperation(),
    ):
        error = driver.execute(operation).error
        assert isinstance(error, ConflictError)
        assert "undone the whole transaction" in str(error)
    assert {row["id"]: row["name"] for row in driver.rows(Row)}.items() >= {1: "other", 2: "other"}.items()
    done(driver, CreateOperation(Row, {"id": 3}))
    driver.reset()
    assert driver.rows(Row) == []


def test_a_transaction_can_be_rolled_back_after_a_deadlock(on_mysql):
    """Also a nested one, level by level; the next begins anew."""
    driver = on_mysql(Row)
    assert isinstance(deadlocked(driver), ConflictError)
    done(driver, RollbackOperation())
    done(driver, BeginOperation())
    done(driver, CreateOperation(Row, {"id": 3}))
    done(driver, CommitOperation())
    assert 3 in {row["id"] for row in driver.rows(Row)}


def test_a_lock_that_is_not_given_up_is_a_conflict(on_mysql):
    """The statement alone is undone: the transaction goes on."""
    driver = on_mysql(Row)
    done(driver, CreateOperation(Row, {"id": 1}))
    other = opened(driver.store.server.url, driver.store._database)
    asked(other, "BEGIN")
    asked(other, "UPDATE Row SET name = 'held' WHERE id = 1")
    driver.connection.exec_driver_sql("SET innodb_lock_wait_timeout = 1")
    driver.connection.commit()
    done(driver, BeginOperation())
    done(driver, CreateOperation(Row, {"id": 2}))
    assert isinstance(driver.execute(UpdateOperation(Row, Row(id=1), {"name": "x"})).error, ConflictError)
    done(driver, CommitOperation())
    assert {row["id"] for row in driver.rows(Row)} == {1, 2}
    other.close()


def test_a_lost_connection_is_unavailable_and_the_next_test_works(on_mysql):
    """Killed by an administrator, idle or in a transaction: never `NotFoundError`."""
    driver = on_mysql(Row)
    for inside in (False, True):
        if inside:
            done(driver, BeginOperation())
        session = driver.connection.connection.driver_connection.thread_id()
        driver.store.connection.kill(session)
        for operation in (CreateOperation(Row, {"id": 1}), QueryOperation(Row, {}))[: 1 + inside]:
            assert isinstance(driver.execute(operation).error, UnavailableError)
        driver.store.renew()
        driver.close()
        driver.setup_backend([Row])
        done(driver, CreateOperation(Row, {"id": 1}))


def test_a_lost_connection_of_the_store_is_mended_by_a_reset(on_mysql):
    """The backdoor says that the store is unavailable, and the reset puts another in its place."""
    driver = on_mysql(Row)
    done(driver, CreateOperation(Row, {"id": 1}))
    with opened(driver.store.server.url) as admin:
        admin.kill(driver.store.connection.thread_id())
    with pytest.raises(UnavailableError):
        driver.rows(Row)
    driver.reset()
    assert driver.rows(Row) == []


def test_a_check_and_a_signal_of_the_schema_are_check_errors(on_mysql):
    """Whatever a project's own schema refuses."""
    driver = on_mysql(Row)
    asked(driver.store.connect(), "ALTER TABLE Row ADD CONSTRAINT few CHECK (id < 10)")
    error = driver.execute(CreateOperation(Row, {"id": 10})).error
    assert isinstance(error, CheckError)
    assert "few" in str(error)
    asked(
        driver.store.connect(),
        "CREATE TRIGGER no BEFORE INSERT ON Row FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no!'",
    )
    assert isinstance(driver.execute(CreateOperation(Row, {"id": 1})).error, CheckError)


def test_what_a_user_may_not_do_is_an_access_error(on_mysql):
    """The server's refusal, not a fault of the driver."""
    driver = on_mysql(Row)
    with opened(driver.store.server.url) as admin:
        asked(admin, "CREATE OR REPLACE USER 'reader'@'%' IDENTIFIED BY 'pw'")
        asked(admin, f"GRANT SELECT ON `{driver.store._database}`.* TO 'reader'@'%'")
        try:
            own = driver.connection.connection.driver_connection
            own.user, own.password = b"reader", b"pw"
            own.close()
            own.connect()
            assert done(driver, CountOperation(Row)) == 0
            assert isinstance(driver.execute(CreateOperation(Row, {"id": 1})).error, AccessError)
        finally:
            asked(admin, "DROP USER 'reader'@'%'")


def test_a_row_that_cannot_let_go_of_itself_stays(on_mysql):
    """InnoDB keeps a row that refers to itself by a field that is never None; clearing removes it."""
    driver = on_mysql(Node)
    node = done(driver, CreateOperation(Node, {"id": "a", "loop": "a"}))
    assert isinstance(driver.execute(DeleteOperation(Node, node)).error, ForeignKeyError)
    driver.reset()
    assert driver.rows(Node) == []


def test_what_is_one_statement_is_one_round_trip(on_mysql):
    """The server is told of a transaction only where there is more to it than one statement."""
    driver = on_mysql(Row)
    own = driver.connection.connection.driver_connection
    sent = []
    own._execute_command, execute = (
        lambda command, sql: (
            sent.append(sql if isinstance(sql, str) else sql.decode()),
            execute(command, sql),
        ),
        own._execute_command,
    )
    done(driver, CreateOperation(Row, {"id": 1}))
    done(driver, QueryOperation(Row, {}))
    assert [statement.split()[0] for statement in sent] == ["INSERT", "SELECT"]
    sent.clear()
    done(driver, UpdateOperation(Row, Row(id=1), {"name": "x"}))
    assert [statement.split()[0] for statement in sent] == ["BEGIN", "SELECT", "UPDATE", "SELECT", "COMMIT"]


def test_the_async_driver_tells_errors_alike(on_mysql):
    """The numbers are the server's, whichever client brings them; a change of the schema is noticed."""
    store = on_mysql(Row).store

    async def work():
        driver = make_driver("mysql", asynchronous=True)
        driver.store, driver.backend_name, driver.clock = store, "mysql", Clock()
        driver.prepare([Row])
        await driver.open()
        try:
            done_ = [await driver.execute(CreateOperation(Row, {"id": number})) for number in (1, 1)]
            await driver.execute(BeginOperation())
            assert not store.suspicious
            session = driver.connection.sync_connection.connection.driver_connection.thread_id()
            store.connection.kill(session)
            lost = await driver.execute(CreateOperation(Row, {"id": 2}))
            return [type(each.error).__name__ for each in (*done_, lost)]
        finally:
            await driver.close()

    assert asyncio.run(work()) == ["NoneType", "DuplicateKeyError", "UnavailableError"]
