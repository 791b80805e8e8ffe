"""The command line: a first test that runs, and an honest list of backends."""

import os
import sys

import pytest

from orm_testing import InMemoryDriver, UnavailableError, register_backend
from orm_testing.backends import registry
from orm_testing.cli import FILE_NAME, main


@pytest.fixture(autouse=True)
def clean_registry():
    before = registry.snapshot()
    yield
    registry.restore(before)


@pytest.mark.parametrize("folder", ["", "tests/"])
def test_init_writes_a_test_that_passes(pytester, capsys, folder):
    """`init` writes a class into the project, or its `tests` folder, that runs 2 tests on 3 backends."""
    if folder:
        pytester.mkdir("tests")
    assert main(["init"]) == 0
    assert f"pytest {folder}{FILE_NAME}" in capsys.readouterr().out
    pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "-p", "no:asyncio", folder + FILE_NAME
    ).assert_outcomes(passed=6)


def test_init_overwrites_nothing(pytester, capsys):
    """A second `init` leaves the file as it is, and says so with its exit code."""
    path = pytester.path / FILE_NAME
    path.write_text("mine")
    assert main(["init"]) == 1
    assert path.read_text() == "mine"
    assert "is there already" in capsys.readouterr().err


def test_backends_lists_what_each_is_and_can(pytester, capsys):
    """Each known backend is listed with the fingerprint of the live store and its capabilities."""
    assert main(["backends"]) == 0
    printed = capsys.readouterr().out
    assert "inmemory\n  available: dictionaries of" in printed
    assert "sqlite_file\n  available: SQLite " in printed
    assert "from: SqliteFileDriver on SqliteFileStore, of orm_testing_drivers.sqlite.driver" in printed
    assert "transactions" in printed
    assert "datetime_precision=microsecond" in printed


def test_backends_tells_unavailable_from_broken(pytester, monkeypatch, capsys):
    """What the machine cannot have is said to be unavailable; what fails to open is an error, with exit code 1."""
    monkeypatch.setattr(registry, "names", lambda: ["absent", "broken", "missing"])

    class Absent(InMemoryDriver):
        @classmethod
        def unavailable_reason(cls):
            return "no such machine"

    class Broken(InMemoryDriver):
        def open(self):
            raise UnavailableError("it is down")

    register_backend("absent", Absent)
    register_backend("missing", "no_such_library:Driver", extra="shiny")
    register_backend("broken", Absent)
    assert main(["backends"]) == 0
    registry.restore({name: each for name, each in registry.snapshot().items() if name != "broken"})
    register_backend("broken", Broken)
    assert main(["backends"]) == 1
    printed = capsys.readouterr().out
    assert "absent\n  unavailable: no such machine" in printed
    assert "broken\n  error: UnavailableError: it is down" in printed
    assert "missing\n  unavailable: the backend 'missing' needs the module 'no_such_library'" in printed


def test_who_reads_the_first_line_only_is_not_shouted_at(monkeypatch):
    """A pipe whose reader has seen enough ends a command quietly, and without a failure."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        monkeypatch.setattr(
            "orm_testing.cli.list_backends", lambda: sys.stdout.write("mine\n" * 100_000) and 0
        )
        assert main(["backends"]) == 0
