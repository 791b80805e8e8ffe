"""Faults of transactions."""

from typing import Any

from orm_testing.driver import Rights
from orm_testing.errors import ConflictError, NotFoundError, UnsupportedError
from orm_testing.kit.cases.concurrency import Concurrency
from orm_testing.kit.cases.overlapping import Overlapping
from orm_testing.kit.cases.transactions import Transactions
from orm_testing.kit.mutants.bases import Result, Transacting, answered, refused
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.operations import (
    BeginOperation,
    CommitOperation,
    DeleteOperation,
    GetOperation,
    Operation,
    RollbackOperation,
)

READS = frozenset({"get", "query", "count", "exists", "aggregate"})


class RollsBackNothing(Mutant):
    """A rollback commits."""

    themes = (Transactions,)
    needs = ("transactions",)

    def execute(self, operation: Operation) -> Result:
        return super().execute(CommitOperation() if isinstance(operation, RollbackOperation) else operation)


class LosesTheCommit(Mutant):
    """A commit is forgotten: what the transaction did is undone when it ends."""

    themes = (Transactions,)
    needs = ("transactions",)

    def execute(self, operation: Operation) -> Result:
        return super().execute(RollbackOperation() if isinstance(operation, CommitOperation) else operation)


class CommitsHalf(Transacting):
    """Of the rows that a transaction created, the last does not make it into the commit, where there are several."""

    themes = (Transactions,)
    needs = ("transactions",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CommitOperation) and self.depth == 1 and len(self.created) > 1:
            _, last, row = self.created[-1]
            super().execute(DeleteOperation(last.model_class, row))
        return super().execute(operation)


class InnerRollbackUndoesEverything(Transacting):
    """A nested rollback undoes the outer transaction too, which goes on empty."""

    themes = (Transactions,)
    needs = ("transactions",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, RollbackOperation) and self.depth == 1:
            super().execute(RollbackOperation())
            super().execute(BeginOperation())
        return result


class InnerRollbackUndoesNothing(Transacting):
    """A nested rollback keeps what the nested transaction did."""

    themes = (Transactions,)
    needs = ("transactions",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, RollbackOperation) and self.depth > 1:
            operation = CommitOperation()
        return super().execute(operation)


class InnerCommitIsUndone(Transacting):
    """A nested commit undoes what the nested transaction did."""

    themes = (Transactions,)
    needs = ("transactions",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CommitOperation) and self.depth > 1:
            operation = RollbackOperation()
        return super().execute(operation)


class InnerCommitSurvives(Transacting):
    """What a nested transaction created is still there after the outer one was rolled back."""

    themes = (Transactions,)
    needs = ("transactions",)

    def execute(self, operation: Operation) -> Result:
        created = self.created if isinstance(operation, RollbackOperation) and self.depth == 1 else ()
        result = super().execute(operation)
        for depth, creating, _ in created:
            if depth > 1:
                super().execute(creating)
        return result


class MissesItsOwnWrites(Transacting):
    """A transaction does not get the rows that it created."""

    themes = (Transactions,)
    needs = ("transactions",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        own = [row for _, _, row in self.created]
        if isinstance(operation, GetOperation) and result.peek() is None and result.instance in own:
            error = NotFoundError("not yet", model=operation.model_class.__name__)
            return refused(self, operation, error)
        return result


class CountsWithoutItsOwnWrites(Transacting):
    """A transaction does not count the rows that it created."""

    themes = (Transactions,)
    needs = ("transactions",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if operation.verb == "count":
            result.data = max(result.data - len(self.created), 0)
        return result


class AnErrorPoisons(Transacting):
    """After an operation of a transaction failed, the rest of it fails, and its end undoes it."""

    themes = (Transactions,)
    needs = ("transactions",)

    poisoned = False

    def execute(self, operation: Operation) -> Result:
        ends = isinstance(operation, CommitOperation | RollbackOperation)
        if self.poisoned and self.depth and not ends:
            error = ConflictError("the transaction has failed, and ignores what comes after that")
            return refused(self, operation, error)
        if self.poisoned and isinstance(operation, CommitOperation):
            operation = RollbackOperation()
        result = super().execute(operation)
        if self.depth and result.peek() is not None and operation.verb not in READS:
            self.poisoned = True
        self.poisoned = self.poisoned and bool(self.depth)
        return result


class AnErrorUndoesTheRest(Transacting):
    """An operation of a transaction that fails undoes what the transaction did before it."""

    themes = (Transactions,)
    needs = ("transactions",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if self.depth and result.peek() is not None and operation.verb in {"create", "update", "upsert"}:
            super().execute(RollbackOperation())
            super().execute(BeginOperation())
        return result


class ARollbackKeepsDeletes(Transacting):
    """A rollback brings back no row that the transaction deleted."""

    themes = (Transactions,)
    needs = ("transactions",)

    gone: tuple[DeleteOperation, ...] = ()

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, DeleteOperation) and self.depth and result.peek() is None:
            self.gone = (*self.gone, operation)
        elif isinstance(operation, CommitOperation | RollbackOperation) and not self.depth:
            gone, self.gone = self.gone, ()
            for deleting in gone if isinstance(operation, RollbackOperation) else ():
                super().execute(deleting)
        return result


class ATransactionNeverEnds(Transacting):
    """What comes after a transaction that was rolled back is lost with the next one that is."""

    themes = (Transactions,)
    needs = ("transactions",)

    ready = False

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, BeginOperation) and self.ready:
            self.ready = False
            return answered(self, operation)
        result = super().execute(operation)
        if isinstance(operation, RollbackOperation) and not self.depth:
            super().execute(BeginOperation())
            self.ready = True
        return result

    def reset(self) -> None:
        self.ready = False
        super().reset()


class AResetKeepsTheTransaction(Transacting):
    """A reset in mid-test empties nothing where a transaction is open."""

    themes = (Transactions,)
    needs = ("transactions",)

    def reset(self) -> None:
        if self.depth:
            return
        super().reset()

    def leaks(self) -> list[str]:
        self.depth = 0
        return super().leaks()


class WantsToWrite(Transacting):
    """A transaction that wrote nothing is refused when it commits."""

    themes = (Transactions,)
    needs = ("transactions",)
    wrote = False

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, BeginOperation):
            self.wrote = self.wrote and bool(self.depth)
        elif operation.verb not in READS and not isinstance(operation, CommitOperation):
            self.wrote = True
        if isinstance(operation, CommitOperation) and not self.wrote:
            super().execute(RollbackOperation())
            return refused(self, operation, ConflictError("there is nothing to commit"))
        return super().execute(operation)


class HasNoBound(Transacting):
    """A transaction that the store does not take, for its size or for another, is said to be committed, and is not."""

    themes = (Transactions, Concurrency)
    needs = ("transactions", "transaction_items")

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CommitOperation) and result.peek() is not None:
            return answered(self, operation)
        return result


class OthersSeeWhatIsNotCommitted(Transacting):
    """A transaction writes for all to see, and takes back what it created where it is rolled back."""

    themes = (Overlapping,)
    needs = ("transactions", "overlapping_transactions")

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, BeginOperation):
            self.depth += 1
            return answered(self, operation)
        if isinstance(operation, CommitOperation | RollbackOperation):
            self.depth -= 1
            created, self.created = self.created, ()
            for _, creating, row in created if isinstance(operation, RollbackOperation) else ():
                super().execute(DeleteOperation(creating.model_class, row))
            return answered(self, operation)
        return super().execute(operation)


class SessionsShareOneConnection(Mutant):
    """A session is the driver itself: what one does inside a transaction, all do."""

    themes = (Overlapping,)
    needs = ("transactions", "overlapping_transactions")
    lent = 0

    def session(self, rights: Rights = "all") -> Any:
        if rights != "all":
            raise UnsupportedError("there is one user", capability="users")
        self.lent += 1
        return self

    def close(self) -> None:
        if self.lent:
            self.lent -= 1
        else:
            super().close()
