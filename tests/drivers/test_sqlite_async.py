"""The async driver of SQLite does the same work, in one event loop after another."""

import asyncio
import builtins
import threading
from contextlib import closing

import pytest

from orm_testing import (
    AsyncOrmDsl,
    Clock,
    ConfigurationError,
    DuplicateKeyError,
    Field,
    ForeignKeyError,
    Model,
    NotFoundError,
    UnavailableError,
)
from orm_testing.dsl.context import Context
from orm_testing_drivers.sqlite import AsyncSqliteDriver, SqliteDriver


class User(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    email: str = Field(unique=True)
    friend: int | None = Field(None, references="User")
    balance: float | None = None


@pytest.fixture
def driver(stored):
    made = AsyncSqliteDriver()
    made.store = stored(User)
    made.backend_name = "sqlite"
    made.clock = Clock()
    made.prepare([User])
    return made


@pytest.fixture
def run(driver):
    """Run a test's coroutine in a loop of its own, with the driver opened and closed in it."""

    def runner(test):
        async def whole():
            orm = AsyncOrmDsl(Context(driver, "sqlite", [User], driver.clock), driver)
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
        await orm.create_many_and_verify(User, [{"email": "c", "balance": 0.5}, {"email": "d"}])
        await orm.update_and_verify(user, friend=2)
        await orm.upsert_and_verify(User, id=3, email="e")
        await orm.query_and_verify_count(User, 1, email__icontains="E")
        assert await orm.model_exists(User, email="c")
        assert await orm.aggregate(User, "count", "id__sum") == {"count": 3, "id__sum": 6}
        await orm.delete_and_verify(user)
        assert (await orm.clear_storage()).success
        assert await orm.count_models(User) == 0

    before = set(threading.enumerate())
    run(test)
    run(test)
    for thread in set(threading.enumerate()) - before:
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_the_backdoor_sees_what_an_open_transaction_sees(run, driver):
    """Inside, rows are read on the transaction's connection; a nested one is undone; a reset ends them."""

    async def test(orm):
        async with orm.transaction():
            await orm.create_and_verify(User, email="a")
            async with orm.expect_rollback(RuntimeError):
                await orm.create_and_verify(User, email="b")
                raise RuntimeError
            assert len(await driver.rows(User)) == 1
            if driver.store.url.endswith(".sqlite3"):  # in memory, a reader waits for the writer
                with closing(driver.store.connect()) as outside:
                    assert outside.execute('SELECT count(*) FROM "User"').fetchone() == (0,)
        assert len(await driver.rows(User)) == 1
        await orm.reset()
        assert await driver.rows(User) == []

    run(test)


def test_a_transaction_left_open_is_a_leak_and_ends_with_the_test(run, driver):
    """Closing the driver rolls it back."""

    async def test(orm):
        await orm.transaction().__aenter__()
        await orm.create_and_verify(User, email="a")
        assert driver.leaks() == ["1 transaction was left open"]

    run(test)
    assert driver.store.rows(driver.work.schemas.of(User), None) == []


def test_statements_and_failures_are_told(run, driver):
    """Statements are recorded, an absent row is not found, and a lost connection is unavailable."""

    async def test(orm):
        await orm.create_and_verify(User, email="a")
        assert [statement.split()[0] for statement, _ in driver.statements] == ["BEGIN", "INSERT", "COMMIT"]
        assert type((await orm.get_model(User, id=5)).error) is NotFoundError
        raw = await driver.connection.get_raw_connection()
        await raw.driver_connection.close()
        assert type((await orm.get_model(User, id=1)).error) is UnavailableError
        await driver.connection.invalidate()
        driver.connection = await driver._engine.connect()

    run(test)
    assert driver.translate_error(KeyError("x")) is None


@pytest.mark.parametrize("missing", ["greenlet", "aiosqlite"])
def test_a_missing_library_says_which_extra_to_install(driver, monkeypatch, missing):
    """Without greenlet or aiosqlite, opening is a ConfigurationError."""
    real = builtins.__import__

    def without(name, *arguments, **options):
        if name == missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigurationError, match=rf"needs {missing}.*pip install 'orm-testing\[async\]'"):
        asyncio.run(driver.open())


def test_trio_is_declared_where_it_works():
    """A sync driver serves tests on trio from a thread; aiosqlite cannot."""
    assert "trio" in SqliteDriver.capabilities
    assert "trio" not in AsyncSqliteDriver.capabilities
