"""The `orm` fixture: an open driver, a clean store, a client; and the judgement of what the test did with them."""

import functools
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from orm_testing.backends import driver_class, make_driver, registry
from orm_testing.base import MultiBackendTestBase
from orm_testing.clock import Clock
from orm_testing.dsl.async_client import AsyncOrmDsl
from orm_testing.dsl.client import OrmDsl
from orm_testing.dsl.context import Context
from orm_testing.errors import ConfigurationError, is_judgement
from orm_testing.isolation.life import LiveDriver, Pool, Wanted
from orm_testing.isolation.models import mutations, state_of
from orm_testing.plugin.keys import DECIDED, POOL, REASONS, SERVED
from orm_testing.plugin.options import required
from orm_testing.plugin.targets import is_asynchronous, models_of

__tracebackhide__ = is_judgement


@dataclass(slots=True)
class Served:
    """What one test was given, for judging and reporting it."""

    live: LiveDriver
    context: Context
    models_before: dict[type[Any], Any]


def serve(request: pytest.FixtureRequest) -> Iterator[OrmDsl | AsyncOrmDsl]:
    item: Any = request.node
    backend: str = getattr(request, "param", "")
    if not isinstance(backend, str) or not backend:
        raise ConfigurationError(
            f"{item.nodeid}: the parameter of `orm` is the name of a backend, not {backend!r}."
        )
    instance = request.instance
    _stop_if_unavailable(item, backend)
    asynchronous = _is_asynchronous(item)
    pool = _pool(request)
    live = pool.lease(_wanted(instance, item, backend, asynchronous=asynchronous))
    clock = Clock()
    models = live.wanted.models
    owner = type(instance) if getattr(type(instance), "load", None) is not None else None
    try:
        to_load = live.start(clock, loaded=owner)
    except BaseException:
        pool.discard(live)
        raise
    context = Context(live.serving, backend, models, clock)
    before = (
        {model: state_of(model) for model in models} if item.config.getoption("--orm-check-leaks") else {}
    )
    item.stash[SERVED] = Served(live, context, before)
    try:
        if asynchronous:
            yield from _serve_async(item, live, context, instance if to_load else None)
        else:
            client = OrmDsl(context, live.serving)
            if to_load:
                instance.load(OrmDsl(Context(live.serving, backend, models, clock), live.serving))
                live.keep_loaded(type(instance))
            yield client
    finally:
        pool.give_back(live)


def judge(item: pytest.Item) -> None:
    """After a test that passed: nothing was overlooked, nothing left behind."""
    served = item.stash.get(SERVED, None)
    if served is None:
        return
    if unseen := served.context.unseen_failures():
        shown = "".join(f"\n  {result.operation!r}: {result.peek()!r}" for result in unseen)
        for result in unseen:
            result.looked_at = True
        pytest.fail(
            f"{len(unseen)} operations failed, and the test did not look at their results:{shown}",
            pytrace=False,
        )
    if item.config.getoption("--orm-fail-untouched") and not served.context.trace.count:
        pytest.fail(f"the test passed on {served.context.backend_name} without an operation", pytrace=False)
    if item.config.getoption("--orm-check-leaks"):
        leaks = [*served.live.leaks(), *mutations(served.models_before)]
        if leaks:
            pytest.fail(
                f"the test left behind on {served.context.backend_name}: {'; '.join(leaks)}", pytrace=False
            )


def _serve_async(item: Any, live: LiveDriver, context: Context, loader: Any) -> Iterator[AsyncOrmDsl]:
    async def load(orm: AsyncOrmDsl) -> None:
        await loader.load(orm)
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

        pool = stash[POOL] = Pool(directory)
    return pool


def _wanted(instance: Any, item: Any, backend: str, *, asynchronous: bool) -> Wanted:
    ours = isinstance(instance, MultiBackendTestBase)
    return Wanted(
        backend,
        models_of(instance, item),
        asynchronous,
        type(instance).create_driver if ours else make_driver,
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
    reasons = item.config.stash.setdefault(REASONS, {})
    if backend not in reasons:
        known = registry.knows(backend)
        maker = driver_class(backend) or driver_class(backend, asynchronous=True) if known else None
        ask = getattr(maker, "unavailable_reason", None)
        reasons[backend] = ask() if ask is not None else None
    reason = reasons[backend]
    if reason is None:
        return
    needed = required(item.config)
    if backend in needed or "all" in needed:
        pytest.fail(f"the backend {backend!r} is required and cannot be had: {reason}", pytrace=False)
    item.stash[DECIDED] = ("unavailable", reason)
    pytest.skip(f"unavailable: {reason}")
