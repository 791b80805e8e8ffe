"""`orm-testing capabilities`: what the backends that can be had here declare that they can, as a table, and whether it is so."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from orm_testing.backends import (
    check_known,
    driver_class,
    make_fitting_driver,
    product_of,
    registry,
)
from orm_testing.capabilities import KNOWN, Capabilities
from orm_testing.errors import ConfigurationError
from orm_testing.isolation.life import LiveDriver, Wanted
from orm_testing.kit.cases.capabilities import Declarations
from orm_testing.kit.probes import PROBES
from orm_testing.kit.running import Outcome, run
from orm_testing.plugin.project import within_project
from orm_testing.services.server import Server
from orm_testing.services.servers import Servers

Say = Callable[[str], None]
_PROVES = Declarations.test_the_declaration_says_what_is_seen.__name__


def capabilities_table(names: Sequence[str], *, prove: bool, say: Say) -> int:
    """Say what these backends declare, or all that can be had here; with `prove`, also where that is not what was seen.

    The exit code is 1 where something is not so, where a backend is broken, or where one that was named cannot be had.
    """
    declared: dict[str, Capabilities] = {}
    others: dict[str, str] = {}
    broken: list[str] = []

    def work(servers: Servers) -> int:
        for name in names:
            check_known(name)
        for name in names or registry.names():
            try:
                reason = _why_unavailable(name, servers)
                if reason:
                    others[name] = f"unavailable: {reason}"
                else:
                    declared[name] = _declared(name, servers)
            except Exception as error:  # noqa: BLE001  (one broken backend must not hide the others)
                others[name] = f"error: {type(error).__name__}: {error}"
                broken.append(name)
        return 0

    if code := within_project(work):
        return code
    for line in table(declared) if declared else []:
        say(line)
    for name, why in others.items():
        say(f"{name}: {why}")
    wrong = bool(broken or (names and others))
    if prove and declared:
        wrong = not _proved(list(declared), say) or wrong
    return int(wrong)


def table(declared: Mapping[str, Capabilities]) -> list[str]:
    """A row per capability, a column per backend; of one backend alone, with the sentence that says what each is."""
    if len(declared) == 1:
        ((name, own),) = declared.items()
        rows: list[tuple[str, ...]] = [("capability", name, "")]
        rows += [(each, _cell(own, each), KNOWN[each]) for each in PROBES]
    else:
        rows = [("capability", *declared)]
        rows += [(each, *(_cell(own, each) for own in declared.values())) for each in PROBES]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def short(value: Any) -> str:
    """A capability's value, in a few characters: levels of isolation by their initials, what each lets through by its number."""
    if value is None or isinstance(value, bool):
        return {True: "yes", False: "", None: "no bound"}[value]
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) else f"{value:.3g}"
    if isinstance(value, str):
        return value
    levels: Mapping[str, Sequence[str]] | Sequence[str] = value
    if isinstance(levels, Mapping):
        return " ".join(f"{_initials(level)}:{len(levels[level])}" for level in levels)
    return " ".join(_initials(level) for level in levels)


def _cell(own: Capabilities, name: str) -> str:
    """What the driver declares, or is taken to declare; empty where it lacks what the capability rests on."""
    probe = PROBES[name]
    absent = name not in own and any(need not in own for need in probe.needs)
    return "" if absent else short(own.get(name, probe.undeclared))


def _initials(words: str) -> str:
    return "".join(word[0] for word in words.split()).upper()


def _proved(names: Sequence[str], say: Say) -> bool:
    """Whether the kit's theme of declarations passes on these backends; what differs is said."""
    told = run([], kit=names, themes=[Declarations.__name__])
    for name in names:
        mine = [each for each in told.outcomes if each.backend == name]
        proved = sum(each.state == "passed" and _PROVES in each.test for each in mine)
        wrong = [each for each in mine if each.broke]
        say(
            f"{name}: {proved} capabilities are as declared, {len(wrong)} case{'s' * (len(wrong) != 1)} differ{'s' * (len(wrong) == 1)}"
        )
        for outcome in wrong:
            say(f"  {_difference(outcome)}")
    if not told.passed and not told.broken:
        say(told.output.rstrip())
    return told.passed and bool(told.outcomes)


def _difference(outcome: Outcome) -> str:
    told = outcome.why.strip().splitlines()
    return told[0] if told else f"{outcome.test} failed"


def _why_unavailable(name: str, servers: Servers) -> str | None:
    try:
        ask = getattr(driver_class(name) or driver_class(name, asynchronous=True), "unavailable_reason", None)
        product = product_of(name)
    except ConfigurationError as error:  # a library that is not installed, and how to have it
        return str(error)
    reason: str | None = ask() if ask is not None else None
    return reason or (None if product is None else servers.unavailable(product))


def _declared(name: str, servers: Servers) -> Capabilities:
    """What the backend's driver declares once it is open, since some of it depends on the product."""

    def server(_: str) -> Server | None:
        product = product_of(name)
        return None if product is None else servers.server(product)

    with tempfile.TemporaryDirectory(prefix="orm_testing-") as directory:
        wanted = Wanted(name, (), driver_class(name) is None, make_fitting_driver, None)
        live = LiveDriver(wanted, lambda: Path(directory), server)
        try:
            capabilities: Capabilities = live.driver.capabilities
            return capabilities
        finally:
            live.close()
