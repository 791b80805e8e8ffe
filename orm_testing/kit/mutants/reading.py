"""Faults of `get`, and of the plain ways to read."""

from typing import Any

from orm_testing.errors import MultipleResultsError, NotFoundError, UnavailableError
from orm_testing.kit.cases.create import Create
from orm_testing.kit.cases.read import Read
from orm_testing.kit.cases.update import Update
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, not_found, refused, rest_of, schema_in
from orm_testing.kit.mutants.patterns import Remembering
from orm_testing.operations import (
    CountOperation,
    DeleteOperation,
    ExistsOperation,
    GetOperation,
    Operation,
    QueryOperation,
    UpdateOperation,
)


class GetsAnyRow(Mutant):
    """A get that finds no row answers with the first one that there is."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, GetOperation) and isinstance(result.peek(), NotFoundError):
            found = super().execute(QueryOperation(operation.model_class, limit=1))
            if found.data:
                return answered(self, operation, found.data[0])
        return result


class GetsTheFirstOfSeveral(Mutant):
    """A get that several rows match answers with the first of them."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, GetOperation) and isinstance(result.peek(), MultipleResultsError):
            found = super().execute(QueryOperation(operation.model_class, operation.filters, limit=1))
            return answered(self, operation, found.data[0])
        return result


class CallsSeveralRowsNone(Mutant):
    """A get that several rows match says that there is none."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, GetOperation) and isinstance(result.peek(), MultipleResultsError):
            return not_found(self, operation)
        return result


class CallsAbsenceUnavailable(Mutant):
    """A get that finds no row says that the store cannot be reached."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, GetOperation) and isinstance(result.peek(), NotFoundError):
            return refused(self, operation, UnavailableError("the store cannot be reached"))
        return result


class LooksAtTheFirstCondition(Mutant):
    """A get minds only the first of its conditions."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, GetOperation) and isinstance(operation.filters, dict):
            operation = GetOperation(operation.model_class, dict(list(operation.filters.items())[:1]))
        return super().execute(operation)


class LooksAtTheKeyAlone(Mutant):
    """A get that names the key minds no other condition."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, GetOperation) and isinstance(operation.filters, dict):
            key = schema_in(operation).key
            named = {name: value for name, value in operation.filters.items() if name in key}
            if len(named) == len(key):
                operation = GetOperation(operation.model_class, named)
        return super().execute(operation)


class ReadsWhatItOnceRead(Remembering):
    """A row that was read by get is not read again, whatever became of it."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, GetOperation):
            return super().execute(operation)
        known: list[Any] = self.memory(made=list)
        for asked, values in known:
            if asked == operation:
                return answered(self, operation, schema_in(operation).instance(values))
        result = super().execute(operation)
        if result.peek() is None:
            known.append((operation, self.values_of(result.instance)))
        return result


class FindsWhatWasDeleted(Remembering):
    """A get by the key of a row that was deleted answers with the row."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        gone: list[Any] = self.memory(made=list)
        if isinstance(operation, DeleteOperation) and result.peek() is None:
            gone.append(operation.instance)
        if isinstance(operation, GetOperation) and isinstance(result.peek(), NotFoundError):
            for instance in gone:
                if type(instance) is operation.model_class and self.key_of(instance) == operation.filters:
                    return answered(self, operation, instance)
        return result


class TouchesWhatItReads(Mutant):
    """A get counts as a write of the row that it finds."""

    themes = (Read,)
    needs = ("clock",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, GetOperation) and result.peek() is None:
            return super().execute(UpdateOperation(operation.model_class, result.instance, {}))
        return result


class SharesWhatItAnswers(Remembering):
    """The object that it answers with is the row itself: whoever changes the one changes the other."""

    themes = (Read, Create, Update)

    def execute(self, operation: Operation) -> Result:
        shared: list[Any] = self.memory(made=list)
        for instance, was in shared:
            now = self.values_of(instance)
            if now != was:
                super().execute(UpdateOperation(type(instance), instance, rest_of(schema_in(operation), now)))
        shared.clear()
        result = super().execute(operation)
        if result.peek() is None and operation.answers in {"instance", "instances"}:
            answers = result.data if operation.answers == "instances" else [result.instance]
            shared += [(each, self.values_of(each)) for each in answers]
        return result


class LosesAFieldOfWhatItReads(Mutant):
    """A get leaves one field of the row behind."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, GetOperation) and result.peek() is None:
            schema = schema_in(operation)
            last = [field.name for field in schema.fields if field.nullable and not field.primary_key][-1:]
            values = {**self.values_of(result.instance), **dict.fromkeys(last)}
            return answered(self, operation, schema.instance(values))
        return result


class LeavesTheLastRowOut(Mutant):
    """A query of all rows answers with all but the last of several."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, QueryOperation) and result.peek() is None and len(result.data) > 1:
            return answered(self, operation, result.data[:-1])
        return result


class FailsOnAnEmptyStore(Mutant):
    """A query that no row matches says that something was not found."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, QueryOperation) and result.peek() is None and not result.data:
            return not_found(self, operation)
        return result


class CountsFromOne(Mutant):
    """A count of no rows is one."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CountOperation) and result.peek() is None:
            return answered(self, operation, max(1, result.data))
        return result


class SaysThatAnyRowWillDo(Mutant):
    """A row is said to exist where there is any, whatever the conditions are."""

    themes = (Read,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, ExistsOperation):
            operation = ExistsOperation(operation.model_class)
        return super().execute(operation)
