"""What mutants of the schema, of attachments, of lost connections and of a driver's life have in common.

Each of these is no fault by itself.
"""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from orm_testing.descriptions import TableDescription
from orm_testing.errors import UnavailableError
from orm_testing.kit.cases.attachments import Attachments
from orm_testing.kit.cases.faults import Faults
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered
from orm_testing.kit.support.cases import Cases
from orm_testing.operations import DescribeOperation, EvolveOperation, Operation, UpsertOperation

Row = dict[str, Any]


class TellingLess(Mutant):
    """It leaves something out of what it tells of a table."""

    needs: ClassVar[Sequence[str]] = ("schema",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, DescribeOperation) and result.peek() is None:
            return answered(self, operation, self.less(result.data))
        return result

    @abstractmethod
    def less(self, table: TableDescription) -> TableDescription:
        """What it says of a table that is so."""


class RepeatingOnReset(Mutant):
    """A reset does again what became of the schema before it."""

    kinds: type[Operation] = EvolveOperation
    last: Operation | None = None

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, self.kinds) and result.peek() is None:
            self.last = operation
        return result

    def reset(self) -> None:
        super().reset()
        last, self.last = self.last, None
        if last is not None:
            super().execute(last)


class Attaching(Mutant):
    """A fault of what is attached."""

    themes: ClassVar[Sequence[type[Cases]]] = (Attachments,)
    needs: ClassVar[Sequence[str]] = ("attachments",)


class Losing(Mutant):
    """A fault that shows when the connection is lost."""

    themes: ClassVar[Sequence[type[Cases]]] = (Faults,)
    on_server: ClassVar[bool] = True

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        return self.lost(operation, result) if isinstance(result.peek(), UnavailableError) else result

    def again(self, operation: Operation) -> Result:
        """What the driver answers to it, be it lost or not."""
        return super().execute(operation)

    @abstractmethod
    def lost(self, operation: Operation, result: Result) -> Result:
        """What it answers to an operation whose connection was lost."""


class Knowing(Mutant):
    """It knows its models."""

    models: tuple[type[Any], ...] = ()

    def prepare(self, models: Sequence[type[Any]]) -> None:
        self.models = tuple(models)
        super().prepare(models)

    def put_back(self, model_class: type[Any], rows: Sequence[Row]) -> None:
        for row in rows:
            super().execute(UpsertOperation(model_class, row))
