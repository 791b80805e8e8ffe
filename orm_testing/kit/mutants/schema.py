"""Faults of the schema: of making, dropping, telling of and evolving tables."""

from dataclasses import replace
from itertools import count
from typing import Any

from orm_testing.descriptions import ColumnDescription, TableDescription
from orm_testing.kit.cases.evolving import Evolving, FirstSchema
from orm_testing.kit.cases.retyping import Retyping
from orm_testing.kit.cases.schema import Schema, TransactionalSchema
from orm_testing.kit.mutants.living import RepeatingOnReset, TellingLess
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered
from orm_testing.operations import (
    BeginOperation,
    ClearOperation,
    CommitOperation,
    CreateSchemaOperation,
    DdlOperation,
    DescribeOperation,
    DropSchemaOperation,
    EvolveOperation,
    Operation,
    QueryOperation,
    RollbackOperation,
    SchemaExistsOperation,
    UpdateOperation,
)
from orm_testing.schema import schema_of


class DropsNothing(Mutant):
    """It answers that the tables were dropped, and drops none."""

    themes = (Schema,)
    needs = ("schema",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, DropSchemaOperation):
            return answered(self, operation)
        return super().execute(operation)


class DropsOnlyRows(Mutant):
    """It makes every table that it drops again at once, and says that it is not there."""

    themes = (Schema,)
    needs = ("schema",)
    said: tuple[type[Any], ...] = ()

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, SchemaExistsOperation) and operation.model_class in self.said:
            return answered(self, operation, answer=False)
        if isinstance(operation, CreateSchemaOperation):
            self.said = tuple(model for model in self.said if model not in operation.model_classes)
            return answered(self, operation)
        result = super().execute(operation)
        if isinstance(operation, DropSchemaOperation) and result.peek() is None:
            self.said = (*self.said, *operation.model_classes)
            super().execute(CreateSchemaOperation(operation.model_classes))
        return result


class DropsWhatItCan(Mutant):
    """A drop that is refused for one table has dropped those before it."""

    themes = (Schema,)
    needs = ("schema",)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, DropSchemaOperation):
            return super().execute(operation)
        result = super().execute(operation)
        if result.peek() is not None:
            for model_class in operation.model_classes:
                super().execute(DropSchemaOperation((model_class,)))
        return result


class TakesAbsentTablesForEmpty(Mutant):
    """A query of a table that is not there finds no rows."""

    themes = (Schema,)
    needs = ("schema",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, QueryOperation):
            there = super().execute(SchemaExistsOperation(operation.model_class))
            if there.peek() is None and there.data is False:
                return answered(self, operation, [])
        return super().execute(operation)


class DescribesTheModel(Mutant):
    """What it tells of a table it takes from the model, and does not look at the store."""

    themes = (Schema,)
    needs = ("schema",)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, DescribeOperation):
            return super().execute(operation)
        schema = schema_of(operation.model_class)
        columns = [ColumnDescription(field.column, field.kind, field.nullable) for field in schema.fields]
        return answered(self, operation, TableDescription(schema.table, tuple(columns), schema.key))


class DescribesFromMemory(Mutant):
    """What it told of a table once it tells ever after."""

    themes = (Schema, TransactionalSchema)
    needs = ("schema",)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, DescribeOperation):
            return super().execute(operation)
        told = vars(self).setdefault("told_before", {})
        if operation.model_class not in told:
            result = super().execute(operation)
            if result.peek() is not None:
                return result
            told[operation.model_class] = result.data
        return answered(self, operation, told[operation.model_class])


class TellsNoUniqueGroups(TellingLess):
    """It does not tell which columns are unique."""

    themes = (Schema,)

    def less(self, table: TableDescription) -> TableDescription:
        return replace(table, unique=())


class TellsNoIndexes(TellingLess):
    """It does not tell of indexes."""

    themes = (Schema,)

    def less(self, table: TableDescription) -> TableDescription:
        return replace(table, indexes=())


class TellsNoReferences(TellingLess):
    """It does not tell what a table refers to."""

    themes = (Schema,)
    needs = ("schema", "foreign_keys")

    def less(self, table: TableDescription) -> TableDescription:
        return replace(table, foreign_keys=())


class TellsEveryColumnNullable(TellingLess):
    """Of every column it tells that it may be None."""

    themes = (Schema,)

    def less(self, table: TableDescription) -> TableDescription:
        return replace(table, columns=tuple(replace(column, nullable=True) for column in table.columns))


class TellsAnotherComment(TellingLess):
    """It tells comments that nobody wrote."""

    themes = (Schema,)

    def less(self, table: TableDescription) -> TableDescription:
        return replace(table, comment=f"the table {table.name}")


class TellsAnotherStatementEachTime(Mutant):
    """The statements of a table carry a number that counts on."""

    themes = (Schema,)
    needs = ("schema",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, DdlOperation) and result.peek() is None:
            number = next(vars(self).setdefault("told_statements", count(1)))
            return answered(self, operation, f"{result.data}\n-- {number}")
        return result


class TellsTheStatementsOfAll(Mutant):
    """The statements of one table are followed by those of another, which was told of before."""

    themes = (Schema,)
    needs = ("schema",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, DdlOperation) and result.peek() is None:
            told = vars(self).setdefault("told_statements", {})
            told.setdefault(operation.model_class, result.data)
            return answered(self, operation, "\n".join(told.values()))
        return result


class CommitsTheSchema(Mutant):
    """A change of the schema commits the transaction that it is in, and another one begins."""

    themes = (TransactionalSchema,)
    needs = ("schema", "transactions", "transactional_ddl")
    depth = 0

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, BeginOperation):
            self.depth += 1
        elif isinstance(operation, CommitOperation | RollbackOperation):
            self.depth -= 1
        elif isinstance(operation, CreateSchemaOperation | DropSchemaOperation) and result.peek() is None:
            for _ in range(self.depth):
                super().execute(CommitOperation())
            for _ in range(self.depth):
                super().execute(BeginOperation())
        return result

    def reset(self) -> None:
        self.depth = 0
        super().reset()


class LosesRowsOnEvolving(Mutant):
    """A table that evolves is emptied."""

    themes = (Evolving,)
    needs = ("evolution",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, EvolveOperation):
            super().execute(ClearOperation())
        return super().execute(operation)


class ForgetsRenamedValues(Mutant):
    """A field that is renamed loses its values: it is dropped, and another one added."""

    themes = (Evolving,)
    needs = ("evolution",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, EvolveOperation):
            keys = schema_of(operation.model_class).key
            kept = {old: new for old, new in operation.rename.items() if old in keys}
            operation = replace(operation, rename=kept)
        return super().execute(operation)


class KeepsDroppedColumns(Mutant):
    """A table that evolved is told to have a column that its model does not have any more."""

    themes = (Evolving,)
    needs = ("evolution",)
    evolved: tuple[type[Any], ...] = ()

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, EvolveOperation) and result.peek() is None:
            self.evolved = (*self.evolved, operation.into)
        if isinstance(operation, DescribeOperation) and operation.model_class in self.evolved:
            table = result.data
            columns = (*table.columns, ColumnDescription("left_over", "TEXT"))
            return answered(self, operation, replace(table, columns=columns))
        return result


class EvolvesNothing(Mutant):
    """It answers that the table evolved, and does nothing."""

    themes = (Evolving,)
    needs = ("evolution",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, EvolveOperation):
            return answered(self, operation)
        return super().execute(operation)


class LosesOptionalValues(Mutant):
    """When a table evolves, the values of fields that may be None are lost."""

    themes = (Evolving, Retyping)
    needs = ("evolution",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, EvolveOperation) and result.peek() is None:
            schema = schema_of(operation.into)
            empty = {field.name: None for field in schema.fields if field.nullable and not field.references}
            empty = {name: None for name in empty if name not in schema.key}
            for row in self.rows(operation.into) if empty else ():
                super().execute(UpdateOperation(operation.into, schema.instance(row), empty))
        return result


class KeepsTheEvolution(RepeatingOnReset):
    """A reset does not undo an evolution."""

    themes = (FirstSchema,)
    needs = ("evolution",)


class LeavesTablesDropped(RepeatingOnReset):
    """A reset does not bring dropped tables back."""

    themes = (FirstSchema, Schema)
    needs = ("schema",)
    kinds = DropSchemaOperation
