"""`DynamoProduct`: how a server is found, started and asked, and what it says to bad input."""

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ports import refusing
from products import Dynalite, DynamodbLocal, MotoDynamodb

from orm_testing import ConfigurationError, UnavailableError
from orm_testing.services.product import Installation, Instance, StandIn
from orm_testing_drivers.aws.client import client
from orm_testing_drivers.dynamodb.driver import DynamoDriver
from orm_testing_drivers.dynamodb.products import traits_of
from orm_testing_drivers.dynamodb.service import DynamoProduct

PRODUCT = DynamoProduct()


def server_of(on_backend, name):
    return on_backend(name).store.server


def test_local_programs_are_found_in_their_order(monkeypatch, tmp_path):
    """DynamoDB Local before dynalite, on PATH or in the usual places; the reason names both."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("orm_testing_drivers.dynamodb.service._PLACES", ("/nowhere",))
    assert PRODUCT.find_local() == "neither dynamodb-local nor dynalite is on PATH or in /nowhere"
    for name, title in (("dynalite", "dynalite"), ("dynamodb-local", "DynamoDB Local")):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
        found = PRODUCT.find_local()
        assert (found.title, list(found.programs)) == (title, [name])


def test_the_version_of_dynalite_is_that_of_its_package(tmp_path, monkeypatch):
    """Data is kept per version; DynamoDB Local does not tell its own before it runs."""
    (tmp_path / "dynalite").write_text("#!/bin/sh\n")
    (tmp_path / "dynalite").chmod(0o755)
    (tmp_path / "package.json").write_text('{"version": "4.0.0"}')
    monkeypatch.setenv("PATH", str(tmp_path))
    assert Dynalite().find_local().version == "4.0.0"


def test_servers_listen_and_talk_to_nobody_else(tmp_path):
    """Dynalite listens on loopback; DynamoDB Local tells nobody that it runs, and no web page may ask it."""

    def command(name):
        return PRODUCT.command(
            Instance(Installation({name: tmp_path / name}, "1"), tmp_path, tmp_path, 5, "secret")
        )

    dynalite, local = command("dynalite"), command("dynamodb-local")
    assert dynalite[dynalite.index("--host") + 1] == "127.0.0.1"
    assert "-disableTelemetry" in local
    assert PRODUCT.container_environment("secret") == {"DDB_LOCAL_TELEMETRY": "0"}
    assert "-sharedDb" not in local
    assert str(tmp_path) in local[local.index("-cors") + 1]
    assert str(tmp_path) in dynalite
    assert not any("secret" in word for word in (*dynalite, *local))


@pytest.mark.parametrize(
    ("name", "begins"), [("dynamodb_local", "DynamoDB Local on Jetty"), ("dynalite", "dynalite")]
)
def test_the_server_says_what_it_is(on_backend, name, begins):
    """The fingerprint is the product's that answers, however it was had."""
    server = server_of(on_backend, name)
    assert server.fingerprint == PRODUCT.ask(server.url, 5)
    assert server.fingerprint.startswith(begins)


def test_who_has_another_access_key_sees_nothing(on_backend):
    """DynamoDB Local listens everywhere: what a random key wrote is there for that key alone."""
    store = on_backend("dynamodb_local").store
    if store.server.way != "local":
        pytest.skip(f"DynamoDB Local was had by way of {store.server.way}")
    key, _, place = store.server.url.removeprefix("http://").partition("@")
    assert len(key.partition(":")[0]) >= 32
    assert store.namespace in client("dynamodb", store.server.url).list_tables()["TableNames"]
    for other in ("", "other:other@"):
        assert client("dynamodb", f"http://{other}{place}").list_tables()["TableNames"] == []


@pytest.mark.parametrize(
    ("headers", "fingerprint"),
    [
        ({"Server": "Jetty(12.0.14)"}, "DynamoDB Local on Jetty(12.0.14)"),
        ({"Server": "Werkzeug/3.0 Python/3.11"}, "moto server on Werkzeug/3.0"),
        ({"x-localstack": "true"}, "LocalStack on an unnamed server"),
        ({"Server": "else"}, "a server that speaks DynamoDB's protocol (else)"),
        ({}, "a server that speaks DynamoDB's protocol (it does not say which)"),
    ],
)
def test_products_are_told_by_their_answers(headers, fingerprint):
    """Who is not known is said to be unknown, and is taken for DynamoDB itself in what it may not do at once."""
    with answering(200, b'{"TableNames":[]}', headers) as url:
        assert PRODUCT.ask(url, 5) == fingerprint
    assert traits_of(fingerprint).indexes_at_once == fingerprint.startswith(("DynamoDB Local", "moto"))


def test_a_refusal_is_a_configuration_error():
    """Somebody answers, and says no: it is no reason to wait."""
    body = b'{"__type":"x#ExpiredTokenException","message":"The security token is expired"}'
    with answering(400, body, {}) as url, pytest.raises(ConfigurationError, match="token is expired"):
        PRODUCT.ask(url, 5)
    with (
        answering(200, b"<html>", {}) as url,
        pytest.raises(ConfigurationError, match="does not speak DynamoDB"),
    ):
        PRODUCT.ask(url, 5)


def test_nobody_there_is_unavailable():
    """Nothing answers: a server may be starting still."""
    with refusing() as port, pytest.raises(UnavailableError):
        PRODUCT.ask(f"http://127.0.0.1:{port}", 1)


class answering:  # noqa: N801  (it is used as a context)
    """A server on loopback that answers so, and its URL."""

    def __init__(self, status, body, headers):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                self.send_response_only(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                self.do_POST()

            def log_message(self, *_):
                """Be quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def test_aws_itself_has_to_be_confirmed():
    """A URL that names it says so; one of anybody else does not, nor does one that is none."""
    for host in (
        "dynamodb.eu-west-1.amazonaws.com",
        "dynamodb.us-east-1.api.aws",
        "x.ddb.us-east-1.amazonaws.com",
    ):
        assert f"{host} is AWS itself" in PRODUCT.needs_confirmation(f"https://a:b@{host}/?region=eu-west-1")
    for url in ("http://127.0.0.1:8000", "https://amazonaws.com.example.org", "http://[", "http://"):
        assert PRODUCT.needs_confirmation(url) is None


def test_moto_stands_in():
    """By its own name, where no server is."""
    found = MotoDynamodb().find_stand_in()
    assert isinstance(found, StandIn)
    assert found.title.startswith("moto ")
    assert isinstance(DynamodbLocal().find_stand_in(), str)


def test_capabilities_are_those_of_the_product():
    """Dynalite has no transactions, and so nothing that is made of them; the class declares the best."""
    without = DynamoDriver.capabilities_on("dynalite")
    assert set(DynamoDriver.capabilities) - set(without) == {
        "overlapping_transactions", "transaction_items", "transactions", "unique",
    }  # fmt: skip
    assert DynamoDriver.capabilities_on("DynamoDB Local on Jetty(12)") == DynamoDriver.capabilities
    assert DynamoDriver.capabilities_on("Amazon DynamoDB") == DynamoDriver.capabilities
    assert DynamoDriver.capabilities_on("moto 5.2.5 in process")["max_item_bytes"] == 405_000


def test_the_product_is_light():
    """Its module imports no client library."""
    asked = "import sys, orm_testing_drivers.dynamodb.service; print([n for n in ('boto3', 'botocore', 'moto') if n in sys.modules])"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"
