"""What would silently not run, or be counted as what it is not."""

import pytest

CLASS = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite"]
    def get_test_models(self):
        return [User]
"""
ASYNC = CLASS.replace("MultiBackendTestBase", "AsyncMultiBackendTestBase") + (
    "    @pytest.fixture\n    def anyio_backend(self):\n        return 'asyncio'\n"
)


@pytest.mark.filterwarnings(
    "ignore:coroutine:RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_a_forgotten_await_fails_the_test(project):
    """A verb that was called and not awaited ran nothing, and says so."""
    result = project.write(
        ASYNC
        + """
    @pytest.mark.anyio
    async def test_it(self, orm):
        await orm.create_and_verify(User, **ALICE)
        orm.get_and_verify_exists(User, id="not there")
"""
    ).run()
    result.assert_outcomes(failed=2, warnings=None)
    result.stdout.fnmatch_lines(["the test called 1 verb without `await`: nothing ran"])


def test_failures_that_nobody_looked_at_are_found_around_the_test(project):
    """In `load`, and in a fixture after the test, a failed result is looked at or fails."""
    result = project.write(
        CLASS
        + """
    @pytest.fixture
    def after(self, orm):
        yield
        orm.get_model(User, id="x")
    def test_fixture(self, orm, after):
        orm.count_models(User)

class TestLoad(TestUsers):
    def load(self, orm):
        orm.create_model(User, **ALICE)
        orm.create_model(User, **ALICE)
    def test_fixture(self, orm):
        orm.count_models(User)
"""
    ).run()
    result.assert_outcomes(passed=2, errors=4)
    result.stdout.fnmatch_lines(
        ["*a fixture did not look at the result*", "*load did not look at the result*"]
    )


def test_unsupported_does_not_cover_up_a_failure(project):
    """A test that overlooked a failure before it met an absent capability is failed, not unsupported."""
    result = project.write(
        CLASS.replace('"inmemory", "sqlite"', '"lacking"')
        + """
    def test_it(self, orm):
        orm.create_model(User, **ALICE)
        orm.create_model(User, **ALICE)
        with orm.transaction():
            pass
""",
        conftest="""
        from orm_testing import *
        class Lacking(InMemoryDriver):
            capabilities = InMemoryDriver.capabilities.without("transactions")
        register_backend("lacking", Lacking)
        """,
    ).run()
    result.assert_outcomes(failed=1)


@pytest.mark.parametrize(
    ("base", "load", "said"),
    [
        (CLASS, "async def load", "*load is to be written def, not async def*"),
        (ASYNC, "def load", "*load is to be written async def*"),
    ],
)
def test_load_is_of_the_kind_of_its_class(project, base, load, said):
    """A `load` that would never be awaited, or cannot be, is an error."""
    test = (
        "    @pytest.mark.anyio\n    async def test_it(self, orm):\n"
        if base is ASYNC
        else "    def test_it(self, orm):\n"
    )
    result = project.write(f"{base}    {load}(self, orm):\n        pass\n{test}        pass\n").run()
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines([said])


@pytest.mark.parametrize("name", ["skip", "xfail", "orm_skip", "multi_backend", "parametrize"])
def test_a_backend_cannot_be_called_like_a_mark(project, name):
    """A backend named `skip` would skip its own tests."""
    result = project.write(
        CLASS + "    def test_it(self, orm):\n        pass\n",
        conftest=f"from orm_testing import *\nregister_backend('mine', InMemoryDriver, aliases=['{name}'])\n",
    ).run(subprocess=True)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*ConfigurationError: '{name}' cannot name a backend*"])


def test_excluded_backends_hold_for_items_made_by_hand(project):
    """`EXCLUDED_BACKENDS` leaves out a backend that a project parametrised by hand, also by an enum's value."""
    result = project.write(
        CLASS
        + "    EXCLUDED_BACKENDS = ['sqlite']\n    def test_it(self, orm):\n        orm.count_models(User)\n",
        conftest="""
        import enum
        class Names(enum.StrEnum):
            MEMORY = "inmemory"
            SQLITE = "sqlite"
        def pytest_generate_tests(metafunc):
            if "orm" in metafunc.fixturenames:
                metafunc.parametrize("orm", list(Names), indirect=True)
        """,
    ).run("-rs")
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["inmemory  1 passed*", "sqlite    1 skipped*", "*EXCLUDED_BACKENDS*"])


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (
            "@pytest.mark.orm_backends('sqlite', models=[User])"
            + CLASS
            + "    def test_it(self, orm):\n        pass\n",
            "*says its backends by ENABLED_BACKENDS; the mark orm_backends is for plain functions*",
        ),
        (
            CLASS
            + "    @pytest.mark.parametrize('orm', ['sqlite'])\n    def test_it(self, orm):\n        pass\n",
            "*parametrise `orm` with indirect=True*",
        ),
        (
            "@pytest.mark.orm_backends('inmemory', modles=[User])\ndef test_it(orm):\n    pass\n",
            "*has no option 'modles'*",
        ),
        (
            CLASS.replace("[User]", "User") + "    def test_it(self, orm):\n        pass\n",
            "*TestUsers.get_test_models() is a list of model classes, such as [[]User[]]*",
        ),
        (
            "@pytest.mark.orm_backends('inmemory', models=[User])\ndef test_it(request):\n    request.getfixturevalue('orm')\n",
            "*list `orm` among the arguments*",
        ),
        (
            "@pytest.mark.parametrize('orm', ['inmemory'], indirect=True, scope='class')"
            + CLASS.replace("class TestUsers", "\nclass TestUsers")
            .strip()
            .join(["\n", "\n    def test_it(self, orm):\n        pass\n"]),
            "*`orm` is made for each test; parametrise it without scope='class'*",
        ),
    ],
)
def test_what_would_be_ignored_is_an_error(project, source, said):
    """A mark, an option or a way of asking that would have no effect says what to write."""
    result = project.write(source).run()
    assert result.ret in {pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED}
    result.stdout.fnmatch_lines([said])


def test_an_expected_failure_is_a_known_failure(project):
    """What pytest calls xfailed is neither passed nor skipped."""
    result = project.write(
        CLASS
        + """
    @pytest.mark.xfail(strict=True)
    def test_it(self, orm):
        orm.get_and_verify_exists(User, id="x")
"""
    ).run()
    result.assert_outcomes(xfailed=2)
    result.stdout.fnmatch_lines(["inmemory  1 known failure  in*"])


def test_a_driver_that_vouches_for_itself_is_said_to(project):
    """Where nothing looks behind a driver, the summary says so."""
    result = project.write(
        CLASS.replace('"inmemory", "sqlite"', '"blind"')
        + "    def test_it(self, orm):\n        orm.count_models(User)\n",
        conftest="""
        from orm_testing import *
        class Blind(InMemoryDriver):
            capabilities = InMemoryDriver.capabilities.without("backdoor")
        register_backend("blind", Blind)
        """,
    ).run()
    result.stdout.fnmatch_lines(["blind  1 passed  in*; no backdoor: it is asked about itself"])


REQUIRED = (
    CLASS + "    @skip_backend('sqlite')\n    def test_it(self, orm):\n        orm.count_models(User)\n"
)


@pytest.mark.parametrize("distributed", [(), ("-n", "1")])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--orm-require", "all"], 1),
        (["--orm-backend", "sqlite", "--orm-require", "sqlite"], 1),
        (["--orm-backend", "inmemory", "--orm-require", "all"], 0),
        (["-k", "inmemory", "--orm-require", "sqlite"], 0),
    ],
)
def test_requirements_hold_narrowed_and_distributed(project, arguments, code, distributed):
    """What is required is judged alike with workers and without; our own narrowing is no choice by hand."""
    result = project.write(REQUIRED).run(*arguments, *distributed, subprocess=bool(distributed))
    assert result.ret == code
    if code:
        result.stdout.fnmatch_lines(["ERROR the backend 'sqlite' is required, and no test ran on it"])
    if "--orm-backend" in arguments:
        result.stdout.fnmatch_lines(["*  1 deselected*"])


def test_an_unknown_name_is_told_by_workers_too(project):
    """With workers, a name that nobody knows fails the run with the same words."""
    result = project.write(REQUIRED).run("--orm-backend", "sqllite", "-n", "1", subprocess=True)
    assert result.ret != 0
    result.stdout.fnmatch_lines(["ERROR 'sqllite' is not a backend. Did you mean 'sqlite'?*"])


@pytest.mark.parametrize("distributed", [(), ("-n", "1")])
def test_a_driver_that_does_not_close_fails_the_run(project, distributed):
    """An error of closing is told at the end, beside the summary, and costs no test its result."""
    result = project.write(
        CLASS.replace('"inmemory", "sqlite"', '"sticky"')
        + "    def test_it(self, orm):\n        orm.count_models(User)\n",
        conftest="""
        from orm_testing import *
        class Sticky(InMemoryDriver):
            def close(self):
                raise RuntimeError("it sticks")
        register_backend("sticky", Sticky)
        """,
    ).run(*distributed, subprocess=bool(distributed))
    assert result.ret == 1
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["sticky  1 passed*", "ERROR a driver of 'sticky' did not close: RuntimeError: it sticks"]
    )


def test_each_class_gets_the_drivers_that_it_makes(project):
    """Classes whose `create_driver` speaks of the class do not share drivers, and async classes ask it too."""
    result = project.write("""
        class Flavoured(InMemoryDriver):
            def __init__(self, flavour):
                self.flavour = flavour
        class Base:
            ENABLED_BACKENDS = ["sqlite"]
            def get_test_models(self):
                return [User]
            @classmethod
            def create_driver(cls, backend_name):
                return Flavoured(cls.FLAVOUR)
        class TestA(Base, MultiBackendTestBase):
            FLAVOUR = "a"
            def test_it(self, orm):
                assert orm.driver.flavour == "a"
        class TestB(Base, MultiBackendTestBase):
            FLAVOUR = "b"
            def test_it(self, orm):
                assert orm.driver.flavour == "b"
        class TestC(Base, AsyncMultiBackendTestBase):
            FLAVOUR = "c"
            @pytest.fixture
            def anyio_backend(self):
                return "asyncio"
            @pytest.mark.anyio
            async def test_it(self, orm):
                assert orm.driver.driver.flavour == "c"
    """).run()
    result.assert_outcomes(passed=3)


def test_a_branch_on_an_unknown_backend_is_an_error(project):
    """`is_backend` of a misspelt name would never be true; other known names, and those of a project's own, may be asked."""
    project.write(
        CLASS
        + """
    def test_known(self, orm):
        orm.count_models(User)
        assert orm.is_backend("inmemory") is not orm.is_backend("sqlite")
        assert not orm.is_backend("sqlite_file")
    def test_unknown(self, orm):
        orm.is_backend("sqllite")
class TestOwn(TestUsers):
    @classmethod
    def create_driver(cls, backend_name):
        return super().create_driver(backend_name)
    def test_unknown(self, orm):
        orm.count_models(User)
        assert not orm.is_backend("own")
"""
    )
    result = project.run()
    result.assert_outcomes(passed=6, failed=2)
    result.stdout.fnmatch_lines(["*ConfigurationError: 'sqllite' is not a backend. Did you mean 'sqlite'?*"])
