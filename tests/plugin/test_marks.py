"""Decorators decide at collection; what they skip starts nothing."""

import pytest

from orm_testing import ConfigurationError, only_backends, requires, skip_backend

NEVER_STARTS = """
    from orm_testing import InMemoryDriver, register_backend
    class Explosive(InMemoryDriver):
        capabilities = InMemoryDriver.capabilities.without("transactions")
        def __init__(self):
            raise AssertionError("a skipped item started a driver")
    register_backend("explosive", Explosive)
"""

CLASS = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "explosive"]
    def get_test_models(self):
        return [User]
"""


@pytest.mark.parametrize(
    "decorator",
    [
        '@skip_backend("explosive", reason="not today")',
        '@skip_backend("explosive", "it is not today")',
        '@skip_backend("explosive")',
        '@only_backends("inmemory")',
        '@requires("transactions")',
    ],
)
def test_a_skipped_item_never_starts_a_driver(project, decorator):
    """On a method, each decorator leaves the other backend running and does not make the driver."""
    result = project.write(
        f"{CLASS}\n    {decorator}\n    def test_create(self, orm):\n        orm.create_and_verify(User, **ALICE)\n",
        conftest=NEVER_STARTS,
    ).run()
    result.assert_outcomes(passed=1, skipped=1)


def test_decorators_work_on_classes_with_other_marks_and_fixtures(project):
    """On a class, together with `parametrize`, fixtures and other marks, in any order."""
    result = project.write(
        """
        @pytest.mark.filterwarnings("ignore")
        @skip_backend("explosive", reason="on the class")
        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["inmemory", "explosive"]
            def get_test_models(self):
                return [User]
            @pytest.mark.parametrize("age", [1, 2])
            def test_create(self, orm, age, tmp_path):
                orm.create_and_verify(User, **ALICE, age=age)
            @pytest.mark.skipif(True, reason="theirs")
            def test_theirs(self, orm):
                raise AssertionError
        """,
        conftest=NEVER_STARTS,
    ).run("-rs")
    result.assert_outcomes(passed=2, skipped=4)
    result.stdout.fnmatch_lines(["*@skip_backend: on the class*", "*theirs*"])


def test_a_mark_on_one_parameter_holds_for_it_alone(project):
    """`pytest.param(..., marks=skip_backend(...))` skips that parameter on that backend."""
    result = project.write(
        CLASS
        + """
    @pytest.mark.parametrize(
        "age", [1, pytest.param(2, marks=skip_backend("inmemory", reason="no 2")), pytest.param(3)]
    )
    @only_backends("inmemory")
    def test_create(self, orm, age):
        orm.create_and_verify(User, **ALICE, age=age)
""",
        conftest=NEVER_STARTS,
    ).run()
    result.assert_outcomes(passed=2, skipped=4)


def test_async_tests_are_skipped_alike(project):
    """The decorators hold for `async def` tests."""
    result = project.write(
        """
        class TestUsers(AsyncMultiBackendTestBase):
            ENABLED_BACKENDS = ["inmemory", "explosive"]
            def get_test_models(self):
                return [User]
            @pytest.mark.anyio
            @skip_backend("explosive", "it explodes")
            async def test_create(self, orm):
                await orm.create_and_verify(User, **ALICE)
            @pytest.fixture
            def anyio_backend(self):
                return "asyncio"
        """,
        conftest=NEVER_STARTS,
    ).run()
    result.assert_outcomes(passed=1, skipped=1)


def test_the_summary_tells_unsupported_from_skipped(project):
    """What a capability forbids is unsupported; what a decorator says is skipped."""
    result = project.write(
        CLASS
        + """
    @requires("transactions")
    def test_transaction(self, orm):
        with orm.transaction():
            orm.create_and_verify(User, **ALICE)
    @skip_backend("explosive", reason="it explodes")
    def test_create(self, orm):
        orm.create_and_verify(User, **ALICE)
""",
        conftest=NEVER_STARTS,
    ).run("-rs")
    result.stdout.fnmatch_lines(["explosive  1 unsupported, 1 skipped  in *", "inmemory   2 passed  in *"])
    result.stdout.fnmatch_lines(["*explosive lacks transactions*"])


@pytest.mark.parametrize("decorator", ['@skip_backend("sqllite", reason="x")', '@only_backends("sqllite")'])
def test_an_unknown_name_in_a_decorator_stops_the_run(project, decorator):
    """A decorator that names no known backend would skip nothing: it is an error that suggests the nearest."""
    result = project.write(
        f"{CLASS}\n    {decorator}\n    def test_create(self, orm):\n        pass\n", conftest=NEVER_STARTS
    ).run()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: 'sqllite' is not a backend. Did you mean 'sqlite'? Known are: *inmemory*"]
    )


def test_multi_backend_test_class_sets_both_lists(project):
    """The class decorator says what the two attributes say."""
    result = project.write("""
        @multi_backend_test_class(enabled_backends=["inmemory", "sqlite"], excluded_backends=["sqlite"])
        class TestUsers(MultiBackendTestBase):
            def get_test_models(self):
                return [User]
            def test_create(self, orm):
                assert orm.is_backend("inmemory")
                orm.create_and_verify(User, **ALICE)
    """).run()
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("call", [skip_backend, only_backends])
@pytest.mark.parametrize("names", [(), ("Not A Name",), (3,)])
def test_a_decorator_without_a_proper_name_is_refused(call, names):
    """A decorator that names no backend says how to write it."""
    with pytest.raises(ConfigurationError, match="takes names of backends"):
        call(*names)


def test_requires_knows_the_capabilities():
    """`@requires` of something that is no capability is refused, with the nearest."""
    with pytest.raises(ConfigurationError, match="Did you mean 'transactions'"):
        requires("transaction")


@pytest.mark.parametrize("capabilities", [(), (print,)])
def test_requires_without_a_name_is_refused(capabilities):
    """A bare `@requires` would require nothing."""
    with pytest.raises(ConfigurationError, match="requires takes names of capabilities"):
        requires(*capabilities)
