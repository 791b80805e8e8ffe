"""Runs of pytest share their servers among their workers, end them, and do not disturb one another."""

import os
import signal
import time

import pytest
from fake_projects import TESTS, WAITING, left_running

from orm_testing.services import processes, runs


def until(condition, seconds=60):
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)
    return found


def test_a_run_starts_its_server_and_ends_it(served, temporary):
    """Tests on a backend with a service pass; the report says how it was had; nothing is left."""
    result = served.run()
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["fake: local, Fake 1.0, started in *s, its data initialised first"])
    assert not left_running(temporary)
    assert not list(temporary.glob("orm_testing-*/runs/*"))


def test_workers_share_one_server(served, temporary):
    """With xdist the server starts once, each worker has databases of its own name, and the controller ends it."""
    log = temporary / "seen"
    served.write(
        TESTS.replace(
            "orm.create_and_verify",
            f"print(orm.driver.store.url, orm.driver.store.name, file=open({str(log)!r}, 'a'))\n        orm.create_and_verify",
        )
    )
    result = served.run("-n", "2", subprocess=True)
    result.assert_outcomes(passed=4)
    seen = [line.split() for line in log.read_text().splitlines()]
    assert len({url for url, _ in seen}) == 1
    assert {name.split("_")[4] for _, name in seen} == {"gw0", "gw1"}
    assert result.stdout.str().count("fake: local") == 1
    assert not left_running(temporary)


def test_what_all_items_need_starts_together(served, temporary):
    """The first test that needs a server begins all that the collected items need, and no others."""
    served.write(
        TESTS.replace('["fake"]', '["fake", "other"]').replace(
            "orm.create_and_verify",
            "from fake_service import said\n        orm.create_and_verify",
        )
    )
    result = served.run()
    result.assert_outcomes(passed=8)
    result.stdout.fnmatch_lines(["fake: local, *", "other: local, *"])
    result = served.run("-m", "fake")
    result.assert_outcomes(passed=4, deselected=4)
    result.stdout.no_fnmatch_line("other: *")


def test_no_server_starts_for_tests_that_need_none(served, temporary):
    """A run whose tests need no server touches nothing of the machinery."""
    served.write(TESTS.replace('["fake"]', '["inmemory"]')).run().assert_outcomes(passed=4)
    assert not list(temporary.iterdir())


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_after_kill_the_next_run_ends_what_is_left(served, temporary, workers):
    """`kill -9` leaves a server behind; the next run ends it, and passes."""
    served.write(WAITING)
    run = served.begin(*workers)
    until(lambda: list(temporary.glob("waiting*")))
    [left] = left_running(temporary)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    assert left_running(temporary) == [left]
    served.write(TESTS)
    served.run().assert_outcomes(passed=4)
    assert not left_running(temporary)
    assert not list(temporary.glob("orm_testing-*/runs/*"))


def test_kill_while_a_server_starts_leaves_it_known(served, temporary, monkeypatch):
    """A server whose run was killed before it answered is known by the id that it noted itself."""
    monkeypatch.setenv("FAKE_LOCAL", "mute")
    run = served.begin()
    until(lambda: left_running(temporary))
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    run.stdout.close()
    assert left_running(temporary)
    monkeypatch.setenv("FAKE_LOCAL", "well")
    served.run().assert_outcomes(passed=4)
    assert not left_running(temporary)


def test_two_runs_at_once_do_not_meet(served, temporary):
    """A second run starts a server of its own, and leaves that of a run that is alive alone."""
    served.write(WAITING)
    run = served.begin()
    until(lambda: list(temporary.glob("waiting*")))
    [first] = left_running(temporary)
    served.write(TESTS)
    served.run().assert_outcomes(passed=4)
    assert left_running(temporary) == [first]
    (temporary / "go").touch()
    said, _ = run.communicate(timeout=30)
    assert "1 passed" in said
    assert not left_running(temporary)


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_ctrl_c_ends_the_servers(served, temporary, workers):
    """An interrupt, which the server itself does not get, ends it with the run."""
    served.write(WAITING)
    run = served.begin(*workers)
    until(lambda: list(temporary.glob("waiting*")))
    os.killpg(run.pid, signal.SIGINT)
    said, _ = run.communicate(timeout=30)
    assert "KeyboardInterrupt" in said
    assert run.returncode == pytest.ExitCode.INTERRUPTED
    assert not left_running(temporary)
    assert not list(temporary.glob("orm_testing-*/runs/*"))


@pytest.mark.parametrize("how", ["pytest.exit('enough')", "assert False"])
def test_a_run_that_stops_early_ends_its_servers(served, temporary, how):
    """`pytest.exit` and `-x` end the servers as a whole run does."""
    served.write(TESTS + f"        {how}\n").run("-x")
    assert not left_running(temporary)
    assert not list(temporary.glob("orm_testing-*/runs/*"))


def test_a_server_that_dies_between_tests_is_started_again(served, temporary):
    """The test in whose midst the server dies fails; the next one works."""
    served.write(
        TESTS
        + """
    def test_death(self, orm):
        import os, signal
        from fake_service import said
        os.kill(int(said(orm.driver.store.url, "pid")), signal.SIGKILL)
        orm.reset()
    def test_next(self, orm):
        orm.create_and_verify(User, **ALICE)
"""
    )
    result = served.run()
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["*UnavailableError: 127.0.0.1:*"])
    assert not left_running(temporary)


def test_the_sockets_directory_has_a_short_path(served, temporary):
    """Sockets lie at a path short enough for one: below a hundred characters, with macOS's long temporary directory."""
    longest = "/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T"
    assert len(f"{longest}/orm_testing-501/runs/aaaaaa/postgres/s/.s.PGSQL.54321") < 104
    served.write(WAITING)
    run = served.begin()
    until(lambda: list(temporary.glob("waiting*")))
    [sockets] = temporary.glob("orm_testing-*/runs/*/fake/s")
    assert sockets.relative_to(temporary).parts[0] == f"orm_testing-{os.geteuid()}"
    assert [len(part) for part in sockets.relative_to(temporary).parts[1:]] == [4, 6, 4, 1]
    (temporary / "go").touch()
    run.communicate(timeout=30)


def test_a_kept_server_of_another_version_is_left_running(servers, product):
    """A record that this version of the library cannot read is still one of a server that answered, and is somebody's."""
    mine = servers(keep=True)
    mine.server(product)
    folder = mine.kept("fake")
    record = folder.record()
    (folder.path / "record.json").write_text('{"of": "a later version"}')
    runs.reap_now()
    assert processes.runs(record.pid, folder.data)
    folder.remove()
