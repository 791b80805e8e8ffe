"""A temporary directory of a test's own, below which the machinery keeps everything; and projects that need servers."""

import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest
from fake_projects import CONFTEST, TESTS
from fake_service import FakeProduct

from orm_testing.services import processes, runs
from orm_testing.services.ladder import Settings
from orm_testing.services.servers import Servers


@pytest.fixture(autouse=True)
def temporary(monkeypatch, tmp_path_factory):
    """The temporary directory of this test and of the processes that it begins; whatever was left in it is ended."""
    tmp_path_factory.getbasetemp()  # pytest's own is made where it would be without this
    path = Path(tempfile.mkdtemp(prefix="orm-"))
    path.chmod(0o711)
    monkeypatch.setattr(tempfile, "tempdir", str(path))
    monkeypatch.setenv("TMPDIR", str(path))
    for name in ("FAKE_LOCAL", "FAKE_INITIALISE", "FAKE_STAND_IN", "FAKE_COSTS", "ORM_TESTING_FAKE_URL"):
        monkeypatch.delenv(name, raising=False)
    yield path
    for pid_file in path.glob("orm_testing-*/*/*/*/pid"):
        processes.end(processes.noted_in(pid_file), pid_file.with_name("data"), 9)
    with contextlib.suppress(OSError):
        shutil.rmtree(path)


@pytest.fixture
def servers():
    """`servers(choices=…)` is one process's view of a run; all are left, and their runs ended, after the test."""
    made = []

    def make(run="aaaaaa", worker="main", checkout="/here", **settings):
        made.append(Servers(Settings(**settings), Path(checkout), run, worker))
        return made[-1]

    yield make
    for each in made:
        each.leave()
        runs.end(each.run.name)


@pytest.fixture
def product():
    return FakeProduct()


@pytest.fixture
def served(project):
    """A project with four tests on the backend `fake`."""
    return project.write(TESTS, conftest=CONFTEST)
