"""Faults of creating many rows at once."""

from orm_testing.errors import DuplicateKeyError, OperationError, ValidationError
from orm_testing.kit.cases.bulk import Bulk
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, refused, schema_in
from orm_testing.kit.mutants.patterns import MakingOneByOne
from orm_testing.operations import CreateManyOperation, CreateOperation, Operation

_BATCH = 20


class KeepsTheRowsBeforeTheFault(Mutant):
    """A batch with a row that is refused leaves those before it."""

    themes = (Bulk,)
    needs = ("bulk",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CreateManyOperation) and result.peek() is not None:
            for row in operation.rows:
                if super().execute(CreateOperation(operation.model_class, row)).peek() is not None:
                    break
        return result


class KeepsTheRowsAfterTheFault(Mutant):
    """A batch whose first row is refused leaves those after it."""

    themes = (Bulk,)
    needs = ("bulk",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CreateManyOperation) and result.peek() is not None:
            for row in reversed(operation.rows):
                if super().execute(CreateOperation(operation.model_class, row)).peek() is not None:
                    break
        return result


class SkipsDuplicatesInABatch(MakingOneByOne):
    """Rows of a batch whose key or unique value is taken are left out, and not refused."""

    themes = (Bulk,)
    needs = ("bulk",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CreateManyOperation) and isinstance(result.peek(), DuplicateKeyError):
            return self.one_by_one(operation)
        return result


class SkipsWhatTheModelRefuses(MakingOneByOne):
    """Rows of a batch that the model refuses are left out."""

    themes = (Bulk,)
    needs = ("bulk",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CreateManyOperation) and isinstance(result.peek(), ValidationError):
            return self.one_by_one(operation)
        return result


class ReplacesRowsInABatch(MakingOneByOne):
    """A batch overwrites rows that have the keys of its own."""

    themes = (Bulk,)
    needs = ("bulk",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        error = result.peek()
        if (
            isinstance(operation, CreateManyOperation)
            and isinstance(error, DuplicateKeyError)
            and error.fields == schema_in(operation).key
        ):
            return self.one_by_one(operation, replacing=True)
        return result


class StoresABatchInAnotherOrder(Mutant):
    """The rows of a batch come back in another order than they were given in."""

    themes = (Bulk,)
    needs = ("bulk",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CreateManyOperation) and result.peek() is None:
            return answered(self, operation, result.data[::-1])
        return result


class StoresABatchBackwards(Mutant):
    """The rows of a batch are stored from the last to the first, so that counted keys fall."""

    themes = (Bulk,)
    needs = ("autoincrement", "bulk")

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, CreateManyOperation):
            return super().execute(operation)
        result = super().execute(CreateManyOperation(operation.model_class, operation.rows[::-1]))
        error = result.peek()
        if error is not None:
            return refused(self, operation, error)
        return answered(self, operation, result.data[::-1])


class StoresTheFirstOfManyRows(Mutant):
    """Of a large batch only the first rows are stored."""

    themes = (Bulk,)
    needs = ("bulk",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateManyOperation):
            operation = CreateManyOperation(operation.model_class, operation.rows[:_BATCH])
        return super().execute(operation)


class RefusesASmallBatch(Mutant):
    """A batch of fewer than two rows is an error."""

    themes = (Bulk,)
    needs = ("bulk",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateManyOperation) and not operation.rows[1:]:
            return refused(self, operation, OperationError("a batch of fewer than two rows"))
        return super().execute(operation)


class NamesTheFieldsOfTheFirstRow(Mutant):
    """Fields that the first row of a batch does not name are left out of all its rows."""

    themes = (Bulk,)
    needs = ("bulk",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateManyOperation) and operation.rows:
            named = operation.rows[0]
            rows = [{name: value for name, value in row.items() if name in named} for row in operation.rows]
            operation = CreateManyOperation(operation.model_class, rows)
        return super().execute(operation)


class StoresARowTwice(Mutant):
    """A batch answers with its first row in the place of each."""

    themes = (Bulk,)
    needs = ("bulk",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CreateManyOperation) and result.peek() is None:
            return answered(self, operation, result.data[:1] * len(result.data))
        return result
