"""`orm-testing services`: the servers that this checkout keeps, managed by hand."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from orm_testing.backends import missing_client, needs_server, product_of, products, registry
from orm_testing.errors import ConfigurationError, nearest
from orm_testing.services import runs, state
from orm_testing.services.product import Product
from orm_testing.services.records import Folder, Record
from orm_testing.services.servers import Servers
from orm_testing.services.urls import masked


def up(servers: Servers, names: Sequence[str]) -> list[str]:
    """Start these services, or all that can be had here, and keep them."""
    said = []
    wanted = _wanted(names)
    reasons = {product.name: missing_client(product) or servers.unavailable(product) for product in wanted}
    servers.begin([product for product in wanted if reasons[product.name] is None])
    for product in wanted:
        reason = reasons[product.name]
        if reason is not None:
            if names:
                raise ConfigurationError(f"{product.name} cannot be had here: {reason}.")
            said.append(f"{product.name}: unavailable: {reason}")
            continue
        if servers.server(product).stands_in:
            said.append(f"{product.name}: {servers.told()[product.name]}: there is nothing to start")
            continue
        said.append(f"{product.name}: {servers.told()[product.name]}")
    return said if names else said + left_out()


def left_out() -> list[str]:
    """Which services are not among the known products, since a library is missing, and how to have it."""
    said = []
    for name in registry.names():
        try:
            if needs_server(name):
                product_of(name)
        except ConfigurationError as error:
            said.append(f"{name}: left out: {error}")
    return said


def status(servers: Servers) -> list[str]:
    """What this checkout keeps, and whether it still runs."""
    told = [f"{folder.name}: {_state(folder, record)}" for folder, record in _kept(servers)]
    return told or ["No server is kept for this checkout. `orm-testing services up` starts some."]


def logs(servers: Servers, name: str) -> str:
    """The log of a kept server."""
    for folder, record in _kept(servers):
        if folder.name == name:
            if record.container is not None:
                from orm_testing.services import container

                return container.logs(record)
            return folder.log.read_text(encoding="utf-8", errors="replace")
    kept = [folder.name for folder, _ in _kept(servers)]
    raise ConfigurationError(
        f"no server {name!r} is kept for this checkout.{nearest(name, kept)} Kept are: {', '.join(kept) or 'none'}."
    )


def stop(servers: Servers, names: Sequence[str]) -> list[str]:
    """End these kept servers, or all of this checkout."""
    wanted = {product.name for product in _wanted(names)} if names else None
    said = []
    for folder, _ in _kept(servers):
        if wanted is None or folder.name in wanted:
            _end(folder)
            said.append(f"{folder.name}: stopped")
    return said or ["Nothing was kept, so nothing was stopped."]


def clean() -> list[str]:
    """End what dead runs left, and remove the initialised data and copied programs that are kept for the next start."""
    root = state.root()
    said = [f"{runs.reap_now()} dead runs ended"]
    for path in sorted((root / "kept").glob("*/*/signal")):
        folder = Folder(path.parent)
        record = folder.record()
        if record is not None and not folder.answers(record):
            _end(folder)
            said.append(f"{folder.path}: had died; removed")
    said.append(f"{_emptied(root)} initialised data directories and copies of programs removed")
    return said


def _emptied(root: Path) -> int:
    cached = [path for path in sorted((root / "cache").glob("*")) if path.is_dir()]
    for path in cached:
        with state.locked(path.with_name(f"{path.name.partition('.part-')[0]}.lock"), f"making {path}"):
            shutil.rmtree(path)
    return len(cached)


def _end(folder: Folder) -> None:
    with state.locked(folder.lock, f"starting {folder.name}"):
        folder.remove()


def _kept(servers: Servers) -> list[tuple[Folder, Record]]:
    folders = [Folder(path.parent) for path in sorted(servers.kept("").path.glob("*/signal"))]
    return [(folder, record) for folder in folders if (record := folder.record()) is not None]


def _state(folder: Folder, record: Record) -> str:
    if not folder.answers(record):
        return f"{record.way}, {record.fingerprint}, has died; see `orm-testing services logs {folder.name}`"
    known = f"process {record.pid}" if record.container is None else f"container {record.container[:12]}"
    return f"{record.way}, {record.fingerprint}, runs at {masked(record.url)} ({known})"


def _wanted(names: Sequence[str]) -> list[Product]:
    known: dict[str, Product] = products(names)
    for name in names:
        if name not in known:
            raise ConfigurationError(
                f"{name!r} is not a service.{nearest(name, known)} Known are: {', '.join(known) or 'none'}."
            )
    return [product for name, product in known.items() if not names or name in names]
