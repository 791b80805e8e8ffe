"""`orm-testing mutants`: which deliberate faults a suite notices, the kit or anyone's."""

import os
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from orm_testing.errors import ConfigurationError
from orm_testing.kit.mutants import Mutant, mutant_named, mutants
from orm_testing.kit.mutation import injecting
from orm_testing.kit.running import Run, run

Say = Callable[[str], None]
Fate = Literal["caught", "survived", "not applicable"]
_LEAST_PATIENCE, _PATIENCE = 120.0, 20.0
"""A mutant that makes tests wait is given so many seconds, or so many times what the tests take without one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutant on one backend, or in a project's suite."""

    mutant: type[Mutant]
    where: str
    fate: Fate
    by: str = ""
    """The test that noticed it."""

    expected: bool = True
    """Whether that is a case of a theme that the mutant names."""


@dataclass(frozen=True, slots=True)
class Suite:
    """The tests that mutants are put before: the kit on one backend, or those of a project."""

    backend: str | None
    arguments: Sequence[str]
    capabilities: Mapping[str, Sequence[str]]
    """By backend, what its driver can do, as a run without a mutant found it."""

    on_server: Collection[str]
    """The backends that were on a server."""

    patience: float

    @classmethod
    def proved(cls, backend: str | None, arguments: Sequence[str]) -> "Suite":
        """The suite, which has to pass while nothing is broken: else its failures would be no answers."""
        told = _run(backend, arguments)
        if not told.passed or not told.outcomes:
            failed = ", ".join(outcome.test for outcome in told.broken) or told.output.strip()
            raise ConfigurationError(f"the tests have to pass without a mutant, and do not: {failed}")
        seconds = sum(outcome.seconds for outcome in told.outcomes)
        capabilities = {each.backend: each.capabilities for each in told.outcomes if each.capabilities}
        on_server = {each.backend for each in told.outcomes if each.on_server}
        return cls(backend, arguments, capabilities, on_server, max(_LEAST_PATIENCE, _PATIENCE * seconds))

    @property
    def name(self) -> str:
        return self.backend or "tests"

    def judge(self, mutant: type[Mutant]) -> Verdict:
        """Break every driver in this way, and see whether a test fails: of the kit first those that are meant to."""
        if not self._can_have(mutant):
            return Verdict(mutant, self.name, "not applicable")
        meant = [theme.__name__ for theme in mutant.themes] if self.backend else []
        by = self._noticed(mutant, meant)
        if by is None and meant:
            by, meant = self._noticed(mutant, []), []
        if by is None:
            return Verdict(mutant, self.name, "survived")
        return Verdict(mutant, self.name, "caught", by, expected=bool(meant) or self.backend is None)

    def _can_have(self, mutant: type[Mutant]) -> bool:
        """Whether there is a backend on which the mutant has something to break."""
        return any(
            set(mutant.needs) <= set(able) and (backend in self.on_server or not mutant.on_server)
            for backend, able in self.capabilities.items()
        )

    def _noticed(self, mutant: type[Mutant], themes: Sequence[str]) -> str | None:
        options = ["-x", "-p", injecting.__name__, injecting.OPTION, mutant.__name__]
        told = _run(self.backend, [*options, *self.arguments], themes, self.patience)
        if told.hung:
            return "the tests did not end"
        return next((outcome.test for outcome in told.broken), None if told.passed else "the end of the run")


def verdicts(
    backends: Sequence[str | None], chosen: Iterable[type[Mutant]], arguments: Sequence[str], say: Say
) -> list[Verdict]:
    """Judge each mutant: by the kit on these backends; where one is None, by the tests that the arguments give pytest."""
    suites = [Suite.proved(backend, arguments) for backend in backends]
    work = [(suite, mutant) for mutant in chosen for suite in suites]
    found = []
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for verdict in pool.map(lambda each: each[0].judge(each[1]), work):
            found.append(verdict)
            say(_told(verdict))
    return found


def choose(names: Sequence[str], sample: int | None, seed: int) -> list[type[Mutant]]:
    """These mutants, or all, or so many drawn from all."""
    every = [mutant_named(name) for name in names] or list(mutants().values())
    if sample is None or sample >= len(every):
        return every
    return random.Random(seed).sample(every, sample)  # noqa: S311  (a sample, no secret)


def summary(found: Sequence[Verdict]) -> list[str]:
    """How many were caught, and which were not."""
    judged = [verdict for verdict in found if verdict.fate != "not applicable"]
    survived = [verdict for verdict in judged if verdict.fate == "survived"]
    if not judged:
        return ["no mutant could be applied."]
    rate = 100 * (len(judged) - len(survived)) / len(judged)
    lines = [
        f"{len(judged) - len(survived)} of {len(judged)} caught ({rate:.4g} %), {len(found) - len(judged)} not applicable."
    ]
    lines += [f"survived on {each.where}: {each.mutant.__name__}: {each.mutant.__doc__}" for each in survived]
    unmeant = [each for each in judged if not each.expected]
    lines += [
        f"caught on {each.where} by no theme that it names: {each.mutant.__name__}: {each.by}"
        for each in unmeant
    ]
    return lines


def table(found: Sequence[Verdict]) -> Iterable[str]:
    """A row of Markdown per mutant, with the test that caught it on each backend."""
    places = list(dict.fromkeys(verdict.where for verdict in found))
    by_mutant: dict[type[Mutant], dict[str, Verdict]] = {}
    for verdict in found:
        by_mutant.setdefault(verdict.mutant, {})[verdict.where] = verdict
    yield f"| mutant | the fault | {' | '.join(places)} |"
    yield f"|---|---|{'---|' * len(places)}"
    for mutant, at in by_mutant.items():
        cells = [_cell(at[place]) for place in places]
        yield f"| {mutant.__name__} | {mutant.__doc__} | {' | '.join(cells)} |"


def _cell(verdict: Verdict) -> str:
    return f"`{verdict.by}`".replace("|", "\\|") if verdict.fate == "caught" else verdict.fate


def _told(verdict: Verdict) -> str:
    by = f" by {verdict.by}" if verdict.by else ""
    return f"{verdict.fate}{by} on {verdict.where}: {verdict.mutant.__name__}"


def _run(
    backend: str | None, arguments: Sequence[str], themes: Sequence[str] = (), patience: float | None = None
) -> Run:
    kit = [] if backend is None else [backend]
    return run(arguments, kit=kit, themes=themes, addopts=backend is None, patience=patience)
