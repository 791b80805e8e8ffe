"""Faults of a driver whose server is gone. Without a server that can be reached by a proxy there is nothing to break."""

from typing import Any

from orm_testing.errors import UnavailableError
from orm_testing.kit.cases.faults import Faults
from orm_testing.kit.mutants.living import Losing
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, not_found, refused
from orm_testing.operations import (
    AttachOperation,
    BeginOperation,
    ClearOperation,
    CommitOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    ExistsOperation,
    GetOperation,
    Operation,
    QueryOperation,
    RollbackOperation,
    UpdateOperation,
)


class CallsTheLostAbsent(Losing):
    """A lost connection is swallowed as "not found"."""

    def lost(self, operation: Operation, result: Result) -> Result:
        if isinstance(operation, GetOperation | UpdateOperation | DeleteOperation):
            return not_found(self, operation)
        return result


class CallsTheLostEmpty(Losing):
    """A query of a server that is gone finds no rows."""

    def lost(self, operation: Operation, result: Result) -> Result:
        empty: dict[type[Operation], Any] = {QueryOperation: [], CountOperation: 0, ExistsOperation: False}
        if type(operation) in empty:
            return answered(self, operation, empty[type(operation)])
        return result


class CallsTheLostStored(Losing):
    """A row whose creation was lost is said to be stored."""

    def lost(self, operation: Operation, result: Result) -> Result:
        if isinstance(operation, CreateOperation):
            return answered(self, operation, operation.model_class(**operation.data))
        return result


class CallsTheLostDeleted(Losing):
    """A row whose deletion was lost is said to be gone."""

    def lost(self, operation: Operation, result: Result) -> Result:
        return answered(self, operation) if isinstance(operation, DeleteOperation) else result


class CallsTheLostCleared(Losing):
    """A store whose clearing was lost is said to be empty."""

    def lost(self, operation: Operation, result: Result) -> Result:
        return answered(self, operation) if isinstance(operation, ClearOperation) else result


class CallsTheLostAttached(Losing):
    """Bytes whose way to the store was lost are said to be attached."""

    needs = ("attachments",)

    def lost(self, operation: Operation, result: Result) -> Result:
        return answered(self, operation) if isinstance(operation, AttachOperation) else result


class CallsTheLostCommitted(Losing):
    """A transaction whose connection was lost is said to be committed."""

    needs = ("transactions",)

    def lost(self, operation: Operation, result: Result) -> Result:
        return answered(self, operation) if isinstance(operation, CommitOperation) else result


class RetriesBlindly(Losing):
    """What was lost is sent again, and a row that was stored the first time is called a duplicate."""

    def lost(self, operation: Operation, result: Result) -> Result:
        return self.again(operation)


class GoesOnInAnotherTransaction(Losing):
    """A transaction that was lost in its midst is begun again, without what it had done before."""

    needs = ("transactions",)
    inside = False

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, BeginOperation):
            self.inside = True
        elif isinstance(operation, CommitOperation | RollbackOperation):
            self.inside = False
        return super().execute(operation)

    def lost(self, operation: Operation, result: Result) -> Result:
        if not self.inside or isinstance(operation, BeginOperation):
            return result
        self.again(RollbackOperation())
        self.again(BeginOperation())
        return self.again(operation)


class AnswersFromMemory(Mutant):
    """A row that was read once is answered ever after, whether the server is there or not."""

    themes = (Faults,)
    on_server = True

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, GetOperation):
            memory = vars(self).setdefault("memory", {})
            if result.peek() is None:
                memory[repr(operation)] = result.instance
            elif isinstance(result.peek(), UnavailableError) and repr(operation) in memory:
                return answered(self, operation, memory[repr(operation)])
        return result


class NeverComesBack(Losing):
    """A driver that once lost its connection is of no more use."""

    gone: UnavailableError | None = None

    def execute(self, operation: Operation) -> Result:
        return refused(self, operation, self.gone) if self.gone is not None else super().execute(operation)

    def lost(self, operation: Operation, result: Result) -> Result:
        error = result.peek()
        assert isinstance(error, UnavailableError)
        self.gone = error
        return result


class StoresSomeOfMany(Mutant):
    """Rows that are created together are sent one by one."""

    themes = (Faults,)
    needs = ("bulk", "transactions")
    on_server = True

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, CreateManyOperation):
            return super().execute(operation)
        made: list[Any] = []
        for row in operation.rows:
            result = super().execute(CreateOperation(operation.model_class, row))
            error = result.peek()
            if error is not None:
                return refused(self, operation, error)
            made.append(result.instance)
        return answered(self, operation, made)
