"""Two records of the same tests, compared: capabilities, states, and the first operation of each test where they part."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orm_testing.plugin.accounting import RAN, STATES

ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Record:
    """What a run wrote down: by the test's id, its state, and what was asked and answered in it."""

    tests: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, path: Path) -> "Record":
        """A test that ran several times is there as it ran last."""
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return cls({test["test"]: test for test in map(json.loads, lines)})

    @property
    def fingerprint(self) -> str:
        """What the tests ran on: one product, unless servers changed under the run."""
        told = dict.fromkeys(test["fingerprint"] for test in self.tests.values() if test.get("fingerprint"))
        return ", then ".join(told)

    @property
    def capabilities(self) -> dict[str, str]:
        """What was declared, of all tests together."""
        return {
            name: value
            for test in self.tests.values()
            for name, value in test.get("capabilities", {}).items()
        }

    def states(self) -> str:
        counted = Counter(test["state"] for test in self.tests.values())
        return ", ".join(f"{counted[state]} {state}" for state in STATES if counted[state]) or "no test"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test ended, and why where it did not pass."""

    state: str
    why: str

    def __str__(self) -> str:
        return f"{self.state}: {self.why}" if self.why and self.state != "passed" else self.state


@dataclass(frozen=True, slots=True)
class Parting:
    """The operation of a test, counted from 1, at which two runs part: what was asked, and what each answered.

    Where they asked for different things, `asked` has both and nothing was answered that could be compared.
    """

    test: str
    number: int
    asked: Sequence[str]
    answers: Sequence[Mapping[str, Any]] = ()


@dataclass(slots=True)
class Comparison:
    """All that was found, and how much was looked at."""

    capabilities: list[tuple[str, str, str]] = field(default_factory=list)
    outcomes: list[tuple[str, Outcome, Outcome]] = field(default_factory=list)
    partings: list[Parting] = field(default_factory=list)
    strayed: list[Parting] = field(default_factory=list)
    """Where the test itself did not ask both the same: it draws values, or it looks at what the backend can do."""
    tests: int = 0
    operations: int = 0
    apart: int = 0
    """Operations of sessions at the same time, and after them: what is answered there depends on who comes first."""
    after: int = 0
    """Operations after a parting, on the side that has more of them, and those that a long test's trace forgot."""

    @property
    def differs(self) -> bool:
        return bool(self.capabilities or self.outcomes or self.partings)


def compared(one: Record, other: Record) -> Comparison:
    """What the second record has otherwise than the first; a test that only one of them has is an outcome as well."""
    found = Comparison()
    mine, yours = one.capabilities, other.capabilities
    if mine and yours:
        for name in sorted(mine.keys() | yours.keys()):
            pair = mine.get(name, ABSENT), yours.get(name, ABSENT)
            if pair[0] != pair[1]:
                found.capabilities.append((name, *pair))
    for test in dict.fromkeys((*one.tests, *other.tests)):
        _compare_test(test, one.tests.get(test), other.tests.get(test), found)
    return found


def _compare_test(
    test: str, one: Mapping[str, Any] | None, other: Mapping[str, Any] | None, found: Comparison
) -> None:
    ends = [Outcome(each["state"], each["why"]) if each else Outcome("not run", "") for each in (one, other)]
    if ends[0].state != ends[1].state:
        found.outcomes.append((test, ends[0], ends[1]))
    if one is None or other is None or not all(end.state in RAN for end in ends):
        return
    pairs = list(zip(one.get("traces", ()), other.get("traces", ()), strict=False))
    if not pairs:
        return
    found.tests += 1
    found.apart += max(one["apart"], other["apart"])
    reach = min((each["together"] for each in (one, other) if each["together"] is not None), default=None)
    for number, pair in enumerate(pairs):
        if not _compare_traces(test, *pair, None if number else reach, found):
            return


def _compare_traces(
    test: str, one: Mapping[str, Any], other: Mapping[str, Any], reach: int | None, found: Comparison
) -> bool:
    """Whether all that both have is the same, up to `reach`."""
    first = max(one["forgotten"], other["forgotten"])
    mine, yours = (each["operations"][first - each["forgotten"] :] for each in (one, other))
    longest = max(len(mine), len(yours))
    found.after += first
    if reach is not None:
        found.apart += max(first + longest - reach, 0)
        mine, yours = mine[: max(reach - first, 0)], yours[: max(reach - first, 0)]
        longest = max(len(mine), len(yours))
    for place in range(longest):
        pair = [trace[place] if place < len(trace) else None for trace in (mine, yours)]
        asked = [each["asked"] if each else "nothing more" for each in pair]
        if asked[0] != asked[1]:
            found.strayed.append(Parting(test, first + place + 1, asked))
            found.after += longest - place
            return False
        found.operations += 1
        if pair[0]["answered"] != pair[1]["answered"]:  # type: ignore[index]
            found.partings.append(Parting(test, first + place + 1, asked[:1], pair))  # type: ignore[arg-type]
            found.after += longest - place - 1
            return False
    return True
