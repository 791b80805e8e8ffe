"""`DriverKit`: what the author of a driver derives a class from, and nothing more."""

import importlib.util
from functools import partial
from typing import Any

from orm_testing.backends import make_driver
from orm_testing.base import MultiBackendTestBase
from orm_testing.errors import ConfigurationError
from orm_testing.kit.cases import THEMES
from orm_testing.kit.support.cases import Cases
from orm_testing.looped import LoopedDriver
from orm_testing.schema import ModelSchema

_LIBRARIES = ("polyfactory", "alembic")
"""What its cases of `given` and of `evolve` work through."""


class DriverKit(MultiBackendTestBase):
    """Every theme of the kit, on the backends that a subclass names: each theme becomes a class of tests within it.

    What the subclass says besides its backends (`EXCLUDED_BACKENDS`, `create_driver`, `prepare_schema`, marks) holds for all
    of them. A test that needs a capability which the driver does not declare is *unsupported*; what the driver declares is proved.
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__module__ == __name__:
            return  # `AsyncDriverKit` adopts nothing itself
        _check_complete()
        for theme in THEMES:
            name = f"Test{theme.__name__}"
            setattr(cls, name, _within(cls, theme, name))

    def model(self, schema: ModelSchema) -> type[Any]:
        """The class to store for one of the kit's models, with the same fields: its own, unless you say otherwise."""
        return schema.model_class


class AsyncDriverKit(DriverKit):
    """The same for the async drivers of these backends, each of which runs in an event loop of its own.

    What their operations mean is proved by the same cases, which wait for one after the other.
    """

    @classmethod
    def create_driver(cls, backend_name: str) -> LoopedDriver:
        return LoopedDriver(partial(make_driver, backend_name, asynchronous=True))


def _check_complete() -> None:
    """No case may fail for want of a library of ours: it would be taken for a failure of the driver."""
    missing = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigurationError(f"the kit needs {' and '.join(missing)}: pip install 'orm-testing[kit]'")


class _Adopters:
    """An attribute of the class that adopted the theme."""

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type[Cases]) -> Any:
        assert owner.kit is not None
        return getattr(owner.kit(), self._name)


def _within(kit: type[DriverKit], theme: type[Cases], name: str) -> type[Cases]:
    body = {
        "__doc__": theme.__doc__,
        "__module__": kit.__module__,
        "__qualname__": f"{kit.__qualname__}.{name}",
        "kit": staticmethod(lambda: kit()),  # noqa: PLW0108  (pytest would collect the class itself within its own theme)
        "asynchronous": issubclass(kit, AsyncDriverKit),
        "__test__": True,
    }
    said: tuple[str, ...] = ("ENABLED_BACKENDS", "EXCLUDED_BACKENDS", "create_driver")
    if hasattr(kit, "prepare_schema"):
        said = (*said, "prepare_schema")
    return type(name, (theme,), {**body, **{attribute: _Adopters() for attribute in said}})
