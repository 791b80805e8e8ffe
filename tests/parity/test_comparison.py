"""Two records, compared: what counts as a difference, and what could not be compared."""

import json

from orm_testing.parity.comparison import Outcome, Parting, Record, compared
from orm_testing.parity.report import told


def operation(asked, *answered, said=""):
    return {"asked": asked, "answered": list(answered), "said": said}


def trace(*operations, forgotten=0):
    return {"forgotten": forgotten, "operations": list(operations)}


def run(*traces, state="passed", why="", together=None, apart=0, **capabilities):
    return {
        "state": state,
        "why": why,
        "fingerprint": "Product 1",
        "capabilities": capabilities,
        "traces": list(traces),
        "together": together,
        "apart": apart,
    }


ONE, TWO, THREE = operation("one", "ok"), operation("two", "1 row", "a"), operation("three", "ok")
OTHER = operation("two", "1 row", "b")


def comparison(one, other):
    return compared(Record({"t": one}), Record({"t": other}))


def test_the_same_is_no_difference():
    """Every operation is counted."""
    found = comparison(run(trace(ONE, TWO), bulk="True"), run(trace(ONE, TWO), bulk="True"))
    assert not found.differs
    assert (found.tests, found.operations, found.after, found.apart) == (1, 2, 0, 0)


def test_what_follows_a_parting_is_not_compared():
    """Later answers may differ because of the first; they are counted."""
    found = comparison(run(trace(ONE, TWO, THREE)), run(trace(ONE, OTHER, THREE, THREE)))
    assert found.partings == [Parting("t", 2, ["two"], [TWO, OTHER])]
    assert (found.operations, found.after) == (2, 2)
    assert found.differs


def test_further_clients_are_compared_as_well():
    """Each with its own counterpart, as long as the test did not part before."""
    one, other = run(trace(ONE), trace(TWO)), run(trace(ONE), trace(OTHER))
    assert comparison(one, other).partings == [Parting("t", 1, ["two"], [TWO, OTHER])]
    found = comparison(run(trace(TWO), trace(TWO)), run(trace(OTHER), trace(OTHER)))
    assert len(found.partings) == 1


def test_one_that_asks_more_has_strayed():
    """What only one side asked is no answer that differs."""
    found = comparison(run(trace(ONE)), run(trace(ONE, TWO)))
    assert found.strayed == [Parting("t", 2, ["nothing more", "two"])]
    assert not found.differs
    assert (found.operations, found.after) == (1, 1)


def test_sessions_at_the_same_time_end_the_comparison():
    """From where they began; theirs and those after them are counted apart."""
    found = comparison(run(trace(ONE, TWO), together=1, apart=4), run(trace(ONE, OTHER), together=1, apart=4))
    assert not found.differs
    assert (found.operations, found.apart) == (1, 5)


def test_what_one_has_forgotten_is_compared_on_neither_side():
    """The traces are laid beside each other by the number of the operation."""
    found = comparison(run(trace(ONE, TWO, THREE)), run(trace(TWO, THREE, forgotten=1)))
    assert not found.differs
    assert (found.operations, found.after) == (2, 1)
    assert comparison(run(trace(ONE, TWO)), run(trace(OTHER, forgotten=1))).partings[0].number == 2


def test_states_that_differ_are_outcomes():
    """Whatever was answered; what did not run on one side has nothing to compare."""
    failed = run(trace(ONE), state="failed", why="assert 0")
    found = comparison(run(trace(ONE)), failed)
    assert found.outcomes == [("t", Outcome("passed", ""), Outcome("failed", "assert 0"))]
    assert found.operations == 1
    found = comparison(run(trace(ONE)), run(state="unsupported", why="it lacks bulk"))
    assert (found.differs, found.tests, found.operations) == (True, 0, 0)


def test_a_test_that_only_one_has_did_not_run_on_the_other():
    """A parametrisation that asks what the product is, say."""
    found = compared(Record({"t": run(trace(ONE))}), Record({}))
    assert found.outcomes == [("t", Outcome("passed", ""), Outcome("not run", ""))]


def test_an_error_before_the_first_operation_has_nothing_to_compare():
    """A store that does not open is an outcome."""
    broken = {"state": "error", "why": "it is down"}
    found = comparison(run(trace(ONE)), broken)
    assert found.outcomes == [("t", Outcome("passed", ""), Outcome("error", "it is down"))]
    assert found.tests == 0


def test_capabilities_are_those_of_all_tests():
    """Where one side has none, since nothing ran, there is nothing to say of them."""
    found = comparison(run(trace(ONE), bulk="True", digits="38"), run(trace(ONE), digits="34"))
    assert found.capabilities == [("bulk", "True", "absent"), ("digits", "38", "34")]
    assert found.differs
    assert not comparison(run(trace(ONE), bulk="True"), {"state": "error", "why": ""}).capabilities


def test_a_record_is_read_as_it_ended(tmp_path):
    """A test that was run again counts once; its product is named; what was never written is empty."""
    path = tmp_path / "record"
    lines = [{"test": "t", **run(state=state)} for state in ("failed", "passed")]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    record = Record.read(path)
    assert record.states() == "1 passed"
    assert record.fingerprint == "Product 1"
    assert Record.read(tmp_path / "absent").states() == "no test"


def test_the_row_that_differs_is_shown():
    """Where both have as many rows, the first that differs; else the first few of each."""
    many = operation("q", "5 rows", *"abcde")
    found = comparison(run(trace(many)), run(trace(operation("q", "5 rows", *"abxde"))))
    assert told(found, ("A", "B"))[2:5] == [
        "    operation 1: q",
        "    A: row 3 of 5: c",
        "    B: row 3 of 5: x",
    ]
    found = comparison(run(trace(many)), run(trace(operation("q", "SomeError", said="words"))))
    assert told(found, ("A", "B"))[3:9] == [
        "    A: 5 rows", "      a", "      b", "      c", "      … 2 more", "    B: SomeError: words",
    ]  # fmt: skip


def test_tests_that_ended_alike_share_their_reason():
    """It is said once for all of them."""
    lacking = run(state="unsupported", why="it lacks bulk")
    one, other = (dict.fromkeys("xy", each) for each in (run(trace(ONE)), lacking))
    lines = told(compared(Record(one), Record(other)), ("A", "B"))
    assert lines[:5] == [
        "2 tests ended differently:", "  x", "  y", "    A: passed", "    B: unsupported: it lacks bulk",
    ]  # fmt: skip
