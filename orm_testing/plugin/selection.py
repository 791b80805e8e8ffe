"""What is decided at collection, before anything starts: marks, skips, what is unsupported, what is narrowed away.

All of it is told from the item, so that it holds for items that a project parametrised by hand.
"""

from collections.abc import Callable
from typing import Any, cast

import pytest

from orm_testing.backends import check_known, driver_class, make_driver, needs_server, products, registry
from orm_testing.capabilities import KNOWN, Capabilities
from orm_testing.driver import AsyncDriverInterface, DriverInterface
from orm_testing.errors import ConfigurationError
from orm_testing.plugin import ledger
from orm_testing.plugin.accounting import Accountant
from orm_testing.plugin.keys import DECIDED, PARTLY
from orm_testing.plugin.options import (
    chosen_services,
    narrowed_to,
    required,
    says_of_services,
    service_settings,
)
from orm_testing.plugin.targets import backend_of, check_made, is_asynchronous, is_ours, makes_its_own

_AnyProduct = DriverInterface.capabilities_on.__func__  # type: ignore[attr-defined]

SERVER_MARK = "external_services"


def decide(config: pytest.Config, items: list[pytest.Item], accountant: Accountant) -> None:
    """Mark, skip and deselect items; raise `pytest.UsageError` for a backend that nobody knows."""
    ours = [(item, name) for item in items if (name := backend_of(item)) is not None]
    try:
        wanted = narrowed_to(config)
        own = {name for item, name in ours if makes_its_own(getattr(item, "cls", None))}
        for name in (*wanted, *(name for name in required(config) if name != "all")):
            if name not in own:
                check_known(name)
        if says_of_services(config):
            _check_services(config)
        markers = Markers(config)
        for item, name in ours:
            markers.add(item, name)
            _apply_marks(item, name)
        partly = config.stash.get(PARTLY, False) or any("::" in argument for argument in config.args)
        ledger.find(ours, whole=not partly)
    except ConfigurationError as error:
        if not hasattr(config, "workerinput"):
            raise pytest.UsageError(str(error)) from error
        accountant.complain(str(error))  # a worker that raises here is taken for one that crashed
        items.clear()
        return
    accountant.collected({name for _, name in ours if not wanted or name in wanted})
    away = [(item, name) for item, name in ours if wanted and name not in wanted]
    if away:
        gone = {id(item) for item, _ in away}
        items[:] = [item for item in items if id(item) not in gone]
        accountant.leave_out([item for item, _ in away], [name for _, name in away])


class Markers:
    """The marks by which `-m` selects the items of a backend: its name, its aliases, `multi_backend`."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._made: dict[str, list[pytest.MarkDecorator]] = {}

    def add(self, item: pytest.Item, backend: str) -> None:
        marks = self._made.get(backend)
        if marks is None:
            marks = self._made[backend] = self._make(backend)
        for mark in marks:
            item.keywords[mark.name] = mark
            item.own_markers.append(mark.mark)

    def _make(self, backend: str) -> list[pytest.MarkDecorator]:
        aliases = registry.find(backend).aliases if registry.knows(backend) else ()
        marks = []
        for name in (backend, *aliases, "multi_backend"):
            self._config.addinivalue_line("markers", f"{name}: runs on such a backend of orm_testing")
            marks.append(getattr(pytest.mark, name))
        if needs_server(backend):
            marks.append(getattr(pytest.mark, SERVER_MARK))
        return marks


def _check_services(config: pytest.Config) -> None:
    from orm_testing.services.ladder import check

    service_settings(config)
    chosen = chosen_services(config)
    check(chosen, products(chosen))


def _apply_marks(item: pytest.Item, backend: str) -> None:
    if is_ours(cls := getattr(item, "cls", None)) and backend in cls.EXCLUDED_BACKENDS:
        _skip(item, "skipped", "EXCLUDED_BACKENDS")
    if not any(mark.name.startswith("orm_") for mark in item.iter_markers()):
        return
    cls = getattr(item, "cls", None)
    for mark in item.iter_markers("orm_skip"):
        _check_names(cls, mark)
        if backend in mark.args:
            reason = mark.kwargs.get("reason") or "no reason given"
            _skip(item, "skipped", f"@skip_backend: {reason}")
    for mark in item.iter_markers("orm_only"):
        _check_names(cls, mark)
        if backend not in mark.args:
            _skip(item, "skipped", f"@only_backends: {', '.join(mark.args)}")
    if absent := absent_of(item, lambda: _capabilities(backend, item)):
        _skip(item, "unsupported", f"{backend} lacks {', '.join(absent)}")


def absent_of(item: pytest.Item, capabilities: Callable[[], Capabilities]) -> list[str]:
    """What the item's marks require and these capabilities lack; they are asked for only where anything is required."""
    needed = [name for mark in item.iter_markers("orm_requires") for name in mark.args]
    if not needed:
        return []
    declared = capabilities()
    return [name for name in dict.fromkeys(needed) if name not in declared]


def _check_names(cls: Any, mark: pytest.Mark) -> None:
    for name in mark.args:
        check_made(cls, name)


def _capabilities(backend: str, item: pytest.Item) -> Capabilities:
    """What the driver that would serve the item declares; a sync driver serves async tests on trio as well."""
    asynchronous = is_asynchronous(item)
    cls = getattr(item, "cls", None)
    known = registry.knows(backend) and not makes_its_own(cls)
    try:
        awaited = driver_class(backend, asynchronous=True) if known and asynchronous else None
        if awaited is not None:
            return _foreseen(cast("type[AsyncDriverInterface]", awaited), backend, item.config)
        maker = driver_class(backend) if known else None
        declared: Capabilities | None = (
            _foreseen(maker, backend, item.config) if hasattr(maker, "capabilities") else None
        )
    except ConfigurationError:  # a library is missing, which is told when the test would need it
        return Capabilities(*KNOWN)
    if declared is None:
        try:
            declared = (cls.create_driver if is_ours(cls) else make_driver)(backend).capabilities
        except Exception:  # noqa: BLE001  (what cannot be made is told when the test would need it)
            declared = Capabilities(*KNOWN)
    return declared | {"trio": True} if asynchronous else declared


def _foreseen(driver: Any, backend: str, config: pytest.Config) -> Capabilities:
    """What the driver can do on the product that this run will have, as far as that is known before it is started."""
    declared: Capabilities = driver.capabilities
    settles = getattr(driver, "capabilities_on", None)
    if settles is None or settles.__func__ is _AnyProduct or not needs_server(backend):
        return declared
    from orm_testing.plugin.services import foreseen

    product = foreseen(config, backend)
    return declared if product is None else cast("Capabilities", settles(product))


def _skip(item: pytest.Item, state: str, reason: str) -> None:
    item.stash[DECIDED] = (state, reason)
    item.add_marker(pytest.mark.skip(reason=reason))
