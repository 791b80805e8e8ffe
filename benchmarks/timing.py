"""Fair timing: the two sides take turns, and what counts is the median of each and of their ratios."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One row of the table: ours beside the floor, and what the ratio may be at most."""

    what: str
    floor: str
    unit: str
    ours_median: float
    floor_median: float
    ratio: float
    lowest: float
    highest: float
    at_most: float
    runs: int

    @property
    def holds(self) -> bool:
        return self.ratio <= self.at_most


def compare(
    what: str,
    floor_name: str,
    ours: Callable[[], float],
    floor: Callable[[], float],
    *,
    at_most: float,
    runs: int,
    unit: str,
) -> Figure:
    """Run both in turn, once to warm up and then `runs` times; each call returns its own figure."""
    ours()
    floor()
    pairs = []
    for turn in range(runs):
        pair = (ours(), floor()) if turn % 2 else tuple(reversed((floor(), ours())))
        pairs.append(pair)
    ratios = sorted(mine / theirs for mine, theirs in pairs)
    return Figure(
        what,
        floor_name,
        unit,
        statistics.median(mine for mine, _ in pairs),
        statistics.median(theirs for _, theirs in pairs),
        statistics.median(ratios),
        ratios[0],
        ratios[-1],
        at_most,
        runs,
    )


def per_call(work: Callable[[], object], calls: int) -> float:
    """Microseconds of one call, over `calls` of them."""
    started = time.perf_counter()
    for _ in range(calls):
        work()
    return (time.perf_counter() - started) / calls * 1e6


def pytest_process(folder: str, *arguments: str) -> tuple[float, float]:
    """Seconds and peak mebibytes of a whole pytest process."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *UNRELATED, *arguments]
    launched = subprocess.run(
        [sys.executable, "-S", "-E", "-c", LAUNCHER, *command],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    output, _, figures = launched.stdout.rstrip().rpartition("\n")
    code, seconds, peak = figures.split()
    if code not in {"0", "5"}:
        raise RuntimeError(f"{command} ended with {code}:\n{output}{launched.stderr}")
    return float(seconds), float(peak) / (1024 if sys.platform != "darwin" else 1024 * 1024)


LAUNCHER = """
import os, sys, time
started = time.perf_counter()
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(process, 0)
print(os.waitstatus_to_exitcode(status), time.perf_counter() - started, usage.ru_maxrss)
"""
"""A process counts the memory of the one that started it as its own peak, so a small one starts it."""

UNRELATED = tuple(
    word
    for name in ("asyncio", "anyio", "xdist", "hypothesispytest", "faker")
    for word in ("-p", f"no:{name}")
)
"""Other plugins of this environment, which would add the same to both sides."""
