"""`orm-testing doctor`: for each backend what this machine has for it, what it lacks, and what would bring it."""

import shutil

from orm_testing.backends import driver_class, missing_client, needs_server, product_of, registry
from orm_testing.errors import ConfigurationError, OrmTestingError
from orm_testing.services.ladder import CHOOSABLE, Found, Settings, check_confirmed, survey
from orm_testing.services.product import Installation, Product, StandIn
from orm_testing.services.servers import Servers
from orm_testing.services.urls import masked, scrubbed


def examine(servers: Servers) -> list[str]:
    """What is to be said of every known backend, in their order."""
    return [
        line
        for name in registry.names()
        for line in (name, *(f"  {each}" for each in _backend(name, servers)))
    ]


def _backend(name: str, servers: Servers) -> list[str]:
    try:
        maker = driver_class(name) or driver_class(name, asynchronous=True)
        ask = getattr(maker, "unavailable_reason", None)
        reason = ask() if ask is not None else None
        if reason is not None:
            return [f"cannot be had: {reason}"]
        if not needs_server(name):
            return ["can be had: it needs no server"]
        product = product_of(name)
        reason = missing_client(product)
        return _service(product, servers) if reason is None else [f"cannot be had: {reason}"]
    except ConfigurationError as error:
        return [f"cannot be had: {error}"]


def _service(product: Product, servers: Servers) -> list[str]:
    settings: Settings = servers.settings
    choice = settings.choices.get(product.name)
    try:
        found = survey(product, choice)
    except ConfigurationError as error:
        return [f"cannot be had: {error}"]
    lines = []
    kept = servers.kept(product.name)
    record = kept.record()
    if record is not None and kept.answers(record):
        lines.append(f"kept: {record.fingerprint} at {masked(record.url)}")
    taken = next((each for each in found if each.applies), None)
    used = {id(taken): " (this is used)"}
    lines += [f"{each.way}: {_told(product, each, settings)}{used.get(id(each), '')}" for each in found]
    if choice is not None:
        lines.append(f"chosen by {choice.source}; other ways are not tried")
    elif taken is None:
        lines.append(f"to have it: {remedy(product)}")
    return lines


def _told(product: Product, found: Found, settings: Settings) -> str:
    if isinstance(found.offer, Installation):
        program = next(iter(found.offer.programs.values()), None)
        return f"{found.offer.title or product.title} {found.offer.version}{f' in {program.parent}' if program else ''}"
    if isinstance(found.offer, StandIn):
        return f"{found.offer.title}, in this process"
    if found.offer is None:
        return found.reason.partition(": ")[2]
    if found.way in CHOOSABLE:
        return f"a Docker engine answers, for the image {found.offer}"
    try:
        check_confirmed(product, found.offer, settings)
        return f"{product.ask(found.offer, settings.patience)} at {masked(found.offer)}"
    except OrmTestingError as error:
        return f"{masked(found.offer)} will not do: {scrubbed(str(error), found.offer)}"


def remedy(product: Product) -> str:
    """The command for the first of the package managers that this machine has."""
    for manager, command in product.how_to_get.items():
        if manager == "pip" or shutil.which(manager):
            return command
    return next(iter(product.how_to_get.values()))
