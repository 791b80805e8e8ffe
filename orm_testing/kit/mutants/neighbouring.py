"""Faults by which several models of one store see each other."""

from orm_testing.errors import NotFoundError
from orm_testing.kit.cases.key_types import Neighbours
from orm_testing.kit.mutants.parts import Result, answered, key_in, schema_in, taken
from orm_testing.kit.mutants.patterns import KnowingModels
from orm_testing.operations import (
    CountOperation,
    CreateOperation,
    DeleteOperation,
    GetOperation,
    Operation,
    UpdateOperation,
)
from orm_testing.schema import schema_of


class HasOneKeySpaceForAllModels(KnowingModels):
    """A key that a row of one model has is taken for all models."""

    themes = (Neighbours,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            key = key_in(schema_in(operation), operation.data)
            for other in self.others(operation, key or ["?"]):
                if any(
                    all(row[name] == value for name, value in (key or {}).items()) for row in self.rows(other)
                ):
                    return taken(self, operation, schema_in(operation).key)
        return super().execute(operation)


class FindsTheKeyInAnotherModel(KnowingModels):
    """A get that finds no row answers with a row of another model that has the key."""

    themes = (Neighbours,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, GetOperation) and isinstance(result.peek(), NotFoundError):
            for other in self.others(operation, schema_in(operation).key):
                found = super().execute(GetOperation(other, operation.filters))
                if found.peek() is None:
                    return answered(
                        self, operation, schema_in(operation).instance(self.values_of(found.instance))
                    )
        return result


class CountsRowsOfEveryModel(KnowingModels):
    """A count has the rows of other models in it."""

    themes = (Neighbours,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CountOperation) and result.peek() is None:
            return answered(self, operation, result.data + sum(map(self.count_rows, self.others(operation))))
        return result


class DeletesTheKeyInEveryModel(KnowingModels):
    """A delete removes the rows of other models that have the key."""

    themes = (Neighbours,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, DeleteOperation) and result.peek() is None:
            key = self.key_of(operation.instance)
            for other in self.others(operation, key):
                super().execute(DeleteOperation(other, schema_of(other).instance(key)))
        return result


class UpdatesTheKeyInEveryModel(KnowingModels):
    """An update changes the rows of other models that have the key."""

    themes = (Neighbours,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpdateOperation) and result.peek() is None:
            key = self.key_of(operation.instance)
            for other in self.others(operation, key):
                super().execute(UpdateOperation(other, schema_of(other).instance(key), operation.changes))
        return result
