"""When an async client opens and closes its driver."""

import asyncio

import pytest
import trio

from orm_testing import (
    AsyncDriverInterface,
    AsyncOrmDsl,
    Capabilities,
    Clock,
    Field,
    Model,
    UnavailableError,
    UnsupportedError,
)
from orm_testing.dsl.context import Context


class Person(Model):
    id: str = Field(primary_key=True)


class Counting(AsyncDriverInterface):
    """Notes when it is opened and closed, and counts what it held at the time."""

    def __init__(self):
        self.steps = []

    async def open(self):
        self.steps.append("open")

    async def close(self):
        self.steps.append("close")

    async def execute_count(self, operation):
        self.steps.append("count")
        return 3


@pytest.fixture
def make():
    """Makes a client on a counting driver."""

    def make(load=None, driver=Counting, **attributes):
        made = type("Made", (driver,), attributes)()
        return AsyncOrmDsl(Context(made, "mine", [Person], Clock()), made, load)

    return make


async def load_by_counting(orm):
    await orm.count_models(Person)


def test_a_driver_is_open_for_the_length_of_a_test(make):
    """`opened` opens once, before the first verb, and closes at the end, also after an error."""
    orm = make()

    async def test():
        async with orm.opened():
            await orm.count_models(Person)
            await orm.count_models(Person)
            raise KeyError

    with pytest.raises(KeyError):
        asyncio.run(test())
    assert orm.driver.steps == ["open", "count", "count", "close"]


def test_without_opened_the_first_verb_opens(make):
    """A verb opens the driver where nothing did, and leaves it open for the next."""
    orm = make()

    async def test():
        await orm.count_models(Person)
        await orm.count_models(Person)

    asyncio.run(test())
    assert orm.driver.steps == ["open", "count", "count"]


def test_a_verb_after_the_test_opens_and_closes_for_itself(make):
    """What comes after the test, in a loop of its own, leaves nothing open."""
    orm = make()

    async def test():
        async with orm.opened():
            pass

    asyncio.run(test())
    assert asyncio.run(orm.count_models(Person)) == 3
    assert orm.driver.steps == ["open", "close", "open", "count", "close"]


def test_data_is_loaded_once_when_the_driver_first_opens(make):
    """What a class loads is loaded before the first verb, and not again when the driver opens again."""
    orm = make(load_by_counting)

    async def test():
        async with orm.opened():
            orm.driver.steps.append("test")

    asyncio.run(test())
    asyncio.run(test())
    assert orm.driver.steps == ["open", "count", "test", "close", "open", "test", "close"]


def test_a_driver_that_cannot_open_fails_the_verb(make):
    """An error while opening is raised, and the next verb tries again."""

    async def refuse(self):
        raise UnavailableError("refused")

    orm = make(open=refuse)
    for _ in range(2):
        with pytest.raises(UnavailableError, match="refused"):
            asyncio.run(orm.count_models(Person))
    assert orm.driver.steps == []


def test_a_load_that_fails_leaves_nothing_open(make):
    """Where loading fails, the driver that was opened for it is closed."""

    async def broken(orm):
        raise KeyError("load")

    orm = make(broken)

    async def test():
        async with orm.opened():
            raise AssertionError("not reached")

    with pytest.raises(KeyError, match="load"):
        asyncio.run(test())
    assert orm.driver.steps == ["open", "close"]


@pytest.mark.parametrize("able", [False, True])
def test_trio_needs_a_capability(make, able):
    """On trio, a driver that does not declare it is not opened, and one that does is used as ever."""
    orm = make(capabilities=Capabilities("trio") if able else Capabilities())
    if able:
        assert trio.run(orm.count_models, Person) == 3
    else:
        with pytest.raises(UnsupportedError, match="does not run on trio") as caught:
            trio.run(orm.count_models, Person)
        assert caught.value.capability == "trio"
    assert orm.driver.steps == (["open", "count"] if able else [])
