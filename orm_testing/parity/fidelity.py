"""`orm-testing fidelity`: the project's tests on a stand-in and on the real server, and where they part."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from orm_testing.backends import check_known, product_of
from orm_testing.errors import ConfigurationError
from orm_testing.parity.comparison import Record, compared
from orm_testing.parity.recording import OPTION
from orm_testing.parity.report import told
from orm_testing.plugin.project import within_project
from orm_testing.services.doctor import remedy
from orm_testing.services.ladder import CHOOSABLE, Choice, check, survey, variable
from orm_testing.services.product import Product
from orm_testing.services.server import STAND_IN
from orm_testing.services.servers import Servers

Say = Callable[[str], None]
_LINES_SHOWN = 25


class Incomparable(Exception):  # noqa: N818  (it is no error of a caller: there is nothing to compare with)
    """Why the two cannot be compared, and what would help."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two runs: the way in which it gets the server, and what it has in its environment besides."""

    way: str
    product: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


def differs(backend: str, real: str | None, arguments: Sequence[str], say: Say) -> bool:
    """Whether a backend's stand-in differs from the real server in the tests that these arguments give pytest.

    What is found is said line by line; `Incomparable` where nothing can be.
    """
    chosen: list[tuple[Side, Side] | Exception] = []

    def choose(servers: Servers) -> int:
        try:
            chosen.append(_sides(backend, real, servers))
        except (ConfigurationError, Incomparable) as error:
            chosen.append(error)
        return 0

    within_project(choose, arguments=arguments)
    if not chosen:
        raise Incomparable("pytest does not get as far as the tests: see what it says above.")
    (sides,) = chosen
    if isinstance(sides, Exception):
        raise Incomparable(str(sides)) from sides
    records = [_run(backend, side, arguments, say) for side in sides]
    comparison = compared(*records)
    if not comparison.operations:
        raise Incomparable(_nothing_ran(backend, sides, records))
    one, other = (record.fingerprint for record in records)
    for line in told(comparison, (one, other) if one != other else ("the stand-in", "the real one")):
        say(line)
    return comparison.differs


def _sides(backend: str, real: str | None, servers: Servers) -> tuple[Side, Side]:
    check_known(backend)
    product: Product | None = product_of(backend)
    if product is None:
        raise Incomparable(f"the backend {backend!r} needs no server, so that nothing stands in for one.")
    stand_in = product.find_stand_in()
    if isinstance(stand_in, str):
        raise Incomparable(f"there is no stand-in of {product.title} here: {stand_in.rstrip('.')}.")
    return Side(STAND_IN, product.name), _real(product, real, servers)


def _real(product: Product, wanted: str | None, servers: Servers) -> Side:
    choice = Choice(wanted, "--real") if wanted else servers.settings.choices.get(product.name)
    if choice is not None and choice.wanted == STAND_IN:
        if wanted:
            raise Incomparable("--real: a stand-in is not the real server; name another way, or a URL.")
        choice = None
    if choice is not None:
        check({product.name: choice}, {product.name: product})
    ways = [found for found in survey(product, choice) if found.way != STAND_IN]
    taken = next((found.way for found in ways if found.applies), None)
    if taken is None:
        reasons = "; ".join(found.reason for found in ways)
        raise Incomparable(
            f"there is no real {product.title} to compare with: {reasons}. To have it: {remedy(product)}, or give one by"
            " --real URL."
        )
    if taken in CHOOSABLE:
        return Side(taken, product.name)
    assert choice is not None
    return Side(taken, product.name, {variable(product.name): choice.wanted})


def _run(backend: str, side: Side, arguments: Sequence[str], say: Say) -> Record:
    """Run the tests in a process of their own; what they answered is read from a file."""
    with tempfile.TemporaryDirectory(prefix="orm_testing-") as directory:
        path = Path(directory) / "record.jsonl"
        command = [sys.executable, "-m", "pytest", *arguments, "-p", "orm_testing.parity.recording"]
        command += [OPTION, str(path), "--orm-backend", backend, "-o", "orm_require="]
        if side.way in CHOOSABLE:
            command += ["--orm-service", f"{side.product}={side.way}"]
        code, output = _ended(command, {"PYTHONHASHSEED": "0", **os.environ, **side.environment})
        record = Record.read(path)
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED}:
        for line in output.splitlines()[-_LINES_SHOWN:]:
            say(line)
        raise Incomparable(f"the tests could not be run ({side.way}): see what pytest says above.")
    say(f"{side.way}, {record.fingerprint or 'which no test had'}: {record.states()}")
    return record


def _ended(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, str]:
    """On Ctrl-C, which pytest hears as well, wait for it: it ends its servers."""
    with subprocess.Popen(  # noqa: S603  (pytest, as whoever gives the command would run it)
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            output, _ = process.communicate()
        except KeyboardInterrupt:
            process.communicate()
            raise
    return process.returncode, output


def _nothing_ran(backend: str, sides: Sequence[Side], records: Sequence[Record]) -> str:
    if not any(record.tests for record in records):
        return (
            f"no test runs on {backend!r}: name it in ENABLED_BACKENDS, or give the paths of tests that do."
        )
    told = "; ".join(
        f"{side.way}: {record.states()}{_first_reason(record)}"
        for side, record in zip(sides, records, strict=True)
    )
    return f"no test asked both for anything: {told}."


def _first_reason(record: Record) -> str:
    why = next((test["why"] for test in record.tests.values() if test["why"]), "")
    return f" ({why.rstrip('.')})" if why else ""
