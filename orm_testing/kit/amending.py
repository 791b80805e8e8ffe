"""`orm-testing ledger`: entries for what fails are added, and those of what was fixed are taken out, each as a diff first."""

import difflib
import inspect
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from orm_testing.backends import driver_class
from orm_testing.errors import ConfigurationError
from orm_testing.kit.running import Outcome, run
from orm_testing.ledger import FILE_NAME, TABLE, Kind, KnownFailure, ledgers, read
from orm_testing.plugin.project import within_project

Say = Callable[[str], None]
_HEADER = f"[[{TABLE}]]"
_VERSIONED = re.compile(r"\s*(?:\bv|\b|\()\d.*", re.DOTALL)


def pruned(backend: str, arguments: Sequence[str]) -> dict[Path, str]:
    """The ledgers of a backend's driver without the entries all of whose tests pass now, where that changes them."""
    outcomes = run(arguments, kit=[backend]).outcomes
    changed = {}
    for path in ledgers(_driver(backend)):
        entries = read(path)
        gone = {number for number, entry in enumerate(entries) if _is_fixed(entry, outcomes)}
        if gone:
            changed[path] = _without(path.read_text(encoding="utf-8"), gone)
    return changed


def added(backend: str, arguments: Sequence[str], *, kind: Kind, reason: str, link: str) -> dict[Path, str]:
    """The ledger beside a backend's driver, with an entry for each case that fails and that no entry expects."""
    KnownFailure(kind=kind, raises="AssertionError", reason=reason, link=link)  # judged before the long run
    outcomes = [outcome for outcome in run(arguments, kit=[backend]).outcomes if outcome.broke]
    fixed = [outcome.test for outcome in outcomes if not outcome.error]
    if fixed:
        raise ConfigurationError(f"these pass, and are known to fail: prune them first: {', '.join(fixed)}")
    if not outcomes:
        return {}
    module = inspect.getmodule(_driver(backend))
    path = Path(str(getattr(module, "__file__", None))).with_name(FILE_NAME)
    entries = [
        KnownFailure(
            test=outcome.test,
            kind=kind,
            raises=outcome.error,
            reason=reason,
            product=product_of(outcome),
            link=link,
        )
        for outcome in outcomes
    ]
    there = path.read_text(encoding="utf-8").rstrip() if path.exists() else ""
    return {path: "\n\n".join([*([there] if there else []), *map(_text, entries)]) + "\n"}


def product_of(outcome: Outcome) -> str:
    """The product by which a fingerprint begins, without its version."""
    product = _VERSIONED.sub("", outcome.fingerprint)
    if not product:
        raise ConfigurationError(
            f"{outcome.test} failed before anything said which product it ran on: {outcome.why}"
        )
    return product


def amend(changed: dict[Path, str], say: Say, agreed: Callable[[], bool]) -> bool:
    """Say what would change in the files; write it where that is agreed to. True where nothing is left to do."""
    if not changed:
        say("nothing to change.")
        return True
    for path, text in changed.items():
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        for line in difflib.unified_diff(
            before.splitlines(), text.splitlines(), str(path), str(path), lineterm=""
        ):
            say(line)
    if not agreed():
        say("nothing was written.")
        return False
    for path, text in changed.items():
        path.write_text(text, encoding="utf-8")
    return True


def _driver(backend: str) -> type[Any]:
    """The class that drives the backend, which a conftest of the project may have to register first."""
    found: list[Any] = []

    def look(_: object) -> int:
        found.append(driver_class(backend) or driver_class(backend, asynchronous=True))
        return 0

    within_project(look)
    if not found or not isinstance(found[0], type):
        raise ConfigurationError(
            f"the backend {backend!r} has no driver class, beside which a ledger could stand."
        )
    return found[0]


def _is_fixed(entry: KnownFailure, outcomes: Sequence[Outcome]) -> bool:
    about = [each for each in outcomes if entry.is_on(each.fingerprint) and entry.is_of(each.test)]
    return bool(about) and all(each.state == "failed" and not each.error for each in about)


def _without(text: str, numbers: set[int]) -> str:
    lines, kept, number = text.splitlines(keepends=True), [], -1
    for line in lines:
        number += line.strip() == _HEADER
        if number not in numbers:
            kept.append(line)
    return "".join(kept).rstrip() + "\n" if kept else ""


def _text(entry: KnownFailure) -> str:
    said = {name: getattr(entry, name) for name in ("product", "test", "kind", "raises", "reason", "link")}
    lines = [f"{name} = {_quoted(value)}" for name, value in said.items() if value]
    return "\n".join([_HEADER, *lines])


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
