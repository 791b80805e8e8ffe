"""A pytest plugin that runs the kit on backends of the project around it, and writes down how each test ended.

    pytest -p orm_testing.kit.telling --orm-kit mine --orm-tell outcomes.jsonl

The project is the current directory: its ini file and its conftests are read, and its own tests are left out.
"""

import json
import random
from collections.abc import Generator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from orm_testing.backends import check_known, driver_class
from orm_testing.dsl.context import Context
from orm_testing.errors import ConfigurationError, nearest
from orm_testing.isolation.life import LiveDriver
from orm_testing.kit.adopting import AsyncDriverKit, DriverKit
from orm_testing.kit.cases import THEMES as THEMES_OF_THE_KIT
from orm_testing.plugin.keys import PARTLY, SERVED
from orm_testing.plugin.ledger import is_of_the_kit, test_of
from orm_testing.plugin.options import split
from orm_testing.plugin.targets import backend_of

KIT, ASYNC, THEMES = "--orm-kit", "--orm-async", "--orm-themes"
TELL, ORDERS, SEED = "--orm-tell", "--orm-orders", "--orm-seed"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("orm_testing.kit", "the kit, on drivers of this project")
    group.addoption(KIT, metavar="NAMES", default="", help="run the kit on these backends, and no other test")
    group.addoption(ASYNC, action="store_true", help="run it on their async drivers, where they have two")
    group.addoption(THEMES, metavar="NAMES", default="", help="of the kit, run these themes")
    group.addoption(TELL, metavar="PATH", help="write to this file how each test ended")
    group.addoption(
        ORDERS, metavar="N", type=int, default=0, help="run all tests so often, each time in another order"
    )
    group.addoption(SEED, metavar="N", type=int, default=0, help="what the orders are drawn from")


def pytest_configure(config: pytest.Config) -> None:
    if path := config.getoption(TELL):
        config.pluginmanager.register(_Writer(Path(path)), "orm_testing-kit-writer")


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """The conftests of the project were read: what they register is known from here on."""
    names = [theme.__name__ for theme in THEMES_OF_THE_KIT]
    themes = split([session.config.getoption(THEMES)])
    session.config.stash[PARTLY] = bool(themes)
    if unknown := next((name for name in themes if name not in names), None):
        raise pytest.UsageError(f"{unknown!r} is no theme of the kit.{nearest(unknown, names)}")
    try:
        for name in split([session.config.getoption(KIT)]):
            check_known(name)
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from error


@pytest.hookimpl(tryfirst=True)
def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    if parent.config.getoption(KIT) and path == parent.config.invocation_params.dir:
        return _Project.from_parent(parent, path=path)
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if number := config.getoption(ORDERS):
        items[:] = _in_orders(items, number, random.Random(config.getoption(SEED)))  # noqa: S311  (no secret)


def _in_orders(items: list[pytest.Item], number: int, draw: random.Random) -> list[pytest.Item]:
    """Pytest does not tear down a test that comes next as well, so none comes twice running: one alone is run once."""
    ordered: list[pytest.Item] = []
    for _ in range(number if len(items) > 1 else 1):
        order = draw.sample(items, len(items))
        if ordered and order[0] is ordered[-1]:
            order.append(order.pop(0))
        ordered += order
    return ordered


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    report = yield
    backend = backend_of(item)
    if backend is not None:
        served = item.stash.get(SERVED, None)
        report.orm_test = test_of(item, backend) if is_of_the_kit(item) else item.nodeid
        report.orm_says = (getattr(getattr(item, "obj", None), "__doc__", None) or "").strip()
        report.orm_error = type(call.excinfo.value).__name__ if call.excinfo else ""
        report.orm_capabilities = sorted(served.live.driver.capabilities) if served else []
        report.orm_operations = sorted(_verbs(served.context)) if served else []
        report.orm_on_server = served is not None and _is_on_server(served.live)
    return report


def _is_on_server(live: LiveDriver) -> bool:
    """Whether there is a connection that could be lost."""
    server = live.store.server if live.store is not None else None
    return server is not None and not server.stands_in


def _verbs(context: Context) -> set[str]:
    """The operations that the driver carried out, in every session of the test."""
    done = {entry.operation.verb for entry in context.trace.entries if entry.done and entry.error is None}
    return done.union(*map(_verbs, context.sessions))


class _Project(pytest.Directory):
    """The current directory, in which there is nothing but the kit."""

    def collect(self) -> Any:
        yield _Module.from_parent(self, path=Path(__file__), nodeid="kit")


class _Module(pytest.Module):
    """The classes that an author would write: one for drivers that are awaited, and one for those that are not."""

    def _getobj(self) -> ModuleType:
        module = ModuleType("kit")
        names, awaited = split([self.config.getoption(KIT)]), self.config.getoption(ASYNC)
        of_kits: dict[type[DriverKit], list[str]] = {DriverKit: [], AsyncDriverKit: []}
        for name in names:
            of_kits[AsyncDriverKit if awaited or not driver_class(name) else DriverKit].append(name)
        for kit, of_kit in of_kits.items():
            if of_kit:
                setattr(module, f"Test{kit.__name__}", self._adopted(kit, of_kit))
        return module

    def _adopted(self, kit: type[DriverKit], names: list[str]) -> type[DriverKit]:
        themes = split([self.config.getoption(THEMES)])
        adopted = type(f"Test{kit.__name__}", (kit,), {"ENABLED_BACKENDS": names, "__test__": True})
        for theme in THEMES_OF_THE_KIT:
            if themes and theme.__name__ not in themes:
                delattr(adopted, f"Test{theme.__name__}")
        return adopted


class _Writer:
    """A line of JSON for each test on each backend, as soon as it has ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.write_text("", encoding="utf-8")
        self._ended: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        if not hasattr(report, "orm_test") or report.outcome == "rerun":
            return
        line = self._ended.setdefault(
            report.nodeid, {"test": report.orm_test, "backend": report.orm_backend, "seconds": 0.0}
        )
        line["seconds"] += report.duration
        if report.orm_state:
            line |= {"state": report.orm_state, "error": report.orm_error, "why": _why(report)}
            line |= {"says": report.orm_says, "capabilities": report.orm_capabilities}
            line["on_server"] = report.orm_on_server
        line["operations"] = sorted({*line.get("operations", ()), *report.orm_operations})
        if report.orm_fingerprint:
            line["fingerprint"] = report.orm_fingerprint
        if report.when == "teardown":
            del self._ended[report.nodeid]
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def _why(report: Any) -> str:
    told = report.longrepr
    if isinstance(told, tuple):
        return str(told[2])
    crash = getattr(told, "reprcrash", None)
    return str(told or "") if crash is None else str(crash.message)
