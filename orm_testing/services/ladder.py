"""The ways of getting a server, in their order; which of them apply here, and why the others do not."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from orm_testing.errors import ConfigurationError, nearest
from orm_testing.services.product import Installation, Product, StandIn
from orm_testing.services.server import STAND_IN
from orm_testing.services.urls import check_scheme

_VARIABLE = re.compile(r"ORM_TESTING_([A-Z0-9_]+)_URL")
WAYS = ("given", "local", "wheel", "container", STAND_IN)
CHOOSABLE = WAYS[1:]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the user chose for a service, and where: a way's name, or a URL."""

    wanted: str = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class Found:
    """A way, with what it has to offer; or why it does not apply."""

    way: str
    offer: Installation | StandIn | str | None = field(repr=False)
    reason: str = ""

    @property
    def applies(self) -> bool:
        return self.offer is not None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user said of services: what is chosen, whether to keep them, and how long to wait for an answer."""

    choices: Mapping[str, Choice] = field(default_factory=dict)
    keep: bool = False
    patience: float = 30.0
    confirmed: frozenset[str] = frozenset()
    """The services whose URL may be used although the product asks to be sure of it."""


def variable(name: str) -> str:
    """The environment's variable that gives a service."""
    return f"ORM_TESTING_{name.upper()}_URL"


def given_by_environment() -> dict[str, Choice]:
    """The services that the environment gives by URL."""
    return {
        found[1].lower(): Choice(url, name)
        for name, url in os.environ.items()
        if (found := _VARIABLE.fullmatch(name)) and url
    }


def parsed(values: Sequence[str], source: str) -> dict[str, Choice]:
    """What `NAME=WAY` says, or `NAME=URL`."""
    choices = {}
    for value in values:
        name, equals, wanted = value.partition("=")
        if not equals or not name.strip() or not wanted.strip():
            raise ConfigurationError(
                f"{source}: write NAME={'|'.join(CHOOSABLE)}|URL, not {value.partition('://')[0]!r}."
            )
        choices[name.strip()] = Choice(wanted.strip(), source)
    return choices


def check(choices: Mapping[str, Choice], known: Mapping[str, Product]) -> None:
    """Raise `ConfigurationError` for a service that no backend has, and a choice that is none."""
    for name, choice in choices.items():
        if name not in known:
            names = ", ".join(sorted(known)) or "none"
            raise ConfigurationError(
                f"{choice.source}: {name!r} is not a service.{nearest(name, known)} Known are: {names}."
            )
        if choice.wanted not in CHOOSABLE:
            check_scheme(known[name], choice.wanted, choice.source)


def check_confirmed(product: Product, url: str, settings: Settings) -> None:
    """Raise `ConfigurationError` for a URL that has to be confirmed, and was not."""
    why = product.needs_confirmation(url)
    if why is not None and product.name not in settings.confirmed:
        raise ConfigurationError(f"{why} Confirm that with --orm-confirm-service {product.name}.")


def survey(product: Product, choice: Choice | None) -> list[Found]:
    """Each way, in order; only the chosen one where one is chosen."""
    if choice is None:
        return [_given(product, None), *(_look(product, way) for way in CHOOSABLE)]
    if choice.wanted in CHOOSABLE:
        return [_look(product, choice.wanted)]
    return [_given(product, choice)]


def first(product: Product, choice: Choice | None) -> Found | str:
    """The way to take: the first that applies; or why none does. `ConfigurationError` where that was chosen."""
    reasons = []
    if choice is None or choice.wanted not in CHOOSABLE:
        found = _given(product, choice)
        if found.applies:
            return found
        reasons.append(found.reason)
    for way in [choice.wanted] if choice else CHOOSABLE:
        found = _look(product, way)
        if found.applies:
            return found
        reasons.append(found.reason)
    if choice is not None:
        raise ConfigurationError(
            f"{product.name}={choice.wanted} ({choice.source}) cannot be had: {reasons[0]}."
        )
    return f"{product.title}: {'; '.join(reasons)}"


def _given(product: Product, choice: Choice | None) -> Found:
    if choice is None:
        return Found("given", None, f"given: {variable(product.name)} is not set")
    check_scheme(product, choice.wanted, choice.source)
    return Found("given", choice.wanted)


def _look(product: Product, way: str) -> Found:
    if way == "container" and not product.image:
        return Found(way, None, f"container: no image of {product.title} is known")
    if way == "container":
        from orm_testing.services.container import why_not

        reason = why_not()
        found: Installation | StandIn | str = reason or ""
        offer: Installation | StandIn | str | None = None if reason else product.image
    else:
        look = {"local": product.find_local, "wheel": product.find_wheel, STAND_IN: product.find_stand_in}
        found = look[way]()
        offer = None if isinstance(found, str) else found
    return Found(way, offer, f"{way}: {str(found).rstrip('.')}" if offer is None else "")
