"""Faults of `delete` and of `clear`."""

from typing import Any

from orm_testing.errors import NotFoundError
from orm_testing.kit.cases.delete import Delete
from orm_testing.kit.cases.keys import Keys
from orm_testing.kit.cases.lifecycle import Lifecycle
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import (
    Result,
    answered,
    key_in,
    not_found,
    rest_of,
    schema_in,
    stored_values,
    taken,
    times_of,
)
from orm_testing.kit.mutants.patterns import Remembering
from orm_testing.operations import (
    ClearOperation,
    CreateOperation,
    DeleteOperation,
    Operation,
    QueryOperation,
    UpsertOperation,
)


class DeletesNothing(Mutant):
    """It answers that the row was deleted, and the row stays."""

    themes = (Delete,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, DeleteOperation) and stored_values(self, operation.instance):
            return answered(self, operation)
        return super().execute(operation)


class DeletesAnotherRow(Mutant):
    """A delete removes another row than the one meant, where there is one."""

    themes = (Delete, Keys)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, DeleteOperation) and stored_values(self, operation.instance):
            key = self.key_of(operation.instance)
            for other in super().execute(QueryOperation(operation.model_class)).data:
                if self.key_of(other) != key:
                    return super().execute(DeleteOperation(operation.model_class, other))
        return super().execute(operation)


class DeletesTheNextRowToo(Mutant):
    """A delete removes one row more."""

    themes = (Delete, Keys)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, DeleteOperation) and result.peek() is None:
            for other in super().execute(QueryOperation(operation.model_class, limit=1)).data:
                super().execute(DeleteOperation(operation.model_class, other))
        return result


class DeletesWhatIsNotThere(Mutant):
    """A delete of a row that is not there succeeds."""

    themes = (Delete, Keys)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, DeleteOperation) and isinstance(result.peek(), NotFoundError):
            return answered(self, operation)
        return result


class DeletesByTheFirstPartOfAKey(Mutant):
    """A delete removes every row that shares the first part of the key."""

    themes = (Delete,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, DeleteOperation) and result.peek() is None:
            name, value = next(iter(self.key_of(operation.instance).items()))
            for other in super().execute(QueryOperation(operation.model_class, {name: value})).data:
                super().execute(DeleteOperation(operation.model_class, other))
        return result


class DeletesOnlyWhatItKnows(Mutant):
    """A delete by an instance that is not as the row is now finds no row."""

    themes = (Delete,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, DeleteOperation):
            times = times_of(schema_in(operation))
            known = self.values_of(operation.instance)
            row = stored_values(self, operation.instance)
            if any(row.get(name) != value for name, value in known.items() if name not in times):
                return not_found(self, operation)
        return super().execute(operation)


class AnswersWithTheDeletedRow(Mutant):
    """A delete answers with the row that it removed."""

    themes = (Delete,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, DeleteOperation) and result.peek() is None:
            result.data = result.instance = operation.instance
        return result


class KeepsTheKeyOfADeletedRow(Remembering):
    """The key of a row that was deleted stays taken."""

    themes = (Delete,)

    def execute(self, operation: Operation) -> Result:
        gone: list[Any] = self.memory(made=list)
        if isinstance(operation, CreateOperation):
            schema = schema_in(operation)
            if (schema, key_in(schema, operation.data)) in gone:
                return taken(self, operation, schema.key)
        result = super().execute(operation)
        if isinstance(operation, DeleteOperation) and result.peek() is None:
            gone.append((schema_in(operation), dict(self.key_of(operation.instance))))
        return result


class KeepsTheUniqueValuesOfADeletedRow(Remembering):
    """The unique values of a row that was deleted stay taken."""

    themes = (Delete,)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        gone: list[Any] = self.memory(made=list)
        if isinstance(operation, CreateOperation):
            for name, value in operation.data.items():
                if (operation.model_class, name, value) in gone:
                    return taken(self, operation, (name,))
        result = super().execute(operation)
        if isinstance(operation, DeleteOperation) and result.peek() is None:
            unique = [field.name for field in schema_in(operation).fields if field.unique]
            values = self.values_of(operation.instance)
            gone += [
                (operation.model_class, name, values[name]) for name in unique if values[name] is not None
            ]
        return result


class RevivesADeletedRow(Remembering):
    """A new row under the key of one that was deleted has that one's values where it names none."""

    themes = (Delete,)

    def execute(self, operation: Operation) -> Result:
        gone: list[Any] = self.memory(made=list)
        if isinstance(operation, CreateOperation | UpsertOperation):
            schema = schema_in(operation)
            for instance in gone:
                if type(instance) is operation.model_class and self.key_of(instance) == key_in(
                    schema, operation.data
                ):
                    old = rest_of(schema, self.values_of(instance))
                    operation = type(operation)(operation.model_class, {**old, **operation.data})
        result = super().execute(operation)
        if isinstance(operation, DeleteOperation) and result.peek() is None:
            gone.append(operation.instance)
        return result


class ClearsNothing(Mutant):
    """It answers that every row was removed, and removes none."""

    themes = (Lifecycle,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, ClearOperation):
            return answered(self, operation)
        return super().execute(operation)
