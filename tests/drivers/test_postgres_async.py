"""The async driver of PostgreSQL does the same work, in one event loop after another."""

import asyncio
import threading

import psycopg
import pytest

from orm_testing import AsyncOrmDsl, Clock, DuplicateKeyError, Field, ForeignKeyError, Model, UnavailableError
from orm_testing.dsl.context import Context
from orm_testing_drivers.postgres.driver import AsyncPostgresDriver


class User(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    email: str = Field(unique=True)
    friend: int | None = Field(None, references="User")


@pytest.fixture
def driver(postgres_store):
    made = AsyncPostgresDriver()
    made.store = postgres_store(User)
    made.backend_name = "postgres"
    made.clock = Clock()
    made.prepare([User])
    return made


@pytest.fixture
def run(driver):
    """Run a test's coroutine in a loop of its own, with the driver opened and closed in it."""

    def runner(test):
        async def whole():
            orm = AsyncOrmDsl(Context(driver, "postgres", [User], driver.clock), driver)
            async with orm.opened():
                await test(orm)

        driver.store.reset()
        asyncio.run(whole())

    return runner


def test_every_verb_works_in_each_loop(run):
    """Writes, reads and refusals are those of the sync driver, twice over, and no thread stays behind."""

    async def test(orm):
        user = await orm.create_and_verify(User, email="a")
        assert user.id == 1
        error = await orm.expect_create_failure(User, DuplicateKeyError, email="a")
        assert error.fields == ("email",)
        assert (await orm.expect_create_failure(User, ForeignKeyError, email="b", friend=9)).fields == (
            "friend",
        )
        await orm.create_many_and_verify(User, [{"email": "c"}, {"email": "d"}])
        await orm.upsert_and_verify(User, id=9, email="e")
        await orm.update_and_verify(user, email="z")
        assert (await orm.create_and_verify(User, email="f")).id == 10
        await orm.query_and_verify_count(User, 1, email__icontains="E")
        await orm.delete_and_verify(user)

    before = set(threading.enumerate())
    run(test)
    run(test)
    assert set(threading.enumerate()) <= before


def test_transactions_and_the_backdoor(run, driver):
    """Inside, rows are read on the transaction's connection; a failed statement and a nested rollback spoil nothing."""

    async def test(orm):
        async with orm.transaction():
            await orm.create_and_verify(User, email="a")
            await orm.expect_create_failure(User, DuplicateKeyError, email="a")
            async with orm.expect_rollback(RuntimeError):
                await orm.create_and_verify(User, email="b")
                raise RuntimeError
            assert len(await driver.rows(User)) == 1
            assert driver.store.rows(driver.work.schemas.of(User), None) == []
        assert len(await driver.rows(User)) == 1

    run(test)


def test_a_reset_in_mid_test_undoes_a_change_of_the_schema(run, driver):
    """The driver goes on with a new database."""

    async def test(orm):
        await orm.create_and_verify(User, email="a")
        connection = (await driver.connection.get_raw_connection()).driver_connection
        await connection.execute('ALTER TABLE "User" ADD COLUMN extra int')
        before = driver.store._database
        await orm.reset()
        assert driver.store._database != before
        assert (await orm.create_and_verify(User, email="a")).id == 1

    run(test)
    run(test)


def test_a_lost_connection_is_unavailable(run, driver):
    """It is never taken for a row that is absent, and the next test works again."""

    async def lost(orm):
        with psycopg.connect(driver.store.server.url) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [driver.store._database],
            )
        assert type((await orm.get_model(User, id=1)).error) is UnavailableError
        await orm.reset()
        await orm.create_and_verify(User, email="a")

    run(lost)
