"""Each example runs by itself and ends as `examples/README.md` promises."""

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
ROW = re.compile(r"^\| \[(\w+)\]\(\1\) \|.*\| ([^|]+) \|$", re.MULTILINE)
PROMISED = dict(ROW.findall((EXAMPLES / "README.md").read_text(encoding="utf-8")))

NOT_THEIRS = {each.name for each in entry_points(group="pytest11")} - {
    "orm_testing",
    "asyncio",
    "anyio",
    "syrupy",
}
"""Plugins that are installed here and that no example needs: they take ten times as long to start as the rest."""


def run(example, scratch, *more):
    """Run `pytest` in the folder of an example, as a reader would, with warnings as errors."""
    options = [*more, "-q", "-p", "no:cacheprovider", "-W", "error"]
    options += [word for name in NOT_THEIRS for word in ("-p", f"no:{name}")]
    options += ["-o", "asyncio_default_fixture_loop_scope=function"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORM_", "PYTEST_"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=EXAMPLES / example,
        env=kept | {"PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_STORAGE_DIRECTORY": str(scratch)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("example", sorted(PROMISED.keys() - {"every_backend", "json_lines"}))
def test_an_example_keeps_its_promise(example, tmp_path):
    """The outcome of an example is the one that stands beside its name."""
    done = run(example, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().splitlines()[-1].startswith(f"{PROMISED[example]} in"), done.stdout


def test_the_driver_of_the_how_to_keeps_the_contract(tmp_path):
    """What is written by the page alone, in under 60 lines, passes the kit in all that it declares."""
    done = run("json_lines", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    ((name, (counts, _)),) = states(done.stdout).items()
    assert name == "json_lines"
    assert counts.keys() == {"passed", "unsupported"}
    assert counts["passed"] > 2 * counts["unsupported"]
    code = (EXAMPLES / "json_lines" / "json_lines_driver.py").read_text(encoding="utf-8")
    assert len([line for line in code.splitlines() if line.strip()]) < 60
    page = EXAMPLES.parent / "docs" / "how-to" / "write-a-driver.md"
    assert re.sub(r"  # noqa.*", "", code) in page.read_text(encoding="utf-8")


def test_every_example_promises_something():
    """No example is left out of the table."""
    assert set(PROMISED) == {path.parent.name for path in EXAMPLES.glob("*/pytest.ini")}


def states(output):
    """What each backend's line of the summary says: by state how many tests, and the fingerprint."""
    line = re.compile(r"^(\w+) +((?:\d+ [a-z ]+(?:, )?)+)  in [\d.]+s *(.*)$", re.MULTILINE)
    return {
        name: ({state: int(number) for number, state in re.findall(r"(\d+) ([a-z ]+)", counts)}, fingerprint)
        for name, counts, fingerprint in line.findall(output)
    }


STAND_INS = {"mongodb": "mongomock ", "dynamodb": "moto ", "redis": "fakeredis ", "s3": "moto "}
EMBEDDED = {"inmemory", "sqlite", "sqlite_file", "diary", *STAND_INS}


def check_every_backend(done, needed):
    """Ten backends are in the summary; those that ran say what they are, those needed ran, and none failed."""
    assert done.returncode == 0, done.stdout + done.stderr
    found = states(done.stdout)
    assert set(found) == EMBEDDED | {"postgres", "mysql"}, done.stdout
    for name, (counts, fingerprint) in found.items():
        assert set(counts) <= {"passed", "unsupported", "unavailable"}, done.stdout
        assert sum(counts.values()) == 9, done.stdout
        assert (counts.get("passed", 0) >= 5 and fingerprint) or name not in needed, done.stdout
        assert "unavailable" not in counts or counts == {"unavailable": 9}, done.stdout
    return {name: fingerprint for name, (_, fingerprint) in found.items()}


def test_one_project_runs_on_every_backend(tmp_path):
    """On the ten, on whichever servers this machine has, none fails, and each says what it is."""
    check_every_backend(run("every_backend", tmp_path), EMBEDDED)


def test_one_project_runs_on_every_stand_in(tmp_path):
    """And where there are no servers of the four, they are stand-ins, called by their own names."""
    chosen = [f"--orm-service={name}=stand-in" for name in STAND_INS]
    fingerprints = check_every_backend(run("every_backend", tmp_path, *chosen), EMBEDDED)
    for name, product in STAND_INS.items():
        assert fingerprints[name].startswith(product)
        assert fingerprints[name].endswith(" in process")
