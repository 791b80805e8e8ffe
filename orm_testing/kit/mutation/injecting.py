"""A pytest plugin that gives every driver of the run a fault: `pytest -p orm_testing.kit.mutation.injecting --orm-mutant NAME`."""

from typing import Any

import pytest

from orm_testing.errors import ConfigurationError
from orm_testing.kit.mutants import mutant_named, mutate
from orm_testing.plugin.keys import ALTER

OPTION = "--orm-mutant"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("orm_testing")
    group.addoption(OPTION, metavar="NAME", required=True, help="break every driver in this way")


def pytest_configure(config: pytest.Config) -> None:
    try:
        mutant = mutant_named(config.getoption(OPTION))
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from error

    def alter(driver: Any) -> None:
        try:
            mutate(driver, mutant)
        except TypeError as error:  # a failure of a test would be taken for notice of the fault
            name = type(driver).__name__
            pytest.exit(f"{name} cannot be given a fault: {error}", pytest.ExitCode.USAGE_ERROR)

    config.stash[ALTER] = alter


def pytest_report_header(config: pytest.Config) -> str:
    name = config.getoption(OPTION)
    return f"every driver is broken on purpose: {name}: {mutant_named(name).__doc__}"
