"""Each example runs by itself and ends as `examples/README.md` promises."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
ROW = re.compile(r"^\| \[(\w+)\]\(\1\) \|.*\| ([^|]+) \|$", re.MULTILINE)
PROMISED = dict(ROW.findall((EXAMPLES / "README.md").read_text(encoding="utf-8")))


def run(example, scratch):
    """Run `pytest` in the folder of an example, as a reader would, with warnings as errors."""
    options = ["-q", "-p", "no:cacheprovider", "-W", "error"]
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


@pytest.mark.parametrize("example", PROMISED)
def test_an_example_keeps_its_promise(example, tmp_path):
    """The outcome of an example is the one that stands beside its name."""
    done = run(example, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().splitlines()[-1].startswith(f"{PROMISED[example]} in"), done.stdout


def test_every_example_promises_something():
    """No example is left out of the table."""
    assert set(PROMISED) == {path.parent.name for path in EXAMPLES.glob("*/pytest.ini")}
