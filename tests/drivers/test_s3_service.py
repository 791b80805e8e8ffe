"""How a server of S3 is found, started and asked what it is, and what its driver can do on it."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from answering import Server, refusal

from orm_testing import ConfigurationError, Field, Model, UnavailableError
from orm_testing.backends import product_of
from orm_testing.plugin.services import servers_of
from orm_testing.services.product import Installation, Instance, StandIn
from orm_testing_drivers.s3 import service
from orm_testing_drivers.s3.driver import S3Driver
from orm_testing_drivers.s3.service import S3Product


@pytest.fixture
def server(request):
    return servers_of(request.config).server(product_of("rclone"))


def test_the_wheel_brings_rclone():
    """It is called by its own name, since it is no S3 but serves it."""
    found = S3Product().find_wheel()
    assert found.title == "rclone"
    assert list(found.programs) == ["rclone"]


def test_moto_stands_in():
    """By its name and version."""
    assert isinstance(S3Product().find_stand_in(), StandIn)


@pytest.fixture
def path(tmp_path, monkeypatch):
    """A PATH of its own, with programs that say what they are told to say."""
    monkeypatch.setattr(service, "_PLACES", (str(tmp_path / "usual"),))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))

    def put(name, said, place="path"):
        program = tmp_path / place / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho '{said}'\n")
        program.chmod(0o755)
        return program

    return put


def test_minio_is_preferred_to_rclone(path):
    """Whichever is on PATH or in a usual place; a program that does not say what it is is passed over."""
    assert "neither minio nor rclone" in S3Product().find_local()
    path("minio", "Midnight Commander")
    assert "neither minio nor rclone" in S3Product().find_local()
    path("rclone", "rclone v1.60.1")
    assert "neither minio nor rclone" in S3Product().find_local()
    path("rclone", "rclone v1.75.2")
    assert S3Product().find_local().title == "rclone"
    minio = path("minio", "minio version RELEASE.2025-04-22T22-12-26Z (commit-id=x)", "usual")
    (minio.parent.parent / "path" / "minio").unlink()
    found = S3Product().find_local()
    assert (found.title, found.version) == ("MinIO", "2025-04-22T22-12-26Z")
    assert found.programs == {"minio": minio}


@pytest.mark.parametrize("name", ["minio", "rclone"])
def test_a_server_listens_on_loopback_and_shows_its_secret_to_nobody(name, tmp_path):
    """It is known by its data directory, and reads no configuration of the user's; `env` hands it the secret and is gone."""
    program = Path(sys.executable)
    installation = Installation({name: program}, "1", title=name)
    words = S3Product().command(Instance(installation, tmp_path / "data", tmp_path, 4321, "hidden"))
    own = words[words.index(str(program)) :]
    assert any("127.0.0.1:4321" in word for word in own)
    assert any(str(tmp_path / "data") in word for word in own)
    assert not any("hidden" in word for word in own)
    assert any("hidden" in word for word in words)
    shown = "import os; print([value for name, value in os.environ.items() if 'hidden' in value])"
    asked = [*words[: words.index(str(program))], str(program), "-c", shown]
    told = subprocess.run(asked, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True)
    assert "hidden" in told.stdout


def test_a_server_is_called_what_it_is(server):
    """With its version where this run started it; another process is told the same from the record."""
    assert server.fingerprint.startswith("rclone 1.")
    assert S3Product().ask(server.url, 10) == "rclone"
    assert S3Product().ask(f"{server.url}?region=eu-west-1", 10) == "rclone"


def test_another_server_is_called_what_it_says():
    """Of one that says no more than S3 does, its host is told."""
    with Server(body=b"<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>") as other:
        assert S3Product().ask(other.url(), 10).startswith("BaseHTTP/")


def test_a_server_that_does_not_know_us_is_a_configuration_error(server):
    """A wrong secret, no secret, and a bucket that is not there."""
    wrong = server.url.partition("@")
    for url, says in (
        (f"http://orm_testing:wrong@{wrong[2]}", "does not know who asks"),
        (f"http://{wrong[2]}", "does not know who asks"),
        (f"{server.url}no-such-bucket", "NoSuchBucket"),
        (f"{server.url}a/b", "names a bucket"),
    ):
        with pytest.raises(ConfigurationError, match=says) as caught:
            S3Product().ask(url, 10)
        assert "wrong@" not in str(caught.value)


@pytest.mark.parametrize(("status", "body"), [(404, b"<html>"), (200, b"<html></html>"), refusal("Odd", 400)])
def test_what_is_no_server_of_s3_is_a_configuration_error(status, body):
    """Whatever it answers."""
    with Server(status, body) as other, pytest.raises(ConfigurationError):
        S3Product().ask(other.url(), 10)


def test_a_server_that_does_not_answer_is_unavailable():
    """Refused, silent or broken: it may be starting still."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        with pytest.raises(UnavailableError):
            S3Product().ask(url, 1)
        silent.listen()
        with pytest.raises(UnavailableError):
            S3Product().ask(url, 0.05)
    with Server(*refusal("ServiceUnavailable", 503)) as broken, pytest.raises(UnavailableError):
        S3Product().ask(broken.url(), 1)


@pytest.mark.parametrize("product", ["moto 5.2.5", "MinIO 2025-04-22", "S3 of example.org", "rclone 1.75.2"])
def test_what_a_product_lacks_is_known_by_its_name(product):
    """Without conditional writes nobody can work beside another; all else is had everywhere."""
    lacking = set(S3Driver.capabilities) - set(S3Driver.capabilities_on(product))
    assert lacking == ({"conditional_writes", "sessions"} if product.startswith("rclone") else set())


def test_what_a_server_was_seen_to_lack_is_absent(on_backend, monkeypatch):
    """A server of another name that takes a write whatever its condition has no conditional writes."""

    class Thing(Model):
        id: str = Field(primary_key=True)

    monkeypatch.setattr(S3Driver, "capabilities_on", classmethod(lambda cls, _: cls.capabilities))
    driver = on_backend("rclone", Thing)
    assert "sessions" not in driver.capabilities
    assert "conditional_writes" not in driver.capabilities
