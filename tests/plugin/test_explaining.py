"""`--orm-explain-isolation` says which way each test got its clean start, and why."""

TEST = """
from orm_testing import InMemoryDriver, new_store, register_backend

class Anew(InMemoryDriver):
    reset = DriverInterface.reset

register_backend("anew", Anew)

class TestIt(MultiBackendTestBase):
    ENABLED_BACKENDS = ["anew", "inmemory", "sqlite"]

    def get_test_models(self):
        return [User]

    def test_one(self, orm):
        orm.create_and_verify(User, **ALICE)

    def test_two(self, orm):
        orm.create_and_verify(User, **ALICE)

    @new_store
    def test_three(self, orm):
        orm.create_and_verify(User, **ALICE)
"""


def test_each_strategy_is_counted_with_its_reason(project):
    """A first test, a reset, a store made anew because the test asks, and a driver that cannot be reset."""
    run = project.write(TEST).run("--orm-explain-isolation")
    run.assert_outcomes(passed=9)
    run.stdout.fnmatch_lines(
        [
            "*orm_testing: isolation*",
            "anew  3 by new driver: it has neither a store nor a reset",
            "inmemory  1 by new driver: the first test of these models",
            "inmemory  1 by new driver: the test asks for one",
            "inmemory  1 by reset: the driver's own",
            "sqlite  1 by new store: the first test of these models",
            "sqlite  1 by new store: the test asks for one",
            "sqlite  1 by reset: deletion from 1 table*",
        ]
    )
    assert "test_one" not in run.stdout.str().split("isolation =", 1)[1]


def test_verbose_names_each_test(project):
    """With -v every test is listed with its plan, also where other workers ran it."""
    run = project.write(TEST).run(
        "--orm-explain-isolation", "-v", "-n", "2", "--dist=loadfile", subprocess=True
    )
    run.stdout.fnmatch_lines(["test_it.py::TestIt::test_two?sqlite?  reset: *"])


def test_without_the_option_nothing_is_said(project):
    """The section is there for who asks."""
    run = project.write(TEST).run()
    run.stdout.no_fnmatch_line("*orm_testing: isolation*")
