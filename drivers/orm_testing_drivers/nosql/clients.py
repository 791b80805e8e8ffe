"""What the clients of all products have in common: who hears their requests, and in whose words they fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from orm_testing.errors import ConfigurationError, OperationError

Heard = Callable[[str, Any], None]
"""Is told of each request of a client before it is sent: what it asks for ("PutItem"), and its parameters."""


@contextmanager
def in_our_words(
    translated: Callable[[BaseException], OperationError | None], *native: type[Exception]
) -> Iterator[None]:
    """For the work of a store itself, whose errors no operation translates: those of the product's client are `native`."""
    try:
        yield
    except native as error:
        raise translated(error) or ConfigurationError(f"the store cannot be used: {error}") from error
