"""The servers of a run: begun when the first test needs one, shared by its workers, ended when all are done."""

from importlib.util import find_spec
from typing import Any

import pytest

from orm_testing.backends import product_of, registry
from orm_testing.errors import ConfigurationError
from orm_testing.plugin.keys import DECIDED, RUN, SERVERS, run_name
from orm_testing.plugin.options import service_settings
from orm_testing.plugin.targets import backend_of
from orm_testing.services import runs
from orm_testing.services.product import Product
from orm_testing.services.server import Server
from orm_testing.services.servers import Servers


def servers_of(config: pytest.Config) -> Servers:
    """The servers of this run."""
    if SERVERS not in config.stash:
        worker = getattr(config, "workerinput", {}).get("workerid", "main")
        config.stash[SERVERS] = Servers(service_settings(config), config.rootpath, run_name(config), worker)
    return config.stash[SERVERS]


def product(backend: str) -> Product | None:
    """The product that a backend needs a server of."""
    found: Product | None = product_of(backend) if registry.knows(backend) else None
    return found


def foreseen(config: pytest.Config, backend: str) -> str | None:
    """How the fingerprint will begin of the product that serves the backend; None where that cannot be known yet."""
    needed = product(backend)
    return None if needed is None else servers_of(config).foreseen(needed)


def server(config: pytest.Config, backend: str) -> Server | None:
    """The server to make a new store of the backend on."""
    needed = product(backend)
    return None if needed is None else servers_of(config).server(needed)


def why_unavailable(item: pytest.Item, backend: str) -> str | None:
    """Why no way of getting the backend's server applies; None where it was had."""
    needed = product(backend)
    if needed is None:
        return None
    servers = servers_of(item.config)
    reason = servers.unavailable(needed)
    if reason is None and not servers.ready(needed):
        servers.server(needed)
    return reason


def begin(item: pytest.Item) -> None:
    """Get all servers of the run, in the background: while the drivers are imported, the servers start."""
    servers = servers_of(item.config)
    if not servers.begun:
        servers.begin([each for each in _needed(item.session) if not each.client or find_spec(each.client)])


def finish(config: pytest.Config) -> list[str]:
    """This process needs no server any more, and where it is the first of the run, nobody does."""
    servers = config.stash.get(SERVERS, None)
    complaints = servers.leave() if servers is not None else []
    if not hasattr(config, "workerinput") and RUN in config.stash:
        try:
            runs.end(config.stash[RUN])
        except (ConfigurationError, OSError) as error:
            complaints.append(f"servers were not ended: {error}")
    return complaints


def _needed(session: Any) -> list[Product]:
    """The products of all items that are to run."""
    names = {name for item in session.items if DECIDED not in item.stash and (name := backend_of(item))}
    products = []
    for name in sorted(names):
        try:
            needed = product(name)
        except ConfigurationError:  # told to the tests that need it
            continue
        if needed is not None:
            products.append(needed)
    return products
