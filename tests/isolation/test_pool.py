"""The pool: which driver a test gets, and what becomes of one whose store is stale, blocked or gone."""

import pytest

from orm_testing import (
    Clock,
    ConflictError,
    DriverContractError,
    DriverInterface,
    Field,
    InMemoryDriver,
    Model,
    Stale,
    Store,
    UnavailableError,
    register_backend,
)
from orm_testing.backends import make_fitting_driver, registry
from orm_testing.isolation.life import Wanted
from orm_testing.isolation.pool import KEPT_OPEN, Pool


class Row(Model):
    id: str = Field(primary_key=True)


class Kept(Store):
    """Keeps nothing, and resets as the test says: `next` are errors to be raised, one per reset."""

    made: list = []
    next: list = []

    def open(self, directory):
        self.url, self.events = f"kept:{len(self.made)}", ["open"]
        self.made.append(self)

    def close(self):
        self.events.append("close")

    def prepare(self, schemas):
        self.events.append("prepare")

    def reset(self):
        self.events.append("reset")
        if self.next:
            raise self.next.pop(0)

    def mark(self):
        pass

    def unmark(self):
        pass

    def rows(self, schema, key, connection=None):
        return []

    def count(self, schema, connection=None):
        return 0

    def connect(self):
        raise NotImplementedError

    def fingerprint(self):
        return "Kept"


class Renewed(Kept):
    def renew(self):
        self.events.append("renew")


class OnStore(DriverInterface):
    closed: list = []

    def close(self):
        self.closed.append(self)


@pytest.fixture
def pool(tmp_path):
    before = registry.snapshot()
    for cls in (Kept, Renewed):
        cls.made, cls.next = [], []
        register_backend(cls.__name__.lower(), OnStore, store=cls)
    OnStore.closed = []
    register_backend("without", InMemoryDriver)
    pool = Pool(lambda: tmp_path)
    yield pool
    pool.close()
    registry.restore(before)


def begin(pool, name="renewed", model=Row, **options):
    wanted = Wanted(name, (model,), False, make_fitting_driver, None)
    return pool.begin(wanted, Clock(), **{"loaded": None, **options})[0]


def test_a_driver_serves_again(pool):
    """The second test gets the same driver, reset."""
    one = begin(pool)
    assert str(one.plan) == "new store: the first test of these models"
    two = begin(pool)
    assert two is one
    assert str(two.plan) == "reset: as the store sees fit"


def test_a_class_on_many_backends_opens_each_once(pool):
    """However many backends take turns, each finds the driver that it had."""
    for number in range(2 * KEPT_OPEN):
        register_backend(f"kept_{number}", OnStore, store=Kept)
    first = [begin(pool, f"kept_{number}") for number in range(2 * KEPT_OPEN)]
    assert [begin(pool, f"kept_{number}") for number in range(2 * KEPT_OPEN)] == first


def test_of_one_place_the_driver_that_served_longest_ago_makes_room(pool):
    """A backend keeps so many drivers for sets of models, and others make no difference."""
    sets = [type(f"Row{number}", (Row,), {}) for number in range(KEPT_OPEN + 1)]
    elsewhere = begin(pool, "kept", sets[0])
    first, second, *rest = [begin(pool, model=model) for model in sets[:KEPT_OPEN]]
    assert begin(pool, model=sets[0]) is first
    rest.append(begin(pool, model=sets[KEPT_OPEN]))
    assert second.store.events[-1] == "close"
    assert all("close" not in live.store.events for live in [elsewhere, first, *rest])


def test_a_stale_store_is_renewed_under_a_new_driver(pool):
    """What a reset cannot bring back is made anew, and the plan says why."""
    one = begin(pool)
    first = one.driver
    Renewed.next = [Stale("the schema was changed")]
    two = begin(pool)
    assert two is one
    assert str(two.plan) == "new store: the schema was changed"
    assert two.store.events[-1] == "renew"
    assert OnStore.closed == [first]
    assert two.driver is not first
    assert two.driver.store is two.store
    assert str(begin(pool).plan).startswith("reset")


def test_a_test_may_ask_for_a_new_store(pool):
    """One that can be renewed is renewed."""
    one = begin(pool)
    assert begin(pool, new_store=True) is one
    assert one.store.events[-1] == "renew"
    assert str(one.plan) == "new store: the test asks for one"


@pytest.mark.parametrize("name", ["kept", "without"])
def test_what_cannot_be_renewed_is_made_anew(pool, name):
    """A store of a project's own that knows no renewal, and a driver without a store, are closed and made again."""
    one = begin(pool, name)
    two = begin(pool, name, new_store=True)
    assert two is not one
    assert two.plan.why == "the test asks for one"
    assert one.store is None or one.store.events[-1] == "close"


@pytest.mark.parametrize("error", [ConflictError("blocked"), UnavailableError("lost")])
def test_a_store_that_is_blocked_or_lost_gives_way(pool, error):
    """What a test left behind, or a server that died, costs the next test a new store, and nothing more."""
    one = begin(pool)
    Renewed.next = [error]
    two = begin(pool)
    assert two is not one
    assert two.store.url == "kept:1"
    assert begin(pool) is two


def test_what_is_still_blocked_is_told(pool):
    """A second failure is the test's to see."""
    begin(pool)
    Renewed.next = [ConflictError("one"), ConflictError("two")]
    with pytest.raises(ConflictError, match="two"):
        begin(pool)


def test_a_broken_driver_is_not_papered_over(pool):
    """A fault of the driver is raised at once; no second one is tried."""
    begin(pool)
    Renewed.next = [DriverContractError("broken")]
    with pytest.raises(DriverContractError, match="broken"):
        begin(pool)
    assert len(Renewed.made) == 1


def test_a_store_that_knows_no_renewal_cannot_be_stale(pool):
    """To raise `Stale` without writing `renew` is a mistake that is told."""
    begin(pool, "kept")
    Kept.next = [Stale("whatever")]
    with pytest.raises(NotImplementedError, match="Kept raises Stale, and has no renew"):
        begin(pool, "kept")
