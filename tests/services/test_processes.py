"""A private server's process: begun, watched while it starts, and ended by its id."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from fake_service import FakeProduct, OtherProduct, said

from orm_testing import ConfigurationError
from orm_testing.services import private, processes, runs


def test_a_server_is_started_and_ended(servers, product, temporary):
    """A private server answers at its URL with its password; ending the run ends the process and removes its files."""
    mine = servers()
    server = mine.server(product)
    assert said(server.url, "hello") == server.fingerprint == "Fake 1.0"
    pid = int(said(server.url, "pid"))
    folder = runs.directory("aaaaaa")
    assert str(folder) in processes.command_line(pid)
    mine.leave()
    runs.end("aaaaaa")
    assert processes.command_line(pid) == ""
    assert not folder.exists()


def test_a_second_start_copies_initialised_data(servers, product):
    """Data are initialised once per version; the report says which start was cold."""
    mine = servers()
    mine.server(product)
    assert "initialised first" in mine.told()["fake"]
    other = servers(run="bbbbbb")
    other.server(product)
    assert "initialised first" not in other.told()["fake"]


def test_a_dead_process_is_noticed_at_once(servers, product, monkeypatch):
    """A server that ends while it starts is an error with its last 50 log lines, long before the timeout."""
    monkeypatch.setenv("FAKE_LOCAL", "die")
    began = time.monotonic()
    with pytest.raises(ConfigurationError) as caught:
        servers(patience=60).server(product)
    assert time.monotonic() - began < 10
    told = str(caught.value)
    assert told.startswith(
        "fake (local): Fake ended with exit code 3 before it answered.\nlast 50 lines of its log:"
    )
    assert "    line 59" in told
    assert "    line 10\n" in told
    assert "    line 9\n" not in told


def test_a_failure_is_told_again_and_not_tried_again(servers, product, monkeypatch):
    """Whoever needs the server next, in this process or another of the run, is told the same at once."""
    monkeypatch.setenv("FAKE_LOCAL", "die")
    mine = servers()
    with pytest.raises(ConfigurationError) as first:
        mine.server(product)
    monkeypatch.setenv("FAKE_LOCAL", "well")
    for again in (mine, servers(worker="gw1")):
        with pytest.raises(ConfigurationError) as told:
            again.server(product)
        assert str(told.value) == str(first.value)
    servers(run="bbbbbb").server(product)


def test_a_slow_start_is_awaited(servers, product, monkeypatch):
    """A server that needs time before it listens is asked until it answers."""
    monkeypatch.setenv("FAKE_LOCAL", "slow")
    assert servers().server(product).fingerprint == "Fake 1.0"


def test_a_server_that_never_answers_is_given_up(servers, product, monkeypatch, temporary):
    """A process that accepts and says nothing is ended after the configured seconds."""
    monkeypatch.setenv("FAKE_LOCAL", "mute")
    began = time.monotonic()
    with pytest.raises(
        ConfigurationError,
        match=r"did not answer within 0.5 s \(--orm-service-timeout\): .*\nits log:\n *starting\n *listening",
    ):
        servers(patience=0.5).server(product)
    assert time.monotonic() - began < 5
    assert not list(temporary.glob("orm_testing-*/runs/*/fake"))


def test_a_port_that_was_taken_is_tried_elsewhere(servers, product, monkeypatch):
    """Where somebody takes the free port before the server does, another is tried."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taker:
        taken = taker.getsockname()[1]
        free = private._free_port
        ports = iter([taken])
        monkeypatch.setattr(private, "_ONE_QUESTION", 0.3)
        monkeypatch.setattr(private, "_free_port", lambda: next(ports, None) or free())
        server = servers().server(product)
    assert str(taken) not in server.url


def test_a_server_that_died_is_started_anew(servers, product):
    """Before a server is handed out again it is seen to be alive; all processes of the run find the new one."""
    mine, other = servers(), servers(worker="gw1")
    first = mine.server(product)
    assert other.server(product).url == first.url
    pid = int(said(first.url, "pid"))
    os.kill(pid, signal.SIGKILL)
    assert processes.ended(pid, 5)
    second = mine.server(product)
    assert second.url != first.url
    assert other.server(product).url == second.url


def test_only_our_own_process_is_ended(temporary):
    """A process that got the id of a server of ours, and is not it, is left alone."""
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    processes.end(stranger.pid, temporary / "data", signal.SIGTERM)
    assert stranger.poll() is None
    stranger.communicate(b"\n")
    assert stranger.returncode == 0


def test_a_process_that_does_not_listen_to_its_signal_is_killed(temporary, monkeypatch):
    """A server that ignores the signal by which it should stop is ended all the same."""
    monkeypatch.setattr(processes, "_KILLED_WITHIN", 0.2)
    script = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
    deaf = subprocess.Popen([sys.executable, "-c", script, str(temporary)], stdout=subprocess.PIPE)
    deaf.stdout.readline()
    processes.end(deaf.pid, temporary, signal.SIGTERM)
    assert processes.command_line(deaf.pid) == ""
    processes.let_go(deaf)
    deaf.stdout.close()


def test_a_start_can_be_given_up(servers, product, monkeypatch):
    """Leaving a run ends a start that is under way: after Ctrl-C nobody waits for a server that nobody needs."""
    monkeypatch.setenv("FAKE_LOCAL", "mute")
    monkeypatch.setattr(private, "_ONE_QUESTION", 0.1)
    mine = servers(patience=60)
    caught = []

    def start():
        try:
            mine.server(product)
        except ConfigurationError as error:
            caught.append(str(error))

    thread = threading.Thread(target=start)
    thread.start()
    began = time.monotonic()
    mine.leave()
    thread.join()
    assert time.monotonic() - began < 10
    assert "was given up" in caught[0]


def test_what_is_waited_for_without_a_descriptor(temporary, monkeypatch):
    """On systems that have no descriptors of processes, the end of one is seen by its command line."""
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    waits = [sys.executable, "-c", "print(flush=True); input()"]
    with subprocess.Popen(
        waits, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        process.stdout.readline()  # as it begins, it has no command line for a moment
        assert not processes.ended(process.pid, 0.05)
        process.stdin.close()
        assert processes.ended(process.pid, 10)


def test_servers_start_at_the_same_time(servers, monkeypatch):
    """All that is begun is under way at once: each waits here until the other is asked for an answer."""
    both = threading.Barrier(2, timeout=60)
    asked = set()

    def ask(self, url, timeout):
        if self.name not in asked:
            asked.add(self.name)
            both.wait()
        return said(url, "hello", timeout)

    monkeypatch.setattr(FakeProduct, "ask", ask)
    mine = servers(patience=60)
    products = [FakeProduct(), OtherProduct()]
    mine.begin(products)
    assert {mine.server(product).product for product in products} == {"fake", "other"}
