"""A library that plays a product in this process: taken last, called by its own name, and never taken for the product."""

import pytest
from fake_projects import CONFTEST, TESTS

from orm_testing import ConfigurationError
from orm_testing.services import ladder, manual
from orm_testing.services.compose import compose
from orm_testing.services.ladder import Choice

NEEDS = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["fake"]
    def get_test_models(self):
        return [User]
    @requires("sessions")
    def test_sessions(self, orm):
        pass
    @requires("bulk")
    def test_bulk(self, orm):
        raise AssertionError("no product has it")
"""


@pytest.fixture
def stands_in(monkeypatch):
    """A machine without a server of the product, where a library stands in for it."""
    monkeypatch.setenv("FAKE_LOCAL", "absent")
    monkeypatch.setenv("FAKE_STAND_IN", "1")


def test_a_server_is_preferred(served, monkeypatch):
    """Where both can be had, tests run on the server."""
    monkeypatch.setenv("FAKE_STAND_IN", "1")
    result = served.run()
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["fake  4 passed*  Fake 1.0", "fake: local, Fake 1.0, started in *"])


@pytest.mark.usefixtures("stands_in")
def test_the_summary_names_the_stand_in(served):
    """Where no server can be had, its own name and version stand where a server's would."""
    result = served.run()
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(
        ["fake  4 passed*  fakemock 2.0 in process", "fake: stand-in, fakemock 2.0 in process"]
    )


def test_it_can_be_chosen(served, monkeypatch):
    """`--orm-service NAME=stand-in` takes it although there is a server; where there is none, that is an error."""
    monkeypatch.setenv("FAKE_STAND_IN", "1")
    result = served.run("--orm-service=fake=stand-in")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["fake: stand-in, fakemock 2.0 in process"])
    monkeypatch.delenv("FAKE_STAND_IN")
    result = served.run("--orm-service=fake=stand-in")
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(
        [
            "*fake=stand-in (--orm-service) cannot be had: stand-in: nothing stands in for Fake in this process."
        ]
    )


@pytest.mark.usefixtures("stands_in")
@pytest.mark.parametrize("required", ["fake:real", "all:real"])
def test_it_does_not_satisfy_who_requires_the_real_one(served, required):
    """`--orm-require NAME:real` fails each test on a stand-in, and says what stood in."""
    result = served.run(f"--orm-require={required}")
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(
        ["*the backend 'fake' is required to be real, and fakemock 2.0 in process stands in for it*"]
    )


@pytest.mark.usefixtures("stands_in")
def test_it_satisfies_who_requires_the_backend(served):
    """Without `:real` a stand-in is the backend."""
    served.run("--orm-require=fake").assert_outcomes(passed=4)


def test_a_server_of_a_stand_in_does_not_either(served, monkeypatch):
    """Moto, for one, answers at a URL as well: that it is a server makes it no real one."""
    monkeypatch.setenv("FAKE_PLAYS", "1")
    served.run("--orm-require=fake").assert_outcomes(passed=4)
    result = served.run("--orm-require=fake:real")
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(
        ["*the backend 'fake' is required to be real, and Fake 1.0 stands in for it*"]
    )


def test_a_server_satisfies_who_requires_the_real_one(served):
    """And `:real` requires, as the name alone does, that a test ran."""
    served.run("--orm-require=fake:real").assert_outcomes(passed=4)
    result = served.run("--orm-require=other:real")
    result.stdout.fnmatch_lines(["ERROR the backend 'other' is required, and no test ran on it"])
    assert result.ret == 1


def test_an_unknown_name_is_told_without_its_suffix(served):
    """A mistake in a name is the same mistake with `:real`."""
    result = served.run("--orm-require=fakee:real")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: 'fakee' is not a backend. Did you mean 'fake'?*"])


@pytest.mark.usefixtures("stands_in")
def test_what_the_stand_in_lacks_is_known_at_collection(project):
    """A test that needs what the foreseen product lacks is unsupported before anything starts."""
    run = project.write(NEEDS, conftest=CONFTEST).run("-rs", "--setup-plan", "-k", "sessions")
    run.stdout.fnmatch_lines(["*fake lacks sessions"])
    run.stdout.no_fnmatch_line("*SETUP*orm*")


def test_what_only_the_live_product_tells_is_known_before_the_test_begins(project):
    """A test that needs what the product turns out to lack is unsupported, not failed."""
    run = project.write(NEEDS, conftest=CONFTEST).run("-rs")
    run.assert_outcomes(passed=1, skipped=1)
    run.stdout.fnmatch_lines(
        ["fake*1 unsupported, 1 touched nothing*", "*unsupported: fake lacks bulk on Fake 1.0"]
    )


@pytest.mark.usefixtures("stands_in")
def test_there_is_nothing_to_start_by_hand(servers, product, monkeypatch):
    """`services up` says so of a stand-in, and keeps nothing."""
    monkeypatch.setattr(manual, "products", lambda _names: {"fake": product})
    mine = servers()
    assert manual.up(mine, ["fake"]) == ["fake: stand-in, fakemock 2.0 in process: there is nothing to start"]
    assert not mine.kept("fake").path.exists()


def test_every_worker_has_one_of_its_own(project, monkeypatch):
    """Under xdist a stand-in serves each worker's tests in that worker's process."""
    monkeypatch.setenv("FAKE_LOCAL", "absent")
    monkeypatch.setenv("FAKE_STAND_IN", "1")
    result = project.write(TESTS, conftest=CONFTEST).run("-n2", subprocess=True)
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["fake: stand-in, fakemock 2.0 in process"])


def test_what_costs_money_is_confirmed_first(served, servers, product, monkeypatch):
    """A given URL that the product asks to be sure of is used once the user confirmed it by name, and not before."""
    url = servers(run="ffffff", checkout="/elsewhere").server(product).url
    monkeypatch.setenv("ORM_TESTING_FAKE_URL", url)
    monkeypatch.setenv("FAKE_COSTS", "1")
    result = served.run()
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(["*Each call costs money. Confirm that with --orm-confirm-service fake.*"])
    served.run("--orm-confirm-service=other").assert_outcomes(errors=4)
    served.run("--orm-confirm-service=fake").assert_outcomes(passed=4)


def test_a_product_without_an_image_has_no_container(product, monkeypatch):
    """It is passed over with that reason, and `compose` leaves it out."""
    monkeypatch.setattr(type(product), "image", "")
    reasons = {found.way: found.reason for found in ladder.survey(product, None)}
    assert reasons["container"] == "container: no image of Fake is known"
    assert "fake" not in compose([product])
    with pytest.raises(ConfigurationError, match="no image of Fake is known"):
        ladder.first(product, Choice("container", "a test"))
