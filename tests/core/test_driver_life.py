"""What a driver is apart from its operations: its life, its store, its word on rows."""

import asyncio
from unittest import mock

import pytest

from orm_testing import (
    AsyncDriverInterface,
    Capabilities,
    ConfigurationError,
    DriverContractError,
    DriverInterface,
    Field,
    Model,
    Store,
    UnavailableError,
    UnsupportedError,
    schema_of,
)
from orm_testing.driver_base import CONTRACT_VERSION


class User(Model):
    id: str = Field(primary_key=True)
    tags: list[str] = Field(default_factory=list)


class Listing(DriverInterface):
    """Knows rows by its own queries alone."""

    def __init__(self):
        self.held = [User(id="a"), User(id="b")]

    def execute_query(self, operation):
        return [user for user in self.held if operation.filters in ({}, {"id": user.id})]


class AsyncListing(AsyncDriverInterface):
    held = (User(id="a"), User(id="b"))

    async def execute_query(self, operation):
        return [user for user in self.held if operation.filters in ({}, {"id": user.id})]


def outcome(answer):
    return asyncio.run(answer) if asyncio.iscoroutine(answer) else answer


both = pytest.mark.parametrize("driver", [Listing, AsyncListing])
BASES = pytest.mark.parametrize("base", [DriverInterface, AsyncDriverInterface])


def with_store(base):
    driver = type("Mine", (base,), {})()
    driver.store = mock.create_autospec(Store, instance=True)
    driver.store.rows.return_value = [{"id": "a"}]
    driver.store.fingerprint.return_value = "Product 1.0"
    driver.store.leaks.return_value = ["one connection"]
    return driver


@both
def test_without_a_backdoor_rows_are_read_by_query(driver):
    """A driver that has neither store nor backdoor reads rows through its own queries, as copies."""
    driver = driver()
    rows = outcome(driver.rows(User))
    assert rows == [{"id": "a", "tags": []}, {"id": "b", "tags": []}]
    assert outcome(driver.rows(User, {"id": "b"})) == [{"id": "b", "tags": []}]
    rows[0]["tags"].append("x")
    assert driver.held[0].tags == []


@BASES
def test_a_read_back_that_fails_raises(base):
    """Where the driver's own query fails, the backdoor raises its error instead of finding nothing."""
    with pytest.raises(UnsupportedError):
        outcome(base().rows(User))


@BASES
def test_a_store_reads_resets_and_identifies_itself(base):
    """With a store, the store is the backdoor, the reset, the fingerprint and the watcher for leaks."""
    driver = with_store(base)
    assert outcome(driver.rows(User, {"id": "a"})) == [{"id": "a"}]
    assert driver.store.rows.call_args.args[:2] == (schema_of(User), {"id": "a"})
    outcome(driver.reset())
    driver.store.reset.assert_called_once_with()
    assert driver.fingerprint() == "Product 1.0"
    assert driver.leaks() == ["one connection"]


def test_an_open_transaction_is_read_through_its_own_connection():
    """The store is handed the connection of the driver's open transaction."""
    driver = with_store(DriverInterface)
    driver.transaction_connection = lambda: "the connection"
    driver.rows(User)
    driver.store.rows.assert_called_once_with(schema_of(User), None, "the connection")


def test_a_store_marks_and_unmarks():
    """`mark` and `unmark` are the store's, and a driver without one says that it cannot."""
    driver = with_store(DriverInterface)
    assert driver.mark() is True
    driver.unmark()
    driver.store.mark.assert_called_once_with()
    driver.store.unmark.assert_called_once_with()
    bare = DriverInterface()
    assert bare.mark() is False
    assert bare.unmark() is None


@BASES
def test_a_driver_without_a_store_has_harmless_defaults(base):
    """Nothing is unavailable, leaks or is claimed of a driver that says nothing of itself."""
    driver = base()
    assert driver.unavailable_reason() is None
    assert driver.leaks() == []
    assert "does not say" in driver.fingerprint()
    assert len(driver.capabilities) == 0
    assert driver.contract_version == CONTRACT_VERSION
    assert driver.get_backend_name() == ""
    assert driver.translate_error(ValueError()) is None
    assert [outcome(step()) for step in (driver.open, driver.close)] == [None] * 2
    assert driver.prepare([User]) is None
    with pytest.raises(ConfigurationError, match="writes no `reset`, so each test has a new one"):
        outcome(driver.reset())


def test_setting_up_opens_and_then_prepares():
    """`setup_backend` is `open` and then `prepare` with the models."""
    steps = []

    class Mine(DriverInterface):
        def open(self):
            steps.append("open")

        def prepare(self, models):
            steps.append(models)

    Mine().setup_backend([User])
    assert steps == ["open", [User]]


def test_an_error_while_opening_is_raised():
    """A driver that cannot open fails its set-up."""

    class Mine(DriverInterface):
        def open(self):
            raise UnavailableError("refused")

    with pytest.raises(UnavailableError, match="refused"):
        Mine().setup_backend([User])


@BASES
def test_rows_of_pydantic_models_are_known_by_their_schema(base):
    """Key and values of a pydantic instance come from its schema, and the values are copies."""
    user = User(id="a", tags=["x"])
    assert base().key_of(user) == {"id": "a"}
    values = base().values_of(user)
    user.tags.append("y")
    assert values == {"id": "a", "tags": ["x"]}


@BASES
def test_models_of_another_kind_need_the_drivers_word(base):
    """For a model that is not pydantic's the error names the two methods to write."""
    with pytest.raises(DriverContractError, match="write `key_of` and `values_of`"):
        base().values_of(object())


def test_capabilities_are_readable_from_the_class():
    """What a driver declares is known before one is made."""

    class Mine(DriverInterface):
        capabilities = Capabilities("bulk")

        def __init__(self):
            raise AssertionError("made")

    assert "bulk" in Mine.capabilities
