"""Faults of `create`."""

from copy import deepcopy
from typing import Any

from orm_testing.clock import Clock
from orm_testing.errors import DuplicateKeyError
from orm_testing.kit.cases.bulk import Bulk
from orm_testing.kit.cases.create import Create
from orm_testing.kit.cases.keys import Keys, Uniques
from orm_testing.kit.cases.update import Update
from orm_testing.kit.cases.upsert import Upsert
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, rest_of, schema_in, taken, times_of
from orm_testing.kit.mutants.patterns import Remembering
from orm_testing.operations import (
    CreateOperation,
    DeleteOperation,
    Operation,
    UpdateOperation,
    UpsertOperation,
)
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


class AnswersWhatWasAsked(Mutant):
    """A create answers with the data as they were given, and not with the row that is stored."""

    themes = (Create,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CreateOperation) and result.peek() is None:
            schema = schema_in(operation)
            unfilled = dict.fromkeys(times_of(schema))
            values = {**self.values_of(result.instance), **unfilled, **operation.data}
            return answered(self, operation, schema.instance(values))
        return result


class LosesAField(Mutant):
    """A create forgets the last field that it was given."""

    themes = (Create,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            last = list(rest_of(schema_in(operation), operation.data))[-1:]
            kept = {name: value for name, value in operation.data.items() if name not in last}
            operation = CreateOperation(operation.model_class, kept)
        return super().execute(operation)


class StoresNoneAsEmptyText(Mutant):
    """A create writes empty text where it was given `None`."""

    themes = (Create,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            fields = schema_in(operation).by_name
            data = {
                name: "" if value is None and name in fields and fields[name].kind == "text" else value
                for name, value in operation.data.items()
            }
            operation = CreateOperation(operation.model_class, data)
        return super().execute(operation)


class DropsUnknownFields(Mutant):
    """What a model has no field for is ignored, and not refused."""

    themes = (Create, Upsert)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation | UpsertOperation):
            fields = schema_in(operation).by_name
            known = {name: value for name, value in operation.data.items() if name in fields}
            operation = type(operation)(operation.model_class, known)
        return super().execute(operation)


class TakesNothingForAKey(Mutant):
    """A part of a key that is missing, or `None`, becomes a nought."""

    themes = (Create, Upsert, Keys)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation | UpsertOperation):
            fields = schema_in(operation).fields
            keys = [field.name for field in fields if field.primary_key and not field.generated]
            made = {name: "0" for name in keys if operation.data.get(name) is None}
            operation = type(operation)(operation.model_class, {**operation.data, **made})
        return super().execute(operation)


class NamesTheKeyInEveryDuplicate(Mutant):
    """A duplicate of a unique value is said to be one of the key."""

    themes = (Create, Uniques)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        error = result.peek()
        if isinstance(error, DuplicateKeyError):
            error.fields = schema_in(operation).key
        return result


class NamesNoFields(Mutant):
    """A duplicate is refused without a word on which fields are alike."""

    themes = (Create, Keys)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        error = result.peek()
        if isinstance(error, DuplicateKeyError):
            error.fields = ()
        return result


class NamesNoModel(Mutant):
    """A duplicate is refused without a word on the model."""

    themes = (Create, Keys)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        error = result.peek()
        if isinstance(error, DuplicateKeyError):
            error.model = None
        return result


class ClaimsBeforeItChecks(Remembering):
    """A create that is refused for its key leaves its unique values taken."""

    themes = (Create,)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, CreateOperation):
            return super().execute(operation)
        claimed: list[Any] = self.memory(made=list)
        schema = schema_in(operation)
        mine = [
            (schema, field.name, operation.data.get(field.name)) for field in schema.fields if field.unique
        ]
        for claim in mine:
            if claim in claimed:
                return taken(self, operation, (claim[1],))
        result = super().execute(operation)
        error = result.peek()
        if isinstance(error, DuplicateKeyError) and error.fields == schema.key:
            claimed += [claim for claim in mine if claim[2] is not None]
        return result


class ClaimsTheKeyFirst(Remembering):
    """A create that is refused for a unique value leaves its key taken."""

    themes = (Create,)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, CreateOperation):
            return super().execute(operation)
        claimed: list[Any] = self.memory(made=list)
        schema = schema_in(operation)
        key = (schema, [operation.data.get(name) for name in schema.key])
        if key in claimed:
            return taken(self, operation, schema.key)
        result = super().execute(operation)
        error = result.peek()
        if isinstance(error, DuplicateKeyError) and error.fields != schema.key:
            claimed.append(key)
        return result


class KeepsTheCallersObjects(Remembering):
    """What a create or an update was given is not copied: whoever changes it later changes the row."""

    themes = (Create, Update)

    def execute(self, operation: Operation) -> Result:
        kept: list[Any] = self.memory(made=list)
        for instance, data, was in kept:
            if data != was:
                super().execute(UpdateOperation(type(instance), instance, data))
        kept.clear()
        result = super().execute(operation)
        if isinstance(operation, CreateOperation | UpdateOperation) and result.peek() is None:
            named = operation.data if isinstance(operation, CreateOperation) else operation.changes
            data = rest_of(schema_in(operation), named)
            kept.append((result.instance, data, deepcopy(data)))
        return result


class SharesDefaults(Remembering):
    """A default that should be made anew is one object for all rows."""

    themes = (Create,)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, CreateOperation):
            return super().execute(operation)
        schema, shared = schema_in(operation), self.memory()
        unnamed = [f.name for f in schema.fields if f.kind == "json" and f.name not in operation.data]
        known = {name: shared[schema, name] for name in unnamed if (schema, name) in shared}
        result = super().execute(CreateOperation(operation.model_class, {**operation.data, **known}))
        if result.peek() is None:
            shared |= {(schema, name): getattr(result.instance, name) for name in unnamed}
        return result


class IgnoresTimesThatAreNamed(Mutant):
    """`auto_now` and `auto_now_add` are filled by a create that names them, too."""

    themes = (Create,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            times = times_of(schema_in(operation))
            data = {name: value for name, value in operation.data.items() if name not in times}
            operation = CreateOperation(operation.model_class, data)
        return super().execute(operation)


class StampsByItsOwnClock(Mutant):
    """Times are filled from another clock than the test's."""

    themes = (Create, Update, Upsert, Bulk)
    needs = ("clock",)

    def execute(self, operation: Operation) -> Result:
        tests, self.clock = self.clock, Clock()
        try:
            return super().execute(operation)
        finally:
            self.clock = tests
