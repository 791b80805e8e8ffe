"""A pytest plugin that writes down what each test asked of its backend, and what came back.

    pytest -p orm_testing.parity.recording --orm-record answers.jsonl

There is a line of JSON for each test on each backend. Tests that take no `orm` have nothing to record, and are left out.
"""

import json
from collections.abc import Generator, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orm_testing.dsl.context import Context
from orm_testing.parity.telling import Teller
from orm_testing.plugin.keys import DECIDED, SERVED
from orm_testing.plugin.serving import Served
from orm_testing.plugin.targets import backend_of
from orm_testing.trace import Entry

OPTION = "--orm-record"
_BEGAN = pytest.StashKey[datetime]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("orm_testing.parity", "what backends answer, written down")
    group.addoption(OPTION, metavar="PATH", help="write what each test asked and was answered to this file")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption(OPTION)
    if path is None:
        return
    if getattr(config.option, "hypothesis_seed", "") is None:
        config.option.hypothesis_seed = "0"  # so that two runs ask the same
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Writer(Path(path)), "orm_testing-writer")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption(OPTION) is None:
        return
    others = [item for item in items if backend_of(item) is None]
    if others:
        items[:] = [item for item in items if backend_of(item) is not None]
        config.hook.pytest_deselected(items=others)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.stash[_BEGAN] = datetime.now(UTC)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Generator[None, Any, Any]:
    """What was recorded travels with the report of the teardown, from another worker too."""
    report = yield
    if item.config.getoption(OPTION) is not None and call.when == "teardown":
        served = item.stash.get(SERVED, None)
        report.orm_recorded = _recorded(served, item.stash[_BEGAN]) if served is not None else {}
        report.orm_reason = item.stash.get(DECIDED, ("", ""))[1]
    return report


class _Writer:
    """Puts the lines into the file, each when its test is over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._states: dict[str, tuple[str, str]] = {}
        path.write_text("", encoding="utf-8")

    def pytest_runtest_logreport(self, report: Any) -> None:
        backend = getattr(report, "orm_backend", None)
        if backend is None or report.outcome == "rerun" or type(report).__name__ == "SubtestReport":
            return
        if report.orm_state:
            self._states[report.nodeid] = (report.orm_state, _why(report))
        if report.when != "teardown":
            return
        state, why = self._states.pop(report.nodeid, ("", ""))
        line = {
            "test": report.nodeid,
            "backend": backend,
            "state": state,
            "why": report.orm_reason or why,
            **report.orm_recorded,
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _recorded(served: Served, began: datetime) -> dict[str, Any]:
    context = served.context
    teller = Teller(context.models, began)
    together = [session for session in context.sessions if not session.alone]
    return {
        "fingerprint": served.live.fingerprint(),
        "capabilities": {name: repr(value) for name, value in context.driver.capabilities.items()},
        "traces": [_trace(teller, each) for each in (context, *context.sessions) if each.alone],
        "together": min((session.after for session in together), default=None),
        "apart": sum(session.number_of_operations() for session in together),
    }


def _trace(teller: Teller, context: Context) -> dict[str, Any]:
    entries = context.trace.entries
    return {
        "forgotten": context.trace.count - len(entries),
        "operations": list(_told(teller, entries)),
    }


def _told(teller: Teller, entries: Iterable[Entry]) -> Iterable[dict[str, Any]]:
    for entry in entries:
        yield {
            "asked": teller.asked(entry.operation),
            "answered": teller.answered(entry),
            "said": teller.plain(str(entry.error)) if entry.error is not None else "",
        }


def _why(report: Any) -> str:
    """The first line of what went wrong, or why nothing was tried."""
    told = report.longrepr
    if isinstance(told, tuple):
        text = str(told[2])
    else:
        crash = getattr(told, "reprcrash", None)
        text = str(told or "") if crash is None else crash.message
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    line = line.removeprefix("Failed: ").removeprefix("Skipped: ")
    return line.encode("utf-8", "backslashreplace").decode()
