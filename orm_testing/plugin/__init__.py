"""The pytest plugin. It installs itself, and costs a project that takes no `orm` fixture next to nothing.

These hooks only notice that there is something to do; the modules beside this one do it.
"""

import sys
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from orm_testing.plugin.options import add_options, asks_for_backends, explain_clash

if TYPE_CHECKING:
    from orm_testing.backends import Backend
    from orm_testing.plugin.accounting import Accountant

REGISTERED: "pytest.StashKey[dict[str, Backend]]" = pytest.StashKey()
"""What was registered before the conftests of this run."""


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, Any, Any]:
    early_config.stash[REGISTERED] = _registered()
    with explain_clash(early_config):
        return (yield)


def pytest_configure(config: pytest.Config) -> None:
    for line in (
        "orm_backends(*names, models): run a plain test function on these backends, with these models",
        "orm_skip(*names, reason): do not run on these backends; written @skip_backend",
        "orm_only(*names): run on these backends alone; written @only_backends",
        "orm_new_store: start on a store newly made, instead of one that is reset; written @new_store",
        "orm_known_failure(name, entry): fails on this backend as the entry says; written @known_failure",
        "external_services: needs a real server",
        "orm_requires(*capabilities): unsupported on a backend that lacks one of these; written @requires",
    ):
        config.addinivalue_line("markers", line)
    if asks_for_backends(config):
        accountant(config)
    if config.getoption("--orm-explain-isolation"):
        from orm_testing.plugin.explaining import Explainer

        config.pluginmanager.register(Explainer(config), Explainer.NAME)


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "orm" in metafunc.fixturenames:
        from orm_testing.plugin.parametrisation import parametrise

        parametrise(metafunc)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if asks_for_backends(config) or any("orm" in getattr(item, "fixturenames", ()) for item in items):
        from orm_testing.plugin.selection import decide

        decide(config, items, accountant(config))


@pytest.fixture
def orm(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The DSL client of this test on this backend; it unpacks into the client and the backend's name."""
    from orm_testing.plugin.serving import serve

    yield from serve(request)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    """What a test did is let go of once it is told: pytest keeps its tests until the end of the run."""
    answer = yield
    if "orm" in getattr(item, "fixturenames", ()):
        from orm_testing.plugin.keys import SERVED

        if SERVED in item.stash:
            del item.stash[SERVED]
    return answer


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    __tracebackhide__ = True
    answer = yield
    if "orm" in getattr(item, "fixturenames", ()):
        from orm_testing.plugin.serving import judge

        judge(item)
    return answer


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[Any]
) -> Generator[None, Any, pytest.TestReport]:
    report: pytest.TestReport = yield
    if "orm" in getattr(item, "fixturenames", ()):
        from orm_testing.plugin.reporting import complete

        complete(report, item, call)
    return report


def pytest_report_from_serializable(config: pytest.Config, data: dict[str, Any]) -> None:
    """A report that another worker sends is counted here."""
    if "orm_backend" in data:
        accountant(config)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a worker has to tell besides its reports is heard when it ends."""
    told = getattr(node, "workeroutput", {}).get("orm_testing")
    if told is not None:
        accountant(node.config).hear(told)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """All workers of a run share its servers: they are told its name."""
    from orm_testing.plugin.keys import run_name

    node.workerinput["orm_testing_run"] = run_name(node.config)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, Any, Any]:
    """Once the workers are done, nobody needs the servers of the run."""
    answer = yield
    for complaint in _end_servers(session.config):
        accountant(session.config).complain(complaint)
        accountant(session.config).settle(session)
    return answer


def _end_servers(config: pytest.Config) -> list[str]:
    from orm_testing.plugin.keys import RUN

    name = config.stash.get(RUN, None)
    if name is None:
        return []
    from orm_testing.services import runs

    if not runs.directory(name).exists():
        return []
    from orm_testing.plugin.services import finish

    return finish(config)


def accountant(config: pytest.Config) -> "Accountant":
    """The one who counts the tests of this run, called in when there is something to count."""
    from orm_testing.plugin.accounting import Accountant

    counting: Accountant | None = config.pluginmanager.get_plugin(Accountant.NAME)
    if counting is None:
        counting = Accountant(config)
        config.pluginmanager.register(counting, Accountant.NAME)
    return counting


def pytest_unconfigure(config: pytest.Config) -> None:
    _end_servers(config)
    if "orm_testing.backends" in sys.modules:
        from orm_testing.backends import registry

        registry.restore(config.stash.get(REGISTERED, {}))


def _registered() -> "dict[str, Backend]":
    if "orm_testing.backends" not in sys.modules:
        return {}
    from orm_testing.backends import registry

    return registry.snapshot()
