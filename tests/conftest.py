"""What all tests share: pytest's own tester, and the library imported once, so that inner runs share its classes.

So are the stand-ins: `pytester` forgets what was imported while it was there, and a moto that was imported twice does not
know what it stored.
"""

import gc
import importlib
import os
import pkgutil
import signal
import subprocess
import sys

import products
import pytest

import orm_testing
import orm_testing_drivers
from orm_testing.backends import registry

pytest_plugins = ["pytester"]

for _package in (orm_testing, orm_testing_drivers):
    for _module in pkgutil.walk_packages(_package.__path__, f"{_package.__name__}."):
        importlib.import_module(_module.name)
for _name in (
    "aiosqlite",
    "fakeredis",
    "mongomock",
    "moto.dynamodb.urls",
    "moto.s3.urls",
    "sqlalchemy.orm",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "trio",
):
    importlib.import_module(_name)
products.register()


def pytest_collection_finish():
    """What was collected is there until the end: with all of it to walk through, each collection of garbage takes seconds."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish():
    """What was covered is saved here: xdist kills a worker that needs more than ten seconds to exit."""
    coverage = sys.modules.get("coverage")
    if coverage is not None and (measuring := coverage.Coverage.current()) is not None:
        measuring.save()


MODEL = """
from datetime import datetime
import pytest
from orm_testing import *

class User(Model):
    id: str = Field(primary_key=True)
    email: str = Field(unique=True)
    name: str = "nobody"
    age: int = Field(ge=0, default=0)
    created_at: datetime | None = Field(None, auto_now_add=True)

ALICE = {"id": "u1", "email": "a@example.com", "name": "Alice"}
"""


ONLY_OURS = ("-p", "orm_testing.plugin", "-p", "xdist.plugin", "-p", "no:cacheprovider")
"""For a pytest of its own, with `PYTEST_DISABLE_PLUGIN_AUTOLOAD`: other plugins take ten times as long to start as the rest."""


@pytest.fixture
def pytester(pytester, monkeypatch):
    """pytest's own, whose files are compiled anew each time: one that is written twice in a second would be taken for the first."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return pytester


@pytest.fixture
def project(pytester, monkeypatch):
    """A project of a user: `project.write(test)` puts a test module beside a model, `project.run()` runs pytest."""
    monkeypatch.delenv("ORM_TESTING_BACKENDS", raising=False)
    made = Project(pytester, monkeypatch)
    ours = registry.snapshot()
    registry.restore({})
    yield made
    registry.restore(ours)
    for process in made.begun:
        with process:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


class Project:
    def __init__(self, pytester, monkeypatch):
        self.pytester = pytester
        self.begun = []
        self._monkeypatch = monkeypatch

    def write(self, test="", conftest="", **files):
        if test:
            self.pytester.makepyfile(models=MODEL, test_it="from models import *\n" + _dedented(test))
        if conftest:
            self.pytester.makeconftest(_dedented(conftest))
        if files:
            self.pytester.makepyfile(**{name: _dedented(text) for name, text in files.items()})
        self.pytester.syspathinsert()
        return self

    def run(self, *arguments, subprocess=False):
        if subprocess:
            with self._monkeypatch.context() as patch:
                patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
                return self.pytester.runpytest_subprocess(*ONLY_OURS, *arguments)
        unneeded = ("cacheprovider", "asyncio", "faker", "hypothesispytest")
        return self.pytester.runpytest_inprocess(
            *(word for name in unneeded for word in ("-p", f"no:{name}")), *arguments
        )

    def begin(self, *arguments):
        """A pytest that runs beside this one, in a process group of its own as from a terminal."""
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *ONLY_OURS, *arguments],
            cwd=self.pytester.path,
            env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  (a job in the background ignores it)
        )
        self.begun.append(process)
        return process


def _dedented(text):
    import textwrap

    return textwrap.dedent(text)
