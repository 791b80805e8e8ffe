"""The honest count: for each backend, how many tests ended in which state."""

from collections import Counter, defaultdict
from typing import Any

import pytest

from orm_testing.plugin.keys import POOL
from orm_testing.plugin.options import required

STATES = (
    "passed",
    "failed",
    "error",
    "unsupported",
    "unavailable",
    "skipped",
    "deselected",
    "touched nothing",
)
RAN = ("passed", "failed", "error", "touched nothing")


class Accountant:
    """The accounts of one run: states per backend, added up from reports, which also come from other workers."""

    NAME = "orm_testing-accountant"

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._states: dict[str, Counter[str]] = defaultdict(Counter)
        self._seconds: dict[str, float] = defaultdict(float)
        self._fingerprints: dict[str, str] = {}
        self._notes: dict[str, None] = {}
        self._complaints: list[str] = []
        self._backends: set[str] = set()
        self._by_hand = False

    def pytest_runtest_logreport(self, report: Any) -> None:
        backend = getattr(report, "orm_backend", None)
        if backend is None:
            return
        self._seconds[backend] += report.duration
        if report.orm_state:
            self._states[backend][report.orm_state] += 1
        if report.orm_fingerprint:
            self._fingerprints[backend] = report.orm_fingerprint
        if report.orm_note:
            self._notes[report.orm_note] = None

    def narrowed_away(self, backends: list[str]) -> None:
        """Items that a narrowed run leaves out, by their backends."""
        for backend in backends:
            self._states[backend]["deselected"] += 1

    def collected(self, backends: set[str]) -> None:
        """The backends that the collected items name."""
        self._backends = backends

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self._by_hand = self._by_hand or bool(items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Close what is open, and fail the run where a required backend ran nothing."""
        pool = session.config.stash.get(POOL, None)
        if pool is not None:
            pool.close()
        if hasattr(session.config, "workerinput") or self._was_narrowed():
            return
        needed = required(session.config)
        for backend in sorted({*needed, *(self._backends if "all" in needed else ())} - {"all"}):
            if not any(self._states[backend][state] for state in RAN):
                self._complaints.append(f"the backend {backend!r} is required, and no test ran on it")
        if self._complaints and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _was_narrowed(self) -> bool:
        chosen = any("::" in argument for argument in self._config.args)
        return self._by_hand or chosen or bool(self._config.option.collectonly)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The section at the end of the run, where any backend was asked for."""
        if not self._states and not self._complaints:
            return
        terminalreporter.section("orm_testing: backends")
        width = max((len(backend) for backend in self._states), default=0)
        for backend, states in sorted(self._states.items()):
            counts = ", ".join(f"{states[state]} {state}" for state in STATES if states[state])
            line = f"{backend:<{width}}  {counts or 'nothing ran'}  in {self._seconds[backend]:.2f}s"
            terminalreporter.write_line(f"{line}  {self._fingerprints.get(backend, '')}".rstrip())
        for note in self._notes:
            terminalreporter.write_line(note)
        for complaint in self._complaints:
            terminalreporter.write_line(f"ERROR {complaint}", red=True)
