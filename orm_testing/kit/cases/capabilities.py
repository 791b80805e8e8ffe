"""Declarations: what a driver declares that it can is what it can, no less and no more."""

from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import UnsupportedError
from orm_testing.kit.probes import PROBES, Elsewhere, Trial
from orm_testing.kit.support.samples import Reshaped, SampleCases
from orm_testing.marks import requires
from orm_testing.operations import (
    AggregateOperation,
    AttachOperation,
    BeginOperation,
    CreateManyOperation,
    DropSchemaOperation,
    EvolveOperation,
    Operation,
)
from orm_testing.schema import schema_of

PROBED = [
    pytest.param(name, marks=requires(*probe.needs) if probe.needs else ())
    for name, probe in PROBES.items()
    if not isinstance(probe, Elsewhere)
]
"""The names of what is probed, each marked with what there has to be for it."""


class Declarations(SampleCases):
    """Each capability is probed, whether it is declared or not, and the declaration has to say what was seen.

    What cannot be probed soundly is not taken for proved: that sessions would be in each other's way, or that a store does not
    judge conditions itself, shows now and then only, so that `sessions` and `conditional_writes` are probed where they are
    declared; a level that is none of the declared `isolation_levels` is refused before a driver is asked. `astral_names` and
    `anomalies` are proved by the themes AstralNames and IsolationLevels. `trio` is said of async drivers, of which these cases
    reach none.
    """

    @pytest.mark.parametrize("name", PROBED)
    def test_the_declaration_says_what_is_seen(self, orm: OrmDsl, name: str) -> None:
        """The backend can do what its driver declares, cannot do what it does not declare, and has the values that it declares."""
        probe = PROBES[name]
        capabilities = orm.driver.capabilities
        declared = capabilities.get(name, probe.undeclared)
        seen = probe.seen(self.trial(orm), declared)
        says = f"declares {name}={declared!r}" if name in capabilities else f"does not declare {name!r}"
        assert seen.value == declared, (
            f"{type(orm.driver).__name__} {says} ({probe.sentence}); what was seen: {seen}"
        )

    def test_nothing_is_declared_without_what_it_rests_on(self, orm: OrmDsl) -> None:
        """A capability that rests on others, as nested in them as levels of isolation are in transactions, comes with them."""
        orm.count_models(self.Sample)
        declared = orm.driver.capabilities
        missing = {name: [need for need in PROBES[name].needs if need not in declared] for name in declared}
        assert {name: needs for name, needs in missing.items() if needs} == {}

    @pytest.mark.parametrize(
        "name", ["aggregates", "attachments", "bulk", "evolution", "schema", "transactions"]
    )
    def test_what_is_not_declared_is_not_carried_out(self, orm: OrmDsl, name: str) -> None:
        """An operation that needs what is not declared is an `UnsupportedError` that names it, and changes nothing."""
        row = orm.create_and_verify(self.Sample, id="a")
        own = orm.driver.capabilities
        orm.driver.capabilities = own.without(name)
        try:
            error = orm.driver.execute(self.needing(name, row)).error
        finally:
            orm.driver.capabilities = own
        assert isinstance(error, UnsupportedError), error
        assert error.capability == name
        assert orm.all_models(self.Sample) == [row]

    def needing(self, name: str, row: Any) -> Operation:
        """An operation that needs the capability."""
        return {
            "aggregates": AggregateOperation(self.Sample, ["count"]),
            "attachments": AttachOperation(self.Sample, row, "photo", b""),
            "bulk": CreateManyOperation(self.Sample, [{"id": "b"}]),
            "evolution": EvolveOperation(self.Shape, self.model(schema_of(Reshaped))),
            "schema": DropSchemaOperation([self.Sample]),
            "transactions": BeginOperation(),
        }[name]

    def trial(self, orm: OrmDsl) -> Trial:
        """What probes work with, on the classes that the adopter stores."""
        return Trial(orm, lambda model: self.model(schema_of(model)))
