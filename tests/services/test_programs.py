"""A product's programs are looked for on PATH and in the usual places, and asked what they are."""

import os
import sys

import pytest

from orm_testing.services.programs import found, said

pytestmark = pytest.mark.skipif(os.name == "nt", reason="its programs are found by their endings")


def program(folder):
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "served"
    made.touch(mode=0o755)
    return made


def test_programs_are_found_in_their_order(tmp_path, monkeypatch):
    """What is put before comes first, then PATH, then the places; of those with stars the last by name, below `~` as well."""
    monkeypatch.setenv("PATH", f"{tmp_path}/empty:{tmp_path}/path")
    monkeypatch.setenv("HOME", str(tmp_path))
    wanted = [program(tmp_path / each) for each in ("before", "path", "served@3/bin", "served@2/bin", "own")]
    (tmp_path / "served@4" / "bin").mkdir(parents=True)
    places = (f"{tmp_path}/nothing", f"{tmp_path}/served@*/bin", "~/own")
    assert list(found("served", places, [tmp_path / "before"])) == wanted
    assert not list(found("another", places))


def test_a_program_says_what_it_is(tmp_path):
    """What it prints, whatever its encoding; nothing of one that cannot be run."""
    assert (
        said(sys.executable, "-c", r"import os; os.write(1, b'v1.2 \xff'); os.write(2, b'no')")
        == "v1.2 \ufffd"
    )
    assert not said(tmp_path / "absent", "--version")
    broken = program(tmp_path)
    broken.write_text("no program")
    assert not said(broken)


def test_a_program_that_takes_its_time_says_nothing(monkeypatch):
    """It is not waited for."""
    monkeypatch.setattr("orm_testing.services.programs._PATIENCE", 0.05)
    assert not said(sys.executable, "-c", "import signal; signal.pause()")
