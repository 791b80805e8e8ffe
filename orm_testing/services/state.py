"""Where the machinery keeps what outlives a test: one directory per user of this machine, below the temporary one."""

import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orm_testing.errors import ConfigurationError

PATIENCE_WITH_OTHERS = 120.0
"""For how many seconds another process may hold a lock, beyond which it is said to be stuck."""


def where() -> Path:
    """The directory, which may not be there yet."""
    try:
        return Path(tempfile.gettempdir()) / f"orm_testing-{_user()}"
    except OSError as error:
        raise _unwritable(error) from error


def root() -> Path:
    """The directory, made where it is missing; refused where somebody else could have a hand in it."""
    path = where()
    try:
        path.mkdir(mode=0o700, exist_ok=True)
        found = path.lstat()
        if os.name == "posix":
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
                raise ConfigurationError(
                    f"{path} is not a directory that belongs to this user, and servers would be kept there. Remove it, or set"
                    " TMPDIR to another directory."
                )
            path.chmod(_open_to_servers())
    except FileExistsError as error:
        raise ConfigurationError(
            f"{path} is in the way: a directory for servers would be made there."
        ) from error
    except OSError as error:
        raise _unwritable(error) from error
    return path


def directory(*parts: str) -> Path:
    """A directory below the root, made where it is missing; one that a server runs in can be passed through by its user."""
    path = root()
    for part in parts:
        path /= part
        if not path.is_dir():
            path.mkdir(exist_ok=True)
            path.chmod(_open_to_servers())
    return path


@contextmanager
def locked(path: Path, why: str) -> Iterator[None]:
    """Hold a lock that all processes of this machine know by its file; `why` is told where it stays held."""
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    try:
        lock.acquire(timeout=PATIENCE_WITH_OTHERS)
    except Timeout as error:
        raise ConfigurationError(
            f"another process has been {why} for {PATIENCE_WITH_OTHERS:g} s ({path} is locked); end it, and try again."
        ) from error
    try:
        yield
    finally:
        lock.release()


def digest(text: str, length: int = 6) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:length]


def _user() -> str:
    if os.name == "posix":
        return str(os.geteuid())
    import getpass

    return getpass.getuser()


def _open_to_servers() -> int:
    """Root's servers run as another user, who has to get to their data."""
    return 0o711 if os.name == "posix" and os.geteuid() == 0 else 0o700


def _unwritable(error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"servers are kept below the temporary directory, and nothing can be written there: {error}. Set TMPDIR to a"
        " directory that this user can write to."
    )
