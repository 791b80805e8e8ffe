"""Mutants: drivers that are broken on purpose, each in one way, to prove that a suite would notice."""

import importlib
from functools import cache

from orm_testing.errors import ConfigurationError, nearest
from orm_testing.kit.mutants.mutant import Mutant, mutate

__all__ = ["Mutant", "mutant_named", "mutants", "mutate"]

_MODULES = (
    "creating",
    "reading",
    "updating",
    "deleting",
    "upserting",
    "bulk",
    "keys",
    "generating",
    "neighbouring",
    "uniques",
    "querying",
    "text_querying",
    "combining",
    "refusing",
    "ordering",
    "paging",
    "aggregating",
    "values",
    "texts",
    "types",
    "hostile",
    "odd",
    "relations",
    "transactions",
    "isolating",
    "concurrent",
    "errors",
    "declaring",
    "schema",
    "attachments",
    "faults",
    "lifecycle",
)


@cache
def mutants() -> dict[str, type[Mutant]]:
    """Every mutant of the kit, by name."""
    found: dict[str, type[Mutant]] = {}
    for name in _MODULES:
        module = importlib.import_module(f"{__name__}.{name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Mutant) and value.__module__ == module.__name__:
                assert value.__name__ not in found, f"two mutants are called {value.__name__}"
                found[value.__name__] = value
    return found


def mutant_named(name: str) -> type[Mutant]:
    """The mutant of this name; `ConfigurationError` where there is none."""
    if name not in mutants():
        raise ConfigurationError(f"{name!r} is not a mutant.{nearest(name, mutants())}")
    return mutants()[name]
