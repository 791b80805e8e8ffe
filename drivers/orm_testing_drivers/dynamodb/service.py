"""`DynamoProduct`: DynamoDB Local or dynalite on this machine, DynamoDB Local in a container, any endpoint, or moto."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from orm_testing.services.product import Installation, Instance, Product, Run, StandIn
from orm_testing.services.programs import found
from orm_testing_drivers.dynamodb.products import DYNALITE, LOCAL, MOTO

_PLACES = ("/usr/local/bin", "/opt/homebrew/bin", "~/.npm-global/bin")
_UNKNOWN = "(version unknown)"
_TITLES = {"dynamodb-local": LOCAL, "dynalite": DYNALITE}


class DynamoProduct(Product):
    """Neither server knows passwords.

    DynamoDB Local listens on every interface, and keeps apart what each access key writes: a random one is as good as a
    password. Dynalite listens on loopback alone.
    """

    name = "dynamodb"
    title = "DynamoDB"
    client = "boto3"
    schemes = ("http", "https")
    users = ("dynamodb",)
    how_to_get: ClassVar[Mapping[str, str]] = {
        "npm": "npm install --global dynalite",
        "brew": "brew install --cask dynamodb-local",
        "pip": "pip install 'orm-testing[dynamodb]'",
    }
    image = "amazon/dynamodb-local:2.6.1"
    container_port = 8000
    container_health = ("curl", "--silent", "--output", "/dev/null", "http://localhost:8000")
    local_programs: ClassVar[Sequence[str]] = ("dynamodb-local", "dynalite")

    def find_local(self) -> Installation | str:
        for name in self.local_programs:
            for program in found(name, _PLACES):
                return Installation({name: program}, _version(program), title=_TITLES[name])
        return f"neither {' nor '.join(self.local_programs)} is on PATH or in {', '.join(_PLACES)}"

    def find_stand_in(self) -> StandIn | str:
        from orm_testing_drivers.aws.client import stand_in

        return stand_in("dynamodb", "py_partiql_parser")

    def initialise(self, instance: Instance, run: Run) -> None:
        """There is nothing to initialise: both keep their data in memory."""

    def command(self, instance: Instance) -> Sequence[str]:
        """Both take the directory as what they have no use for: one as the only page that may ask, one as a remark."""
        ((name, program),) = instance.installation.programs.items()
        port = str(instance.port)
        if name == "dynalite":
            at_once = [word for each in ("create", "delete", "update") for word in (f"--{each}TableMs", "0")]
            return [str(program), "--host", "127.0.0.1", "--port", port, *at_once, "--of", str(instance.data)]
        return [
            str(program), "-inMemory", "-disableTelemetry", "-port", port, "-cors", f"http://{instance.data}"
        ]  # fmt: skip

    def url(self, host: str, port: int, password: str) -> str:
        return f"http://{password}:{password}@{host}:{port}"

    def container_environment(self, password: str) -> Mapping[str, str]:
        return {"DDB_LOCAL_TELEMETRY": "0"}

    def is_played(self, fingerprint: str) -> bool:
        return fingerprint.startswith(MOTO)

    def needs_confirmation(self, url: str) -> str | None:
        from orm_testing_drivers.aws.endpoint import of_amazon

        return of_amazon(url)

    def ask(self, url: str, timeout: float) -> str:
        from orm_testing_drivers.dynamodb.asking import asked

        return asked(url, timeout)

    def remove(self, url: str, names: Sequence[str]) -> None:
        from orm_testing_drivers.dynamodb.asking import remove

        remove(url, names)


def _version(program: Path) -> str:
    """What a package of npm says beside its program; of others nothing is known before they run."""
    try:
        described = json.loads((program.resolve().parent / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return _UNKNOWN
    return str(described.get("version", _UNKNOWN))
