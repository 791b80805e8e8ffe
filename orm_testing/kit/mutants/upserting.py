"""Faults of `upsert`."""

from typing import Any

from orm_testing.errors import DuplicateKeyError
from orm_testing.kit.cases.upsert import Upsert
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import (
    Result,
    answered,
    key_in,
    not_found,
    rest_of,
    schema_in,
    taken,
    times_of,
)
from orm_testing.kit.mutants.patterns import ChangingUpserts
from orm_testing.operations import (
    DeleteOperation,
    Operation,
    QueryOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.rows import stamp


class MergesOnUpsert(ChangingUpserts):
    """An upsert of a row that is there keeps what it does not name."""

    themes = (Upsert,)

    def replace(self, operation: UpsertOperation, before: dict[str, Any]) -> Result:
        schema = schema_in(operation)
        kept = {name: value for name, value in before.items() if name not in times_of(schema)}
        return self.upsert(operation, **{**kept, **operation.data})


class KeepsUniqueValuesOnUpsert(ChangingUpserts):
    """An upsert of a row that is there leaves its unique fields, where it does not name them."""

    themes = (Upsert,)

    def replace(self, operation: UpsertOperation, before: dict[str, Any]) -> Result:
        unique = [field.name for field in schema_in(operation).fields if field.unique]
        return self.upsert(operation, **{name: before[name] for name in unique if name not in operation.data})


class StampsACreationOnUpsert(ChangingUpserts):
    """An upsert of a row that is there sets the time of creation to its own."""

    themes = (Upsert,)
    needs = ("clock",)

    def replace(self, operation: UpsertOperation, before: dict[str, Any]) -> Result:
        fields = [field for field in schema_in(operation).fields if field.auto_now_add]
        now = self.clock.now()
        times = {field.name: stamp(field, now) for field in fields if operation.data.get(field.name) is None}
        return self.upsert(operation, **times)


class LeavesAutoNowOnUpsert(ChangingUpserts):
    """An upsert of a row that is there does not touch the time of the last write."""

    themes = (Upsert,)
    needs = ("clock",)

    def replace(self, operation: UpsertOperation, before: dict[str, Any]) -> Result:
        times = [field.name for field in schema_in(operation).fields if field.auto_now]
        return self.upsert(operation, **{name: before[name] for name in times if name not in operation.data})


class IgnoresTimesOfAnUpsert(Mutant):
    """An upsert fills the times that it names."""

    themes = (Upsert,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, UpsertOperation):
            times = times_of(schema_in(operation))
            data = {name: value for name, value in operation.data.items() if name not in times}
            operation = UpsertOperation(operation.model_class, data)
        return super().execute(operation)


class UpsertsOnce(ChangingUpserts):
    """An upsert of a row that is there is refused as a duplicate."""

    themes = (Upsert,)

    def replace(self, operation: UpsertOperation, before: dict[str, Any]) -> Result:
        return taken(self, operation, schema_in(operation).key)


class LeavesWhatIsThere(ChangingUpserts):
    """An upsert of a row that is there answers with it, and changes nothing."""

    themes = (Upsert,)

    def replace(self, operation: UpsertOperation, before: dict[str, Any]) -> Result:
        return answered(self, operation, schema_in(operation).instance(before))


class UpsertsOnlyWhatIsThere(Mutant):
    """An upsert of a row that is not there finds none, and creates none."""

    themes = (Upsert,)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, UpsertOperation):
            return super().execute(operation)
        before = self.count_rows(operation.model_class)
        result = super().execute(operation)
        if result.peek() is None and self.count_rows(operation.model_class) > before:
            super().execute(DeleteOperation(operation.model_class, result.instance))
            return not_found(self, operation)
        return result


class UpsertsByUniqueValue(Mutant):
    """An upsert replaces the row that has its unique value, under whatever key."""

    themes = (Upsert,)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        error = result.peek()
        if isinstance(operation, UpsertOperation) and isinstance(error, DuplicateKeyError):
            alike = {name: operation.data[name] for name in error.fields if name in operation.data}
            for other in super().execute(QueryOperation(operation.model_class, alike)).data:
                super().execute(DeleteOperation(operation.model_class, other))
            return super().execute(operation)
        return result


class TakesAUniqueValueAway(Mutant):
    """An upsert to a unique value of another row leaves that row without it."""

    themes = (Upsert,)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        error = result.peek()
        if isinstance(operation, UpsertOperation) and isinstance(error, DuplicateKeyError):
            alike = {name: operation.data[name] for name in error.fields if name in operation.data}
            for other in super().execute(QueryOperation(operation.model_class, alike)).data:
                super().execute(UpdateOperation(operation.model_class, other, dict.fromkeys(alike)))
            return super().execute(operation)
        return result


class DeletesBeforeARefusedUpsert(ChangingUpserts):
    """An upsert that is refused has removed the row that it would have replaced."""

    themes = (Upsert,)

    def replace(self, operation: UpsertOperation, before: dict[str, Any]) -> Result:
        result = self.upsert(operation)
        if result.peek() is not None:
            super().execute(DeleteOperation(operation.model_class, schema_in(operation).instance(before)))
        return result


class StoresTheRestOfARefusedUpsert(Mutant):
    """An upsert that is refused leaves a row that has the key alone."""

    themes = (Upsert,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpsertOperation) and result.peek() is not None:
            key = key_in(schema_in(operation), operation.data)
            if key:
                super().execute(UpsertOperation(operation.model_class, key))
        return result


class MakesANewKeyOnUpsert(Mutant):
    """An upsert of a row with a key that the store makes ignores the one that is given."""

    themes = (Upsert,)

    def execute(self, operation: Operation) -> Result:
        schema = schema_in(operation) if isinstance(operation, UpsertOperation) else None
        if isinstance(operation, UpsertOperation) and schema and schema.generated:
            operation = UpsertOperation(operation.model_class, rest_of(schema, operation.data))
        return super().execute(operation)


class AnswersWhatWasAskedToUpsert(Mutant):
    """An upsert answers with the data as they were given, and not with the row that is stored."""

    themes = (Upsert,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpsertOperation) and result.peek() is None:
            values = {**self.values_of(result.instance), **operation.data}
            return answered(self, operation, schema_in(operation).instance(values))
        return result
