"""Faults of isolation levels."""

from collections.abc import Sequence
from typing import Any

from orm_testing.errors import ConflictError, UnsupportedError
from orm_testing.kit.cases.concurrency import Concurrency
from orm_testing.kit.cases.isolation import IsolationLevels
from orm_testing.kit.mutants.bases import Claiming, Levelled, Result, answered, refused
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.operations import (
    BeginOperation,
    CommitOperation,
    Operation,
    RollbackOperation,
    UpdateOperation,
)


class IgnoresTheLevel(Levelled):
    """Every transaction has the store's own level."""

    themes = (IsolationLevels,)
    needs = ("isolation_levels", "overlapping_transactions")

    def level(self, wanted: str | None) -> str | None:
        return None


class TakesTheWeakestLevel(Levelled):
    """A transaction that asks for a level has the weakest."""

    themes = (IsolationLevels,)
    needs = ("isolation_levels", "overlapping_transactions")

    def level(self, wanted: str | None) -> str | None:
        return self.capabilities["isolation_levels"][0] if wanted else None


class TakesTheStrongestLevel(Levelled):
    """A transaction that asks for a level has the strongest, and loses to conflicts that it need not have had."""

    themes = (IsolationLevels,)
    needs = ("isolation_levels", "overlapping_transactions")

    def level(self, wanted: str | None) -> str | None:
        return self.capabilities["isolation_levels"][-1] if wanted else None


class KeepsTheLevel(Levelled):
    """A level that was asked for once holds for the later transactions of the session."""

    themes = (IsolationLevels,)
    needs = ("isolation_levels", "overlapping_transactions")

    last: str | None = None
    depth = 0

    def level(self, wanted: str | None) -> str | None:
        self.last = wanted or self.last
        return self.last

    def execute(self, operation: Operation) -> Result:
        if self.depth and isinstance(operation, BeginOperation):
            self.depth += 1
            return super(Levelled, self).execute(operation)
        if isinstance(operation, BeginOperation | CommitOperation | RollbackOperation):
            self.depth += 1 if isinstance(operation, BeginOperation) else -1
        return super().execute(operation)


class ClaimsToPreventAll(Claiming):
    """It declares that no level lets anything through."""

    themes = (IsolationLevels,)
    needs = ("isolation_levels", "overlapping_transactions")

    def claimed(self, declared: Sequence[str]) -> Sequence[str]:
        return ()


class ClaimsLessThanItPrevents(Claiming):
    """It declares that every level lets lost updates through."""

    themes = (IsolationLevels,)
    needs = ("isolation_levels", "sessions")

    def claimed(self, declared: Sequence[str]) -> Sequence[str]:
        return sorted({*declared, "P4"})


class ClaimsNothingOfItsLevels(Mutant):
    """It has levels, and does not say what they let through."""

    themes = (IsolationLevels,)
    needs = ("isolation_levels",)

    def setup_backend(self, models: Sequence[type[Any]]) -> None:
        super().setup_backend(models)
        self.capabilities = self.capabilities.without("anomalies")


class LacksALevelThatItDeclares(Mutant):
    """The strongest level that it declares is not to be had."""

    themes = (IsolationLevels,)
    needs = ("isolation_levels",)

    def execute(self, operation: Operation) -> Result:
        if (
            isinstance(operation, BeginOperation)
            and operation.isolation == self.capabilities["isolation_levels"][-1]
        ):
            error = UnsupportedError(capability="isolation_levels")
            return refused(self, operation, error)
        return super().execute(operation)


class SwallowsTheConflict(Mutant):
    """An update that lost to another session is said to have been made."""

    themes = (IsolationLevels, Concurrency)
    needs = ("isolation_levels", "sessions")

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpdateOperation) and isinstance(result.peek(), ConflictError):
            return answered(self, operation, operation.instance)
        return result
