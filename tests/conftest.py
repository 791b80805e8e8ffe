"""What all tests share: pytest's own tester, and the library imported once, so that inner runs share its classes."""

import importlib
import pkgutil

import pytest

import orm_testing
import orm_testing_drivers

pytest_plugins = ["pytester"]

for _package in (orm_testing, orm_testing_drivers):
    for _module in pkgutil.walk_packages(_package.__path__, f"{_package.__name__}."):
        importlib.import_module(_module.name)
for _name in (
    "aiosqlite",
    "sqlalchemy.orm",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "trio",
):
    importlib.import_module(_name)


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


@pytest.fixture
def project(pytester, monkeypatch):
    """A project of a user: `project.write(test)` puts a test module beside a model, `project.run()` runs pytest."""
    monkeypatch.delenv("ORM_TESTING_BACKENDS", raising=False)
    return Project(pytester)


class Project:
    def __init__(self, pytester):
        self.pytester = pytester

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
        run = self.pytester.runpytest_subprocess if subprocess else self.pytester.runpytest_inprocess
        unneeded = ("cacheprovider", "asyncio", "faker", "hypothesispytest")
        return run(*(word for name in unneeded for word in ("-p", f"no:{name}")), *arguments)


def _dedented(text):
    import textwrap

    return textwrap.dedent(text)
