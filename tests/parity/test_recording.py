"""The plugin that writes down what each test asked, and what was answered."""

import json

import pytest

RECORDER = ("-p", "orm_testing.parity.recording", "--orm-record", "record.jsonl")
CLASS = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite"]
    def get_test_models(self):
        return [User]
    @pytest.fixture
    def alice(self, orm):
        yield orm.create_and_verify(User, **ALICE)
        orm.clear_storage()
"""


@pytest.fixture
def recorded(project, pytester):
    """`recorded(tests)` runs the tests and gives the lines that were written, by test."""

    def run(tests, *arguments, **how):
        project.write(CLASS + tests).run(*RECORDER, *arguments, **how)
        lines = (pytester.path / "record.jsonl").read_text(encoding="utf-8").splitlines()
        return {line["test"].partition("::TestUsers::")[2]: line for line in map(json.loads, lines)}

    return run


def test_each_test_is_recorded_on_each_backend(recorded):
    """With its state, the product, its capabilities, and every operation, those of fixtures included."""
    lines = recorded(
        "    def test_it(self, orm, alice):\n        assert not orm.get_model(User, id='absent')\n"
    )
    assert list(lines) == ["test_it[inmemory]", "test_it[sqlite]"]
    line = lines["test_it[sqlite]"]
    assert (line["backend"], line["state"], line["why"]) == ("sqlite", "passed", "")
    assert line["fingerprint"].startswith("SQLite ")
    assert line["capabilities"]["integer_bits"] == "64"
    (trace,) = line["traces"]
    assert [each["asked"].partition("(")[0] for each in trace["operations"]] == [
        "orm.create_model",
        "orm.get_model",
        "orm.clear_storage",
    ]
    assert [each["answered"] for each in trace["operations"][1:]] == [["NotFoundError"], ["ok"]]
    assert "absent" in trace["operations"][1]["said"]


def test_how_a_test_ended_is_recorded_with_its_reason(recorded):
    """Whether it ran or not; and an error of the teardown is its end."""
    lines = recorded(
        """
    @requires("users")
    def test_unsupported(self, orm):
        pass
    @pytest.mark.skip(reason="not today")
    def test_skipped(self, orm):
        pass
    def test_failed(self, orm):
        assert orm.count_models(User) == 1
    def test_error(self, orm, alice, request):
        request.addfinalizer(lambda: 1 / 0)
""",
        "--orm-backend=inmemory",
    )
    assert {test: (line["state"], line["why"]) for test, line in lines.items()} == {
        "test_unsupported[inmemory]": ("unsupported", "inmemory lacks users"),
        "test_skipped[inmemory]": ("skipped", "not today"),
        "test_failed[inmemory]": ("failed", "assert 0 == 1"),
        "test_error[inmemory]": ("error", "ZeroDivisionError: division by zero"),
    }


def test_workers_write_one_record(recorded):
    """What a worker of xdist recorded is in the file of the run."""
    lines = recorded(
        "    def test_it(self, orm, alice):\n        pass\n    def test_that(self, orm, alice):\n        pass\n",
        "-n2",
        subprocess=True,
    )
    assert len(lines) == 4
    assert all(len(line["traces"][0]["operations"]) == 2 for line in lines.values())


def test_what_a_long_trace_forgot_is_counted(recorded):
    """The earliest operations of a very long test are not kept."""
    lines = recorded("    def test_it(self, orm):\n        [orm.count_models(User) for _ in range(1002)]\n")
    (trace,) = lines["test_it[inmemory]"]["traces"]
    assert (trace["forgotten"], len(trace["operations"])) == (2, 1000)


def test_tests_without_a_backend_are_left_out(project, pytester):
    """They have nothing to record."""
    project.write(CLASS + "    def test_it(self, orm):\n        pass\ndef test_other():\n    pass\n")
    project.run(*RECORDER).assert_outcomes(passed=2, deselected=1)


def test_hypothesis_draws_the_same_each_time(project, pytester):
    """Two records of a test that Hypothesis gives its data can be compared."""
    project.write(
        """
        from hypothesis import HealthCheck, given, settings, strategies as st

        class TestUsers(MultiBackendTestBase):
            ENABLED_BACKENDS = ["inmemory"]
            def get_test_models(self):
                return [User]
            @settings(
                max_examples=3, database=None,
                suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
            )
            @given(age=st.integers(0, 10**9))
            def test_it(self, orm, age):
                orm.count_models(User, age=age)
        """
    )
    told = []
    for _ in range(2):
        project.run(*RECORDER, "-p", "_hypothesis_pytestplugin", subprocess=True).assert_outcomes(passed=1)
        told.append((pytester.path / "record.jsonl").read_text(encoding="utf-8"))
    assert told[0].count("orm.count_models(User, age=") == 3
    assert told[0] == told[1]


def test_nothing_is_recorded_unless_asked(project):
    """The plugin alone changes nothing."""
    project.write(CLASS + "    def test_it(self, orm):\n        pass\ndef test_other():\n    pass\n")
    project.run("-p", "orm_testing.parity.recording").assert_outcomes(passed=3)
