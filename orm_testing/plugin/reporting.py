"""What a report says of a test on a backend: its state, and on failure the operations with their statements."""

from typing import Any

import pytest

from orm_testing.capabilities import KNOWN
from orm_testing.dsl.context import Context
from orm_testing.errors import UnsupportedError
from orm_testing.plugin import ledger
from orm_testing.plugin.keys import DECIDED, SERVED
from orm_testing.plugin.targets import backend_of
from orm_testing.results import shown

_OPERATIONS_SHOWN = 30
_STATEMENTS_SHOWN = 3


def complete(report: Any, item: pytest.Item, call: pytest.CallInfo[Any]) -> None:
    """Add the backend and the state to a report; they travel with it between workers."""
    backend = backend_of(item)
    if backend is None:
        return
    served = item.stash.get(SERVED, None)
    report.orm_backend = backend
    report.orm_note = _note_unsupported(report, item, call) or _note_unavailable(report, item, backend)
    ledger.judge(report, item, call)
    report.orm_state = _state(report, item)
    report.orm_fingerprint = _fingerprint(served) if served and report.when == "call" else ""
    report.orm_plan = str(served.live.plan) if served and report.when == "setup" else ""
    if report.failed and served:
        report.sections.append((f"operations on {backend}", operations(served.context)))


def _fingerprint(served: Any) -> str:
    """What the store says it is; and where nothing looks behind the driver, that it vouches for itself."""
    fingerprint: str = served.live.fingerprint()
    return (
        fingerprint
        if served.context.has_backdoor
        else f"{fingerprint}; no backdoor: it is asked about itself"
    )


def _state(report: Any, item: pytest.Item) -> str:
    if hasattr(report, "wasxfail"):
        kind = getattr(report, "orm_kind", "")
        return f"known failure{kind and f' ({kind})'}" if report.skipped else "passed"
    if report.skipped:
        return item.stash.get(DECIDED, ("skipped", ""))[0]
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if report.when != "call":
        return ""
    served = item.stash.get(SERVED, None)
    return "passed" if served is None or served.context.number_of_operations() else "touched nothing"


def _note_unsupported(report: Any, item: pytest.Item, call: pytest.CallInfo[Any]) -> str:
    """A test that met an absent capability is unsupported, not failed; the note asks for the mark."""
    error = call.excinfo.value if call.excinfo else None
    served = item.stash.get(SERVED, None)
    if not isinstance(error, UnsupportedError) or served is None or not report.failed:
        return ""
    if report.when == "teardown" or served.context.unseen_failures():
        return ""
    if error.capability not in KNOWN or error.capability in served.context.driver.capabilities:
        return ""
    reason = f"{served.context.backend_name} lacks {error.capability}"
    item.stash[DECIDED] = ("unsupported", reason)
    path, line, _ = item.location
    report.outcome = "skipped"
    report.longrepr = (path, (line or 0) + 1, f"unsupported: {reason}")
    return f"{item.location[0]}::{item.location[2].split('[')[0]}: mark it @requires({error.capability!r}); {reason}"


def _note_unavailable(report: Any, item: pytest.Item, backend: str) -> str:
    """Why, once for all tests of the backend."""
    state, reason = item.stash.get(DECIDED, ("", ""))
    return f"{backend}: unavailable: {reason}" if report.skipped and state == "unavailable" else ""


def operations(context: Context) -> str:
    """The operations of a test as DSL calls with their outcome, and the native statements of the last ones."""
    entries = list(context.trace.entries)
    lines = (
        []
        if len(entries) <= _OPERATIONS_SHOWN
        else [f"… {context.trace.count - _OPERATIONS_SHOWN} before these"]
    )
    last = entries[-_OPERATIONS_SHOWN:]
    for number, entry in enumerate(last):
        lines.append(str(entry))
        if number >= len(last) - _STATEMENTS_SHOWN:
            lines += shown(entry.statements)
    for number, session in enumerate(context.sessions, 1):
        lines += [f"in session {number}:", operations(session)]
    return "\n".join(lines) or "none"
