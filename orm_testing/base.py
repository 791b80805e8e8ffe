"""The classes that a test class derives from."""

import unittest
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from orm_testing.backends import make_fitting_driver
from orm_testing.errors import ConfigurationError

C = TypeVar("C", bound="type[MultiBackendTestBase]")


def check_names(cls: type[Any], attribute: str) -> None:
    """Raise `ConfigurationError` unless the attribute lists names."""
    names = getattr(cls, attribute)
    if isinstance(names, str) or not all(isinstance(name, str) for name in names):
        raise ConfigurationError(
            f'{cls.__name__}.{attribute} is a list of names, such as ["sqlite"], not {names!r}.'
        )


class MultiBackendTestBase:
    """A class of tests, each of which runs on every backend that the class names.

    A test takes the fixture `orm`, which is the DSL client. Besides what is below, a class may define

    - `load(self, orm)`: data that is costly to make, loaded once per class and put back for each test;
    - `prepare_schema(self, store)`: makes the schema in the store instead of the library, by the project's migrations.
    """

    ENABLED_BACKENDS: ClassVar[Sequence[str]] = ("inmemory",)
    """The backends that the tests run on, in this order."""

    EXCLUDED_BACKENDS: ClassVar[Sequence[str]] = ()
    """Backends to leave out, of those that a base class enables."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if issubclass(cls, unittest.TestCase):
            raise ConfigurationError(
                f"{cls.__name__} derives from unittest.TestCase, whose methods cannot take fixtures such as `orm`."
                " Derive it from MultiBackendTestBase alone, and write setUp as a fixture."
            )
        check_names(cls, "ENABLED_BACKENDS")
        check_names(cls, "EXCLUDED_BACKENDS")

    def get_test_models(self) -> Sequence[type[Any]]:
        """The models that the tests store."""
        return ()

    @classmethod
    def get_available_backends(cls) -> list[str]:
        """The backends that the tests of this class run on: the enabled ones less the excluded."""
        excluded = set(cls.EXCLUDED_BACKENDS)
        return [name for name in dict.fromkeys(cls.ENABLED_BACKENDS) if name not in excluded]

    @classmethod
    def create_driver(cls, backend_name: str) -> Any:
        """A driver for the backend, not opened yet.

        A conftest may replace this by assignment, with a function that makes the drivers it knows by name and calls
        the original for the rest. `register_backend` is the better way.
        """
        return make_fitting_driver(backend_name)


ORIGINAL_CREATE_DRIVER = vars(MultiBackendTestBase)["create_driver"].__func__
"""What `create_driver` is before any conftest replaces it."""


class AsyncMultiBackendTestBase(MultiBackendTestBase):
    """The same for `async def` tests: the fixture `orm` is an `AsyncOrmDsl`, whose verbs are awaited."""


def multi_backend_test_class(
    enabled_backends: Sequence[str] | None = None, excluded_backends: Sequence[str] | None = None
) -> Callable[[C], C]:
    """Class decorator: sets `ENABLED_BACKENDS` and `EXCLUDED_BACKENDS` of a test class."""

    def decorate(cls: C) -> C:
        if not (isinstance(cls, type) and issubclass(cls, MultiBackendTestBase)):
            raise ConfigurationError(
                f"multi_backend_test_class decorates classes of MultiBackendTestBase, not {cls!r}."
            )
        if enabled_backends is not None:
            cls.ENABLED_BACKENDS = enabled_backends
        if excluded_backends is not None:
            cls.EXCLUDED_BACKENDS = excluded_backends
        check_names(cls, "ENABLED_BACKENDS")
        check_names(cls, "EXCLUDED_BACKENDS")
        return cls

    return decorate
