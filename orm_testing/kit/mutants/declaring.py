"""Faults of what a driver declares: it cannot do what it declares, does what it does not, or has another value."""

import math
from collections.abc import Mapping
from time import sleep
from typing import Any

from orm_testing.capabilities import Capabilities
from orm_testing.driver import DriverInterface, Rights
from orm_testing.errors import (
    DuplicateKeyError,
    ForeignKeyError,
    OperationError,
    UnsupportedError,
    ValueRangeError,
)
from orm_testing.kit.cases.capabilities import Declarations
from orm_testing.kit.mutants.declarations import Declaring, Overstating, Withholding
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, key_in, refused, schema_in, taken
from orm_testing.operations import (
    AggregateOperation,
    BeginOperation,
    CommitOperation,
    CreateOperation,
    GetOperation,
    Operation,
    QueryOperation,
    RollbackOperation,
    UpsertOperation,
)

WHILE = 0.01
"""How many seconds pass between a look at what is there and a write."""


class DeclaresUniqueAndEnforcesNone(Mutant):
    """A create with a unique value that is taken is answered as if it were not, where the driver declares `unique`."""

    themes = (Declarations,)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        return _yes(self, operation, result, DuplicateKeyError)


class DeclaresForeignKeysAndEnforcesNone(Mutant):
    """A create that refers to nothing is answered as if it did not, where the driver declares `foreign_keys`."""

    themes = (Declarations,)
    needs = ("foreign_keys",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        return _yes(self, operation, result, ForeignKeyError)


class DeclaresTransactionsAndHasNone(Mutant):
    """A transaction begins, is committed and is rolled back by word alone."""

    themes = (Declarations,)
    needs = ("transactions",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, BeginOperation | CommitOperation | RollbackOperation):
            return answered(self, operation)
        return super().execute(operation)


class DeclaresWhatItHasNotWritten(Mutant):
    """It declares `aggregates`, and says of each that it lacks them."""

    themes = (Declarations,)
    needs = ("aggregates",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, AggregateOperation):
            return refused(self, operation, UnsupportedError("there are none", capability="aggregates"))
        return super().execute(operation)


class DeclaresInfinityAndRefusesIt(Mutant):
    """It declares `float_infinity`, and refuses what is infinite."""

    themes = (Declarations,)
    needs = ("float_infinity",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation) and math.inf in operation.data.values():
            return refused(self, operation, ValueRangeError("a float is finite"))
        return super().execute(operation)


class DeclaresABackdoorAndHasNone(Mutant):
    """It declares `backdoor`, and reads back through its own queries."""

    themes = (Declarations,)
    needs = ("backdoor",)

    def rows(self, model_class: type[Any], key: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        found = self.execute(QueryOperation(model_class, dict(key or {})))
        instances: list[Any] = found.data or []
        return [dict(self.values_of(instance)) for instance in instances]


class DeclaresALevelAndRefusesIt(Mutant):
    """It declares `isolation_levels`, and begins no transaction that names one."""

    themes = (Declarations,)
    needs = ("isolation_levels",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, BeginOperation) and operation.isolation:
            error = UnsupportedError("there is one level", capability="isolation_levels")
            return refused(self, operation, error)
        return super().execute(operation)


class DeclaresUsersWhoMayDoAnything(Mutant):
    """It declares `users`, and each of them has all rights."""

    themes = (Declarations,)
    needs = ("users",)

    def session(self, rights: Rights = "all") -> DriverInterface:
        return super().session("all")


class DeclaresSessionsAndMakesNone(Mutant):
    """It declares `sessions`, and opens none."""

    themes = (Declarations,)
    needs = ("sessions",)

    def session(self, rights: Rights = "all") -> DriverInterface:
        raise UnsupportedError("there are none", capability="sessions")


class DeclaresAJudgeAndAsksBefore(Mutant):
    """It declares `conditional_writes`, and looks whether a row is there before it writes it."""

    themes = (Declarations,)
    needs = ("conditional_writes",)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, CreateOperation):
            return super().execute(operation)
        schema = schema_in(operation)
        key = key_in(schema, operation.data)
        if key and super().execute(GetOperation(operation.model_class, key)).peek() is None:
            return taken(self, operation, schema.key)
        sleep(WHILE)
        return super().execute(UpsertOperation(operation.model_class, operation.data))


class DeclaresWhatRestsOnNothing(Declaring):
    """It declares that a session works beside a transaction, and has no sessions."""

    def declared(self, own: Capabilities) -> Capabilities:
        return own.without("sessions") | {"overlapping_transactions": True}


class DoesNotDeclareUnique(Withholding):
    """It enforces unique fields, and does not declare it."""

    needs = ("unique",)


class DoesNotDeclareTransactions(Withholding):
    """It has transactions, and does not declare them."""

    needs = ("transactions",)


class DoesNotDeclareBulk(Withholding):
    """It creates several rows in one operation, and does not declare it."""

    needs = ("bulk",)


class DoesNotDeclareItsBackdoor(Withholding):
    """It reads behind itself, and does not declare it."""

    needs = ("backdoor",)


class DoesNotDeclareItsSchema(Withholding):
    """It makes and drops tables, and does not declare it."""

    needs = ("schema",)


class DoesNotDeclareTransactionalDdl(Withholding):
    """Its transactions take back what they did to the schema, and it does not declare it."""

    needs = ("transactional_ddl",)


class DoesNotDeclareEmptyKeys(Withholding):
    """The empty text is a key, and it does not declare it."""

    needs = ("empty_key",)


class DeclaresAnotherPrecision(Overstating):
    """It declares that times end with the millisecond, and they do not."""

    value = {"datetime_precision": ("millisecond", "microsecond")}  # noqa: RUF012


class DeclaresFewerDigits(Overstating):
    """It declares a bound of digits that is not its own."""

    value = {"decimal_digits": (20, 21)}  # noqa: RUF012


class DeclaresNarrowIntegers(Overstating):
    """It declares a width of integers that is not its own."""

    value = {"integer_bits": (32, 33)}  # noqa: RUF012


class DeclaresSmallFloats(Overstating):
    """It declares bounds of floats that are not its own."""

    value = {"float_magnitude": (1e10, 1e11), "float_least": (1e-10, 1e-11)}  # noqa: RUF012


class DeclaresSmallKeys(Overstating):
    """It declares a bound of keys that is not its own."""

    value = {"max_key_bytes": (100, 200)}  # noqa: RUF012


class DeclaresSmallRows(Overstating):
    """It declares a bound of rows that is not its own."""

    value = {"max_item_bytes": (10_000, 20_000)}  # noqa: RUF012


class DeclaresShortTransactions(Overstating):
    """It declares a bound of rows in a transaction that is not its own."""

    needs = ("transactions",)
    value = {"transaction_items": (5, 6)}  # noqa: RUF012


class DeclaresAnotherFilter(Overstating):
    """It declares that the client selects, where the store does, or the other way round."""

    value = {"filtering": ("client", "store")}  # noqa: RUF012


class DeclaresAnotherOrder(Overstating):
    """It declares that the client sorts, where the store does, or the other way round."""

    value = {"ordering": ("client", "store")}  # noqa: RUF012


class CarriesOutWhatItDoesNotDeclare(Mutant):
    """It asks no operation what it needs."""

    themes = (Declarations,)

    def execute(self, operation: Operation) -> Result:
        declared = self.capabilities
        if operation.needs is not None and operation.needs not in declared:
            self.capabilities = declared | {operation.needs: True}
        try:
            return super().execute(operation)
        finally:
            self.capabilities = declared


def _yes(
    driver: DriverInterface, operation: Operation, result: Result, lie_of: type[OperationError]
) -> Result:
    """The driver's own answer; to a create that is refused in this way, the row that was asked for."""
    if isinstance(operation, CreateOperation) and isinstance(result.peek(), lie_of):
        return answered(driver, operation, schema_in(operation).instance(dict(operation.data)))
    return result
