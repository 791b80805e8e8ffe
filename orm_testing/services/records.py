"""What is written down of a server that we started, for the other processes that use it or have to end it."""

import json
import os
import shutil
import socket
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from orm_testing.services import processes


@dataclass(frozen=True, slots=True)
class Record:
    """A server that answered. `cold` where its data had to be initialised first."""

    product: str
    way: str
    url: str = field(repr=False)
    fingerprint: str
    seconds: float = 0.0
    cold: bool = False
    pid: int | None = None
    container: str | None = None

    def told(self) -> str:
        """For the report of a run."""
        began = f"started in {self.seconds:.2f}s{', its data initialised first' if self.cold else ''}"
        return f"{self.way}, {self.fingerprint}, {began}"


@dataclass(frozen=True, slots=True)
class Folder:
    """The directory of one server: its data, its log, the id of its process, and the record once it answers.

    It lies in the directory of the run that the server ends with, or in that of the kept ones of a checkout.
    """

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def sockets(self) -> Path:
        """Named shortly: the path of a socket may have about a hundred characters."""
        return self.path / "s"

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def pid_file(self) -> Path:
        return self.path / "pid"

    @property
    def journals(self) -> Path:
        return self.path / "journals"

    @property
    def lock(self) -> Path:
        return self.path.with_name(f"{self.path.name}.lock")

    def begin(self, stop_signal: int) -> None:
        """Make the directory anew; how the server is to be stopped is noted before there is one."""
        self.remove()
        self.path.mkdir()
        self.path.chmod(0o711)
        (self.path / "signal").write_text(str(int(stop_signal)), encoding="ascii")

    def record(self) -> Record | None:
        """What is noted of the server; None where none came to answer."""
        try:
            return Record(**json.loads((self.path / "record.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def answered(self) -> bool:
        """Whether the server came to answer, even where another version of the library noted it, in its own way."""
        return (self.path / "record.json").exists()

    def write(self, record: Record) -> None:
        made = self.path / "record.part"
        with os.fdopen(
            os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            json.dump(asdict(record), file)
        made.replace(self.path / "record.json")

    def answers(self, record: Record) -> bool:
        """Whether the server is still there, told cheaply."""
        if record.container is None:
            return processes.runs(record.pid, self.data)
        parts = urlsplit(record.url)
        try:
            socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 0), timeout=1).close()
        except OSError:
            return False
        return True

    def remove(self) -> None:
        """End the server, if it runs, and remove all that is its own."""
        if not self.path.exists():
            return
        marker = self.path / "container"
        if marker.exists():
            from orm_testing.services.container import remove

            remove(marker.read_text(encoding="ascii"))
        processes.end(processes.noted_in(self.pid_file), self.data, self._signal())
        with suppress(FileNotFoundError):
            shutil.rmtree(self.path)

    def _signal(self) -> int:
        try:
            return int((self.path / "signal").read_text(encoding="ascii"))
        except (OSError, ValueError):
            import signal

            return signal.SIGTERM
