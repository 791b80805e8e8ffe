"""The honest count: for each backend, how many tests ended in which state."""

from collections import Counter, defaultdict
from typing import Any

import pytest

from orm_testing.plugin.keys import POOL, SERVERS
from orm_testing.plugin.options import required

STATES = (
    "passed",
    "failed",
    "error",
    "known failure",
    "known failure (ours)",
    "known failure (upstream)",
    "known failure (never)",
    "unsupported",
    "unavailable",
    "skipped",
    "deselected",
    "touched nothing",
)
RAN = tuple(
    state
    for state in STATES
    if state in ("passed", "failed", "error", "touched nothing") or state.startswith("known")
)


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
        self._services: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        backend = getattr(report, "orm_backend", None)
        if backend is None or report.outcome == "rerun" or type(report).__name__ == "SubtestReport":
            return
        self._seconds[backend] += report.duration
        if report.orm_state:
            self._states[backend][report.orm_state] += 1
        if report.orm_fingerprint:
            self._fingerprints[backend] = report.orm_fingerprint
        if report.orm_note:
            self._notes[report.orm_note] = None

    def collected(self, backends: set[str]) -> None:
        """The backends on which this run is to have tests, once it is narrowed."""
        self._backends = backends

    def leave_out(self, items: list[pytest.Item], backends: list[str]) -> None:
        """Deselect the items of backends that the run is narrowed away from, which is no choice of tests by hand."""
        for backend in backends:
            self._states[backend]["deselected"] += 1
        by_hand = self._by_hand
        self._config.hook.pytest_deselected(items=items)
        self._by_hand = by_hand

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self._by_hand = self._by_hand or bool(items)

    def complain(self, complaint: str) -> None:
        """Fail the run, and say why at its end."""
        self._complaints.append(complaint)

    def told(self) -> dict[str, Any]:
        """What a worker tells the run that it belongs to, besides its reports."""
        return {
            "backends": sorted(self._backends),
            "by_hand": self._was_narrowed(),
            "deselected": {backend: states["deselected"] for backend, states in self._states.items()},
            "complaints": self._complaints,
            "services": self._services,
        }

    def hear(self, told: dict[str, Any]) -> None:
        """Take in what a worker told; every worker collects the same tests."""
        self._backends |= set(told["backends"])
        self._by_hand = self._by_hand or told["by_hand"]
        for backend, number in told["deselected"].items():
            self._states[backend]["deselected"] = max(number, self._states[backend]["deselected"])
        self._complaints += [each for each in told["complaints"] if each not in self._complaints]
        self._services |= told["services"]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Close what is open, and fail the run where that fails or where a required backend ran nothing."""
        config = session.config
        pool = config.stash.get(POOL, None)
        if pool is not None:
            self._complaints += pool.close()
        servers = config.stash.get(SERVERS, None)
        if servers is not None:
            self._services |= servers.told()
            self._complaints += servers.leave()
        if hasattr(config, "workeroutput"):
            config.workeroutput["orm_testing"] = self.told()
            return
        if not self._was_narrowed():
            self._complaints += self._without_a_test(required(config))
        self.settle(session)

    def settle(self, session: pytest.Session) -> None:
        """A run that has something to complain of does not pass."""
        if self._complaints and session.exitstatus in (
            pytest.ExitCode.OK,
            pytest.ExitCode.NO_TESTS_COLLECTED,
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _without_a_test(self, needed: list[str]) -> list[str]:
        names = {*needed, *(self._backends if "all" in needed else ())} - {"all"}
        ran = {name for name in names if any(self._states[name][state] for state in RAN)}
        return [f"the backend {name!r} is required, and no test ran on it" for name in sorted(names - ran)]

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
            if not states.total():
                continue
            counts = ", ".join(f"{states[state]} {state}" for state in STATES if states[state])
            line = f"{backend:<{width}}  {counts}  in {self._seconds[backend]:.2f}s"
            terminalreporter.write_line(f"{line}  {self._fingerprints.get(backend, '')}".rstrip())
        for name, told in sorted(self._services.items()):
            terminalreporter.write_line(f"{name}: {told}")
        for note in self._notes:
            terminalreporter.write_line(note)
        for complaint in self._complaints:
            terminalreporter.write_line(f"ERROR {complaint}", red=True)
