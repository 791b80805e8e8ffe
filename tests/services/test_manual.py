"""Servers that are kept: found again by the next run, managed by hand, and nobody else's touched."""

import os
import signal

import pytest
from fake_projects import left_running
from fake_service import FakeProduct, said

from orm_testing.backends import Backend, registry
from orm_testing.cli import main
from orm_testing.services import manual, processes


@pytest.fixture
def command(served, capsys):
    """`command("services", "up")` runs in a project that has the fake services, and answers what it printed."""
    before = registry.snapshot()

    def run(*words, code=0, keep=False):
        if not keep:
            registry.restore(before)
        capsys.readouterr()
        assert main(words) == code
        printed = capsys.readouterr()
        return printed.out if code == 0 else printed.err

    yield run
    registry.restore(before)


def test_kept_servers_are_found_again(served, temporary):
    """`--orm-keep-services` leaves the server running; the next run uses it, and leaves it running as well."""
    result = served.run("--orm-keep-services")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["fake: local, Fake 1.0, started in *, kept"])
    [kept] = left_running(temporary)
    served.run().assert_outcomes(passed=4)
    served.run("-n", "2", subprocess=True).assert_outcomes(passed=4)
    assert left_running(temporary) == [kept]
    assert not list(temporary.glob("orm_testing-*/runs/*"))


def test_a_kept_server_holds_nothing_of_a_run(served, temporary, command):
    """What a run made on a kept server is gone when the run is."""
    served.run("--orm-keep-services").assert_outcomes(passed=4)
    [data] = temporary.glob("orm_testing-*/kept/*/fake/data/databases")
    assert not list(data.iterdir())


def test_a_kept_server_that_died_is_started_anew(served, temporary):
    """The next run starts another in its place, and keeps that."""
    served.run("--orm-keep-services")
    [pid_file] = temporary.glob("orm_testing-*/kept/*/fake/pid")
    pid = processes.noted_in(pid_file)
    os.kill(pid, signal.SIGKILL)
    assert processes.ended(pid, 5)
    result = served.run()
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["fake: local, Fake 1.0, started in *, kept"])
    assert processes.noted_in(pid_file) != pid
    assert len(left_running(temporary)) == 1


def test_a_kept_server_is_not_used_where_another_way_was_chosen(served, temporary):
    """`--orm-service` decides, whatever is kept."""
    served.run("--orm-keep-services")
    result = served.run("--orm-service", "fake=wheel")
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(["*fake=wheel (--orm-service) cannot be had*"])
    assert len(left_running(temporary)) == 1


def test_another_checkout_has_servers_of_its_own(served, temporary, servers, product):
    """What one checkout keeps, another does not find."""
    served.run("--orm-keep-services")
    servers(checkout="/another").server(product)
    assert len(left_running(temporary)) == 2


def test_up_status_logs_and_stop(command, temporary, served):
    """By hand a server is started and kept, listed, its log shown, used by a run, and stopped."""
    assert "No server is kept" in command("services", "status")
    assert "fake: local, Fake 1.0, started in " in command("services", "up", "fake")
    [line] = left_running(temporary)
    told = command("services", "status")
    assert told.startswith("fake: local, Fake 1.0, runs at fake://root:***@127.0.0.1:")
    assert command("services", "logs", "fake") == "starting\nlistening\n"
    served.run().assert_outcomes(passed=4)
    assert left_running(temporary) == [line]
    assert command("services", "stop", "fake") == "fake: stopped\n"
    assert not left_running(temporary)
    assert "nothing was stopped" in command("services", "stop")


def test_up_starts_no_second_one(command, temporary):
    """`up` of a server that is kept already leaves it as it is."""
    command("services", "up", "fake")
    before = left_running(temporary)
    command("services", "up", "fake")
    assert left_running(temporary) == before


def test_status_tells_of_one_that_died(command, temporary):
    """A kept server that is gone is said to have died; its log can still be read."""
    command("services", "up", "fake")
    [pid_file] = temporary.glob("orm_testing-*/kept/*/fake/pid")
    pid = processes.noted_in(pid_file)
    os.kill(pid, signal.SIGKILL)
    assert processes.ended(pid, 5)
    assert "fake: local, Fake 1.0, has died; see `orm-testing services logs fake`" in command(
        "services", "status"
    )
    assert "listening" in command("services", "logs", "fake")


def test_clean_ends_what_is_dead_and_spares_what_runs(command, temporary, servers, product):
    """`clean` ends dead runs and removes cached data; kept servers and runs that are alive go on."""
    command("services", "up", "fake")
    alive = servers(run="cccccc").server(product)
    killed = servers(run="dddddd")
    dead = int(said(killed.server(product).url, "pid"))
    killed.run.leave()
    told = command("services", "clean")
    assert "1 dead runs ended" in told
    assert "1 initialised data directories" in told
    assert processes.command_line(dead) == ""
    assert said(alive.url, "hello") == "Fake 1.0"
    assert len(left_running(temporary)) == 2
    assert not [path for path in temporary.glob("orm_testing-*/cache/*") if path.is_dir()]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("up", "fakee"), "ERROR: 'fakee' is not a service. Did you mean 'fake'? Known are: "),
        (("stop", "fakee"), "ERROR: 'fakee' is not a service. Did you mean 'fake'?"),
        (("logs", "fake"), "ERROR: no server 'fake' is kept for this checkout. Kept are: none."),
    ],
)
def test_wrong_names_are_errors(command, words, told):
    """A service that nobody knows, or that is not kept, is an error with what there is."""
    assert told in command("services", *words, code=4)


def test_a_missing_library_leaves_a_service_out_aloud(command):
    """`up` and `compose` say which services they leave out, and what would bring them; one that is named is an error."""
    registry.register("missing", Backend(driver="nowhere:Driver", service="nowhere:Product", extra="shiny"))
    told = "the backend 'missing' needs the module 'nowhere', which is not installed: pip install 'orm-testing[shiny]'"
    assert command("compose", keep=True).startswith(f"# missing: left out: {told}\n# Servers for")
    assert command("services", "up", "missing", code=4, keep=True) == f"ERROR: {told}\n\n"
    assert manual.left_out() == [f"missing: left out: {told}"]


def test_what_cannot_be_asked_is_not_started(command, monkeypatch, temporary):
    """A server whose client library is missing is left alone, though its programs are here, and what to install is said."""
    monkeypatch.setattr(FakeProduct, "client", "nowhere")
    told = "the backend 'fake' needs the module 'nowhere', which is not installed: "
    assert f"fake: unavailable: {told}" in command("services", "up")
    assert command("services", "up", "fake", code=4).startswith(f"ERROR: fake cannot be had here: {told}")
    assert f"fake\n  cannot be had: {told}" in command("doctor")
    assert not left_running(temporary)


def test_up_of_what_cannot_be_had_is_an_error(command, monkeypatch):
    """A service that was named and that no way brings is an error with the reasons."""
    monkeypatch.setenv("FAKE_LOCAL", "absent")
    told = command("services", "up", "fake", code=4)
    assert told.startswith(
        "ERROR: fake cannot be had here: Fake: given: ORM_TESTING_FAKE_URL is not set; local: fake-server is"
    )
