"""Faults of `create`."""

from typing import Any

from orm_testing.kit.cases.create import Create
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.operations import CreateOperation, DeleteOperation, Operation, UpsertOperation
from orm_testing.results import OperationResult


class StoresNothing(Mutant):
    """It answers that the row was created, and stores nothing."""

    themes = (Create,)

    def execute(self, operation: Operation) -> OperationResult[Any]:
        result = super().execute(operation)
        if isinstance(operation, CreateOperation) and result.peek() is None:
            super().execute(DeleteOperation(operation.model_class, result.instance))
        return result


class AcceptsASecondKey(Mutant):
    """A create overwrites the row that has its key."""

    themes = (Create,)

    def execute(self, operation: Operation) -> OperationResult[Any]:
        if isinstance(operation, CreateOperation):
            operation = UpsertOperation(operation.model_class, operation.data)
        return super().execute(operation)
