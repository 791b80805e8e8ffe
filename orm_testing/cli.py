"""`orm-testing`: what can be said without writing a test."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from orm_testing.backends import driver_class, make_fitting_driver, product_of, products, registry
from orm_testing.errors import ConfigurationError
from orm_testing.isolation.life import LiveDriver, Wanted
from orm_testing.kit.commands import add_commands, say

if TYPE_CHECKING:
    from orm_testing.services.server import Server
    from orm_testing.services.servers import Servers

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
    for name, work, what in (
        ("init", write_first_test, "write a first test class into this project"),
        ("backends", list_backends, "list every known backend, and whether it can be had here"),
        ("doctor", tell_what_is_missing, "say for every backend what was found, and what would bring it"),
        ("compose", print_compose_file, "print a docker-compose file with every service"),
    ):
        commands.add_parser(name, help=what, description=what).set_defaults(
            command=lambda _, work=work: work()
        )
    services = commands.add_parser("services", help="manage the servers that this checkout keeps")
    verbs = services.add_subparsers(required=True, metavar="VERB")
    for name, number, what in (
        ("up", "*", "start these services, or all that can be had here, and keep them running"),
        ("status", None, "list what is kept"),
        ("logs", 1, "print the log of a kept server"),
        ("stop", "*", "end these kept servers, or all of this checkout"),
        ("clean", None, "end what dead runs left, and remove cached data"),
    ):
        verb = verbs.add_parser(name, help=what, description=what)
        verb.set_defaults(command=manage_services, verb=name, names=[])
        if number is not None:
            verb.add_argument("names", nargs=number, metavar="NAME")
    fidelity = commands.add_parser(
        "fidelity",
        allow_abbrev=False,
        usage="orm-testing fidelity [--real WAY|URL] BACKEND [PATHS AND OPTIONS OF PYTEST]",
        help="run the tests on a backend's stand-in and on the real server, and list where they part",
        description="Run the tests on a backend's stand-in and on the real server, and list where they part."
        " The exit code is 0 where there is no difference, 1 where there is one, 2 where they cannot be compared.",
    )
    fidelity.add_argument("backend", metavar="BACKEND")
    fidelity.add_argument("--real", metavar="WAY|URL", help="local, wheel, container, or the URL of a server")
    fidelity.set_defaults(command=compare_with_the_real_one, takes_rest=True)
    add_commands(commands)
    given, rest = parser.parse_known_args(arguments)
    if rest and not getattr(given, "takes_rest", False):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    given.rest = rest
    try:
        return int(given.command(given))
    except BrokenPipeError:  # who read the output, `head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


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
    from orm_testing.plugin.project import within_project

    return within_project(_list_backends)


def tell_what_is_missing() -> int:
    """Say of each backend, way by way, what was found here."""
    from orm_testing.plugin.project import within_project
    from orm_testing.services.doctor import examine

    return within_project(lambda servers: _said(examine(servers)))


def print_compose_file() -> int:
    """Print what Docker Compose is to run."""
    from orm_testing.plugin.project import within_project
    from orm_testing.services.compose import compose
    from orm_testing.services.manual import left_out

    def work(_: "Servers") -> int:
        return _said([*(f"# {line}" for line in left_out()), compose(products().values()).rstrip()])

    return within_project(work)


def manage_services(given: argparse.Namespace) -> int:
    """Start, list, show and end servers that stay."""
    from orm_testing.plugin.project import within_project
    from orm_testing.services import manual

    def work(servers: "Servers") -> int:
        match given.verb:
            case "up":
                return _said(manual.up(servers, given.names))
            case "status":
                return _said(manual.status(servers))
            case "logs":
                return _said([manual.logs(servers, given.names[0]).rstrip()])
            case "stop":
                return _said(manual.stop(servers, given.names))
        return _said(manual.clean())

    return within_project(work, keep=given.verb == "up")


def compare_with_the_real_one(given: argparse.Namespace) -> int:
    """List where a backend's stand-in answers differently from the real server."""
    from orm_testing.parity.fidelity import Incomparable, differs

    try:
        return int(differs(given.backend, given.real, given.rest, say))
    except Incomparable as why:
        print(f"not compared: {why}", file=sys.stderr)
        return 2


def _said(lines: Sequence[str]) -> int:
    print("\n".join(lines))
    return 0


def _list_backends(servers: "Servers") -> int:
    broken = 0
    with tempfile.TemporaryDirectory(prefix="orm_testing-") as directory:
        for name in registry.names():
            try:
                reason = _unavailable_reason(name, servers)
                lines = [f"unavailable: {reason}"] if reason else _described(name, Path(directory), servers)
            except Exception as error:  # noqa: BLE001  (one broken backend must not hide the others)
                lines = [f"error: {type(error).__name__}: {error}"]
                broken = 1
            print(f"{name}\n" + "".join(f"  {line}\n" for line in lines), end="")
    return broken


def _unavailable_reason(name: str, servers: "Servers") -> str | None:
    try:
        ask = getattr(driver_class(name), "unavailable_reason", None)
        product = product_of(name)
    except ConfigurationError as error:  # a library that is not installed, and how to have it
        return str(error)
    reason: str | None = ask() if ask is not None else None
    return reason or (None if product is None else servers.unavailable(product))


def _described(name: str, directory: Path, servers: "Servers") -> list[str]:
    def server(_: str) -> "Server | None":
        product = product_of(name)
        return None if product is None else servers.server(product)

    asynchronous = driver_class(name) is None
    live = LiveDriver(Wanted(name, (), asynchronous, make_fitting_driver, None), lambda: directory, server)
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
