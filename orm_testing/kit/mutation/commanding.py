"""What `orm-testing mutants` does with its options."""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from orm_testing.errors import ConfigurationError
from orm_testing.kit.mutation.ordering import holds_in_any_order
from orm_testing.kit.mutation.running import Say, Verdict, choose, summary, table, verdicts

_BACKENDS = ("inmemory", "sqlite")


def obey(given: argparse.Namespace, say: Say) -> bool:
    """Whether all was noticed that should be, and nothing else."""
    own = any(Path(argument.partition("::")[0]).exists() for argument in given.rest)
    if own and given.backend:
        raise ConfigurationError(
            "--backend is for the kit; which of your tests run is said by pytest's --orm-backend."
        )
    backends: list[str] = given.backend or list(_BACKENDS)
    chosen = choose(given.mutant, given.sample, given.seed)
    if given.list:
        for mutant in chosen:
            say(f"{mutant.__name__}: {mutant.__doc__}")
        return True
    if given.orders and own:
        raise ConfigurationError(
            "--orders is for the kit; a plugin such as pytest-random-order mixes your own tests."
        )
    if given.orders:
        return holds_in_any_order(backends, given.orders, given.seed, given.rest, say)
    found = verdicts([None] if own else backends, chosen, given.rest, say)
    for line in summary(found):
        say(line)
    if given.markdown:
        _write(given.markdown, found)
    return any(each.fate == "caught" for each in found) and not any(
        each.fate == "survived" or not each.expected for each in found
    )


def _write(path: Path, found: list[Verdict]) -> None:
    lines = [
        f"Made on {datetime.now(UTC):%Y-%m-%d} by `orm-testing mutants`. {summary(found)[0]}",
        "",
        *table(found),
    ]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
