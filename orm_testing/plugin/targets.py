"""What a test that takes `orm` is to run on, told from its class or its mark."""

import inspect
from collections.abc import Sequence
from typing import Any, TypeGuard

import pytest

from orm_testing.backends import check_known
from orm_testing.base import (
    ORIGINAL_CREATE_DRIVER,
    AsyncMultiBackendTestBase,
    MultiBackendTestBase,
    check_names,
)
from orm_testing.errors import ConfigurationError

OURS = "orm_testing.plugin"


def backends_of(cls: type[Any] | None, definition: Any) -> list[str]:
    """The backends that a test names; an unknown one is an error, unless the project makes drivers in its own way."""
    if is_ours(cls):
        check_names(cls, "ENABLED_BACKENDS")
        if definition.get_closest_marker("orm_backends") is not None:
            raise ConfigurationError(
                f"{cls.__name__} says its backends by ENABLED_BACKENDS; the mark orm_backends is for plain functions, and"
                " would be ignored here."
            )
        names = cls.get_available_backends()
        for name in (*cls.ENABLED_BACKENDS, *cls.EXCLUDED_BACKENDS):
            check_made(cls, name)
        if not names:
            raise ConfigurationError(
                f"{cls.__name__} has no backend left to run on: ENABLED_BACKENDS is {list(cls.ENABLED_BACKENDS)} and"
                f" EXCLUDED_BACKENDS {list(cls.EXCLUDED_BACKENDS)}."
            )
        return names
    mark = definition.get_closest_marker("orm_backends")
    if mark is None or not mark.args:
        raise ConfigurationError(
            f"{definition.nodeid} takes `orm` and does not say on which backends. Put it in a class of"
            ' MultiBackendTestBase, or mark it: pytest.mark.orm_backends("inmemory", "sqlite", models=[User]).'
        )
    for name in mark.args:
        check_known(name)
    return list(dict.fromkeys(mark.args))


def backend_of(item: pytest.Item) -> str | None:
    """The backend that an item runs on, or None for an item that is not ours."""
    callspec = getattr(item, "callspec", None)
    if callspec is None:
        return None
    name = callspec.params.get("orm")
    if not isinstance(name, str):
        return None
    name = str.__str__(name)  # of an enum, its value
    return name if takes_our_orm(item._fixtureinfo.name2fixturedefs.get("orm")) else None  # type: ignore[attr-defined]  # noqa: SLF001


def models_of(instance: Any, item: pytest.Item) -> tuple[type[Any], ...]:
    """The models that a test lists."""
    mark = item.get_closest_marker("orm_backends")
    if isinstance(instance, MultiBackendTestBase):
        listed, where = instance.get_test_models(), f"{type(instance).__name__}.get_test_models()"
    else:
        options = dict(mark.kwargs) if mark else {}
        listed, where = options.pop("models", ()), "pytest.mark.orm_backends(…, models=…)"
        if options:
            raise ConfigurationError(f"{where} has no option {', '.join(map(repr, options))}.")
    if not isinstance(listed, Sequence) or not all(isinstance(model, type) for model in listed):
        raise ConfigurationError(f"{where} is a list of model classes, such as [User], not {listed!r}.")
    return tuple(listed)


def is_ours(cls: type[Any] | None) -> TypeGuard[type[MultiBackendTestBase]]:
    """Whether the test stands in a class of `MultiBackendTestBase`."""
    return isinstance(cls, type) and issubclass(cls, MultiBackendTestBase)


def is_asynchronous(item: Any) -> bool:
    """Whether the item's `orm` is awaited: by its class, or for a plain function by `async def`."""
    cls = getattr(item, "cls", None)
    if is_ours(cls):
        return issubclass(cls, AsyncMultiBackendTestBase)
    return inspect.iscoroutinefunction(item.obj)


def check_made(cls: type[Any] | None, name: str) -> None:
    """An unknown name is an error here, unless `create_driver` was replaced: then it is asked at set-up."""
    if not makes_its_own(cls):
        check_known(name)


def makes_its_own(cls: type[Any] | None) -> bool:
    """Whether a conftest or the class replaced `create_driver`."""
    if not is_ours(cls):
        return False
    current = cls.create_driver
    return getattr(current, "__func__", current) is not ORIGINAL_CREATE_DRIVER


def takes_our_orm(fixture_definitions: Any) -> bool:
    """Whether the fixture `orm` that a test gets is that of this plugin, or one that extends it."""
    if not fixture_definitions:
        return False
    last = fixture_definitions[-1]
    if last.func.__module__ == OURS:
        return True
    return "orm" in last.argnames and takes_our_orm(fixture_definitions[:-1])
