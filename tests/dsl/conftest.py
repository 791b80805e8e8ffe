"""Clients on in-memory drivers, honest and lying, synchronous and asynchronous."""

import inspect

import pytest

from orm_testing import AsyncDriverInterface, AsyncOrmDsl, Clock, InMemoryDriver, OrmDsl
from orm_testing.dsl.context import Context


class AsyncTwin(AsyncDriverInterface):
    """Awaits what an in-memory driver does."""

    def __init__(self, inner):
        self.inner = inner
        self.capabilities = inner.capabilities
        self.backend_name = inner.backend_name

    def __getattr__(self, name):
        if not name.startswith("execute_"):
            raise AttributeError(name)

        async def execute(operation):
            return getattr(self.inner, name)(operation)

        return execute

    async def rows(self, model_class, key=None):
        return self.inner.rows(model_class, key)

    async def reset(self):
        self.inner.reset()


class Awaited:
    """A synchronous client whose verbs are awaited, so that one scenario runs through both kinds."""

    def __init__(self, orm):
        self.orm = orm

    def __getattr__(self, name):
        value = getattr(self.orm, name)
        if name in {"transaction", "expect_rollback"}:
            return lambda *arguments: AwaitedBlock(value(*arguments))
        if not inspect.ismethod(value) or name in {"get_backend_name", "is_backend"}:
            return value

        async def verb(*arguments, **named):
            return value(*arguments, **named)

        return verb


class AwaitedBlock:
    def __init__(self, block):
        self.block = block

    async def __aenter__(self):
        return self.block.__enter__()

    async def __aexit__(self, *error):
        return self.block.__exit__(*error)


def prepared(driver, models):
    made = driver() if isinstance(driver, type) else driver
    made.backend_name = "inmemory"
    made.clock = Clock()
    made.setup_backend(models)
    return made


@pytest.fixture(scope="session")
def make_orm():
    """Makes a fresh client for some models, on a new in-memory driver or on the one that is named."""

    def make(*models, driver=InMemoryDriver):
        made = prepared(driver, models)
        return OrmDsl(Context(made, "inmemory", models, made.clock), made)

    return make


@pytest.fixture(scope="session")
def make_async_orm():
    """The same, asynchronous."""

    def make(*models, driver=InMemoryDriver):
        made = prepared(driver, models)
        twin = AsyncTwin(made)
        return AsyncOrmDsl(Context(twin, "inmemory", models, made.clock), twin)

    return make


@pytest.fixture(params=["sync", "async"])
def make_awaited(request, make_orm, make_async_orm):
    """Makes clients of both kinds, one per run of the test, whose verbs are awaited."""
    if request.param == "async":
        return make_async_orm
    return lambda *models, **options: Awaited(make_orm(*models, **options))


@pytest.fixture(scope="session")
def liar():
    """Makes a driver class whose methods for some verbs are `lie(driver, honest, operation)`."""

    def make(lie, *verbs):
        def method(verb):
            def execute(self, operation):
                honest = getattr(InMemoryDriver, f"execute_{verb}")
                return lie(self, lambda: honest(self, operation), operation)

            return execute

        return type("Liar", (InMemoryDriver,), {f"execute_{verb}": method(verb) for verb in verbs})

    return make
