"""`orm-testing`: what can be said without writing a test."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from orm_testing.backends import driver_class, make_fitting_driver, registry
from orm_testing.isolation.life import LiveDriver, Wanted

FIRST_TEST = '''\
"""A first test class: each test runs once per backend."""

from datetime import datetime

from orm_testing import DuplicateKeyError, Field, Model, MultiBackendTestBase


class User(Model):
    id: str = Field(primary_key=True)
    email: str = Field(unique=True)
    name: str
    age: int = Field(ge=0, default=0)
    created_at: datetime | None = Field(None, auto_now_add=True)


class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]

    def get_test_models(self):
        return [User]

    def test_create(self, orm):
        user = orm.create_and_verify(User, id="u1", email="a@example.com", name="Alice", age=30)
        assert user.created_at is not None

    def test_duplicate(self, orm):
        orm.create_and_verify(User, id="u1", email="a@example.com", name="Alice")
        orm.expect_create_failure(User, DuplicateKeyError, id="u1", email="b@example.com", name="Bob")
'''
FILE_NAME = "test_first_backends.py"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 where it did what it says."""
    parser = argparse.ArgumentParser(
        prog="orm-testing", description="Write a persistence test once, run it on every backend."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    init = commands.add_parser("init", help="write a first test class into this project")
    init.set_defaults(command=write_first_test)
    backends = commands.add_parser(
        "backends", help="list every known backend, and whether it can be had here"
    )
    backends.set_defaults(command=list_backends)
    return int(parser.parse_args(arguments).command())


def write_first_test() -> int:
    """Write a first test class, beside the project's tests where it has a folder for them."""
    folder = Path("tests") if Path("tests").is_dir() else Path()
    path = folder / FILE_NAME
    if path.exists():
        print(f"{path} is there already, and stays as it is.", file=sys.stderr)
        return 1
    path.write_text(FIRST_TEST, encoding="utf-8")
    print(f"Wrote {path}: 2 tests on 3 backends. Run them with\n\n    pytest {path}")
    return 0


def list_backends() -> int:
    """Say of each backend whether it can be had, as what, and what it can do; 1 where one is broken."""
    broken = 0
    with tempfile.TemporaryDirectory(prefix="orm_testing-") as directory:
        for name in registry.names():
            try:
                reason = _unavailable_reason(name)
                lines = [f"unavailable: {reason}"] if reason else _described(name, Path(directory))
            except Exception as error:  # noqa: BLE001  (one broken backend must not hide the others)
                lines = [f"error: {type(error).__name__}: {error}"]
                broken = 1
            print(f"{name}\n" + "".join(f"  {line}\n" for line in lines), end="")
    return broken


def _unavailable_reason(name: str) -> str | None:
    ask = getattr(driver_class(name), "unavailable_reason", None)
    return ask() if ask is not None else None


def _described(name: str, directory: Path) -> list[str]:
    asynchronous = driver_class(name) is None
    live = LiveDriver(Wanted(name, (), asynchronous, make_fitting_driver, None), lambda: directory)
    try:
        able = [capability for capability, value in live.driver.capabilities.items() if value is True]
        values = [f"{key}={value}" for key, value in live.driver.capabilities.items() if value is not True]
        made_of = [type(part).__qualname__ for part in (live.driver, live.store) if part is not None]
        return [
            f"available: {live.fingerprint()}",
            f"from: {' on '.join(made_of)}, of {type(live.driver).__module__}",
            f"can: {', '.join(sorted(able))}",
            f"has: {', '.join(sorted(values))}",
        ]
    finally:
        live.close()
