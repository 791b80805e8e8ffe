"""The project that a command is given in: its directory, its ini file and its conftest, as pytest finds them."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from orm_testing.errors import ConfigurationError
from orm_testing.plugin.keys import run_name
from orm_testing.plugin.options import service_settings
from orm_testing.services import runs
from orm_testing.services.servers import Servers


class _Command:
    def __init__(self, work: Callable[[Servers], int], *, keep: bool) -> None:
        self._work = work
        self._keep = keep

    @pytest.hookimpl(tryfirst=True)
    def pytest_cmdline_main(self, config: pytest.Config) -> int:
        try:
            settings = replace(service_settings(config), keep=self._keep)
            servers = Servers(settings, config.rootpath, run_name(config))
            try:
                return self._work(servers)
            finally:
                servers.leave()
                runs.end(servers.run.name)
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from error


def within_project(
    work: Callable[[Servers], int], *, keep: bool = False, arguments: Sequence[str] = ()
) -> int:
    """Do something with the servers of the project around the current directory; what it started ends, unless kept.

    `arguments` are pytest's: the paths among them say which conftests are read.
    """
    own = ["-o", "addopts=", "-p", "no:cacheprovider", "--assert=plain"]
    return int(pytest.main([*own, *arguments], [_Command(work, keep=keep)]))
