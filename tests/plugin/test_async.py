"""Async tests: every verb awaited, on asyncio and trio, with pytest-asyncio and with anyio."""

import pytest

CLASS = """
class TestUsers(AsyncMultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]

    def get_test_models(self):
        return [User]

    {mark}
    async def test_create(self, orm):
        client, backend_name = orm
        user = await client.create_and_verify(User, **ALICE)
        await orm.update_and_verify(user, age=3)
        await orm.expect_create_failure(User, DuplicateKeyError, **ALICE)
        async with orm.expect_rollback(ValueError):
            await orm.delete_and_verify(user)
            raise ValueError
        async with orm.transaction():
            await orm.create_and_verify(User, id="u2", email="b")
        await orm.query_and_verify_count(User, 2)

    {mark}
    async def test_starts_empty(self, orm):
        await orm.query_and_verify_count(User, 0)
        await orm.create_and_verify(User, **ALICE)
"""
WITH_ASYNCIO = CLASS.format(mark="@pytest.mark.asyncio")
WITH_ANYIO = CLASS.format(mark="@pytest.mark.anyio")
ON = """
@pytest.fixture(params={backends})
def anyio_backend(request):
    return request.param
"""


@pytest.fixture
def with_asyncio(project):
    def run(*arguments):
        return project.pytester.runpytest_inprocess(
            "-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function", *arguments
        )

    return run


def test_pytest_asyncio(project, with_asyncio):
    """Under pytest-asyncio the verbs are awaited on each backend."""
    project.write(WITH_ASYNCIO)
    with_asyncio().assert_outcomes(passed=6)


def test_pytest_asyncio_in_auto_mode(project, with_asyncio):
    """`asyncio_mode=auto` needs no mark."""
    project.write(CLASS.format(mark=""))
    with_asyncio("-o", "asyncio_mode=auto").assert_outcomes(passed=6)


def test_anyio_on_asyncio(project):
    """Under anyio, on asyncio, each backend works."""
    project.write(WITH_ANYIO + ON.format(backends=["asyncio"])).run().assert_outcomes(passed=6)


def test_anyio_on_trio_where_the_driver_allows_it(project):
    """On trio the in-memory driver serves from its thread; aiosqlite cannot, and that is unsupported, not passed."""
    result = project.write(WITH_ANYIO + ON.format(backends=["trio"])).run()
    result.assert_outcomes(passed=2, skipped=4)
    result.stdout.fnmatch_lines(["inmemory     2 passed  in*", "sqlite       2 unsupported  in*"])


def test_async_fixtures_may_use_orm(project, with_asyncio):
    """An async fixture may create rows before the test and look at them after it."""
    project.write("""
        import pytest_asyncio
        class TestUsers(AsyncMultiBackendTestBase):
            ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]
            def get_test_models(self):
                return [User]
            @pytest_asyncio.fixture
            async def alice(self, orm):
                yield await orm.create_and_verify(User, **ALICE)
                await orm.query_and_verify_count(User, 0)
            @pytest.mark.asyncio
            async def test_delete(self, orm, alice):
                await orm.delete_and_verify(alice)
    """)
    with_asyncio().assert_outcomes(passed=3)


def test_async_load(project):
    """An async `load` runs once per class and backend."""
    project.write(
        """
        loads = []
        class TestLoaded(AsyncMultiBackendTestBase):
            ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]
            def get_test_models(self):
                return [User]
            async def load(self, orm):
                loads.append(orm.get_backend_name())
                await orm.create_and_verify(User, **ALICE)
            @pytest.mark.anyio
            @pytest.mark.parametrize("turn", range(2))
            async def test_starts_loaded(self, orm, turn):
                [user] = await orm.query_and_verify_count(User, 1)
                await orm.delete_and_verify(user)
        def test_loads():
            assert sorted(loads) == ["inmemory", "sqlite", "sqlite_file"]
        """
        + ON.format(backends=["asyncio"]).replace("\n", "\n        ")
    ).run().assert_outcomes(passed=7)


def test_plain_async_functions(project):
    """A plain `async def` gets the async client by itself."""
    project.write(
        """
        @pytest.mark.anyio
        @pytest.mark.orm_backends("inmemory", "sqlite", models=[User])
        async def test_create(orm):
            await orm.create_and_verify(User, **ALICE)
        """
        + ON.format(backends=["asyncio"]).replace("\n", "\n        ")
    ).run().assert_outcomes(passed=2)


OWN_ASYNC = """
    import asyncio
    from orm_testing import *
    class Awaited(AsyncDriverInterface):
        async def open(self):
            self.loop = asyncio.get_running_loop()
            self.held = {}
        async def close(self):
            assert asyncio.get_running_loop() is self.loop
        async def execute_create(self, operation):
            await asyncio.sleep(0)
            user = operation.model_class(**operation.data)
            self.held[user.id] = user.model_dump()
            return user
        async def rows(self, model_class, key=None):
            return [row for row in self.held.values() if not key or row["id"] == key["id"]]
    register_backend("awaited", Awaited)
    register_backend("both", InMemoryDriver, async_driver=Awaited)
"""


@pytest.mark.parametrize("name", ["awaited", "both"])
def test_an_async_driver_of_ones_own(project, name):
    """An author of an async driver writes `execute_create` as a coroutine; each test has it open in its own loop."""
    project.write(
        f"""
        class TestUsers(AsyncMultiBackendTestBase):
            ENABLED_BACKENDS = ["{name}"]
            def get_test_models(self):
                return [User]
            @pytest.mark.anyio
            @pytest.mark.parametrize("turn", range(2))
            async def test_create(self, orm, turn):
                assert type(orm.driver).__name__ == "Awaited"
                await orm.create_and_verify(User, **ALICE)
        """
        + ON.format(backends=["asyncio"]).replace("\n", "\n        "),
        conftest=OWN_ASYNC,
    ).run().assert_outcomes(passed=2)


def test_an_async_driver_does_not_serve_sync_tests(project):
    """A sync test on an async driver is told which base class to take."""
    result = project.write(
        """
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["awaited"]
            def get_test_models(self):
                return [User]
            def test_create(self, orm):
                orm.create_and_verify(User, **ALICE)
        """,
        conftest=OWN_ASYNC,
    ).run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*derive the class from AsyncMultiBackendTestBase*"])


def test_a_sync_test_in_an_async_class_is_refused(project):
    """In a class of awaited verbs, a plain `def` could await nothing: it is an error, not a coroutine never awaited."""
    result = project.write("""
        class TestUsers(AsyncMultiBackendTestBase):
            def test_create(self, orm):
                orm.count_models(User)
    """).run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*is not `async def`, and the verbs of AsyncMultiBackendTestBase are awaited*"]
    )


def test_a_sync_driver_lives_in_one_thread(project):
    """Made, opened, asked and closed in one thread of its own, which is not that of the tests."""
    project.write(
        """
        class TestUsers(AsyncMultiBackendTestBase):
            ENABLED_BACKENDS = ["threaded"]
            def get_test_models(self):
                return [User]
            @pytest.mark.anyio
            @pytest.mark.parametrize("turn", range(2))
            async def test_create(self, orm, turn):
                await orm.create_and_verify(User, **ALICE)
                await orm.reset()
        """
        + ON.format(backends=["asyncio", "trio"]).replace("\n", "\n        "),
        conftest="""
        import threading
        from orm_testing import *
        class Threaded(InMemoryDriver):
            def __init__(self):
                self.thread = threading.get_ident()
                assert threading.current_thread() is not threading.main_thread()
            def check(self):
                assert threading.get_ident() == self.thread
            def open(self):
                self.check()
            def close(self):
                self.check()
            def reset(self):
                self.check()
                super().reset()
            def execute(self, operation):
                self.check()
                return super().execute(operation)
        register_backend("threaded", Threaded)
        """,
    ).run().assert_outcomes(passed=4)


def test_failures_of_async_tests_are_judged_alike(project):
    """An unseen failure and a failed check fail an async test, with its operations shown."""
    result = project.write(
        """
        class TestUsers(AsyncMultiBackendTestBase):
            ENABLED_BACKENDS = ["sqlite"]
            def get_test_models(self):
                return [User]
            @pytest.mark.anyio
            async def test_unseen(self, orm):
                await orm.get_model(User, id="u1")
            @pytest.mark.anyio
            async def test_wrong(self, orm):
                await orm.query_and_verify_count(User, 1)
        """
        + ON.format(backends=["asyncio"]).replace("\n", "\n        ")
    ).run()
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        ["*did not look at the result:*", "*operations on sqlite*", "*expected 1 row,*"]
    )
