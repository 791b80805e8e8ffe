"""Runs of pytest: which are alive, and the end of those that are not.

A run is alive while one of its processes holds a lock of its own in the run's directory. The system takes the lock from a
process that ends, however it ends.
"""

import os
import secrets
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from orm_testing.services import state
from orm_testing.services.records import Folder


class Run:
    """This process's part in a run, from `join` to `leave`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._alive: Any = None

    @property
    def path(self) -> Path:
        return directory(self.name)

    def join(self) -> None:
        """Be seen to be alive; runs that are not are ended first."""
        from filelock import FileLock

        if self._alive is not None:
            return
        with _one_at_a_time():
            reap()
            path = state.directory("runs", self.name)
            alive = FileLock(path / f"alive-{os.getpid()}-{secrets.token_hex(3)}.lock", thread_local=False)
            alive.acquire(timeout=0)
            self._alive = alive

    def leave(self) -> None:
        if self._alive is not None:
            self._alive.release()
            self._alive = None


def directory(name: str) -> Path:
    return state.where() / "runs" / name


def is_alive(name: str) -> bool:
    """Whether some process of the run still is; asked while no run begins or ends, for it tries their locks."""
    from filelock import FileLock, Timeout

    for held in directory(name).glob("alive-*.lock"):
        try:
            FileLock(held, timeout=0).acquire().lock.release()
        except Timeout:
            return True
    return False


def end(name: str) -> None:
    """End the servers of a run, and whatever dead runs left."""
    if directory(name).exists():
        with _one_at_a_time():
            _remove(directory(name))
            reap()


def dead(names: Iterable[str]) -> set[str]:
    """Those of these runs that are; none begins or ends while they are looked at."""
    with _one_at_a_time():
        return {name for name in names if not is_alive(name)}


def reap() -> int:
    """End the servers of all runs that are dead; how many those were."""
    ended = [path for path in sorted((state.where() / "runs").glob("*")) if not is_alive(path.name)]
    for path in ended:
        _remove(path)
    for path in (state.where() / "kept").glob("*/*/signal"):
        _remove_unfinished(Folder(path.parent))
    return len(ended)


def reap_now() -> int:
    """As `reap`, for who does not join a run."""
    with _one_at_a_time():
        return reap()


def _remove(path: Path) -> None:
    for each in path.glob("*/signal"):
        Folder(each.parent).remove()
    with suppress(FileNotFoundError):
        shutil.rmtree(path)


def _remove_unfinished(folder: Folder) -> None:
    """A server that was to be kept, and whose run was ended before it answered, belongs to nobody."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(folder.lock, timeout=0):
            if not folder.answered():
                folder.remove()
    except Timeout:
        pass


def _one_at_a_time() -> Any:
    return state.locked(state.root() / "lock", "ending servers that were left behind")
