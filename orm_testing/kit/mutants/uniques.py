"""Faults of unique values: which are refused that are not, and which are not that are."""

import unicodedata
from typing import Any

from orm_testing.errors import DuplicateKeyError
from orm_testing.kit.cases.bulk import Bulk
from orm_testing.kit.cases.create import Create
from orm_testing.kit.cases.key_types import Neighbours
from orm_testing.kit.cases.keys import Uniques
from orm_testing.kit.cases.update import Update
from orm_testing.kit.cases.upsert import Upsert
from orm_testing.kit.mutants.parts import Result, schema_in, taken
from orm_testing.kit.mutants.patterns import (
    ConfusingUniques,
    IgnoringUnique,
    KnowingModels,
    MakingOneByOne,
    Remembering,
)
from orm_testing.operations import (
    CreateManyOperation,
    CreateOperation,
    Operation,
    UpdateOperation,
    UpsertOperation,
)


class IgnoresUniqueOnCreate(IgnoringUnique):
    """A create accepts a unique value that another row has."""

    themes = (Create, Uniques)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        return (
            self.accept(operation) if isinstance(operation, CreateOperation) else super().execute(operation)
        )


class IgnoresUniqueOnUpdate(IgnoringUnique):
    """An update accepts a unique value that another row has."""

    themes = (Update, Uniques)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        return (
            self.accept(operation) if isinstance(operation, UpdateOperation) else super().execute(operation)
        )


class IgnoresUniqueOnUpsert(IgnoringUnique):
    """An upsert accepts a unique value that another row has."""

    themes = (Upsert,)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        return (
            self.accept(operation) if isinstance(operation, UpsertOperation) else super().execute(operation)
        )


class IgnoresUniqueTogether(IgnoringUnique):
    """Fields that are unique together may be so in two rows."""

    themes = (Uniques,)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation | UpdateOperation) and all(
            len(group) > 1 for group in schema_in(operation).unique
        ):
            return self.accept(operation)
        return super().execute(operation)


class IgnoresUniqueInABatch(MakingOneByOne):
    """A batch leaves out the rows whose unique value is taken, and stores the others."""

    themes = (Bulk,)
    needs = ("bulk", "unique")

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        error = result.peek()
        if (
            isinstance(operation, CreateManyOperation)
            and isinstance(error, DuplicateKeyError)
            and error.fields != schema_in(operation).key
        ):
            return self.one_by_one(operation)
        return result


class TakesNoneForAValue(ConfusingUniques):
    """`None` is a value that may be of one row only."""

    themes = (Uniques,)
    needs = ("unique",)

    def read(self, values: list[Any]) -> Any:
        return values


class ComparesTheFirstOfSeveral(ConfusingUniques):
    """Of fields that are unique together only the first counts."""

    themes = (Uniques,)
    needs = ("unique",)

    def read(self, values: list[Any]) -> Any:
        return None if None in values else values[0]


class ComparesTheLastOfSeveral(ConfusingUniques):
    """Of fields that are unique together only the last counts."""

    themes = (Uniques,)
    needs = ("unique",)

    def read(self, values: list[Any]) -> Any:
        return None if None in values else values[-1]


class MindsNoCaseOfUniques(ConfusingUniques):
    """Unique values that differ in case are one."""

    themes = (Uniques,)
    needs = ("unique",)

    def read_value(self, value: Any) -> Any:
        return value.casefold() if isinstance(value, str) else value


class TrimsUniques(ConfusingUniques):
    """Unique values that differ in spaces at the end are one."""

    themes = (Uniques,)
    needs = ("unique",)

    def read_value(self, value: Any) -> Any:
        return value.rstrip(" ") if isinstance(value, str) else value


class MindsNoAccents(ConfusingUniques):
    """Unique values that differ in accents are one."""

    themes = (Uniques,)
    needs = ("unique",)

    def read_value(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return "".join(
            sign for sign in unicodedata.normalize("NFD", value) if not unicodedata.combining(sign)
        )


class TakesKeysForUniques(ConfusingUniques):
    """A unique value that is the key of another row is refused."""

    themes = (Uniques,)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            schema = schema_in(operation)
            keys = [[row[name] for name in schema.key] for row in self.rows(operation.model_class)]
            for field in schema.fields:
                if field.unique and [operation.data.get(field.name)] in keys:
                    return taken(self, operation, (field.name,))
        return super().execute(operation)


class KeepsValuesThatWereChanged(Remembering):
    """A unique value that a row once had stays taken after an update or an upsert."""

    themes = (Uniques, Upsert)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        once: list[Any] = self.memory(made=list)
        if isinstance(operation, CreateOperation | UpsertOperation):
            schema = schema_in(operation)
            key = [operation.data.get(name) for name in schema.key]
            for field in schema.fields:
                value = operation.data.get(field.name)
                if any(held[:3] == (schema, field.name, value) and held[3] != key for held in once):
                    return taken(self, operation, (field.name,))
        result = super().execute(operation)
        if result.peek() is None and operation.answers == "instance":
            schema, values = schema_in(operation), self.values_of(result.instance)
            key = [values[name] for name in schema.key]
            unique = [
                field.name for field in schema.fields if field.unique and values[field.name] is not None
            ]
            once += [(schema, name, values[name], key) for name in unique]
        return result


class TakesUniqueValuesForAllModels(KnowingModels):
    """A unique value of one model is taken for all models."""

    themes = (Neighbours,)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            for field in schema_in(operation).fields:
                value = operation.data.get(field.name)
                if not field.unique or value is None:
                    continue
                for other in self.others(operation):
                    if any(row.get(field.name) == value for row in self.rows(other)):
                        return taken(self, operation, (field.name,))
        return super().execute(operation)
