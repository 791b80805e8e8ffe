"""Figures of whole pytest processes: collecting, running empty tests, and starting where nothing is ours."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.timing import Figure, compare, pytest_process

BACKENDS = ["inmemory", "sqlite", "sqlite_file"]
OURS_HEAD = """
from orm_testing import Field, Model, MultiBackendTestBase

class User(Model):
    id: str = Field(primary_key=True)

class Base(MultiBackendTestBase):
    ENABLED_BACKENDS = {backends!r}
    def get_test_models(self):
        return [User]
"""
FLOOR_HEAD = """
import pytest
from pydantic import BaseModel

class User(BaseModel):
    id: str

class Base:
    pass
"""
FLOOR_CONFTEST = """
import pytest

@pytest.fixture(params={backends!r})
def orm(request):
    return request.param
"""
WITHOUT = ("-p", "no:orm_testing")
MODULE = 50


@contextmanager
def project(head: str, conftest: str, tests: int) -> Iterator[str]:
    """A folder with this many tests that take `orm`, in modules of fifty."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        if conftest:
            (path / "conftest.py").write_text(conftest)
        for start in range(0, tests, MODULE):
            names = range(start, min(start + MODULE, tests))
            body = "".join(f"    def test_{number}(self, orm):\n        pass\n" for number in names)
            (path / f"test_{start}.py").write_text(f"{head}\nclass TestThem(Base):\n{body}")
        (path / "pytest.ini").write_text("[pytest]\n")
        yield folder


def collecting(tests: int, runs: int) -> tuple[Figure, Figure]:
    """Time and memory of collecting `tests` on three backends."""
    with (
        project(OURS_HEAD.format(backends=BACKENDS), "", tests) as ours,
        project(FLOOR_HEAD, FLOOR_CONFTEST.format(backends=BACKENDS), tests) as floor,
    ):
        what = f"collecting {tests:,} tests × 3 backends"
        seconds, mebibytes = (
            compare(
                f"{what}: {name}",
                "a fixture parametrised by hand",
                lambda index=index: pytest_process(ours, "--collect-only")[index],
                lambda index=index: pytest_process(floor, "--collect-only", *WITHOUT)[index],
                at_most=1.3,
                runs=runs,
                unit=unit,
            )
            for index, (name, unit) in enumerate([("time", "s"), ("memory", "MiB")])
        )
        return seconds, mebibytes


def empty_tests(tests: int, runs: int) -> Figure:
    """One whole empty item, from the difference between many and few of them."""

    def slope(head: str, conftest: str, *arguments: str) -> float:
        with project(head, conftest, tests) as many, project(head, conftest, tests // 10) as few:
            more = pytest_process(many, *arguments)[0] - pytest_process(few, *arguments)[0]
        return more / (tests - tests // 10) * 1e6

    return compare(
        "an empty test that takes `orm`, on inmemory",
        "an empty test with a parametrised fixture",
        lambda: slope(OURS_HEAD.format(backends=["inmemory"]), ""),
        lambda: slope(FLOOR_HEAD, FLOOR_CONFTEST.format(backends=["inmemory"]), *WITHOUT),
        at_most=1.6,
        runs=runs,
        unit="µs",
    )


def starting(runs: int) -> Figure:
    """pytest in a project that does not use the plugin, with it and without."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pytest.ini").write_text("[pytest]\n")
        (Path(folder) / "test_it.py").write_text("def test_it():\n    pass\n")
        return compare(
            "pytest in a project that does not use the plugin",
            "the same without the plugin",
            lambda: pytest_process(folder)[0],
            lambda: pytest_process(folder, *WITHOUT)[0],
            at_most=1.05,
            runs=runs,
            unit="s",
        )


def first_test(folder: Path, backends: list[str]) -> None:
    """A project of one test that creates a row."""
    head = OURS_HEAD.format(backends=backends)
    test = "    def test_it(self, orm):\n        orm.create_and_verify(User, id='a')\n"
    (folder / "test_it.py").write_text(f"{head}\nclass TestIt(Base):\n{test}")
    (folder / "pytest.ini").write_text("[pytest]\n")
