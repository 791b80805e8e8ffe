"""A known failure is known in one way only: what passes, or fails otherwise, fails the run."""

import pytest

CLASS = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite"]
    def get_test_models(self):
        return [User]
"""

FAILS = """
    @known_failure("inmemory", kind="upstream", raises={raises!r}, reason="it is old", product={product!r})
    def test_it(self, orm):
        assert orm.count_models(User) == 0
        if orm.is_backend("inmemory"):
            orm.get_and_verify_exists(User, id="u1")
"""


def test_what_fails_as_it_is_known_to_is_a_known_failure(project):
    """It is counted as such, with whose it is, and the run passes; the other backend is not concerned."""
    result = project.write(CLASS + FAILS.format(raises="VerificationError", product="dict")).run("-rx")
    result.assert_outcomes(passed=1, xfailed=1)
    result.stdout.fnmatch_lines(
        [
            "inmemory  1 known failure (upstream)  in *",
            "sqlite    1 passed  in *",
            "XFAIL *inmemory* - upstream: it is old",
        ]
    )
    assert result.ret == 0


@pytest.mark.parametrize(
    ("raises", "product", "says"),
    [
        ("NotFoundError", "", "known on * is NotFoundError, not VerificationError: it is old"),
        ("VerificationError", "Redis", "*VerificationError*"),
    ],
)
def test_what_fails_in_another_way_is_a_failure(project, raises, product, says):
    """Another error, or the same on another product, is news."""
    result = project.write(CLASS + FAILS.format(raises=raises, product=product)).run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines([says, "inmemory  1 failed  in *"])


def test_what_passes_is_a_failure(project):
    """A test that is known to fail and passes asks for the entry to be removed."""
    result = project.write(
        CLASS
        + """
    @known_failure("inmemory", kind="ours", raises=AssertionError, reason="it is old")
    def test_it(self, orm):
        assert orm.count_models(User) == 0
"""
    ).run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["It is known to fail on dictionaries of *, and passes: it is old"])


def test_an_unknown_backend_is_an_error(project):
    """An entry about a backend that nobody knows would never be used."""
    text = FAILS.format(raises="AssertionError", product="").replace('"inmemory",', '"inmemroy",')
    result = project.write(CLASS + text).run()
    result.stderr.fnmatch_lines(["*inmemroy*"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR


KIT = """
    from orm_testing import InMemoryDriver, register_backend, NotFoundError

    class Blind(InMemoryDriver):
        def execute_create(self, operation):
            if operation.data.get("name") == "Ann":
                raise NotFoundError("Ann is not there")
            return super().execute_create(operation)

    register_backend("blind", Blind)
"""
CASES = """
from orm_testing.kit.support.cases import Cases, stored

class TestTheme(Cases):
    ENABLED_BACKENDS = ["blind"]
    User = stored(User)
    def test_one(self, orm):
        orm.create_and_verify(self.User, id="a", email="a", name="Ann")
    @pytest.mark.parametrize("name", ["Ann", "Bob"])
    def test_two(self, orm, name):
        orm.create_and_verify(self.User, id="a", email="a", name=name)
"""
LEDGER = """
[[known_failure]]
product = "{product}"
test = "{test}"
kind = "ours"
raises = "VerificationError"
reason = "it does not see Ann"
"""
ANN = "Theme::test_one", "Theme::test_two[Ann]"


def adopted(project, *tests, product="dict"):
    project.write(CASES, KIT)
    text = "".join(LEDGER.format(test=test, product=product) for test in tests)
    (project.pytester.path / "known_failures.toml").write_text(text)
    return project


def test_the_file_beside_the_driver_speaks_of_the_kit(project):
    """Its entries are about cases of the kit, on the product that they name."""
    result = adopted(project, *ANN).run()
    result.assert_outcomes(passed=1, xfailed=2)
    result.stdout.fnmatch_lines(["blind  1 passed, 2 known failure (ours)*"])


def test_an_entry_of_another_product_is_none_of_this_one(project):
    """The same failures on another product are failures."""
    assert adopted(project, *ANN, product="Other").run().parseoutcomes() == {"passed": 1, "failed": 2}


def test_an_entry_that_is_about_no_test_is_an_error(project):
    """A misspelt entry would otherwise stand there for ever."""
    result = adopted(project, *ANN, "Theme::test_misspelt").run()
    result.stderr.fnmatch_lines(
        ["*the ledger of 'blind' names tests that the kit does not have: 'Theme::test_misspelt'.*"]
    )
    assert result.ret == pytest.ExitCode.USAGE_ERROR


def test_one_case_by_its_name_runs_with_any_ledger(project):
    """Where one test is asked for, the entries about others are not judged."""
    name = "test_it.py::TestTheme::test_one"
    result = adopted(project, *ANN).run(name)
    assert result.parseoutcomes() == {"xfailed": 1}
