"""A pytest plugin that gives every driver of the run a fault: `pytest -p orm_testing.kit.mutation.injecting --orm-mutant NAME`."""

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
    config.stash[ALTER] = lambda driver: mutate(driver, mutant)


def pytest_report_header(config: pytest.Config) -> str:
    name = config.getoption(OPTION)
    return f"every driver is broken on purpose: {name}: {mutant_named(name).__doc__}"
