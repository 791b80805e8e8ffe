"""`--orm-explain-isolation`: how each test was given its clean start, and why in that way."""

from collections import Counter
from typing import Any

import pytest


class Explainer:
    """Adds up the plans of a run, from reports, which also come from other workers."""

    NAME = "orm_testing-explainer"

    def __init__(self, config: pytest.Config) -> None:
        self._each = config.get_verbosity() > 0
        self._plans: Counter[tuple[str, str]] = Counter()
        self._tests: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        plan = getattr(report, "orm_plan", "")
        if plan:
            self._plans[report.orm_backend, plan] += 1
            self._tests.append((report.nodeid, plan))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """How many tests of each backend started how; with -v, each test by name."""
        terminalreporter.section("orm_testing: isolation")
        for (backend, plan), number in sorted(self._plans.items()):
            terminalreporter.write_line(f"{backend}  {number} by {plan}")
        for test, plan in self._tests if self._each else ():
            terminalreporter.write_line(f"{test}  {plan}")
