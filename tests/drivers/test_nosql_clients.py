"""What the stores of keyed products do beside operations fails in the library's words, and each driver has a store of its kind."""

import pytest
from dictionaries import DictStore

from orm_testing import Clock, ConfigurationError, Field, Model, OperationError, UnavailableError
from orm_testing.backends import make_driver
from orm_testing_drivers.nosql.clients import in_our_words

BACKENDS = ("mongodb", "dynamodb", "redis", "s3")


class Thing(Model):
    id: str = Field(primary_key=True)


class LostError(Exception):
    """What a product's client raises, and the library knows."""


class OddError(Exception):
    """What a product's client raises, and the library does not know."""


def translated(error):
    return UnavailableError("it is lost") if isinstance(error, LostError) else None


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (LostError("no wire"), UnavailableError, "it is lost"),
        (OddError("no wire"), ConfigurationError, "the store cannot be used: no wire"),
    ],
)
def test_what_a_client_raises_is_told_in_our_words(error, kind, says):
    """Known or not; the client's own error is the cause."""
    with (
        pytest.raises((OperationError, ConfigurationError)) as caught,
        in_our_words(translated, LostError, OddError),
    ):
        raise error
    assert (type(caught.value), str(caught.value)) == (kind, says)
    assert caught.value.__cause__ is error


def test_a_fault_of_ours_stays_what_it_is():
    """What no client raised is neither translated nor taken for the store's."""
    fault = LostError("raised by nobody's client")
    with pytest.raises(LostError) as caught, in_our_words(translated, OddError):
        raise fault
    assert caught.value is fault


@pytest.mark.parametrize("store", [None, DictStore()], ids=["none", "another"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_driver_says_which_store_it_needs(backend, store):
    """Without one, and with that of another product, before anything is opened."""
    driver = make_driver(backend)
    driver.store, driver.backend_name, driver.clock = store, backend, Clock()
    with pytest.raises(ConfigurationError, match=r"Driver needs a \w+Store, and has .*register_backend\("):
        driver.setup_backend([Thing])
