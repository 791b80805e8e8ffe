"""`MysqlProduct`: MariaDB or MySQL, whichever is there. Both serve the backend `mysql`; the fingerprint says which.

The flags for MySQL's own server are those of its manual (8.0 to 8.4); they were not run where this was written.
"""

import os
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from orm_testing.errors import ConfigurationError
from orm_testing.services.product import Installation, Instance, Product, Run
from orm_testing.services.programs import found, said

_USER = "root"
_ACCOUNTS = "orm_testing.sql"
"""The file in the data directory by which the server gives its user a password, before it listens."""

_LONGEST_USER = 32
_PLACES = (
    "/usr/sbin",
    "/usr/libexec",
    "/usr/local/mysql/bin",
    "/opt/homebrew/opt/mariadb*/bin",
    "/opt/homebrew/opt/mysql*/bin",
    "/usr/local/opt/mariadb*/bin",
    "/usr/local/opt/mysql*/bin",
    "C:/Program Files/MariaDB*/bin",
    "C:/Program Files/MySQL/MySQL Server*/bin",
)
_TUNED = (
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--max-connections=300",
    "--character-set-server=utf8mb4",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--loose-innodb-log-file-size=8M",
    "--loose-innodb-redo-log-capacity=8M",
    "--loose-sync-frm=0",
    "--loose-performance-schema=0",
    "--loose-mysqlx=0",
)
"""What is `loose` is known to one of the two products, or to some versions."""


class MysqlProduct(Product):
    name = "mysql"
    title = "MariaDB or MySQL"
    client = "pymysql"
    schemes = ("mysql", "mariadb")
    users = ("mysql",)
    how_to_get: ClassVar[Mapping[str, str]] = {
        "apt-get": "apt-get install mariadb-server",
        "dnf": "dnf install mariadb-server",
        "brew": "brew install mariadb",
        "winget": "winget install MariaDB.Server",
    }
    image = "mariadb:11.4"
    container_port = 3306
    container_health = ("healthcheck.sh", "--connect", "--innodb_initialized")

    def find_local(self) -> Installation | str:
        for server in _found("mariadbd", "mysqld"):
            version = _version(server)
            if version is None:
                continue
            if "MariaDB" not in version:
                return Installation({"server": server}, version)
            installer = next(_found("mariadb-install-db", "mysql_install_db", beside=server), None)
            if installer is not None:
                return Installation({"server": server, "installer": installer}, version)
        return f"neither mariadbd nor mysqld is on PATH or in {', '.join(_PLACES)}"

    def initialise(self, instance: Instance, run: Run) -> None:
        programs = instance.installation.programs
        installer = programs.get("installer")
        data = f"--datadir={instance.data}"
        temporary = f"--tmpdir={instance.sockets}"
        if installer is None:
            run([str(programs["server"]), "--no-defaults", "--initialize-insecure", *_TUNED, temporary, data])
        elif installer.suffix == ".exe":
            run([str(installer), data])
        else:
            accounts = ("--auth-root-authentication-method=normal", "--skip-test-db")
            run([str(installer), "--no-defaults", *accounts, *_TUNED, temporary, data])
        _write_accounts(instance.data, instance.password)

    def command(self, instance: Instance) -> Sequence[str]:
        """Its temporary tables lie apart: a server that starts removes all that it finds, those of others that run included."""
        own = {
            "datadir": instance.data,
            "tmpdir": instance.sockets,
            "port": instance.port,
            "socket": instance.sockets / "mysql.sock",
            "pid-file": instance.data / "mysql.pid",
            "init-file": instance.data / _ACCOUNTS,
        }
        server = str(instance.installation.programs["server"])
        return [server, "--no-defaults", *(f"--{name}={value}" for name, value in own.items()), *_TUNED]

    def url(self, host: str, port: int, password: str) -> str:
        return f"mysql://{_USER}:{quote(password, safe='')}@{host}:{port}/"

    def container_environment(self, password: str) -> Mapping[str, str]:
        return {"MARIADB_ROOT_PASSWORD": password}

    def ask(self, url: str, timeout: float) -> str:
        from orm_testing_drivers.mysql.connection import fingerprint, opened

        with opened(url, timeout=timeout) as connection:
            return fingerprint(connection)

    def remove(self, url: str, names: Sequence[str]) -> None:
        from orm_testing_drivers.mysql.connection import opened, quoted

        with opened(url, timeout=30) as connection, connection.cursor() as cursor:
            for name in names:
                cursor.execute(f"DROP DATABASE IF EXISTS {quoted(name)}")
                if len(name) <= _LONGEST_USER:
                    cursor.execute(f"DROP USER IF EXISTS {quoted(name)}@'%'")


def _found(*names: str, beside: Path | None = None) -> Iterator[Path]:
    before: Sequence[Path] = ()
    if beside is not None:
        before = (beside.parent, beside.parent.parent / "bin", beside.parent.parent / "scripts")
    for name in names:
        yield from found(name, _PLACES, before)


def _version(server: Path) -> str | None:
    """`10.11.14-MariaDB` or `8.4.3`; None for a program that does not say."""
    version = re.search(r"Ver (\d+\.\d+\.\d+(-MariaDB)?)", said(server, "--no-defaults", "--version"))
    return version[1] if version else None


def _write_accounts(data: Path, password: str) -> None:
    """From now on each start makes the user who may do everything, and leaves none who needs no password."""
    if not re.fullmatch(r"[\w.~-]+", password):
        raise ConfigurationError("the password of a server of ours is of letters, digits and -._~")
    account = f"'{_USER}'@'%'"
    hosts = ("localhost", "127.0.0.1", "::1", platform.node())
    statements = [
        f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY '{password}'",
        f"GRANT ALL ON *.* TO {account} WITH GRANT OPTION",
        *(f"DROP USER IF EXISTS '{_USER}'@'{host}'" for host in hosts),
    ]
    path = data / _ACCOUNTS
    path.touch(mode=0o600)
    path.write_text("".join(f"{statement};\n" for statement in statements))
    if hasattr(os, "chown"):
        owner = data.stat()
        os.chown(path, owner.st_uid, owner.st_gid)
