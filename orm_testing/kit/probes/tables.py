"""What becomes of tables."""

from typing import Any

from orm_testing.kit.probes.probe import Elsewhere, Probe, Trial, answer
from orm_testing.operations import (
    BeginOperation,
    CreateSchemaOperation,
    DescribeOperation,
    DropSchemaOperation,
    EvolveOperation,
    QueryOperation,
    RollbackOperation,
    SchemaExistsOperation,
)


class AstralNames(Elsewhere):
    name = "astral_names"
    elsewhere = "AstralNames"


class Evolution(Probe):
    name = "evolution"

    def measured(self, trial: Trial, declared: Any) -> bool:
        answer(trial.orm.create_model(trial.Shape, id="a", name="kept"))
        trial.carry_out(EvolveOperation(trial.Shape, trial.Reshaped))
        found = answer(trial.driver.execute(QueryOperation(trial.Reshaped)))
        return [(row.id, row.name, row.size) for row in found] == [("a", "kept", 1)]


class Schema(Probe):
    name = "schema"

    def measured(self, trial: Trial, declared: Any) -> bool:
        answer(trial.orm.create_model(trial.Shape, id="a"))
        trial.carry_out(DropSchemaOperation([trial.Shape]))
        gone = not trial.carry_out(SchemaExistsOperation(trial.Shape))
        trial.carry_out(CreateSchemaOperation([trial.Shape]))
        columns = [column.name for column in trial.carry_out(DescribeOperation(trial.Shape)).columns]
        return gone and columns == ["id", "name"] and trial.orm.count_models(trial.Shape) == 0


class TransactionalDdl(Probe):
    name = "transactional_ddl"
    needs = ("schema", "transactions")

    def measured(self, trial: Trial, declared: Any) -> bool:
        answer(trial.orm.create_model(trial.Shape, id="a"))
        trial.carry_out(BeginOperation())
        try:
            trial.carry_out(DropSchemaOperation([trial.Shape]))
        finally:
            trial.carry_out(RollbackOperation())
        return bool(trial.carry_out(SchemaExistsOperation(trial.Shape))) and trial.orm.model_exists(
            trial.Shape, id="a"
        )
