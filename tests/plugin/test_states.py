"""What did not run, or proved nothing, is never shown as passed."""

import pytest

CLASS = """
class TestUsers(MultiBackendTestBase):
    def get_test_models(self):
        return [User]
"""


def test_a_test_that_touched_nothing_is_said_to_have(project):
    """A test that passes without an operation proves nothing of a backend; an option fails it."""
    nothing = project.write(CLASS + "    def test_nothing(self, orm):\n        assert orm\n")
    result = nothing.run()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["inmemory  1 touched nothing  in *"])
    result = nothing.run("--orm-fail-untouched")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["the test passed on inmemory without an operation"])


def test_a_failed_result_that_nobody_looked_at_fails_the_test(project):
    """Bare verbs answer and never judge, so somebody has to."""
    result = project.write(
        CLASS
        + """
    def test_unseen(self, orm):
        orm.create_model(User, id="u1", email="e")
        orm.create_model(User, id="u1", email="e")
    def test_seen(self, orm):
        assert not orm.get_model(User, id="u1")
        assert isinstance(orm.get_model(User, id="u1").error, NotFoundError)
"""
    ).run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "1 operation failed, and the test did not look at the result:",
            "  orm.create_model(User, id='u1', email='e'): DuplicateKeyError*",
        ]
    )


def test_a_failing_test_keeps_its_own_failure(project):
    """A result nobody looked at does not cover up why the test failed."""
    result = project.write(
        CLASS + "    def test_it(self, orm):\n        orm.get_model(User, id='x')\n        assert 1 == 2\n"
    ).run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E  *assert 1 == 2"])
    result.stdout.no_fnmatch_line("*did not look at*")


LACKING = """
    from orm_testing import *
    class Lacking(InMemoryDriver):
        capabilities = InMemoryDriver.capabilities.without("transactions")
    class Lying(InMemoryDriver):
        def execute_begin(self, operation):
            raise UnsupportedError(capability="transactions")
    class Bare(InMemoryDriver):
        def execute_get(self, operation):
            raise UnsupportedError(capability="get")
    register_backend("lacking", Lacking)
    register_backend("lying", Lying)
    register_backend("bare", Bare)
"""


def test_unsupported_in_mid_test_counts_only_where_it_is_declared(project):
    """A capability that is declared absent makes the test unsupported, and asks for the mark; a declared one fails it."""
    result = project.write(
        """
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["lacking", "lying"]
            def get_test_models(self):
                return [User]
            def test_it(self, orm):
                with orm.transaction():
                    orm.create_and_verify(User, **ALICE)
        """,
        conftest=LACKING,
    ).run()
    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "lacking  1 unsupported  in *",
            "lying    1 failed  in *",
            "test_it.py::TestUsers.test_it: mark it @requires('transactions')*",
        ]
    )


def test_what_every_backend_must_do_cannot_be_unsupported(project):
    """A driver that says it does not support `get` fails: that is no capability to lack."""
    result = project.write(
        """
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["bare"]
            def get_test_models(self):
                return [User]
            def test_it(self, orm):
                orm.get_and_verify_exists(User, id="u1")
        """,
        conftest=LACKING,
    ).run()
    result.assert_outcomes(failed=1)


def test_a_failure_shows_the_operations_and_the_statements(project):
    """The report has a section with the test's operations as DSL calls, and the native statements of the last ones."""
    result = project.write("""
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["sqlite"]
            def get_test_models(self):
                return [User]
            def test_it(self, orm):
                orm.create_and_verify(User, **ALICE)
                orm.query_and_verify_count(User, 2, age__gte=3)
    """).run()
    result.stdout.fnmatch_lines(
        [
            "E * query_and_verify_count User on sqlite: expected 2 rows, and got 0 from orm.query_models(User, age__gte=3)",
            "*operations on sqlite*",
            "orm.create_model(User, id='u1', email='a@example.com', name='Alice')*",
            "    INSERT INTO *",
            "orm.query_models(User, age__gte=3)*0 rows",
            "    SELECT *",
        ]
    )
    result.stdout.no_fnmatch_line("*dsl/reading.py*")


def test_a_driver_that_raises_in_init_is_an_error(project):
    """A backend that is broken is never skipped."""
    result = project.write(
        CLASS + "    ENABLED_BACKENDS = ['broken']\n    def test_it(self, orm):\n        pass\n",
        conftest="""
        from orm_testing import InMemoryDriver, register_backend
        class Broken(InMemoryDriver):
            def __init__(self):
                raise RuntimeError("cannot begin")
        register_backend("broken", Broken)
        """,
    ).run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*RuntimeError: cannot begin", "broken  1 error  in *"])


@pytest.mark.parametrize("phase", ["before", "after"])
def test_errors_around_a_test_are_counted(project, phase):
    """A fixture that fails before or after the test is an error of that backend."""
    body = "raise ValueError\n    yield" if phase == "before" else "yield\n    raise ValueError"
    result = project.write(
        f"@pytest.fixture\ndef broken(orm):\n    {body}\n{CLASS}    def test_it(self, broken, orm):\n        orm.count_models(User)\n"
    ).run()
    expected = "1 error  in *" if phase == "before" else "1 passed, 1 error  in *"
    result.stdout.fnmatch_lines([f"inmemory  {expected}"])


def test_requires_is_judged_by_the_driver_that_would_serve(project):
    """On an async class, `@requires("trio")` asks the async driver, or the sync one that a thread makes fit."""
    result = project.write(
        """
        class TestUsers(AsyncMultiBackendTestBase):
            ENABLED_BACKENDS = ["inmemory", "sqlite", "made"]
            def get_test_models(self):
                return [User]
            @pytest.fixture
            def anyio_backend(self):
                return "trio"
            @pytest.mark.anyio
            @requires("trio")
            async def test_it(self, orm):
                await orm.create_and_verify(User, **ALICE)
        @pytest.mark.orm_backends("made", models=[User])
        @requires("transactions")
        def test_plain(orm):
            orm.create_and_verify(User, **ALICE)
        """,
        conftest="""
        from orm_testing import *
        register_backend("made", lambda: InMemoryDriver())
        """,
    ).run()
    result.assert_outcomes(passed=3, skipped=1)
    result.stdout.fnmatch_lines(["sqlite    1 unsupported  in*"])
    result.stdout.no_fnmatch_line("*mark it @requires*")


def test_an_async_driver_may_be_unavailable(project):
    """A backend that has only an async driver is asked whether it can be had, too."""
    result = project.write(
        """
        @pytest.mark.anyio
        @pytest.mark.orm_backends("absent", models=[User])
        async def test_it(orm):
            await orm.create_and_verify(User, **ALICE)
        @pytest.fixture
        def anyio_backend():
            return "asyncio"
        """,
        conftest="""
        from orm_testing import *
        class Absent(AsyncDriverInterface):
            @classmethod
            def unavailable_reason(cls):
                return "not today"
        register_backend("absent", async_driver=Absent)
        """,
    ).run()
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["absent  1 unavailable  in*"])
