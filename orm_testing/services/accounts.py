"""As whom a server runs: as this user, except that root becomes another, as servers demand."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orm_testing.errors import ConfigurationError
from orm_testing.services import state
from orm_testing.services.product import Installation, Product, Run

_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TEMP")
_OUTPUT_LINES = 50


@dataclass(frozen=True, slots=True)
class Account:
    """Another user of this machine."""

    name: str
    uid: int
    gid: int


def account_for(product: Product) -> Account | None:
    """Whom root becomes to run the product; None for anyone else, who stays who they are."""
    if os.name != "posix" or os.geteuid() != 0:
        return None
    import pwd

    for name in (*product.users, "nobody"):
        try:
            known = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, known.pw_uid, known.pw_gid)
    raise ConfigurationError(
        f"{product.title} cannot be run by root, and this machine has none of the users {', '.join(product.users)}, nobody."
    )


def as_account(account: Account | None) -> dict[str, Any]:
    """The arguments by which a subprocess becomes this user."""
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def environment() -> dict[str, str]:
    """What a server is told of this process's environment: how to find programs, and no secret."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | {"LC_ALL": "C"}


def give(path: Path, account: Account | None) -> Path:
    """Make a directory that is the server's own."""
    path.mkdir(mode=0o700)
    if account is not None:
        os.chown(path, account.uid, account.gid)
    return path


def runner(account: Account | None) -> Run:
    """What runs a product's programs as the server's user."""

    def run(command: Sequence[str]) -> None:
        done = subprocess.run(  # noqa: S603  (the command of a product)
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env=environment(),
            start_new_session=os.name == "posix",
            check=False,
            **as_account(account),
        )
        if done.returncode:
            said = "\n".join(f"    {line}" for line in done.stdout.splitlines()[-_OUTPUT_LINES:])
            raise ConfigurationError(f"{command[0]} ended with exit code {done.returncode}:\n{said}")

    return run


def within_reach(installation: Installation, account: Account | None) -> Installation:
    """The installation, or a copy of it where the user who is to run it cannot get to it, in root's home say."""
    if account is None:
        return installation
    unreachable = [program for program in installation.programs.values() if not _can_run(account, program)]
    if not unreachable:
        return installation
    origin = installation.root
    if origin is None:
        raise ConfigurationError(
            f"the user {account.name}, as whom root runs the server, may not run {unreachable[0]}; install it where every user"
            " can."
        )
    cache = state.directory("cache")
    copy = cache / f"programs-{state.digest(f'{origin} {origin.stat().st_mtime_ns} {installation.version}')}"
    with state.locked(cache / f"{copy.name}.lock", f"copying {origin}"):
        if not copy.exists():
            _copy(origin, copy)
    programs = {
        name: copy / program.relative_to(origin.parent) for name, program in installation.programs.items()
    }
    return replace(installation, programs=programs, root=copy / origin.name)


def check_reach(path: Path, account: Account | None) -> None:
    """Raise `ConfigurationError` where the server's user cannot get to a directory of ours."""
    if account is not None and not _can(account, "-x", path):
        raise ConfigurationError(
            f"the user {account.name}, as whom root runs the server, cannot get to {path}; set TMPDIR to a directory that every"
            " user can pass through."
        )


def _can_run(account: Account, program: Path) -> bool:
    return _can(account, "-x", program)


def _can(account: Account, test: str, path: Path) -> bool:
    ask = ["/bin/sh", "-c", f'test {test} "$0"', str(path)]
    return not subprocess.run(ask, cwd="/", check=False, **as_account(account)).returncode  # noqa: S603


def _copy(origin: Path, copy: Path) -> None:
    """Copy a tree of programs, with the libraries that wheels put beside it, or one that needs none, for everyone to use."""
    making = copy.with_name(f"{copy.name}.part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    for tree in (origin, origin.with_name(f"{origin.name}.libs")):
        if tree.is_dir():
            shutil.copytree(tree, making / tree.name, symlinks=True)
        elif tree.is_file():
            shutil.copy2(tree, making)
    for path in (making, *making.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))
    making.rename(copy)
