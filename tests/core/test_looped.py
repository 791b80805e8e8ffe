"""An async driver in sync tests lives in a loop of its own, which ends with what it was opened for."""

import asyncio
import threading

import pytest

from orm_testing import (
    AsyncDriverInterface,
    Clock,
    CreateOperation,
    Field,
    Model,
    NotFoundError,
    QueryOperation,
)
from orm_testing.looped import LoopedDriver


class Note(Model):
    id: str = Field(primary_key=True)


class Awaited(AsyncDriverInterface):
    """Remembers in which loop each thing was done, and by how many it was opened."""

    opened = 0
    refuses = False

    def prepare(self, models):
        self.done = []
        self.held = []

    async def open(self):
        type(self).opened += 1
        await asyncio.sleep(0.01)
        if self.refuses:
            raise NotFoundError("no such server")
        self.note("open")
        self.forever = asyncio.ensure_future(asyncio.Event().wait())

    async def close(self):
        self.note("close")

    async def execute_create(self, operation):
        self.note("create")
        self.held.append(operation.model_class(**operation.data))
        return self.held[-1]

    async def execute_query(self, operation):
        return list(self.held)

    async def session(self, rights="all"):
        session = type(self)()
        session.backend_name, session.clock = self.backend_name, self.clock
        session.prepare([Note])
        await session.open()
        return session

    def note(self, what):
        self.done.append((what, id(asyncio.get_running_loop())))


@pytest.fixture
def threads():
    """No thread of a loop is left after the test, but for those of drivers that other tests keep open."""
    before = set(threading.enumerate())
    yield
    assert [
        each.name for each in set(threading.enumerate()) - before if "orm_testing-loop" in each.name
    ] == []


@pytest.fixture
def make(threads, monkeypatch):
    made = []
    monkeypatch.setattr(Awaited, "opened", 0)

    def make(**attributes):
        driver = LoopedDriver(type("Made", (Awaited,), attributes))
        driver.clock = Clock()
        made.append(driver)
        return driver

    yield make
    for each in made:
        each.close()


def create(driver, key="a"):
    return driver.execute(CreateOperation(Note, {"id": key}))


def test_a_driver_is_used_in_the_loop_that_it_was_opened_in(make):
    """From open to close each thing is done in one and the same loop."""
    driver = make()
    driver.setup_backend([Note])
    assert create(driver).success
    awaited = driver.driver
    driver.close()
    assert [what for what, _ in awaited.done] == ["open", "create", "close"]
    assert len({loop for _, loop in awaited.done}) == 1
    assert awaited.forever.cancelled()


def test_without_a_store_a_reset_makes_it_anew(make):
    """The driver of the next test is another one, in another loop, and knows nothing of the last."""
    driver = make()
    driver.setup_backend([Note])
    first = driver.driver
    create(driver)
    driver.reset()
    assert driver.driver is not first
    assert first.done[-1][0] == "close"
    assert driver.rows(Note) == []


def test_it_is_opened_once_however_many_ask(make):
    """Threads that ask for sessions at the same moment share the driver's one loop."""
    driver = make()
    driver.setup_backend([Note])
    driver.close()
    before, sessions = type(driver.driver).opened, []

    def work():
        session = driver.session()
        sessions.append(session)
        create(session)
        session.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert type(driver.driver).opened == before + 1 + len(workers)
    assert [each.driver.done[-1][0] for each in sessions] == ["close"] * 4


def test_what_does_not_open_says_why(make):
    """The error is that of the driver, and no loop is left running."""
    driver = make(refuses=True)
    with pytest.raises(NotFoundError, match="no such server"):
        driver.setup_backend([Note])


def test_what_is_declared_is_the_drivers(make):
    """Capabilities that the driver settles, and those that are taken from it, are the same on both sides."""
    driver = make()
    driver.capabilities = driver.capabilities | {"unique": True}
    assert "unique" in driver.driver.capabilities


def test_rows_are_the_drivers(make):
    """The backdoor is that of the driver, awaited."""
    driver = make()
    driver.setup_backend([Note])
    create(driver, "b")
    assert driver.rows(Note) == driver.committed_rows(Note) == [{"id": "b"}]
    assert driver.count_rows(Note) == 1
    assert driver.has_table(Note) is None
    assert driver.fingerprint() == "Made, which does not say"
    assert [row.id for row in driver.execute(QueryOperation(Note)).data] == ["b"]
