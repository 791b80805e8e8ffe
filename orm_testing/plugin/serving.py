"""The `orm` fixture: an open driver, a clean store, a client; and the judgement of what the test did with them."""

import functools
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from orm_testing.backends import driver_class, make_fitting_driver, needs_server, registry
from orm_testing.base import MultiBackendTestBase
from orm_testing.clock import Clock
from orm_testing.dsl.async_client import AsyncOrmDsl
from orm_testing.dsl.client import OrmDsl
from orm_testing.dsl.context import Context
from orm_testing.errors import ConfigurationError, is_judgement
from orm_testing.isolation.life import LiveDriver, Wanted
from orm_testing.isolation.models import mutations, state_of
from orm_testing.isolation.pool import Pool
from orm_testing.plugin.keys import ALTER, DECIDED, FAILURES, POOL, REASONS, SERVED
from orm_testing.plugin.options import required, required_real
from orm_testing.plugin.selection import absent_of
from orm_testing.plugin.targets import check_made, is_asynchronous, models_of
from orm_testing.services.server import Server

__tracebackhide__ = is_judgement


@dataclass(slots=True)
class Served:
    """What one test was given, for judging and reporting it; `passed` once its own checks hold."""

    live: LiveDriver
    context: Context
    models_before: dict[type[Any], Any]
    passed: bool = False


def serve(request: pytest.FixtureRequest) -> Iterator[OrmDsl | AsyncOrmDsl]:
    item: Any = request.node
    backend = _backend_named(request)
    instance = request.instance
    _stop_if_unavailable(item, backend)
    _stop_if_stood_in(item, backend)
    asynchronous = _is_asynchronous(item)
    pool = _pool(request)
    clock = Clock()
    owner = _loads(instance, asynchronous=asynchronous)
    wanted = _wanted(instance, item, backend, asynchronous=asynchronous)
    asks = item.get_closest_marker("orm_new_store") is not None
    live, to_load = pool.begin(wanted, clock, loaded=owner, new_store=asks)
    models = live.wanted.models
    known = functools.partial(check_made, getattr(item, "cls", None))
    context = Context(live.serving, backend, models, clock, known)
    watched = models if item.config.getoption("--orm-check-leaks") else ()
    served = item.stash[SERVED] = Served(live, context, {model: state_of(model) for model in watched})
    try:
        _skip_if_unsupported(item, live)
        if asynchronous:
            yield from _serve_async(item, live, context, instance if to_load else None)
        else:
            if to_load:
                loading = Context(live.serving, backend, models, clock, known)
                instance.load(OrmDsl(loading, live.serving))
                _check_seen(loading, "load")
                live.keep_loaded(type(instance))
            client = OrmDsl(context, live.serving)
            with client.opened():
                yield client
        if served.passed:
            _check_seen(context, "a fixture")
            _check_leaks(item, served)
    finally:
        pool.give_back(live)


def judge(item: pytest.Item) -> None:
    """After a test that passed: nothing was overlooked."""
    served = item.stash.get(SERVED, None)
    if served is None:
        return
    context = served.context
    _check_seen(context, "the test")
    if number := context.number_of_unawaited():
        pytest.fail(
            f"the test called {number} verb{'s' * (number > 1)} without `await`: nothing ran", pytrace=False
        )
    if item.config.getoption("--orm-fail-untouched") and not context.number_of_operations():
        pytest.fail(f"the test passed on {context.backend_name} without an operation", pytrace=False)
    served.passed = True


def _check_seen(context: Context, who: str) -> None:
    if unseen := context.unseen_failures():
        shown = "".join(f"\n  {result.operation!r}: {result.peek()!r}" for result in unseen)
        for result in unseen:
            result.looked_at = True
        number = f"{len(unseen)} operation{'s' * (len(unseen) > 1)}"
        pytest.fail(f"{number} failed, and {who} did not look at the result:{shown}", pytrace=False)


def _check_leaks(item: pytest.Item, served: Served) -> None:
    """What is left when the fixtures that took `orm` are done."""
    if item.config.getoption("--orm-check-leaks"):
        leaks = [*served.live.leaks(), *mutations(served.models_before)]
        if leaks:
            pytest.fail(
                f"the test left behind on {served.context.backend_name}: {'; '.join(leaks)}", pytrace=False
            )


def _backend_named(request: pytest.FixtureRequest) -> str:
    named = getattr(request, "param", None)
    if request.scope != "function":
        raise ConfigurationError(
            f"{request.node.nodeid}: `orm` is made for each test; parametrise it without scope={request.scope!r}."
        )
    if named is None:
        raise ConfigurationError(
            f"{request.node.nodeid}: list `orm` among the arguments of the test that takes it."
        )
    if not isinstance(named, str):
        raise ConfigurationError(
            f"{request.node.nodeid}: the parameter of `orm` is the name of a backend, not {named!r}."
        )
    return str.__str__(named)


def _loads(instance: Any, *, asynchronous: bool) -> type[Any] | None:
    """The class whose data is to be loaded, where it loads any."""
    cls = type(instance)
    load = getattr(cls, "load", None)
    if load is None:
        return None
    if inspect.iscoroutinefunction(load) is not asynchronous:
        wanted = "async def" if asynchronous else "def, not async def"
        raise ConfigurationError(
            f"{cls.__name__}.load is to be written {wanted}, as the tests of the class are."
        )
    return cls


def _serve_async(item: Any, live: LiveDriver, context: Context, loader: Any) -> Iterator[AsyncOrmDsl]:
    async def load(orm: AsyncOrmDsl) -> None:
        await loader.load(orm)
        _check_seen(context, "load")
        live.keep_loaded(type(loader))

    client = AsyncOrmDsl(context, live.serving, load if loader is not None else None)
    test = item.obj

    @functools.wraps(test)
    async def within(*args: Any, **kwargs: Any) -> None:
        async with client.opened():
            await test(*args, **kwargs)

    item.obj = within
    try:
        yield client
    finally:
        item.obj = test


def _pool(request: pytest.FixtureRequest) -> Pool:
    stash = request.config.stash
    pool = stash.get(POOL, None)
    if pool is None:
        base = request.getfixturevalue("tmp_path_factory").getbasetemp

        def directory() -> Path:
            made: Path = base() / "orm_testing"
            made.mkdir(exist_ok=True)
            return made

        pool = stash[POOL] = Pool(
            directory, functools.partial(_server, request.config), stash.get(ALTER, None)
        )
    return pool


def _wanted(instance: Any, item: Any, backend: str, *, asynchronous: bool) -> Wanted:
    ours = isinstance(instance, MultiBackendTestBase)
    return Wanted(
        backend,
        models_of(instance, item),
        asynchronous,
        type(instance).create_driver if ours else make_fitting_driver,
        getattr(instance, "prepare_schema", None) if ours else None,
    )


def _is_asynchronous(item: Any) -> bool:
    asynchronous = is_asynchronous(item)
    if asynchronous and not inspect.iscoroutinefunction(item.obj):
        raise ConfigurationError(
            f"{item.nodeid} is not `async def`, and the verbs of AsyncMultiBackendTestBase are awaited. Write it so, or"
            " derive the class from MultiBackendTestBase."
        )
    return asynchronous


def _stop_if_unavailable(item: pytest.Item, backend: str) -> None:
    failure = None
    try:
        _begin_servers(item, backend)
        reason = _why_no_driver(item.config, backend) or _why_no_server(item, backend)
    except ConfigurationError as error:
        failure = str(error)
    if failure is not None:
        _fail(item, failure)
    if reason is None:
        return
    needed = required(item.config)
    if backend in needed or "all" in needed:
        pytest.fail(f"the backend {backend!r} is required and cannot be had: {reason}", pytrace=False)
    item.stash[DECIDED] = ("unavailable", reason)
    pytest.skip(f"unavailable: {reason}")


def _stop_if_stood_in(item: pytest.Item, backend: str) -> None:
    """`--orm-require NAME:real` is not met by a library that plays the product."""
    needed = required_real(item.config)
    if not needed or not ("all" in needed or backend in needed):
        return
    server = _server(item.config, backend)
    if server is not None and (server.stands_in or _is_played(backend, server)):
        pytest.fail(
            f"the backend {backend!r} is required to be real, and {server.fingerprint} stands in for it:"
            " `orm-testing doctor` says what would bring a server",
            pytrace=False,
        )


def _is_played(backend: str, server: Server) -> bool:
    from orm_testing.plugin.services import product

    needed = product(backend)
    return needed is not None and needed.is_played(server.fingerprint)


def _skip_if_unsupported(item: pytest.Item, live: LiveDriver) -> None:
    """What only the live product could tell."""
    if absent := absent_of(item, lambda: live.serving.capabilities):
        reason = f"{live.wanted.backend_name} lacks {', '.join(absent)} on {live.fingerprint()}"
        item.stash[DECIDED] = ("unsupported", reason)
        pytest.skip(f"unsupported: {reason}")


def _server(config: pytest.Config, backend: str) -> Server | None:
    """What a new store is handed; the machinery is not imported for backends that need no server."""
    if not needs_server(backend):
        return None
    from orm_testing.plugin.services import server

    return server(config, backend)


def _begin_servers(item: pytest.Item, backend: str) -> None:
    if needs_server(backend):
        from orm_testing.plugin.services import begin

        begin(item)


def _why_no_driver(config: pytest.Config, backend: str) -> str | None:
    reasons = config.stash.setdefault(REASONS, {})
    if backend not in reasons:
        known = registry.knows(backend)
        maker = driver_class(backend) or driver_class(backend, asynchronous=True) if known else None
        ask = getattr(maker, "unavailable_reason", None)
        reasons[backend] = ask() if ask is not None else None
    return reasons[backend]


def _why_no_server(item: pytest.Item, backend: str) -> str | None:
    if not needs_server(backend):
        return None
    from orm_testing.plugin.services import why_unavailable

    return why_unavailable(item, backend)


def _fail(item: pytest.Item, message: str) -> NoReturn:
    """What applies and fails, or lacks its library, is told to each test, in full to the first."""
    told = item.config.stash.setdefault(FAILURES, set())
    if message in told:
        pytest.fail(
            f"{message.splitlines()[0]} (as with an earlier test; it was not tried again)", pytrace=False
        )
    told.add(message)
    pytest.fail(message, pytrace=False)
