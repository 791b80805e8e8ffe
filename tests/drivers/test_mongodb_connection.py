"""A URL of MongoDB at which something else answers, or nobody, is told in one sentence, and not waited for longer than need be."""

import socket
import threading
import time
from contextlib import closing, contextmanager, suppress

import pytest
from ports import end, refusing
from pymongo.errors import AutoReconnect, NetworkTimeout, ServerSelectionTimeoutError
from redis_servers import needs_server, serving

from orm_testing import ConfigurationError, UnavailableError
from orm_testing_drivers.mongodb.connection import opened
from orm_testing_drivers.mongodb.errors import said, translated
from orm_testing_drivers.mongodb.service import MongoProduct

PRODUCT = MongoProduct()
PATIENCE = 30
"""Seconds, as `--orm-service-timeout` has them where nobody says otherwise."""


def echo(connection):
    while asked := connection.recv(1000):
        connection.sendall(asked)


def http(connection):
    connection.recv(1000)
    connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    end(connection)


def greeting(connection):
    connection.sendall(b"SSH-2.0-OpenSSH_9.0\r\n")
    echo(connection)


def silent(connection):
    while connection.recv(1000):
        pass


def hanging_up(connection):
    connection.recv(1000)
    end(connection)


@contextmanager
def listening(answer):
    """A port where each connection is treated so; the port."""

    def treat(connection):
        with closing(connection), suppress(OSError):
            answer(connection)

    def accept():
        with suppress(OSError):
            while True:
                threading.Thread(target=treat, args=(port.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as port:
        threading.Thread(target=accept, daemon=True).start()
        yield port.getsockname()[1]
        port.shutdown(socket.SHUT_RDWR)


def asking(url, kind, patience):
    """What is said of the URL, and how long that took."""
    began = time.monotonic()
    with pytest.raises(kind) as caught:
        PRODUCT.ask(url, patience)
    assert type(caught.value) is kind
    return str(caught.value), time.monotonic() - began


@pytest.mark.parametrize("answer", [echo, http, greeting])
def test_another_protocol_is_named_at_once(answer):
    """Whoever answers a greeting of MongoDB otherwise than MongoDB does is not asked again, and no password is told."""
    with listening(answer) as port:
        told, took = asking(f"mongodb://u:hidden@127.0.0.1:{port}/", ConfigurationError, PATIENCE)
    assert told == f"what answers at 127.0.0.1:{port} does not speak MongoDB's protocol."
    assert took < PATIENCE / 3


@pytest.mark.parametrize(
    ("answer", "why"),
    [(silent, "timed out"), (hanging_up, "connection closed")],
    ids=["silent", "hanging up"],
)
def test_who_does_not_answer_is_given_up_in_the_time_given(answer, why):
    """The seconds of the run count, whatever a URL says of its own, and the reason is one sentence."""
    waits = "serverSelectionTimeoutMS=60000&connectTimeoutMS=60000&socketTimeoutMS=60000"
    with listening(answer) as port:
        told, took = asking(f"mongodb://127.0.0.1:{port}/?{waits}", UnavailableError, 2)
    assert told == f"MongoDB does not answer: 127.0.0.1:{port}: {why}"
    assert took < 3


@needs_server
def test_a_redis_at_the_port_is_given_up_in_the_time_given(tmp_path):
    """Which waits for the end of a line that MongoDB's protocol has not."""
    with serving(tmp_path) as (_, server):
        port = server.url.rpartition(":")[2].partition("/")[0]
        told, took = asking(f"mongodb://127.0.0.1:{port}/", UnavailableError, 2)
    assert told == f"MongoDB does not answer: 127.0.0.1:{port}: timed out"
    assert took < 3


def test_one_of_several_servers_that_is_something_else_does_not_end_the_wait():
    """Another of them may answer still."""
    with listening(echo) as wrong, listening(silent) as mute:
        told, _ = asking(f"mongodb://127.0.0.1:{wrong},127.0.0.1:{mute}/", UnavailableError, 1)
    assert told.startswith("MongoDB does not answer: ")
    assert f"127.0.0.1:{mute}: timed out" in told


def test_a_name_that_nobody_has_and_a_port_that_nobody_has_are_told():
    """In the words of the system, without its numbers."""
    with refusing() as port:
        told, took = asking(f"mongodb://127.0.0.1:{port}/", UnavailableError, PATIENCE)
    assert told == "MongoDB does not answer: Connection refused"
    assert took < PATIENCE / 3


def test_a_lost_server_is_told_without_all_that_the_client_knows():
    """Neither settings nor the description of every server stand in the error of an operation."""
    with opened("mongodb://127.0.0.1:1/", serverSelectionTimeoutMS=1) as client:
        with pytest.raises(ServerSelectionTimeoutError, match="Topology Description") as caught:
            client.admin.command("ping")
        known = translated(caught.value)
    assert type(known) is UnavailableError
    assert str(known) == "the server does not answer: 127.0.0.1:1: [Errno 111] Connection refused"
    settings = "(configured timeouts: socketTimeoutMS: 30000.0ms, connectTimeoutMS: 3000.0ms)"
    assert said(NetworkTimeout(f"h:1: timed out {settings}")) == "h:1: timed out"
    assert said(AutoReconnect("connection pool paused")) == "connection pool paused"


@pytest.mark.parametrize("name", ["connectTimeoutMS", "CONNECTTIMEOUTMS"])
def test_what_a_caller_wants_goes_before_what_the_url_says(name):
    """And that before what we want as a rule, however it is written."""
    url = f"mongodb://127.0.0.1/?{name}=7000"
    with opened(url) as client:
        assert client.options.pool_options.connect_timeout == 7
    with opened(url, connectTimeoutMS=9000) as client:
        assert client.options.pool_options.connect_timeout == 9
