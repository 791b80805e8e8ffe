"""The proxy forwards what both sides say, until it is told to fail."""

import socket
import socketserver
import threading
from contextlib import suppress

import pytest
from ports import refusing

from orm_testing.faults.proxy import Proxy

LARGE = bytes(range(256)) * 20_000


class Server(socketserver.ThreadingTCPServer):
    """Says what it hears, and keeps it."""

    daemon_threads = True
    answers = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Echo)
        self.heard = b""
        self.changed = threading.Condition()

    def has_heard(self, said):
        with self.changed:
            assert self.changed.wait_for(lambda: self.heard == said, 5)


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        with suppress(OSError):
            while said := self.request.recv(1 << 16):
                with self.server.changed:
                    self.server.heard += said
                    self.server.changed.notify_all()
                if self.server.answers:
                    self.request.sendall(said)


@pytest.fixture
def server():
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        yield made
        made.shutdown()
        thread.join()


@pytest.fixture
def proxy(server):
    with Proxy(*server.server_address) as made:
        yield made


@pytest.fixture
def client(proxy):
    with connected(proxy) as made:
        assert asked(made, b"hello") == b"hello"
        yield made


def connected(proxy):
    made = socket.create_connection(("127.0.0.1", proxy.port), 5)
    made.settimeout(5)
    return made


def asked(client, said):
    client.sendall(said)
    return received(client, len(said))


def received(client, number):
    heard = b""
    while len(heard) < number and (more := client.recv(1 << 16)):
        heard += more
    return heard


def lost(client):
    try:
        return client.recv(1) == b""
    except ConnectionError:
        return True


def test_it_forwards_both_ways(proxy, client):
    """What one side says the other hears, of several connections each its own, however much it is."""
    with connected(proxy) as other:
        assert asked(other, b"other") == b"other"
        assert asked(client, b"one") == b"one"
        sender = threading.Thread(target=client.sendall, args=[LARGE])
        sender.start()
        assert received(client, len(LARGE)) == LARGE
        sender.join()
    assert proxy.connections == 2


def test_it_ends_what_one_side_ends(server, proxy):
    """Where the client closes its connection, the server's is closed; what was said before still arrives."""
    with connected(proxy) as client:
        client.sendall(b"last")
        client.shutdown(socket.SHUT_WR)
        assert received(client, 4) == b"last"
        assert client.recv(1) == b""


def test_it_cuts_every_connection(proxy, client):
    """After a cut nothing is heard of either side, and who connects anew is served."""
    with connected(proxy) as other:
        asked(other, b"other")
        proxy.cut()
        assert lost(client)
        assert lost(other)
    with connected(proxy) as new:
        assert asked(new, b"new") == b"new"


def test_it_refuses(proxy, client):
    """While it refuses nobody can connect, and who is connected is served; its port stays its own."""
    proxy.refuse()
    for _ in range(3):
        with pytest.raises(ConnectionRefusedError):
            connected(proxy)
    assert asked(client, b"still") == b"still"
    proxy.let_through()
    with connected(proxy) as new:
        assert asked(new, b"new") == b"new"


def test_it_cuts_before_a_request_is_heard(server, proxy, client):
    """The request at which it cuts does not reach the server; those before it do."""
    proxy.cut_at(2, "request")
    assert asked(client, b"one") == b"one"
    assert not proxy.struck
    client.sendall(b"two")
    assert lost(client)
    assert proxy.struck
    assert server.heard == b"helloone"
    with connected(proxy) as new:
        assert asked(new, b"new") == b"new"


def test_it_cuts_before_an_answer_is_heard(server, proxy, client):
    """The request whose answer it cuts has reached the server; the answer does not come back."""
    proxy.cut_at(1, "answer")
    client.sendall(b"one")
    assert lost(client)
    assert proxy.struck
    assert server.heard == b"helloone"


def test_it_cuts_as_often_as_it_is_told(server, proxy, client):
    """What is sent again is lost again, until so many were lost that were to be; then it is let through."""
    proxy.cut_at(2, "answer", times=2)
    assert asked(client, b"one") == b"one"
    assert not proxy.struck
    client.sendall(b"two")
    assert lost(client)
    assert proxy.struck
    with connected(proxy) as again:
        again.sendall(b"two")
        assert lost(again)
    with connected(proxy) as new:
        assert asked(new, b"two") == b"two"
    assert server.heard == b"helloonetwotwotwo"


def test_a_message_of_several_packets_is_one(server, proxy, client):
    """What a side says before the other one answers is one message: none is cut in its midst."""
    server.answers = False
    client.sendall(b"on")
    server.has_heard(b"helloon")
    proxy.cut_at(1, "request")
    client.sendall(b"e")
    server.has_heard(b"helloone")
    assert not proxy.struck
    server.answers = True
    assert asked(client, b".") == b"."
    client.sendall(b"two")
    assert lost(client)
    assert server.heard == b"helloone."


def test_what_was_to_be_cut_is_forgotten_when_it_lets_through(proxy, client):
    """After `let_through` nothing is cut that was announced before."""
    proxy.cut_at(1, "request")
    proxy.let_through()
    assert asked(client, b"one") == b"one"
    assert not proxy.struck


def test_it_hangs(server, proxy, client):
    """While it hangs nothing is forwarded and nothing ends; after that everything arrives."""
    proxy.hang()
    client.sendall(b"held")
    client.settimeout(0.05)
    with pytest.raises(TimeoutError):
        client.recv(1)
    assert server.heard == b"hello"
    client.settimeout(5)
    proxy.let_through()
    assert received(client, 4) == b"held"


def test_a_server_that_is_not_there_is_told_at_once():
    """Who connects while the server is gone loses the connection again."""
    with refusing() as port, Proxy("127.0.0.1", port) as proxy:
        try:
            with connected(proxy) as client:
                assert lost(client)
        except ConnectionResetError:
            pass  # it was lost before the client knew that it had it
        assert proxy.connections == 1


def test_it_leaves_nothing(server):
    """When it ends, so do its thread and its connections, and its port is free."""
    before = threading.active_count()
    with Proxy(*server.server_address) as proxy:
        client = connected(proxy)
        asked(client, b"one")
    assert lost(client)
    client.close()
    with socket.create_server(("127.0.0.1", proxy.port)):
        assert not [each for each in threading.enumerate() if each.name.startswith("orm_testing-proxy")]
    assert threading.active_count() <= before + 1
