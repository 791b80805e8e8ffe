"""Further clients of a test: how workers meet, how their errors are told, and what a client asks of its driver."""

import asyncio
import threading

import pytest
import trio

from orm_testing import (
    Capabilities,
    Clock,
    ConfigurationError,
    Field,
    InMemoryDriver,
    Model,
    OrmDsl,
    UnsupportedError,
)
from orm_testing.dsl.context import Context
from orm_testing.dsl.sessions import AsyncMeeting, Meeting


class Thing(Model):
    id: str = Field(primary_key=True)


class Shared(InMemoryDriver):
    """An in-memory driver whose sessions all work on its own rows; closing them is counted."""

    capabilities = InMemoryDriver.capabilities | Capabilities("sessions", "users")
    closed = 0
    asked: list = []

    def session(self, rights="all"):
        self.asked.append(rights)
        return Session(self)


class Session(Shared):
    def __init__(self, owner):
        self.owner = owner
        self.capabilities = owner.capabilities
        self.store = None

    def execute(self, operation):
        with self.owner.lock:
            return self.owner.execute(operation)

    def rows(self, model_class, key=None):
        return self.owner.rows(model_class, key)

    def count_rows(self, model_class):
        return self.owner.count_rows(model_class)

    def close(self):
        self.owner.closed += 1


@pytest.fixture
def orm():
    driver = Shared()
    driver.lock = threading.Lock()
    driver.asked = []
    driver.backend_name = "shared"
    driver.clock = Clock()
    driver.setup_backend([Thing])
    return OrmDsl(Context(driver, "shared", [Thing], driver.clock), driver)


def test_every_session_is_closed(orm):
    """Each worker has a session of its own, which ends with its work."""
    orm.concurrently(3, lambda client, worker: client.create_and_verify(Thing, id=str(worker.number)))
    assert orm.driver.closed == 3
    assert orm.driver.asked == ["all"] * 3


def test_sessions_are_closed_after_an_error(orm):
    """A worker that fails still gives its session back, and the later errors are told with the first."""

    def work(client, worker):
        worker.wait()
        raise KeyError(worker.number)

    with pytest.raises(KeyError) as caught:
        orm.concurrently(2, work)
    assert orm.driver.closed == 2
    first, second = caught.value.__notes__
    assert first.startswith(f"in worker {caught.value.args[0]} of 2")
    assert second == f"after it, in worker {1 - caught.value.args[0]}: KeyError: {1 - caught.value.args[0]}"


def test_operations_of_workers_count(orm):
    """What a worker leaves unseen is unseen by the test, and its operations are the test's."""
    orm.concurrently(2, lambda client, _: client.delete_model(Thing(id="gone")))
    assert len(orm.context.unseen_failures()) == 2
    assert orm.context.number_of_operations() == 2


@pytest.mark.parametrize("number", [0, -1])
def test_a_number_of_workers_is_asked_for(orm, number):
    """No workers at all would pass without a check."""
    with pytest.raises(ConfigurationError, match="a number of workers, such as 2"):
        orm.concurrently(number, lambda client, worker: None)


@pytest.mark.parametrize(("read_only", "rights"), [(True, "reading"), (False, "rows")])
def test_a_lesser_user_is_closed_with_the_client(orm, read_only, rights):
    """The second client works until the test ends, and its session then ends too."""
    with orm.opened():
        other = orm.as_user(read_only=read_only)
        other.create_and_verify(Thing, id="a")
        assert orm.driver.closed == 0
    assert orm.driver.closed == 1
    assert orm.driver.asked == [rights]


def test_what_the_driver_lacks_is_unsupported():
    """A backend without sessions says so, instead of running the workers one after another."""
    driver = InMemoryDriver()
    driver.clock = Clock()
    driver.setup_backend([Thing])
    orm = OrmDsl(Context(driver, "inmemory", [Thing], driver.clock), driver)
    with pytest.raises(UnsupportedError, match="'sessions'") as caught:
        orm.concurrently(2, lambda client, worker: None)
    assert caught.value.capability == "sessions"
    with pytest.raises(UnsupportedError, match="'users'"):
        orm.as_user(read_only=True)
    with pytest.raises(UnsupportedError, match="has no sessions"):
        driver.session()


def test_threads_meet_again_and_again():
    """A meeting can be had as often as the workers like, and none overtakes another."""
    meeting, seen = Meeting(3), []

    def run(number):
        for turn in range(50):
            seen.append(turn)
            meeting.wait(number)

    threads = [threading.Thread(target=run, args=[each]) for each in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == sorted(seen)


@pytest.mark.parametrize("loop", ["asyncio", "trio"])
def test_tasks_meet_again_and_again(loop):
    """Tasks meet as threads do, in either event loop; who waits for one that has left is told."""

    async def scenario():
        meeting, seen = AsyncMeeting(2), []

        async def run(number):
            for turn in range(20):
                seen.append(turn)
                await meeting.wait(number)
            if number == 0:
                meeting.leave(number)
                return
            with pytest.raises(
                ConfigurationError, match="worker 1 waits for the others, and worker 0 has ended"
            ):
                await meeting.wait(number)

        if loop == "trio":
            async with trio.open_nursery() as nursery:
                nursery.start_soon(run, 0)
                nursery.start_soon(run, 1)
        else:
            await asyncio.gather(run(0), run(1))
        assert seen == sorted(seen)
        assert len(seen) == 40

    if loop == "trio":
        trio.run(scenario)
    else:
        asyncio.run(scenario())


TRIO = """
import threading

class Driver(InMemoryDriver):
    capabilities = InMemoryDriver.capabilities | Capabilities("sessions")

    def session(self, rights="all"):
        assert threading.current_thread().name.startswith("orm_testing-session")
        return self

register_backend("shared", Driver)

class TestIt(AsyncMultiBackendTestBase):
    ENABLED_BACKENDS = ["shared"]

    def get_test_models(self):
        return [User]

    @pytest.mark.anyio
    async def test_it(self, orm):
        async def work(client, worker):
            await worker.wait()
            return worker.number

        assert await orm.concurrently(3, work) == [0, 1, 2]
"""


def test_a_sync_driver_has_sessions_in_async_tests(project):
    """Each session of a sync driver lives in a thread of its own, under asyncio and trio."""
    run = project.write(TRIO).run("-p", "anyio")
    run.assert_outcomes(passed=2)
