"""What the kit costs: the median of its cases on each backend, and all of them beside what they may take."""

import os
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.timing import Figure
from orm_testing.kit.running import Run, run

TOGETHER = ("inmemory", "sqlite")
SECONDS_TOGETHER, SECONDS_ON_A_SERVER = 20.0, 60.0
SERVERS = ("postgres", "mysql", "mongodb", "dynamodb", "redis", "s3")


def held_to_the_contract(runs: int) -> list[Figure]:
    """The whole kit on one worker, process and servers included; backends that cannot be had here are left out."""
    figures = []
    for backends, most in (
        (TOGETHER, SECONDS_TOGETHER),
        *(((name,), SECONDS_ON_A_SERVER) for name in SERVERS),
    ):
        taken = [_timed(backends) for _ in range(runs)]
        told = taken[0][1]
        if not any(outcome.state == "passed" for outcome in told.outcomes):
            continue
        assert not told.broken, [outcome.test for outcome in told.broken]
        seconds = sorted(each for each, _ in taken)
        cases = [outcome.seconds * 1000 for outcome in told.outcomes if outcome.state == "passed"]
        products = ", ".join(dict.fromkeys(each.fingerprint for each in told.outcomes if each.fingerprint))
        what = f"the kit on {' and '.join(backends)} ({products}): {len(cases)} cases, their median {statistics.median(cases):.2g} ms"
        median = statistics.median(seconds)
        figures.append(
            Figure(
                what,
                "what it may take",
                "s",
                median,
                most,
                median / most,
                seconds[0] / most,
                seconds[-1] / most,
                1.0,
                runs,
            )
        )
    return figures


def _timed(backends: tuple[str, ...]) -> tuple[float, Run]:
    """In an empty directory, as a driver's author has it in theirs."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            began = time.perf_counter()
            told = run([], kit=backends)
            return time.perf_counter() - began, told
        finally:
            os.chdir(before)
