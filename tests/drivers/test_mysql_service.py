"""`MysqlProduct`: how MariaDB or MySQL is found, started and asked, and what it says to bad input."""

import os
import secrets
import socket
import stat
import tempfile
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from ports import refusing

from orm_testing import ConfigurationError, UnavailableError
from orm_testing.services import runs, state
from orm_testing.services.accounts import account_for, give, runner
from orm_testing.services.ladder import Choice, Settings
from orm_testing.services.product import Installation, Instance
from orm_testing.services.servers import Servers
from orm_testing_drivers.mysql import service
from orm_testing_drivers.mysql.connection import opened, options_of
from orm_testing_drivers.mysql.service import MysqlProduct

needs_server = pytest.mark.external_services
PRODUCT = MysqlProduct()


def changed(server, **parts):
    return sa.make_url(server.url).set(**parts).render_as_string(hide_password=False)


def program(folder: Path, name: str, says: str = "") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@contextmanager
def listening(answer: bytes | None):
    """A port where somebody accepts, says this, and nothing more."""
    with closing(socket.create_server(("127.0.0.1", 0))) as port:
        held = []

        def accept():
            try:
                while True:
                    connection, _ = port.accept()
                    held.append(connection)
                    if answer is not None:
                        connection.sendall(answer)
            except OSError:
                pass

        threading.Thread(target=accept, daemon=True).start()
        yield port.getsockname()[1]
        for connection in held:
            connection.close()


@needs_server
def test_the_server_says_what_it_is(mysql_server):
    """Product and version, whichever of the two it is."""
    said = PRODUCT.ask(mysql_server.url, 5)
    assert said == mysql_server.fingerprint
    assert said.split()[0] in ("MariaDB", "MySQL")


@needs_server
def test_a_wrong_password_is_a_configuration_error(mysql_server):
    """It is no reason to wait: somebody answers, and says no."""
    with pytest.raises(ConfigurationError, match="Access denied for user"):
        PRODUCT.ask(changed(mysql_server, password="wrong"), 5)


@needs_server
def test_nobody_gets_in_without_a_password(mysql_server):
    """A server of ours has one user, and no one else on the machine is it."""
    if mysql_server.way != "local":
        pytest.skip("the server is not one of ours")
    for user in ("root", "", "mysql", "mariadb.sys"):
        with pytest.raises(ConfigurationError, match="Access denied"):
            opened(changed(mysql_server, username=user, password=""))


@needs_server
def test_a_start_removes_no_temporary_table_of_another_server(tmp_path):
    """Neither initialising nor starting one of ours touches what another server, which runs, has in the temporary directory."""
    found = PRODUCT.find_local()
    if isinstance(found, str):
        pytest.skip(found)
    account = account_for(PRODUCT)
    theirs = Path(tempfile.gettempdir()) / f"#sql-temptable-{secrets.token_hex(6)}.MAD"
    theirs.touch()
    if account is not None:
        os.chown(theirs, account.uid, account.gid)
    servers = Servers(Settings({"mysql": Choice("local", "a test")}), tmp_path, secrets.token_hex(3))
    try:
        servers.server(PRODUCT)
        folder = state.directory("runs", servers.run.name, "initialised")
        data, sockets = give(folder / "data", account), give(folder / "s", account)
        PRODUCT.initialise(Instance(found, data, sockets, 0, "p"), runner(account))
        assert theirs.exists()
    finally:
        theirs.unlink(missing_ok=True)
        servers.leave()
        runs.end(servers.run.name)


def test_nobody_there_is_unavailable():
    """A port where nothing listens may be a server that starts still."""
    with refusing() as port, pytest.raises(UnavailableError, match="no MySQL server answers"):
        PRODUCT.ask(PRODUCT.url("127.0.0.1", port, "pw"), 2)


def test_a_server_that_never_answers_times_out_within_the_seconds_given():
    """It accepts, and says nothing."""
    with listening(None) as port, pytest.raises(UnavailableError, match="no MySQL server answers"):
        PRODUCT.ask(PRODUCT.url("127.0.0.1", port, "pw"), 0.2)


@pytest.mark.parametrize(
    "answer", [b"SSH-2.0-OpenSSH_9.2\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 64]
)
def test_another_product_is_a_configuration_error(answer):
    """What answers speaks another protocol."""
    with listening(answer) as port, pytest.raises(ConfigurationError, match="does not speak MySQL"):
        PRODUCT.ask(PRODUCT.url("127.0.0.1", port, "pw"), 0.5)


@needs_server
def test_remove_drops_what_is_named_and_nothing_else(mysql_server):
    """A database that is not there is no error."""
    name = f"{mysql_server.prefix}_odd`name"
    with opened(mysql_server.url) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE `{name.replace('`', '``')}`")
        cursor.execute("SHOW DATABASES")
        before = set(cursor.fetchall())
        PRODUCT.remove(mysql_server.url, [name, "not_there"])
        cursor.execute("SHOW DATABASES")
        assert before - set(cursor.fetchall()) == {(name,)}


def test_tls_is_off_unless_the_url_asks_for_it():
    """The rest of a URL is as PyMySQL wants it; an option that nobody knows is refused."""
    plain = options_of("mysql://me:p%C3%A4%2Fss@db.example/")
    assert plain["ssl_disabled"] is True
    assert (plain["host"], plain["port"], plain["user"]) == ("db.example", 3306, "me")
    assert plain["password"].encode("latin1").decode() == "pä/ss"
    assert options_of("mysql://h/?ssl=true")["ssl_verify_cert"] is False
    asked = options_of("mariadb://h:1/d?ssl_ca=ca.pem&ssl_verify_identity=true")
    assert (asked["ssl_ca"], asked["ssl_verify_identity"], asked["database"]) == ("ca.pem", True, "d")
    assert "ssl_disabled" not in asked
    with pytest.raises(ConfigurationError, match="has no sslmode; it may have ssl,"):
        options_of("mysql://h/?sslmode=on")


@pytest.mark.parametrize(
    ("server", "says", "installer", "version"),
    [
        ("mariadbd", "mariadbd  Ver 11.4.2-MariaDB for Linux", "mariadb-install-db", "11.4.2-MariaDB"),
        ("mysqld", "mysqld  Ver 10.6.1-MariaDB-log", "mysql_install_db", "10.6.1-MariaDB"),
        ("mysqld", "/usr/sbin/mysqld  Ver 8.4.3 for Linux on x86_64", None, "8.4.3"),
    ],
)
def test_programs_are_found_on_path(tmp_path, monkeypatch, server, says, installer, version):
    """What a server is called does not tell which product it is: its version does."""
    monkeypatch.setattr(service, "_PLACES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert PRODUCT.find_local() == "neither mariadbd nor mysqld is on PATH or in "
    programs = {"server": program(tmp_path, server, says)}
    if installer:
        programs["installer"] = program(tmp_path, installer)
    found = PRODUCT.find_local()
    assert isinstance(found, Installation)
    assert (found.programs, found.version) == (programs, version)


def test_programs_are_found_in_the_usual_places(tmp_path, monkeypatch):
    """The newest of several that stand side by side."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(service, "_PLACES", (f"{tmp_path}/mysql@*/bin",))
    for number in ("8.0", "8.4"):
        folder = tmp_path / f"mysql@{number}" / "bin"
        folder.mkdir(parents=True)
        program(folder, "mysqld", f"Ver {number}.1 for macos")
    assert PRODUCT.find_local().version == "8.4.1"


@pytest.mark.parametrize("mariadb", [True, False])
def test_initialising_leaves_the_accounts_for_the_first_start(tmp_path, mariadb):
    """The password stands in a file that others cannot read; both products get the flags that they know."""
    programs = {"server": Path("/x/server")} | ({"installer": Path("/x/installer")} if mariadb else {})
    data = tmp_path / "data"
    instance = Instance(Installation(programs, "1"), data, tmp_path, 3999, "se-cret")
    ran = []

    def run(command):
        ran.append(command)
        data.mkdir()

    PRODUCT.initialise(instance, run)
    [command] = ran
    assert command[:2] == ["/x/installer" if mariadb else "/x/server", "--no-defaults"]
    assert ("--initialize-insecure" in command) is not mariadb
    [accounts] = data.iterdir()
    assert "IDENTIFIED BY 'se-cret'" in accounts.read_text()
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    assert accounts.stat().st_uid == data.stat().st_uid
    started = PRODUCT.command(instance)
    assert started[:2] == ["/x/server", "--no-defaults"]
    assert {f"--datadir={data}", "--port=3999", "--bind-address=127.0.0.1"} < set(started)


def test_a_password_that_is_no_word_is_refused(tmp_path):
    """It would have to be quoted in the file of accounts."""
    instance = Instance(Installation({"server": Path("/x")}, "1"), tmp_path, tmp_path, 1, "a'b")
    with pytest.raises(ConfigurationError, match="letters, digits"):
        PRODUCT.initialise(instance, lambda _: None)
