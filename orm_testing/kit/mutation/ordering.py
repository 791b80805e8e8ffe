"""`orm-testing mutants --orders`: the kit on drivers that nobody broke, in random orders. What fails is a false alarm."""

import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from orm_testing.kit import telling
from orm_testing.kit.mutation.running import Say
from orm_testing.kit.running import Run, run

_TOGETHER = 20
"""How many orders one process runs: pytest remembers each test that it ran."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Some of the orders on one backend."""

    backend: str
    orders: int
    seed: int

    def run(self, arguments: Sequence[str]) -> Run:
        options = [telling.ORDERS, str(self.orders), telling.SEED, str(self.seed)]
        return run([*options, *arguments], kit=[self.backend])

    def alarms(self, told: Run) -> Counter[str]:
        """What went wrong and how to see it again, and how often."""
        again = f"(again with --orders {self.orders} --seed {self.seed})"
        alarms = Counter(
            f"{each.state.upper()} on {self.backend}, which nobody broke: {each.test}: {each.why} {again}"
            for each in told.broken
        )
        return alarms if alarms or told.passed else Counter([f"{told.output.strip()}\n{again}"])


def holds_in_any_order(
    backends: Sequence[str], number: int, seed: int, arguments: Sequence[str], say: Say
) -> bool:
    """Whether the kit passes on each backend in so many orders, drawn from `seed` and the numbers after it."""
    held = True
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for backend in backends:
            lots = [
                Lot(backend, min(_TOGETHER, number - begun), seed + begun // _TOGETHER)
                for begun in range(0, number, _TOGETHER)
            ]
            tests = alarms = 0
            for lot, told in zip(lots, pool.map(lambda lot: lot.run(arguments), lots), strict=True):
                tests += len(told.outcomes)
                for alarm, times in lot.alarms(told).items():
                    alarms += times
                    say(alarm if times == 1 else f"{times} times: {alarm}")
            said = f"{alarms} false alarm{'' if alarms == 1 else 's'}"
            say(f"{backend}: {tests} tests in {number} random orders (seed {seed}): {said}.")
            held = held and not alarms
    return held
