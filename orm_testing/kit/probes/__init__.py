"""Probes: one per capability, by its name."""

from collections.abc import Mapping

from orm_testing.kit.probes import queries, rows, sizes, tables, transactions, values
from orm_testing.kit.probes.probe import Elsewhere, Probe, Seen, Trial

__all__ = ["PROBES", "Elsewhere", "Probe", "Seen", "Trial"]

PROBES: Mapping[str, Probe] = {
    kind.name: kind()
    for kind in sorted(
        (
            value
            for module in (queries, rows, sizes, tables, transactions, values)
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, Probe)
            and value.__module__ == module.__name__
            and "name" in vars(value)
        ),
        key=lambda kind: kind.name,
    )
}
