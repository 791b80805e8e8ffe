"""`Plan`: how a test was given its clean start, and why in that way. The cheapest way that is sound is taken."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Plan:
    """`strategy` is what was done before the test; `why` holds for this test on this backend."""

    strategy: Literal["reset", "new store", "new driver"]
    why: str

    def __str__(self) -> str:
        return f"{self.strategy}: {self.why}"
