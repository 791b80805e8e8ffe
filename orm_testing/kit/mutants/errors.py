"""Faults of errors."""

from typing import Any

from orm_testing.errors import (
    AccessError,
    CheckError,
    ConflictError,
    DuplicateKeyError,
    InvalidQueryError,
    MultipleResultsError,
    NotFoundError,
    OperationError,
    UnsupportedError,
    ValidationError,
    ValueRangeError,
)
from orm_testing.kit.cases.errors import Errors, StoreErrors
from orm_testing.kit.mutants.bases import Erring, Result, answered, instead, refused
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.operations import CreateOperation, Operation, QueryOperation


class EveryErrorIsAnOperationError(Erring):
    """Each error is the base of all."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        return instead(error, OperationError)


class LosesTheModel(Erring):
    """No error says which model it is about."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        error.model = None
        return error


class LosesTheFields(Erring):
    """No error says which fields it is about."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        error.fields = ()
        return error


class NamesTheFirstFieldOnly(Erring):
    """Of several fields, an error names the first."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        error.fields = error.fields[:1]
        return error


class DropsTheCause(Erring):
    """What stood behind an error is dropped."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        error.__cause__ = None
        return error


class TheCauseIsOurs(Erring):
    """What stands behind an error is another error of the library."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        error.__cause__ = instead(error, OperationError)
        return error


class SaysNothing(Erring):
    """An error has no message."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        error.args = ("",)
        return error


class ADuplicateIsAConflict(Erring):
    """A key or a unique value that is taken is told as a lost race."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        return instead(error, ConflictError) if isinstance(error, DuplicateKeyError) else error


class AUniqueValueIsTheKey(Erring):
    """Of every duplicate it says that the key is taken."""

    themes = (Errors,)
    needs = ("unique",)

    def told(self, error: OperationError) -> OperationError:
        if isinstance(error, DuplicateKeyError):
            error.fields = ("id",)
        return error


class SeveralAreNone(Erring):
    """Several rows where one was asked for are told as none."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        return instead(error, NotFoundError) if isinstance(error, MultipleResultsError) else error


class SeveralAreTheFirst(Mutant):
    """Of several rows where one was asked for, the first is answered."""

    themes = (Errors,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(result.peek(), MultipleResultsError):
            wanted: Any = operation
            row = super().execute(QueryOperation(wanted.model_class, wanted.filters, limit=1)).data[0]
            return answered(self, operation, row)
        return result


class AnInvalidQueryIsInvalidData(Erring):
    """A query that names what is not there is told as data that the model refuses."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        return instead(error, ValidationError) if isinstance(error, InvalidQueryError) else error


class AnInvalidQueryFindsNothing(Mutant):
    """A query that names what is not there is answered with no rows."""

    themes = (Errors,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, QueryOperation) and isinstance(result.peek(), InvalidQueryError):
            return answered(self, operation, [])
        return result


class InvalidDataIsOutOfRange(Erring):
    """Data that the model refuses is told as what the store cannot hold."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        return instead(error, ValueRangeError) if isinstance(error, ValidationError) else error


class WideNumbersAreInvalid(Mutant):
    """A number of more than 64 bits, whether the store can hold it or not, is told as data that the model refuses."""

    themes = (Errors,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            wide = [name for name, value in operation.data.items() if isinstance(value, int) and value >> 64]
            if wide:
                model = operation.model_class.__name__
                return refused(self, operation, ValidationError("too wide", model=model, fields=wide))
        return super().execute(operation)


class AbsentIsInvalid(Erring):
    """A row that is not there is told as a query that is wrong."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        return instead(error, InvalidQueryError) if isinstance(error, NotFoundError) else error


class DoesNotSayWhatItLacks(Erring):
    """An operation that the backend cannot carry out does not name the capability."""

    themes = (Errors,)

    def told(self, error: OperationError) -> OperationError:
        return UnsupportedError("no", capability="") if isinstance(error, UnsupportedError) else error


class LacksWhatItDeclares(Mutant):
    """It declares capabilities, and cannot carry out the operations that need them."""

    themes = (Errors,)
    needs = ("transactions",)

    def execute(self, operation: Operation) -> Result:
        if operation.needs in self.capabilities:
            return refused(self, operation, UnsupportedError(capability=operation.needs or ""))
        return super().execute(operation)


class NoAccessIsAbsent(Erring):
    """What a user may not write is told as a row that is not there."""

    themes = (Errors,)
    needs = ("users",)

    def told(self, error: OperationError) -> OperationError:
        return instead(error, NotFoundError) if isinstance(error, AccessError) else error


class AConstraintIsOutOfRange(Erring):
    """What a constraint of the store refuses is told as a value that it cannot hold."""

    themes = (StoreErrors,)
    needs = ("schema",)

    def told(self, error: OperationError) -> OperationError:
        return instead(error, ValueRangeError) if isinstance(error, CheckError) else error
