"""Known failures: which entry is about which item, found at collection; and what becomes of its report."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from orm_testing.backends import driver_class, registry
from orm_testing.errors import ConfigurationError
from orm_testing.ledger import KnownFailure, ledgers, read
from orm_testing.plugin.keys import EXPECTED, SERVED
from orm_testing.plugin.targets import check_made, makes_its_own

MARK = "orm_known_failure"
_CASES = "orm_testing.kit.support.cases"


def find(ours: Sequence[tuple[pytest.Item, str]], *, whole: bool) -> None:
    """Give each item the entries about it. `whole` is whether all tests were collected: then each entry is about one."""
    for item, backend in ours:
        for mark in item.iter_markers(MARK):
            check_made(getattr(item, "cls", None), mark.args[0])
            if mark.args[0] == backend:
                item.stash.setdefault(EXPECTED, []).append(mark.kwargs["entry"])
    if _CASES in sys.modules:
        _find_in_files(ours, whole=whole)


def judge(report: Any, item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
    """Turn the failure that an entry expects into a known one, and the lack of it into a failure."""
    expected = item.stash.get(EXPECTED, ())
    if not expected or report.when == "teardown" or hasattr(report, "wasxfail"):
        return
    served = item.stash.get(SERVED, None)
    fingerprint = served.live.fingerprint() if served else ""
    entry = next((entry for entry in expected if entry.is_on(fingerprint)), None)
    error = call.excinfo.value if call.excinfo else None
    if entry is None or isinstance(error, pytest.skip.Exception):
        return
    if error is None:
        if report.when == "call":
            report.outcome = "failed"
            report.longrepr = f"It is known to fail on {fingerprint}, and passes: {entry.reason}"
    elif entry.is_met_by(error):
        report.outcome = "skipped"
        report.wasxfail = f"{entry.kind}: {entry.reason}"
        report.orm_kind = entry.kind
    else:
        said = f"known on {fingerprint} is {entry.raises}, not {type(error).__name__}: {entry.reason}"
        report.sections.append(("known failure", said))


def test_of(item: Any, backend: str) -> str:
    """A test of the kit as a ledger names it: the theme, the name, and the parameters other than the backend."""
    parameters = item.callspec.id.removesuffix(backend).removesuffix("-")
    theme = item.cls.__name__.removeprefix("Test")
    return f"{theme}::{item.originalname}{f'[{parameters}]' if parameters else ''}"


def is_of_the_kit(item: Any) -> bool:
    """Whether the item is one of the kit's cases."""
    cases = getattr(sys.modules.get(_CASES), "Cases", None)
    cls = getattr(item, "cls", None)
    return cases is not None and isinstance(cls, type) and issubclass(cls, cases)


def _find_in_files(ours: Sequence[tuple[pytest.Item, str]], *, whole: bool) -> None:
    by_backend: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item, backend in ours:
        if is_of_the_kit(item):
            by_backend[backend].append(item)
    for backend, items in by_backend.items():
        entries = list(_entries(backend, getattr(items[0], "cls", None)))
        if not entries:
            continue
        unused = dict.fromkeys(entries)
        for item in items:
            about = [entry for entry in entries if entry.is_of(test_of(item, backend))]
            for entry in about:
                unused.pop(entry, None)
            item.stash[EXPECTED] = [*item.stash.get(EXPECTED, ()), *about]
        if unused and whole:
            told = ", ".join(repr(entry.test) for entry in unused)
            raise ConfigurationError(
                f"the ledger of {backend!r} names tests that the kit does not have: {told}."
            )


def _entries(backend: str, cls: Any) -> Iterable[KnownFailure]:
    asynchronous = cls.asynchronous
    if (makes_its_own(cls) and not asynchronous) or not registry.knows(backend):
        return
    try:
        driver = driver_class(backend, asynchronous=asynchronous)
    except ConfigurationError:  # a library is missing, which is told when a test would need it
        return
    if isinstance(driver, type):
        for path in ledgers(driver):
            yield from read(path)
