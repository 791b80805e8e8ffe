"""`transaction` and `expect_rollback`, with both kinds of client."""

import asyncio
import contextlib

import pytest

from orm_testing import (
    Capabilities,
    ConflictError,
    Field,
    InMemoryDriver,
    Model,
    UnavailableError,
    UnsupportedError,
    VerificationError,
)


class Person(Model):
    id: str = Field(primary_key=True)
    name: str = ""


class BoomError(Exception):
    """What a block raises."""


class NoRollback(InMemoryDriver):
    def execute_rollback(self, operation):
        self._transactions.pop()


class DeadCommit(InMemoryDriver):
    def execute_commit(self, operation):
        raise UnavailableError("lost at commit")


class HalfCommit(InMemoryDriver):
    """Refuses a commit, and keeps what was written."""

    def execute_commit(self, operation):
        self._transactions.pop()
        raise ConflictError("somebody was faster")


class RefusedCommit(InMemoryDriver):
    def execute_commit(self, operation):
        self.execute_rollback(operation)
        raise ConflictError("somebody was faster")


@pytest.fixture
def play(make_awaited):
    """Plays a scenario with a client of either kind and gives the ids that are stored in the end."""

    def play(scenario, driver=InMemoryDriver):
        orm = make_awaited(Person, driver=driver)

        async def played():
            await scenario(orm)
            return [person.id for person in await orm.all_models(Person)]

        return asyncio.run(played())

    return play


async def add(orm, key):
    await orm.create_and_verify(Person, id=key)


async def within(block, *steps, error=None):
    """Runs a block of steps, which raises the error at its end."""
    async with block:
        for step in steps:
            await step
        if error is not None:
            raise error


def test_a_block_commits_at_its_end(play):
    """What a transaction did is seen inside it and stays after it."""

    async def scenario(orm):
        async with orm.transaction():
            await add(orm, "a")
            assert await orm.count_models(Person) == 1

    assert play(scenario) == ["a"]


def test_an_exception_rolls_back_and_goes_on(play):
    """The block's own error leaves the block, and its writes are undone."""

    async def scenario(orm):
        await add(orm, "before")
        with pytest.raises(BoomError):
            await within(orm.transaction(), add(orm, "a"), error=BoomError())
        await add(orm, "after")

    assert play(scenario) == ["after", "before"]


@pytest.mark.parametrize(
    ("inner", "outer", "left"),
    [
        (None, None, ["a", "b", "c"]),
        (BoomError(), None, ["a", "c"]),
        (None, BoomError(), []),
        (BoomError(), BoomError(), []),
    ],
)
def test_transactions_nest(play, inner, outer, left):
    """An inner block is undone alone, and an outer one with all that was in it."""

    async def scenario(orm):
        async def nested():
            with contextlib.suppress(BoomError):
                await within(orm.transaction(), add(orm, "b"), error=inner)

        with contextlib.suppress(BoomError):
            await within(orm.transaction(), add(orm, "a"), nested(), add(orm, "c"), error=outer)

    assert play(scenario) == left


def test_a_failed_operation_does_not_end_the_transaction(play):
    """A refusal that the test expected leaves the transaction open and its writes in it."""

    async def scenario(orm):
        async with orm.transaction():
            await add(orm, "a")
            await orm.expect_create_failure(Person, id="a")
            await add(orm, "b")

    assert play(scenario) == ["a", "b"]


def test_an_expected_rollback_ends_the_error(play):
    """The block raises what is expected, which ends there, and the store is as it was."""

    async def scenario(orm):
        await add(orm, "before")
        async with orm.expect_rollback(BoomError):
            await add(orm, "a")
            raise BoomError
        async with orm.expect_rollback(Exception):
            raise BoomError

    assert play(scenario) == ["before"]


def test_a_rollback_that_does_nothing_is_caught(play):
    """A driver whose rollback keeps the writes fails `expect_rollback`, which shows them."""

    async def scenario(orm):
        with pytest.raises(VerificationError, match=r"writes are still there:\n  \+ \{'id': 'a'"):
            await within(orm.expect_rollback(BoomError), add(orm, "a"), error=BoomError())

    assert play(scenario, NoRollback) == ["a"]


def test_a_block_that_raises_nothing_fails(play):
    """A block that ends well is no rollback, and is rolled back all the same."""

    async def scenario(orm):
        with pytest.raises(
            VerificationError, match="expected the block to raise BoomError, and it ended without"
        ):
            async with orm.expect_rollback(BoomError):
                await add(orm, "a")

    assert play(scenario) == []


@pytest.mark.parametrize(
    "error", [ValueError("other"), AssertionError("a failed check"), KeyboardInterrupt()]
)
def test_another_error_than_the_expected_one_goes_on(play, error):
    """An error of another class, and a failed assertion whatever is expected, leave the block; all is undone."""

    async def scenario(orm):
        expected = BoomError if isinstance(error, ValueError) else Exception
        with pytest.raises(type(error)) as caught:
            await within(orm.expect_rollback(expected), add(orm, "a"), error=error)
        assert caught.value is error

    assert play(scenario) == []


def test_a_rollback_inside_a_transaction_keeps_the_outer_writes(play):
    """`expect_rollback` compares with the state inside the transaction around it."""

    async def scenario(orm):
        async with orm.transaction():
            await add(orm, "outer")
            async with orm.expect_rollback(BoomError):
                await add(orm, "inner")
                raise BoomError

    assert play(scenario) == ["outer"]


def test_a_commit_that_fails_is_raised(play):
    """The block ended well, and the store did not keep it: that is an error of the block."""

    async def scenario(orm):
        with pytest.raises(UnavailableError, match="lost at commit"):
            async with orm.transaction():
                await add(orm, "a")

    play(scenario, DeadCommit)


@pytest.mark.parametrize(
    ("driver", "error", "says"),
    [
        (RefusedCommit, ConflictError, "somebody was faster"),
        (
            HalfCommit,
            VerificationError,
            "the commit failed with ConflictError, and some of it is in the store all the same",
        ),
    ],
)
def test_a_refused_commit_leaves_nothing_behind(play, driver, error, says):
    """The store's refusal is raised; a part of the transaction that is stored in spite of it is worse than that."""

    async def scenario(orm):
        with pytest.raises(error, match=says):
            await within(orm.transaction(), add(orm, "a"))

    assert play(scenario, driver) == (["a"] if driver is HalfCommit else [])


@pytest.mark.parametrize(("block", "arguments"), [("transaction", ()), ("expect_rollback", (KeyError,))])
def test_a_backend_without_transactions_says_so_on_entry(play, block, arguments):
    """Without the capability the block is not run, and the error asks for the mark."""

    class Small(InMemoryDriver):
        capabilities = Capabilities("unique")

    async def scenario(orm):
        with pytest.raises(UnsupportedError, match=r"@requires\('transactions'\)"):
            async with getattr(orm, block)(*arguments):
                await add(orm, "never")

    assert play(scenario, Small) == []


def test_both_ends_are_in_the_trace(play):
    """Begin, and commit or rollback, stand in the trace around what happened between them."""

    async def scenario(orm):
        async with orm.transaction():
            await orm.count_models(Person)
        async with orm.expect_rollback(Exception):
            raise BoomError
        verbs = [entry.operation.verb for entry in orm.context.trace.entries]
        assert verbs == ["begin", "count", "commit", "begin", "rollback"]

    play(scenario)
