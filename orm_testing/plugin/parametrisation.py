"""A test that takes `orm` becomes one item per backend, with the backend's name as its id."""

import pytest

from orm_testing.errors import ConfigurationError
from orm_testing.plugin.targets import backends_of, is_ours, takes_our_orm


def parametrise(metafunc: pytest.Metafunc) -> None:
    definitions = metafunc._arg2fixturedefs.get("orm")  # noqa: SLF001  (pytest has no public way to ask)
    if not takes_our_orm(definitions):
        if is_ours(metafunc.cls) and definitions:
            where = definitions[-1].func
            if where.__module__.startswith("_pytest"):
                raise pytest.Collector.CollectError(
                    f"{metafunc.definition.nodeid}: parametrise `orm` with indirect=True, so that it becomes a client."
                )
            raise pytest.Collector.CollectError(
                f"{metafunc.definition.nodeid}: the fixture `orm` of {where.__module__} ({where.__code__.co_filename})"
                " hides that of orm_testing. Rename it, or let it take `orm` and return it."
            )
        return
    if already_parametrised(metafunc):
        return
    try:
        names = backends_of(metafunc.cls, metafunc.definition)
    except ConfigurationError as error:
        raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: {error}") from error
    metafunc.parametrize("orm", names, indirect=True)


def already_parametrised(metafunc: pytest.Metafunc) -> bool:
    """Whether a project's own `pytest_generate_tests` or `parametrize` mark took care of `orm`."""
    calls = metafunc._calls  # noqa: SLF001  (pytest has no public way to ask)
    return any("orm" in call.params or "orm" in getattr(call, "funcargs", ()) for call in calls)
