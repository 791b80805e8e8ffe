"""`Product`: what is particular to one server product. The machinery beside this module does the rest."""

import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

Run = Callable[[Sequence[str]], None]
"""Runs a program to its end as the user that the server will run as; a failure is an error that shows its output."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A product's programs on this machine. Initialised data directories are kept per `version`.

    `root` is the directory that has to be copied as a whole, with the `.libs` beside it, for another user to run them; or
    the program, where it is one that needs nothing beside it.
    `title` is what they are, where that is not the product itself but another that speaks its protocol.
    """

    programs: Mapping[str, Path]
    version: str
    root: Path | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class StandIn:
    """A library that plays the product in this process, by its own name and version: `mongomock 4.3.0`."""

    title: str


@dataclass(frozen=True, slots=True)
class Instance:
    """One private server: where its data lie, where it listens (on loopback), and its user's password."""

    installation: Installation
    data: Path
    sockets: Path
    port: int
    password: str


class Product(ABC):
    """A server product, such as PostgreSQL, and how to get one of it."""

    name: ClassVar[str]
    """What options and the environment call it: `--orm-service postgres=…`, `ORM_TESTING_POSTGRES_URL`."""

    title: ClassVar[str]
    """What messages call it: PostgreSQL."""

    schemes: ClassVar[Sequence[str]]
    """The schemes of its URLs, less a `+driver`: `("postgresql", "postgres")`."""

    users: ClassVar[Sequence[str]]
    """Whom root becomes to run it, the first of these that the machine knows; `nobody` is tried last."""

    client: ClassVar[str] = ""
    """The module by which `ask` speaks to it, where that needs one: without it no server is started."""

    how_to_get: ClassVar[Mapping[str, str]]
    """The one command that brings it, by what is on PATH: `{"apt-get": "apt-get install postgresql", "brew": …, "pip": …}`."""

    stop_signal: ClassVar[int] = signal.SIGTERM
    """What stops it at once, whoever is connected; its data are thrown away."""

    image: ClassVar[str]
    container_port: ClassVar[int]
    container_command: ClassVar[Sequence[str]] = ()
    """What the container runs instead of the image's own command."""

    container_health: ClassVar[Sequence[str]]
    """The command inside the container that succeeds when the server answers."""

    @abstractmethod
    def find_local(self) -> Installation | str:
        """The programs installed on this machine; or, in a sentence, that there are none and where was looked."""

    def find_wheel(self) -> Installation | str:
        """The programs that a Python package brought; or why there are none."""
        return f"no Python package brings {self.title}"

    def find_stand_in(self) -> StandIn | str:
        """The library that stands in for the product where no server of it can be had; or why there is none."""
        return f"nothing stands in for {self.title} in this process"

    @abstractmethod
    def initialise(self, instance: Instance, run: Run) -> None:
        """Make the data directory, once per version; later starts begin with a copy of it."""

    @abstractmethod
    def command(self, instance: Instance) -> Sequence[str]:
        """The server in the foreground, tuned for tests. `instance.data` is among its arguments: it is known by that."""

    @abstractmethod
    def url(self, host: str, port: int, password: str) -> str:
        """The URL of the server for the user who may do everything."""

    @abstractmethod
    def container_environment(self, password: str) -> Mapping[str, str]:
        """What the image wants to be told."""

    def needs_confirmation(self, url: str) -> str | None:
        """Why a URL is not used before the user said so once more: what costs money, say; None where it may be."""
        return None

    def is_played(self, fingerprint: str) -> bool:
        """Whether a server with this fingerprint is a stand-in's own, such as moto's: it is not the real product."""
        return False

    @abstractmethod
    def ask(self, url: str, timeout: float) -> str:
        """Speak the product's protocol, and answer product and version.

        `UnavailableError` where nothing answers in time or the server is starting still; `ConfigurationError` where
        something answers that will not do: a wrong password, another product.
        """

    @abstractmethod
    def remove(self, url: str, names: Sequence[str]) -> None:
        """Drop these databases, which a run of ours made and could not drop any more; absent ones are no error."""
