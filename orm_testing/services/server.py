"""`Server`: a server that answers, as a store is handed it."""

from dataclasses import dataclass, field
from pathlib import Path

STAND_IN = "stand-in"
"""The way of those that have no server."""


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers; `way` is how it was had: given, local, wheel or container.

    Or `stand-in`: then there is no server and no `url`, and a library plays the product in this process.
    """

    product: str
    way: str
    url: str = field(repr=False)
    """For the user who may make databases. Not for showing: it holds a password."""

    fingerprint: str
    prefix: str
    """How the name of every database begins that this worker makes: it carries the checkout, the run and the worker."""

    journal: Path | None = None
    """Where the names are noted of what is made on a server that outlives the run; None where the server ends with it."""

    @property
    def stands_in(self) -> bool:
        """Whether it is no server of the product, but a library in this process."""
        return self.way == STAND_IN

    def made(self, name: str) -> None:
        """Note, before it is made, a database that a later run is to remove should this one not come to it."""
        if self.journal is not None:
            with self.journal.open("a", encoding="utf-8") as journal:
                journal.write(name + "\n")
