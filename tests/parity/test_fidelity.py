"""`orm-testing fidelity`: where a stand-in answers differently from the server, and how much was compared."""

import pytest

from orm_testing.cli import main

SAME = """
    def test_same(self, orm):
        user = orm.create_and_verify(User, **ALICE)
        orm.update_and_verify(user, age=31)
        orm.query_and_verify_count(User, 1, age__gt=30)
"""
ANSWERS = """
    def test_query(self, orm):
        orm.create_and_verify(User, **ALICE)
        orm.create_and_verify(User, id="u2", email="b", name="alice")
        orm.query_models(User, name__icontains="alice")
        orm.count_models(User)
"""
OUTCOMES = """
    @requires("transactions")
    def test_marked(self, orm):
        with orm.transaction():
            orm.create_and_verify(User, **ALICE)
    def test_passes_on_one(self, orm):
        orm.create_and_verify(User, **ALICE)
        assert orm.query_models(User, name__icontains="alice").data
"""


def after(lines, start):
    """The line that begins so, and those below it."""
    place = next(number for number, line in enumerate(lines) if line.startswith(start))
    return lines[place:]


def test_no_difference_is_said_with_what_was_compared(twofold, fidelity):
    """The exit code is 0 where both answer alike; the operations are counted, and only tests on the backend ran."""
    twofold(SAME + "\ndef test_of_something_else():\n    raise AssertionError\n")
    code, said = fidelity("fake")
    assert said == [
        "stand-in, fakemock 2.0 in process: 1 passed",
        "local, Fake 1.0: 1 passed",
        "3 operations of 1 test compared: no difference.",
    ]
    assert code == 0


def test_the_first_answer_that_differs_is_shown(twofold, fidelity):
    """The test, the operation at which the two part, and what each answered; the exit code is 1."""
    twofold(ANSWERS)
    code, said = fidelity("fake")
    alice = "User(id='{}', email='{}', name='{}', age=0, created_at=<datetime of a write>)"
    assert said[2:] == [
        "1 test answered differently, first here:",
        "  test_it.py::TestUsers::test_query[fake]",
        "    operation 3: orm.query_models(User, name__icontains='alice')",
        "    fakemock 2.0 in process: 1 row",
        f"      {alice.format('u2', 'b', 'alice')}",
        "    Fake 1.0: 2 rows",
        f"      {alice.format('u1', 'a@example.com', 'Alice')}",
        f"      {alice.format('u2', 'b', 'alice')}",
        "3 operations of 1 test compared: different are 1 answer.",
        "Not compared: 1 operation after tests had parted, or too far back.",
    ]
    assert code == 1


def test_capabilities_and_states_that_differ_are_listed(twofold, fidelity):
    """So is a test that is unsupported, or fails, on one side alone; why stands beside it."""
    twofold(OUTCOMES, alike=False)
    code, said = fidelity("fake")
    assert said[:4] == [
        "stand-in, fakemock 2.0 in process: 1 failed, 1 unsupported",
        "local, Fake 1.0: 2 passed",
        "1 capability declared differently:",
        "  transactions: absent on fakemock 2.0 in process, True on Fake 1.0",
    ]
    assert after(said, "2 tests ended differently")[1:7] == [
        "  test_it.py::TestUsers::test_marked[fake]",
        "    fakemock 2.0 in process: unsupported: fake lacks transactions",
        "    Fake 1.0: passed",
        "  test_it.py::TestUsers::test_passes_on_one[fake]",
        "    fakemock 2.0 in process: failed: AssertionError: assert []",
        "    Fake 1.0: passed",
    ]
    assert code == 1


def test_the_fields_of_an_error_count_and_its_words_do_not(twofold, fidelity):
    """Errors are compared by class and by how many fields they name; what they say is shown."""
    twofold("    def test_it(self, orm):\n        assert not orm.get_model(User, id='nobody')\n")
    _, said = fidelity("fake")
    assert "    fakemock 2.0 in process: NotFoundError (1 field): he is not at home" in said
    assert said[-2].startswith("    Fake 1.0: NotFoundError: ")


def test_what_a_test_asks_of_one_side_only_is_no_answer(twofold, fidelity):
    """A test that draws its own values is compared as far as it asks both the same; that is told, and no difference."""
    twofold(
        """
    def test_drawn(self, orm):
        import secrets
        orm.count_models(User)
        orm.create_and_verify(User, id=secrets.token_hex(4), email="e")
""",
    )
    code, said = fidelity("fake")
    assert after(said, "1 test asked for different things")[1] == "  test_it.py::TestUsers::test_drawn[fake]"
    assert "1 operation of 1 test compared: no difference." in said
    assert said[-1] == "Not compared: 1 operation after tests had parted, or too far back."
    assert code == 0


def test_sessions_at_the_same_time_are_left_out(twofold, fidelity):
    """What is answered there depends on who comes first: it is counted as not compared."""
    twofold(
        """
    def test_together(self, orm):
        orm.count_models(User)
        orm.concurrently(2, lambda client, worker: client.count_models(User))
        orm.count_models(User)
""",
    )
    code, said = fidelity("fake")
    assert said[2:] == [
        "1 operation of 1 test compared: no difference.",
        "Not compared: 3 operations of sessions at the same time, and after them.",
    ]
    assert code == 0


def test_it_runs_in_several_processes(twofold, fidelity):
    """With xdist the records of all workers are one."""
    twofold(SAME + ANSWERS)
    code, said = fidelity("fake", "-n2")
    assert said[:2] == ["stand-in, fakemock 2.0 in process: 2 passed", "local, Fake 1.0: 2 passed"]
    assert "6 operations of 2 tests compared: different are 1 answer." in said
    assert code == 1


def test_paths_and_options_go_to_pytest(twofold, fidelity):
    """Whatever stands after the backend is pytest's, options included."""
    twofold(SAME + ANSWERS)
    code, said = fidelity("fake", "test_it.py", "-k", "same")
    assert said[-1] == "3 operations of 1 test compared: no difference."
    assert code == 0


def test_the_real_server_may_be_given(twofold, fidelity, given):
    """`--real URL` names the server; it is shown nowhere with its password."""
    twofold(SAME)
    code, said = fidelity("fake", "--real", given)
    assert said[1] == "given, Fake 1.0: 1 passed"
    assert given.rpartition("@")[0] not in "".join(said)
    assert code == 0


def test_a_stand_in_that_is_the_projects_choice_is_not_the_real_one(twofold, fidelity, pytester):
    """Where the ini file chooses the stand-in, the comparison is still with a server, and a demand for one is no failure."""
    twofold(SAME)
    pytester.makeini("[pytest]\norm_services = fake=stand-in\norm_require = fake:real\n")
    code, said = fidelity("fake")
    assert said[1] == "local, Fake 1.0: 1 passed"
    assert code == 0


@pytest.mark.parametrize(
    ("environment", "arguments", "told"),
    [
        ({}, ["sqlite"], "the backend 'sqlite' needs no server, so that nothing stands in for one."),
        ({}, ["fakee"], "'fakee' is not a backend. Did you mean 'fake'?"),
        ({"FAKE_STAND_IN": ""}, ["fake"], "there is no stand-in of Fake here: nothing stands in for Fake in this process."),
        ({"FAKE_LOCAL": "absent"}, ["fake"], "there is no real Fake to compare with: given: ORM_TESTING_FAKE_URL is not set;"),
        ({}, ["fake", "--real", "wheel"], "there is no real Fake to compare with: wheel: no Python package brings Fake."),
        ({}, ["fake", "--real", "stand-in"], "--real: a stand-in is not the real server;"),
        ({}, ["fake", "--real", "http://x"], "--real: http://x is not a URL of Fake, which would begin with fake://"),
        ({}, ["fake", "-k", "absent"], "no test runs on 'fake': name it in ENABLED_BACKENDS,"),
        ({}, ["fake", "nowhere.py"], "the tests could not be run (stand-in): see what pytest says above."),
        ({}, ["fake", "--bad"], "pytest does not get as far as the tests: see what it says above."),
        ({"FAKE_LOCAL": "die"}, ["fake"], "no test asked both for anything: stand-in: 1 passed; local: 1 error (fake (local): "),
    ],
    ids=["no service", "unknown", "no stand-in", "no server", "no such way", "not real", "not its URL", "no test", "no path", "bad option", "dead"],
)  # fmt: skip
def test_what_cannot_be_compared_is_said(twofold, fidelity, monkeypatch, environment, arguments, told):
    """The exit code is 2, and one sentence says what is missing."""
    twofold(SAME)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    code, said = fidelity(*arguments)
    assert [line for line in said if line.startswith(f"not compared: {told}")], said
    assert code == 2


def test_what_pytest_says_is_shown_where_it_fails(twofold, fidelity, project):
    """A module that cannot be imported stops the comparison, and pytest's own words stand there."""
    twofold(SAME)
    project.write(test_broken="import nowhere")
    code, said = fidelity("fake")
    assert "E   ModuleNotFoundError: No module named 'nowhere'" in said
    assert said[-1] == "not compared: the tests could not be run (stand-in): see what pytest says above."
    assert code == 2


def test_other_commands_take_no_more_than_before(capsys):
    """Options that no command knows are an error still."""
    with pytest.raises(SystemExit):
        main(["backends", "--bad"])
    assert "unrecognized arguments: --bad" in capsys.readouterr().err
