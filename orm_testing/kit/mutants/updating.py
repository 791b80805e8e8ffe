"""Faults of `update`."""

from typing import Any

from orm_testing.errors import DuplicateKeyError, NotFoundError
from orm_testing.kit.cases.keys import Keys, Uniques
from orm_testing.kit.cases.update import Update
from orm_testing.kit.cases.upsert import Upsert
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import (
    Result,
    answered,
    not_found,
    rest_of,
    schema_in,
    stored_values,
    taken,
    times_of,
)
from orm_testing.kit.mutants.patterns import ChangingUpdates
from orm_testing.operations import (
    CreateOperation,
    Operation,
    QueryOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.rows import stamp
from orm_testing.schema import schema_of
from orm_testing.values import same


class LosesAnUpdate(Mutant):
    """It answers that the row was updated, and the store is as it was."""

    themes = (Update,)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, UpdateOperation):
            return super().execute(operation)
        before = stored_values(self, operation.instance)
        result = super().execute(operation)
        if result.peek() is None:
            back = rest_of(schema_in(operation), before)
            super().execute(UpdateOperation(operation.model_class, operation.instance, back))
        return result


class UpdatesEveryRow(Mutant):
    """An update changes all rows of the model that it can change."""

    themes = (Update, Keys)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpdateOperation) and result.peek() is None:
            for other in super().execute(QueryOperation(operation.model_class)).data:
                super().execute(UpdateOperation(operation.model_class, other, operation.changes))
        return result


class ReplacesOnUpdate(Mutant):
    """An update sets what it does not name to its default."""

    themes = (Update,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, UpdateOperation) and stored_values(self, operation.instance):
            data = {**operation.changes, **self.key_of(operation.instance)}
            return super().execute(UpsertOperation(operation.model_class, data))
        return super().execute(operation)


class UpdatesIntoBeing(Mutant):
    """An update of a row that is not there creates it."""

    themes = (Update, Keys)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpdateOperation) and isinstance(result.peek(), NotFoundError):
            data = {**operation.changes, **self.key_of(operation.instance)}
            return super().execute(CreateOperation(operation.model_class, data))
        return result


class UpdatesWhatIsNotThere(Mutant):
    """An update of a row that is not there succeeds, and does nothing."""

    themes = (Update, Keys)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpdateOperation) and isinstance(result.peek(), NotFoundError):
            return answered(self, operation, operation.instance)
        return result


class FailsWhereNothingChanges(Mutant):
    """An update of a row to what it is already says that there is no such row."""

    themes = (Update,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, UpdateOperation):
            row = stored_values(self, operation.instance)
            if row and all(same(row.get(name), value) for name, value in operation.changes.items()):
                return not_found(self, operation)
        return super().execute(operation)


class IgnoresNone(ChangingUpdates):
    """An update leaves what it should set to `None`."""

    themes = (Update,)

    def changes(self, operation: UpdateOperation) -> dict[str, Any]:
        keys = schema_in(operation).key
        return {name: value for name, value in operation.changes.items() if value is not None or name in keys}


class IgnoresWhatIsEmpty(ChangingUpdates):
    """An update leaves what it should set to zero, to `False`, or to an empty text or list."""

    themes = (Update,)

    def changes(self, operation: UpdateOperation) -> dict[str, Any]:
        return {name: value for name, value in operation.changes.items() if value or value is None}


class ChangesOneFieldAtMost(ChangingUpdates):
    """An update of several fields changes only the first."""

    themes = (Update,)

    def changes(self, operation: UpdateOperation) -> dict[str, Any]:
        return dict(list(operation.changes.items())[:1])


class WritesTheWholeInstance(ChangingUpdates):
    """An update writes all values of the instance that it was given, and not only those that it names."""

    themes = (Update,)

    def changes(self, operation: UpdateOperation) -> dict[str, Any]:
        schema = schema_in(operation)
        held = rest_of(schema, self.values_of(operation.instance))
        return {name: value for name, value in held.items() if name not in times_of(schema)} | dict(
            operation.changes
        )


class IgnoresAChangeOfKey(ChangingUpdates):
    """An update that names another key leaves the key, and does not refuse."""

    themes = (Update, Keys)

    def changes(self, operation: UpdateOperation) -> dict[str, Any]:
        return rest_of(schema_in(operation), operation.changes)


class DropsUnknownChanges(ChangingUpdates):
    """An update ignores what the model has no field for."""

    themes = (Update,)

    def changes(self, operation: UpdateOperation) -> dict[str, Any]:
        fields = schema_in(operation).by_name
        return {name: value for name, value in operation.changes.items() if name in fields}


class LeavesAutoNow(ChangingUpdates):
    """An update does not touch the time of the last write."""

    themes = (Update,)
    needs = ("clock",)

    def changes(self, operation: UpdateOperation) -> dict[str, Any]:
        row = stored_values(self, operation.instance)
        kept = {field.name: row.get(field.name) for field in schema_in(operation).fields if field.auto_now}
        return kept | dict(operation.changes)


class TouchesAutoNowAdd(ChangingUpdates):
    """An update sets the time of creation to its own."""

    themes = (Update,)
    needs = ("clock",)

    def changes(self, operation: UpdateOperation) -> dict[str, Any]:
        now = self.clock.now()
        times = {field.name: stamp(field, now) for field in schema_in(operation).fields if field.auto_now_add}
        return times | dict(operation.changes)


class IgnoresTimesOfAnUpdate(ChangingUpdates):
    """An update fills the times that it names."""

    themes = (Update,)

    def changes(self, operation: UpdateOperation) -> dict[str, Any]:
        times = times_of(schema_in(operation))
        return {name: value for name, value in operation.changes.items() if name not in times}


class KeepsHalfOfARefusedUpdate(Mutant):
    """An update that is refused as a whole writes those of its changes that it can."""

    themes = (Update,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpdateOperation) and result.peek() is not None:
            for name, value in operation.changes.items():
                super().execute(UpdateOperation(operation.model_class, operation.instance, {name: value}))
        return result


class StampsARefusedUpdate(Mutant):
    """An update that is refused sets the time of the last write all the same."""

    themes = (Update,)
    needs = ("clock",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpdateOperation) and result.peek() is not None:
            now = self.clock.now()
            times = {field.name: stamp(field, now) for field in schema_in(operation).fields if field.auto_now}
            super().execute(UpdateOperation(operation.model_class, operation.instance, times))
        return result


class AnswersTheOldRow(Mutant):
    """An update answers with the row as it was before."""

    themes = (Update,)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, UpdateOperation):
            return super().execute(operation)
        before = stored_values(self, operation.instance)
        result = super().execute(operation)
        if result.peek() is None:
            return answered(self, operation, schema_in(operation).instance(before))
        return result


class ChangesTheInstanceItWasGiven(Mutant):
    """An update writes to the object that it was given, and answers with it."""

    themes = (Update,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpdateOperation) and result.peek() is None:
            vars(operation.instance).update(self.values_of(result.instance))
            return answered(self, operation, operation.instance)
        return result


class RefusesItsOwnUniqueValue(Mutant):
    """A write that names the unique value which its row has already is refused as a duplicate."""

    themes = (Update, Upsert)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, UpdateOperation):
            row, named = stored_values(self, operation.instance), operation.changes
        elif isinstance(operation, UpsertOperation):
            found = self.rows(operation.model_class)
            keys = schema_in(operation).key
            named = operation.data
            row = next((row for row in found if all(row[key] == named.get(key) for key in keys)), {})
        else:
            return super().execute(operation)
        for field in schema_in(operation).fields:
            if (
                field.unique
                and named.get(field.name) is not None
                and row.get(field.name) == named[field.name]
            ):
                return taken(self, operation, (field.name,))
        return super().execute(operation)


class ChecksUniqueFieldsThatAreNamed(Mutant):
    """An update that names but one of the fields that are unique together writes what is a duplicate."""

    themes = (Uniques,)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpdateOperation) and isinstance(result.peek(), DuplicateKeyError):
            groups = [group for group in schema_of(operation.model_class).unique if len(group) > 1]
            if any(0 < len(operation.changes.keys() & set(group)) < len(group) for group in groups):
                return answered(self, operation, operation.instance)
        return result
