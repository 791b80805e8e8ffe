"""Runs the kit, or a project's own tests, in a process of its own, and says how each test ended."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from orm_testing.errors import ConfigurationError
from orm_testing.kit import telling

_LINES_SHOWN = 25
_ENDED = {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test ended on one backend."""

    test: str
    """Of the kit: `Theme::test_name[parameters]`. Of a project: pytest's id."""

    backend: str
    state: str
    seconds: float
    says: str
    """The docstring: what the test proves."""

    error: str = ""
    why: str = ""
    fingerprint: str = ""
    capabilities: Sequence[str] = field(default=(), repr=False)
    on_server: bool = False
    """Whether the driver worked on a server, and not in this process."""

    operations: Sequence[str] = field(default=(), repr=False)
    """The operations that the driver carried out in it, by the name of their verb."""

    @property
    def theme(self) -> str:
        return self.test.partition("::")[0]

    @property
    def broke(self) -> bool:
        return self.state in ("failed", "error")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of pytest came to."""

    outcomes: Sequence[Outcome]
    passed: bool
    """Whether pytest says so, which it does not where anything else went wrong."""

    output: str = field(repr=False)
    hung: bool = False
    """Whether it was ended, since it took longer than the patience for it."""

    @property
    def broken(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.broke]


def run(
    arguments: Sequence[str],
    *,
    kit: Sequence[str] = (),
    themes: Sequence[str] = (),
    addopts: bool = False,
    patience: float | None = None,
) -> Run:
    """Run pytest with these arguments; `kit` are the backends to run the kit on, instead of the project's tests.

    It is ended after `patience` seconds. `ConfigurationError` with pytest's last words where it cannot run.
    """
    with tempfile.TemporaryDirectory(prefix="orm_testing-") as directory:
        path = Path(directory) / "outcomes.jsonl"
        command = [sys.executable, "-m", "pytest", "-p", telling.__name__, telling.TELL, str(path)]
        command += ["-q", "-p", "no:cacheprovider", *([] if addopts else ["-o", "addopts="])]
        if kit:
            command += [telling.KIT, ",".join(kit), telling.THEMES, ",".join(themes), "."]
        code, output = _ended([*command, *arguments], patience)
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    outcomes = [Outcome(**json.loads(line)) for line in lines]
    if code is not None and code not in _ENDED:
        said = output.strip().splitlines()
        told = [line for line in said if line.startswith(("ERROR", "E   "))] or said
        raise ConfigurationError(
            "\n".join(["the tests could not be run; pytest says:", *told[-_LINES_SHOWN:]])
        )
    return Run(outcomes, code == pytest.ExitCode.OK, output, hung=code is None)


def _ended(command: Sequence[str], patience: float | None) -> tuple[int | None, str]:
    """The exit code, or None of one that had to be ended. On Ctrl-C, which pytest hears as well, wait for it."""
    with subprocess.Popen(  # noqa: S603  (pytest, as whoever gives the command would run it)
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            output, _ = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.terminate()
            return None, process.communicate()[0]
        except KeyboardInterrupt:
            process.communicate()
            raise
    return process.returncode, output
