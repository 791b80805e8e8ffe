"""The options of the plugin: each on the command line; some also in the environment and the ini file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from orm_testing.services.ladder import Choice, Settings

ENVIRONMENT = "ORM_TESTING_BACKENDS"


def add_options(parser: pytest.Parser) -> None:
    group = parser.getgroup("orm_testing", "one test on many backends")
    group.addoption(
        "--orm-backend",
        action="append",
        metavar="NAME",
        help="run only on these backends (repeat it, or separate them by commas)",
    )
    group.addoption(
        "--orm-require",
        action="append",
        metavar="NAME",
        help="fail where this backend (or any: 'all') cannot be had, or ran no test; NAME:real wants no stand-in",
    )
    group.addoption(
        "--orm-check-leaks",
        action="store_true",
        help="fail tests that leave rows, connections or a changed model behind",
    )
    group.addoption(
        "--orm-fail-untouched", action="store_true", help="fail tests that pass without an operation"
    )
    group.addoption(
        "--orm-explain-isolation",
        action="store_true",
        help="say how each test got its clean start, and why in that way (each test with -v)",
    )
    group.addoption(
        "--orm-service",
        action="append",
        metavar="NAME=WAY",
        help="how to get a service: NAME=local, wheel, container, stand-in, or the URL of a server (repeatable)",
    )
    group.addoption(
        "--orm-confirm-service",
        action="append",
        metavar="NAME",
        help="use the given URL of this service although it costs money: AWS itself",
    )
    group.addoption(
        "--orm-service-timeout",
        metavar="SECONDS",
        help="how long the start of a server, or the answer of a given one, is awaited (30)",
    )
    group.addoption(
        "--orm-keep-services",
        action="store_true",
        help="leave the servers running that this run starts; the next run finds them again",
    )
    parser.addini("orm_services", "how to get services, as --orm-service", type="linelist", default=[])
    parser.addini("orm_service_timeout", "as --orm-service-timeout", default="30")
    parser.addini("orm_backends", "run only on these backends", type="args", default=[])
    parser.addini("orm_require", "backends that must be had, or 'all'", type="args", default=[])


def narrowed_to(config: pytest.Config) -> list[str]:
    """The backends that the command line, else the environment, else the ini file narrows the run to."""
    for source in (
        config.getoption("--orm-backend"),
        [os.environ.get(ENVIRONMENT, "")],
        config.getini("orm_backends"),
    ):
        if names := split(source or []):
            return names
    return []


REAL = ":real"


def required(config: pytest.Config) -> list[str]:
    """The backends that must be had."""
    return [name.removesuffix(REAL) for name in _required(config)]


def required_real(config: pytest.Config) -> list[str]:
    """The backends that must be had, and not as a stand-in."""
    return [name.removesuffix(REAL) for name in _required(config) if name.endswith(REAL)]


def _required(config: pytest.Config) -> list[str]:
    return split([*(config.getoption("--orm-require") or []), *config.getini("orm_require")])


def asks_for_backends(config: pytest.Config) -> bool:
    """Whether this run names backends, which are then to be known ones."""
    return bool(narrowed_to(config) or required(config) or says_of_services(config))


def says_of_services(config: pytest.Config) -> bool:
    """Whether the command line or the ini file says anything of services, which is then to be right."""
    return _chooses_services(config) or bool(config.getoption("--orm-service-timeout"))


def chosen_services(config: pytest.Config) -> "dict[str, Choice]":
    """What the command line and the ini file say, which name services that are to be known."""
    return _by_ini(config) | _by_command_line(config)


def service_settings(config: pytest.Config) -> "Settings":
    """What the command line, else the environment, else the ini file says of services."""
    from orm_testing.services.ladder import Settings, given_by_environment

    return Settings(
        _by_ini(config) | given_by_environment() | _by_command_line(config),
        bool(config.getoption("--orm-keep-services")),
        _seconds(config.getoption("--orm-service-timeout") or config.getini("orm_service_timeout")),
        frozenset(split(config.getoption("--orm-confirm-service") or [])),
    )


def _chooses_services(config: pytest.Config) -> bool:
    return bool(config.getoption("--orm-service") or config.getini("orm_services"))


def _by_ini(config: pytest.Config) -> "dict[str, Choice]":
    from orm_testing.services.ladder import parsed

    return parsed(config.getini("orm_services"), "orm_services in the ini file")


def _by_command_line(config: pytest.Config) -> "dict[str, Choice]":
    from orm_testing.services.ladder import parsed

    return parsed(config.getoption("--orm-service") or [], "--orm-service")


def _seconds(text: str) -> float:
    from orm_testing.errors import ConfigurationError

    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise ConfigurationError(f"--orm-service-timeout: {text!r} is not a number of seconds.")
    return seconds


def split(values: list[str]) -> list[str]:
    return [name.strip() for value in values for name in value.split(",") if name.strip()]


@contextmanager
def explain_clash(config: pytest.Config) -> Iterator[None]:
    """Say whose fault it is where a conftest adds an option that is ours."""
    try:
        yield
    except ValueError as error:
        if "--orm-" not in str(error):
            raise
        raise pytest.UsageError(f"{_CLASH} ({error})") from error
    theirs = config._parser._anonymous.options  # noqa: SLF001  (pytest 8 finds the clash too late to say whose it is)
    for name in (name for option in theirs for name in option.names() if name.startswith("--orm-")):
        raise pytest.UsageError(f"{_CLASH} ({name})")


_CLASH = "a conftest adds an option that begins with --orm-, as those of orm_testing do; give it another name"
