"""The programs of a product on this machine: where they lie, and what they say of themselves."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

_PATIENCE = 10.0


def found(name: str, places: Sequence[str], before: Sequence[Path] = ()) -> Iterator[Path]:
    """Each program of this name: in the folders `before` all others, on PATH, and then in these places.

    A place may begin with `~`, and have stars: of the folders that fit, the last by name is looked at first.
    """
    folders = [*before, *map(Path, os.get_exec_path())]
    for place in places:
        path = Path(place).expanduser()
        root = Path(path.anchor)
        if root.exists():
            folders += sorted(root.glob(str(path.relative_to(root))), reverse=True)
    for folder in folders:
        program = shutil.which(name, path=str(folder))
        if program is not None:
            yield Path(program)


def said(*command: Path | str) -> str:
    """What a command prints; nothing where it cannot be run, or takes its time."""
    try:
        return subprocess.run(  # noqa: S603  (a program that was looked for)
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_PATIENCE, check=False
        ).stdout.decode(errors="replace")
    except (OSError, subprocess.TimeoutExpired):
        return ""
