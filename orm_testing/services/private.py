"""A server of our own from programs on this machine: its data, its process, and the wait until it answers."""

import inspect
import re
import secrets
import shutil
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from orm_testing.errors import ConfigurationError, UnavailableError
from orm_testing.services import processes, state
from orm_testing.services.accounts import (
    Account,
    account_for,
    check_reach,
    give,
    runner,
    within_reach,
)
from orm_testing.services.product import Installation, Instance, Product
from orm_testing.services.records import Folder, Record
from orm_testing.services.urls import scrubbed

_PORTS_TRIED = 5
_BETWEEN_QUESTIONS = 0.01
_ONE_QUESTION = 5.0
_LAST_BREATH = 1.0


@dataclass(frozen=True, slots=True)
class Initialised:
    """A data directory to copy, and the password of the user in it; `cold` where it was made just now."""

    data: Path
    password: str
    cold: bool


def start(
    product: Product,
    way: str,
    installation: Installation,
    folder: Folder,
    patience: float,
    given_up: threading.Event,
) -> Record:
    """Start a server in that folder, and answer when it does; `ConfigurationError` with its log where it does not."""
    began = time.perf_counter()
    account = account_for(product)
    installation = within_reach(installation, account)
    origin = initialised(product, installation, account)
    folder.begin(product.stop_signal)
    check_reach(folder.path, account)
    _copied(origin.data, folder.data)
    give(folder.sockets, account)
    for _ in range(_PORTS_TRIED):
        instance = Instance(installation, folder.data, folder.sockets, _free_port(), origin.password)
        process = processes.launch(product.command(instance), account, folder.pid_file, folder.log)
        url = product.url("127.0.0.1", instance.port, origin.password)
        try:
            fingerprint = _awaited(product, instance, url, process, patience, given_up)
        except _PortTakenError:
            continue
        except ConfigurationError as error:
            raise ConfigurationError(f"{error}{processes.last_lines(folder.log)}") from error
        finally:
            processes.let_go(process)
        seconds = time.perf_counter() - began
        record = Record(product.name, way, url, fingerprint, seconds, origin.cold, process.pid)
        folder.write(record)
        return record
    raise ConfigurationError(
        f"{_PORTS_TRIED} free ports were taken by others before {product.title} came to listen."
    )


def initialised(product: Product, installation: Installation, account: Account | None) -> Initialised:
    """The initialised data directory of this version, made where there is none."""
    cache = state.directory("cache")
    kept = cache / _key(product, installation, account)
    cold = False
    secret = kept / "password"
    if not secret.exists():
        with state.locked(cache / f"{kept.name}.lock", f"initialising data of {product.title}"):
            if not secret.exists():
                cold = True
                shutil.rmtree(kept, ignore_errors=True)  # temporary directories are swept of what is old
                _initialise(product, installation, account, kept)
    return Initialised(kept / "data", secret.read_text(encoding="ascii"), cold)


def _key(product: Product, installation: Installation, account: Account | None) -> str:
    """Another version, other programs, another recipe and another user are other data."""
    try:
        recipe = inspect.getsource(type(product))
    except (OSError, TypeError):
        recipe = repr(type(product))
    made_by = state.digest(f"{recipe} {account} {sorted(map(str, installation.programs.values()))}")
    version = re.sub(r"[^\w.]", "_", installation.version)
    return f"{product.name}-{version}-{made_by}"


def _initialise(product: Product, installation: Installation, account: Account | None, kept: Path) -> None:
    """Make the data under another name, which they lose when they are complete."""
    for left in kept.parent.glob(f"{kept.name}.part-*"):
        shutil.rmtree(left, ignore_errors=True)
    making = kept.with_name(f"{kept.name}.part-{secrets.token_hex(3)}")
    try:
        making.mkdir()
        making.chmod(0o711)
        check_reach(making, account)
        password = secrets.token_hex(16)
        secret = making / "password"
        secret.touch(mode=0o600)
        secret.write_text(password, encoding="ascii")
        data = give(making / "data", account)
        instance = Instance(installation, data, give(making / "s", account), 0, password)
        product.initialise(instance, runner(account))
        making.rename(kept)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _copied(origin: Path, copy: Path) -> None:
    """Copy a data directory with owners and modes. `cp` takes two thirds of the time that shutil takes."""
    program = shutil.which("cp")
    if program is None:
        shutil.copytree(origin, copy, symlinks=True)
        return
    done = subprocess.run(  # noqa: S603
        [program, "-a", str(origin), str(copy)], capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode:
        raise ConfigurationError(f"the initialised data cannot be copied: {done.stderr.strip()}")


def _awaited(
    product: Product,
    instance: Instance,
    url: str,
    process: "subprocess.Popen[bytes]",
    patience: float,
    given_up: threading.Event,
) -> str:
    """Ask until there is an answer; a process that ended is noticed between two questions, without waiting."""
    deadline = time.monotonic() + patience
    try:
        while True:
            left = deadline - time.monotonic()
            try:
                return product.ask(url, max(min(left, _ONE_QUESTION), _BETWEEN_QUESTIONS))
            except UnavailableError as error:
                silence = scrubbed(str(error), url)
            except ConfigurationError:
                _raise_if_ended(
                    product, instance, process, _LAST_BREATH
                )  # somebody else answered at its port
                raise
            _raise_if_ended(product, instance, process, _BETWEEN_QUESTIONS)
            _raise_if_given_up(product, given_up, patience, left, silence)
    except BaseException:
        processes.stop(process, product.stop_signal)
        raise


def _raise_if_given_up(
    product: Product, given_up: threading.Event, patience: float, left: float, silence: str
) -> None:
    if given_up.is_set():
        raise ConfigurationError(f"starting {product.title} was given up.")
    if left <= 0:
        raise ConfigurationError(
            f"{product.title} did not answer within {patience:g} s (--orm-service-timeout): {silence}"
        )


class _PortTakenError(Exception):
    """The server ended because somebody took its port first."""


def _raise_if_ended(
    product: Product, instance: Instance, process: "subprocess.Popen[bytes]", seconds: float
) -> None:
    if not processes.ended(process.pid, seconds):
        return
    code = process.wait()
    if _is_taken(instance.port):
        raise _PortTakenError
    raise ConfigurationError(f"{product.title} ended with exit code {code} before it answered.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
