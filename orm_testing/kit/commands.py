"""The commands of the kit: what each takes. The kit itself is imported by the one that is given."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orm_testing.errors import ConfigurationError


def add_commands(commands: Any) -> None:
    """Add what the kit can be asked for to the commands of `orm-testing`."""
    certify = commands.add_parser(
        "certify",
        allow_abbrev=False,
        usage="orm-testing certify BACKEND [OPTIONS OF PYTEST]",
        help="hold a backend's driver to the contract, and say theme by theme how it did",
        description="Run the kit on a backend of this project, and say theme by theme how its driver did."
        " The exit code is 0 where it keeps the contract in all that it declares, 1 where not, 2 where that cannot be told.",
    )
    certify.add_argument("backend", metavar="BACKEND")
    certify.set_defaults(command=_certify, takes_rest=True)
    table = commands.add_parser(
        "capabilities", help="print what each backend declares that it can, and prove it"
    )
    table.add_argument("names", nargs="*", metavar="NAME", help="these backends (all that can be had here)")
    table.add_argument(
        "--prove", action="store_true", help="try each capability; exit 1 where one is not as declared"
    )
    table.set_defaults(command=_tabulate)
    ledger = commands.add_parser("ledger", help="amend the known failures of a backend's driver")
    changes = ledger.add_subparsers(required=True, metavar="VERB")
    for name, what in (
        ("prune", "take out the entries of cases that pass now"),
        ("add", "add an entry for each case of the kit that fails"),
    ):
        verb = changes.add_parser(
            name, allow_abbrev=False, help=what, description=f"Run the kit, and {what}."
        )
        verb.add_argument("backend", metavar="BACKEND")
        verb.add_argument("--yes", action="store_true", help="write what is shown, without asking")
        if name == "add":
            verb.add_argument(
                "--kind", required=True, help="whose it is: ours, upstream, or never to be mended"
            )
            verb.add_argument("--reason", required=True, help="why it is left so")
            verb.add_argument("--link", default="", help="where more is said")
        verb.set_defaults(command=_amend, verb=name, takes_rest=True)
    broken = commands.add_parser(
        "mutants",
        allow_abbrev=False,
        usage="orm-testing mutants [OPTIONS] [PATHS AND OPTIONS OF PYTEST]",
        help="break drivers on purpose, and say which faults the kit, or a suite of your own, does not notice",
        description="Break drivers on purpose, one fault at a time, and say which faults the tests notice: yours, where paths are"
        " given, else the kit. The exit code is 0 where all are noticed, 1 where not, 2 where that cannot be told.",
    )
    broken.add_argument(
        "--backend", action="append", metavar="NAME", help="the kit on this one (inmemory and sqlite)"
    )
    broken.add_argument(
        "--mutant", action="append", default=[], metavar="NAME", help="this one alone (repeatable)"
    )
    broken.add_argument("--sample", type=_at_least_one, metavar="N", help="so many of all, drawn by --seed")
    broken.add_argument("--seed", type=int, default=0, metavar="N")
    broken.add_argument(
        "--orders",
        type=_at_least_one,
        metavar="N",
        help="break nothing: run the kit in so many random orders",
    )
    broken.add_argument("--markdown", type=Path, metavar="PATH", help="write the table to this file as well")
    broken.add_argument("--list", action="store_true", help="list the faults, and run nothing")
    broken.set_defaults(command=_break, takes_rest=True)


def _at_least_one(text: str) -> int:
    """What fewer than one would come to has passed without a test."""
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not 1 or more")
    return int(text)


def _certify(given: argparse.Namespace) -> int:
    """Run the kit on one backend."""
    from orm_testing.kit.certifying import certified

    return _judged(lambda: certified(given.backend, given.rest, say))


def _tabulate(given: argparse.Namespace) -> int:
    """Say what backends declare."""
    from orm_testing.kit.tabling import capabilities_table

    return capabilities_table(given.names, prove=given.prove, say=say)


def _amend(given: argparse.Namespace) -> int:
    """Show how the ledger of a driver would change, and change it."""
    from orm_testing.kit import amending

    def agreed() -> bool:
        return given.yes or (sys.stdin.isatty() and input("Write this? [y/N] ").strip().lower() == "y")

    def work() -> bool:
        if given.verb == "prune":
            changed = amending.pruned(given.backend, given.rest)
        else:
            said = {"kind": given.kind, "reason": given.reason, "link": given.link}
            changed = amending.added(given.backend, given.rest, **said)
        return amending.amend(changed, say, agreed)

    return _judged(work)


def _break(given: argparse.Namespace) -> int:
    """Run tests on drivers that are broken on purpose."""
    from orm_testing.kit.mutation import commanding

    return _judged(lambda: commanding.obey(given, say))


def _judged(work: Callable[[], bool]) -> int:
    """0 where the work says so, 1 where not, 2 where it cannot tell, and why."""
    try:
        return 0 if work() else 1
    except ConfigurationError as why:
        print(why, file=sys.stderr)
        return 2


def say(line: str) -> None:
    print(line, flush=True)
