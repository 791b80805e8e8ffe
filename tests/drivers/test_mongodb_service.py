"""How MongoDB, or what answers for it, is found, started, asked and known."""

import os
import stat
import subprocess
from types import SimpleNamespace
from typing import Any

import mongodb_servers
import pytest
from ports import refusing
from pymongo import errors as native

from orm_testing import ConfigurationError, UnavailableError
from orm_testing.services.product import Installation, Instance, StandIn
from orm_testing_drivers.mongodb import connection, replica, service
from orm_testing_drivers.mongodb.connection import fingerprint, of_namespace, opened
from orm_testing_drivers.mongodb.driver import MongoDriver
from orm_testing_drivers.mongodb.service import MongoProduct

PRODUCT = MongoProduct()


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """An empty PATH, and a way to put programs on it that say a version."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(service, "_PLACES", ())

    def put(name, says):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\necho '{says}'\n")
        path.chmod(0o755)
        return path

    return put


def test_a_mongod_is_preferred_and_ferretdb_is_called_by_its_name(programs):
    """What says no version is passed over."""
    assert PRODUCT.find_local() == "no mongod or ferretdb is on PATH or in "
    ferretdb = programs("ferretdb", "version: v1.24.0")
    assert PRODUCT.find_local() == Installation({"ferretdb": ferretdb}, "v1.24.0", ferretdb, "FerretDB")
    mongod = programs("mongod", "db version v7.0.14")
    assert PRODUCT.find_local() == Installation({"mongod": mongod}, "v7.0.14", mongod)
    programs("mongod", "no idea")
    assert PRODUCT.find_local().title == "FerretDB"


def test_mongomock_stands_in_by_its_own_name():
    """Its version is that of the package that is installed."""
    found = PRODUCT.find_stand_in()
    assert isinstance(found, StandIn)
    assert found.title.startswith("mongomock 4.")


def instance(tmp_path, name):
    data, sockets = tmp_path / "data", tmp_path / "sockets"
    data.mkdir()
    return Instance(Installation({name: tmp_path / name}, "1"), data, sockets, 4711, "secret")


def test_mongod_is_started_as_a_replica_set_on_loopback_with_a_key(tmp_path):
    """Nobody else can read the key, and it is not on the command line."""
    made = instance(tmp_path, "mongod")
    PRODUCT.initialise(made, lambda arguments: None)
    command = PRODUCT.command(made)
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--bind_ip"] == "127.0.0.1"
    assert options["--port"] == "4711"
    assert options["--replSet"] == "orm_testing"
    assert options["--dbpath"] == str(made.data)
    assert "secret" not in " ".join(command)
    key = made.data / "orm_testing.key"
    assert options["--keyFile"] == str(key)
    assert key.read_text() == "secret"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.external_services
def test_ferretdb_wants_a_password_that_no_command_line_shows(tmp_path, monkeypatch):
    """It refuses who does not know the password, and takes no flag from the user's environment."""
    monkeypatch.setenv("FERRETDB_LISTEN_TLS", "127.0.0.1:1")
    with mongodb_servers.serving(tmp_path) as (process, url):
        assert PRODUCT.ask(url, 5) == "FerretDB v1.24.0"
        lines = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(process.pid)], capture_output=True, check=True
        )
        assert b"pass word" not in lines.stdout
        assert str(tmp_path / "data").encode() in lines.stdout
        port = url.partition("@")[2].partition("/")[0]
        with opened(f"mongodb://{port}/") as nobody, pytest.raises(native.OperationFailure):
            nobody["x"]["y"].insert_one({})


def test_asking_where_nobody_listens_is_answered_at_once():
    """Whatever patience there is; what is no address is the user's mistake."""
    with refusing() as port, pytest.raises(UnavailableError, match="refused"):
        PRODUCT.ask(f"mongodb://127.0.0.1:{port}/", 600)
    with pytest.raises(ConfigurationError, match="pymongo does not take this URL"):
        PRODUCT.ask("mongodb://127.0.0.1:0/?replicaSet=", 1)


@pytest.mark.parametrize(
    ("build", "member", "expected"),
    [
        ({"version": "7.0.42", "ferretdbVersion": "v1.24.0"}, None, "FerretDB v1.24.0"),
        ({"version": "7.0.77", "ferretdb": {"version": "v2.1.0"}}, None, "FerretDB v2.1.0"),
        ({"version": "8.0.4"}, None, "MongoDB 8.0.4"),
        ({"version": "8.0.4"}, "rs0", "MongoDB 8.0.4, replica set"),
    ],
)
def test_a_fingerprint_says_which_product_it_is(build, member, expected):
    """FerretDB calls itself a MongoDB of its own making; a replica set is what transactions need."""
    servers = {("here", 1): SimpleNamespace(replica_set_name=member)}
    client = SimpleNamespace(
        admin=SimpleNamespace(command=lambda name: build),
        topology_description=SimpleNamespace(server_descriptions=lambda: servers),
    )
    assert fingerprint(client) == expected


@pytest.mark.parametrize(
    ("product", "transactions", "nan", "digits"),
    [
        ("MongoDB", True, True, 34),
        ("MongoDB 8.0.4, replica set", True, True, 34),
        ("MongoDB 8.0.4", False, True, 34),
        ("FerretDB", False, False, None),
        ("FerretDB v1.24.0", False, False, None),
        ("mongomock 4.3.0", False, True, 34),
        ("mongomock 4.3.0 in process", False, True, 34),
    ],
)
def test_what_the_backend_can_depends_on_the_product(product, transactions, nan, digits):
    """As far as its fingerprint is known; a MongoDB that we start is a replica set."""
    can = MongoDriver.capabilities_on(product)
    assert ("transactions" in can) is ("overlapping_transactions" in can) is transactions
    assert ("float_nan" in can) is ("float_infinity" in can) is ("negative_zero" in can) is nan
    assert can["decimal_digits"] == digits


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("mongodb://h:1", "mongodb://h:1/ours"),
        ("mongodb://h:1/theirs?tls=true", "mongodb://h:1/ours?tls=true"),
        ("mongodb://u:p%40@h:1,i:2/", "mongodb://u:p%40@h:1,i:2/ours?authSource=admin"),
        ("mongodb://u:p@h/theirs?w=1", "mongodb://u:p@h/ours?w=1&authSource=theirs"),
        ("mongodb+srv://u:p@h/theirs?authSource=x", "mongodb+srv://u:p@h/ours?authSource=x"),
        ("mongodb://u@h/?authMechanism=MONGODB-X509", "mongodb://u@h/ours?authMechanism=MONGODB-X509"),
    ],
)
def test_the_url_of_a_database_keeps_who_asks_and_where(url, expected):
    """The user is known where the given URL says, which is not where the database is."""
    assert of_namespace(url, "ours") == expected


def test_what_a_url_says_goes_before_our_options():
    """Our patience is short, for a dead server is noticed within seconds; the user's may be longer."""
    with opened("mongodb://127.0.0.1/?serverSelectionTimeoutMS=9&appName=x") as client:
        assert client.options.server_selection_timeout == 0.009
        assert client.options.pool_options.appname == "x"
        assert client.options.pool_options.connect_timeout == 3
        assert client.options.pool_options.socket_timeout == 30


class Member:
    """What `replica.begin` says to a server, and what that answers."""

    def __init__(self, said, hello, refuses=()):
        self.admin, self.said, self.hello, self.refuses = self, said, hello, dict(refuses)

    def command(self, name, value=None, **options):
        self.said.append((name, value, options) if name != "hello" else name)
        if name in self.refuses:
            raise native.OperationFailure("no", self.refuses[name])
        return self.hello

    def close(self):
        self.said.append("close")


URL = "mongodb://orm_testing:pass%40@127.0.0.1:4711/?directConnection=true&appname=orm_testing.server"
HERE = ("replSetInitiate", {"_id": "orm_testing", "members": [{"_id": 0, "host": "127.0.0.1:4711"}]}, {})
WAITING: dict[str, Any] = {"isreplicaset": True}


def begun(hello, refuses=(), known=None):
    said: list[Any] = []
    members = {False: Member(said, hello, refuses), True: known}
    raised = None
    try:
        replica.begin(URL, lambda url: members["@" in url])
    except UnavailableError as error:
        raised = str(error)
    return said, raised


def test_a_server_that_we_start_becomes_a_replica_set():
    """It is initiated, waited for, and given its user; each time it is asked, only what is left to do is done."""
    assert begun(WAITING) == (["hello", HERE, "close"], "the replica set is being initiated")
    assert begun({"setName": "orm_testing"}) == (["hello", "close"], "the replica set has no primary yet")
    user = ("createUser", "orm_testing", {"pwd": "pass@", "roles": ["root"]})
    ready = {"setName": "orm_testing", "isWritablePrimary": True}
    assert begun(ready) == (["hello", user, "close"], None)
    assert begun(ready, {"createUser": 13}) == (["hello", user, "close"], None)
    assert begun({}) == (["hello", "close"], None)


def test_a_server_in_a_container_has_a_user_and_another_address():
    """Where nobody may initiate the set without a password, the user does, for the port inside."""
    inside: list[Any] = []
    said, raised = begun(WAITING, {"replSetInitiate": 13}, known=Member(inside, {}, {"replSetInitiate": 23}))
    assert said == ["hello", HERE, "close"]
    ((name, config, _), closed) = inside
    assert (name, config["members"][0]["host"], closed) == ("replSetInitiate", "localhost:27017", "close")
    assert raised == "the replica set is being initiated"
    with pytest.raises(native.OperationFailure):
        begun(WAITING, {"replSetInitiate": 76})


def test_only_a_server_of_ours_is_made_a_replica_set(monkeypatch):
    """A given server is asked, and left as it is."""
    asked = []
    monkeypatch.setattr(replica, "begin", lambda url, opened: asked.append(url))
    monkeypatch.setattr(connection, "_knock", lambda nodes, timeout: None)
    monkeypatch.setattr(connection, "fingerprint", lambda client: "MongoDB 8.0.4")
    ours = PRODUCT.url("127.0.0.1", 4711, "p@ss")
    assert PRODUCT.ask("mongodb://u:p@127.0.0.1:4711/?replicaSet=orm_testing", 1) == "MongoDB 8.0.4"
    assert asked == []
    assert PRODUCT.ask(ours, 1) == "MongoDB 8.0.4"
    assert asked == [ours]


def test_a_container_runs_a_replica_set_with_a_key_of_its_own():
    """The image makes the user that it is told, and the key is made inside."""
    assert PRODUCT.container_environment("secret") == {
        "MONGO_INITDB_ROOT_USERNAME": "orm_testing",
        "MONGO_INITDB_ROOT_PASSWORD": "secret",
    }
    assert PRODUCT.container_command[:2] == ("bash", "-c")
    checked = subprocess.run(
        ["bash", "-n", "-c", PRODUCT.container_command[2]], check=False, env=dict(os.environ)
    )
    assert checked.returncode == 0
    assert "--replSet orm_testing --keyFile" in PRODUCT.container_command[2]
