"""Narrowing a run to some backends, and requiring others."""

import pytest

CLASS = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]
    def get_test_models(self):
        return [User]
    def test_create(self, orm):
        orm.create_and_verify(User, **ALICE)
"""


@pytest.fixture
def three(project):
    return project.write(CLASS)


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        (["--orm-backend", "sqlite"], 1),
        (["--orm-backend", "sqlite", "--orm-backend", "inmemory"], 2),
        (["--orm-backend=sqlite, inmemory"], 2),
        (["-o", "orm_backends=sqlite_file inmemory"], 2),
        (["-m", "sqlite"], 1),
        (["-m", "not sqlite"], 2),
        (["-k", "sqlite_file"], 1),
    ],
)
def test_a_run_can_be_narrowed(three, arguments, passed):
    """Options, the ini file and marks each select exactly what they say; the rest is deselected."""
    result = three.run(*arguments, "--strict-markers")
    result.assert_outcomes(passed=passed, deselected=3 - passed)


def test_the_environment_narrows(three, monkeypatch):
    """`ORM_TESTING_BACKENDS` narrows, and the command line overrides it."""
    monkeypatch.setenv("ORM_TESTING_BACKENDS", "sqlite,inmemory")
    three.run().assert_outcomes(passed=2, deselected=1)
    three.run("--orm-backend", "sqlite_file").assert_outcomes(passed=1, deselected=2)


def test_what_is_narrowed_away_is_said(three):
    """The summary names the deselected backends too."""
    result = three.run("--orm-backend", "sqlite")
    result.stdout.fnmatch_lines(
        ["inmemory     1 deselected*", "sqlite       1 passed*", "sqlite_file  1 deselected*"]
    )


@pytest.mark.parametrize(
    "arguments", [["--orm-backend", "sqllite"], ["-o", "orm_backends=sqllite"], ["--orm-require=sqllite"]]
)
def test_an_unknown_name_stops_the_run(three, arguments):
    """A name that nobody knows would select nothing: it is an error that lists the known and suggests the nearest."""
    result = three.run(*arguments)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: 'sqllite' is not a backend. Did you mean 'sqlite'? Known are: dynamodb, inmemory, *"]
    )


def test_an_unknown_name_in_the_environment_stops_the_run(three, monkeypatch):
    """The environment is held to the same."""
    monkeypatch.setenv("ORM_TESTING_BACKENDS", "sqllite")
    assert three.run().ret == pytest.ExitCode.USAGE_ERROR


def test_an_unknown_name_in_a_class_stops_the_run(project):
    """`ENABLED_BACKENDS = ["sqllite"]` is an error that suggests `sqlite`."""
    result = project.write(CLASS.replace('"sqlite"', '"sqllite"')).run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*test_create: 'sqllite' is not a backend. Did you mean 'sqlite'?*"])


def test_an_inheriting_backend_does_not_answer_to_its_parent(project):
    """`-m inmemory` leaves out a backend that inherits from it; its own alias selects it."""
    three = project.write(
        CLASS.replace('"sqlite_file"', '"heir"'),
        conftest="""
        from orm_testing import register_backend
        register_backend("heir", inherits="inmemory", aliases=["family"])
        """,
    )
    three.run("-m", "inmemory").assert_outcomes(passed=1, deselected=2)
    three.run("-m", "heir").assert_outcomes(passed=1, deselected=2)
    three.run("-m", "family", "--strict-markers").assert_outcomes(passed=1, deselected=2)


CANNOT = """
    from orm_testing import InMemoryDriver, register_backend
    class Cannot(InMemoryDriver):
        asked = 0
        @classmethod
        def unavailable_reason(cls):
            cls.asked += 1
            assert cls.asked == 1, "asked more than once"
            return "no such machine"
        def __init__(self):
            raise AssertionError("made although unavailable")
    register_backend("cannot", Cannot)
"""
TWICE = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "cannot"]
    def get_test_models(self):
        return [User]
    @pytest.mark.parametrize("age", [1, 2])
    def test_create(self, orm, age):
        orm.create_and_verify(User, **ALICE)
"""


def test_an_unavailable_backend_is_said_to_be(project):
    """What the machine cannot have is skipped with the reason, asked once, and counted as unavailable."""
    result = project.write(TWICE, conftest=CANNOT).run("-rs")
    result.assert_outcomes(passed=2, skipped=2)
    result.stdout.fnmatch_lines(["cannot    2 unavailable  in *", "*unavailable: no such machine*"])


@pytest.mark.parametrize("required", ["cannot", "all"])
def test_a_required_backend_that_cannot_be_had_fails(project, required):
    """`--orm-require` turns unavailable into failed."""
    result = project.write(TWICE, conftest=CANNOT).run("--orm-require", required)
    result.assert_outcomes(passed=2, errors=2)
    result.stdout.fnmatch_lines(["*the backend 'cannot' is required and cannot be had: no such machine"])


def test_a_required_backend_that_ran_nothing_fails_the_run(project):
    """A required backend that no class names, or whose every test is skipped, is a failure of the run."""
    three = project.write(
        CLASS.replace('"sqlite", "sqlite_file"', '"sqlite"').replace(
            "    def test", "    @skip_backend('sqlite')\n    def test"
        )
    )
    result = three.run("--orm-require", "sqlite,sqlite_file")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "ERROR the backend 'sqlite' is required, and no test ran on it",
            "ERROR the backend 'sqlite_file' is required, and no test ran on it",
        ]
    )


@pytest.mark.parametrize(
    "by_hand", [["-k", "inmemory"], ["-m", "inmemory"], ["test_it.py::TestUsers::test_create[inmemory]"]]
)
def test_deselecting_by_hand_is_no_failure(three, by_hand):
    """Whoever picks tests by hand knows that a required backend does not run."""
    assert three.run("--orm-require", "all", *by_hand).ret == 0


def test_a_required_backend_that_ran_is_fine(three):
    """Nothing is asked beyond that the backend ran."""
    three.run("--orm-require", "all").assert_outcomes(passed=3)
