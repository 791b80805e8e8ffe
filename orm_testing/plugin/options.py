"""The options of the plugin: each on the command line; some also in the environment and the ini file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

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
        help="fail where this backend (or any: 'all') cannot be had, or ran no test",
    )
    group.addoption(
        "--orm-check-leaks",
        action="store_true",
        help="fail tests that leave rows, connections or a changed model behind",
    )
    group.addoption(
        "--orm-fail-untouched", action="store_true", help="fail tests that pass without an operation"
    )
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


def required(config: pytest.Config) -> list[str]:
    """The backends that must be had."""
    return split([*(config.getoption("--orm-require") or []), *config.getini("orm_require")])


def asks_for_backends(config: pytest.Config) -> bool:
    """Whether this run names backends, which are then to be known ones."""
    return bool(narrowed_to(config) or required(config))


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
