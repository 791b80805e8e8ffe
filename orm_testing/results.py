"""What a driver answers to an operation."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from orm_testing.errors import OperationError
from orm_testing.operations import Operation

T = TypeVar("T")
Statement = tuple[str, Any]


def shown(statements: Sequence[Statement]) -> list[str]:
    """Native statements as lines of a report, one each."""
    return [f"    {' '.join(text.split())}  {values!r}" for text, values in statements]


class OperationResult(Generic[T]):
    """The outcome of one operation: an answer, or an error of the library's tree.

    `data` is the plain answer (an instance, a list, a number); `instance` is it again where the answer is one
    row. `operation`, `backend`, `duration` (seconds), `statements` (native statement and parameters) and `client_work`
    are filled by the driver's `execute`; `client_work` says what the driver had to do itself because its store cannot:
    "filter", "order", "page", "aggregate". Reading `success`, `error` or the truth of a result counts as looking at
    it: a failed result that nobody looked at fails the test.
    """

    __slots__ = (
        "_error",
        "_success",
        "backend",
        "client_work",
        "data",
        "duration",
        "instance",
        "looked_at",
        "operation",
        "statements",
    )

    def __init__(
        self,
        success: bool,
        data: Any = None,
        error: OperationError | None = None,
        instance: T | None = None,
        *,
        operation: Operation | None = None,
        backend: str | None = None,
        duration: float = 0.0,
        statements: Sequence[Statement] = (),
        client_work: Sequence[str] = (),
    ) -> None:
        self._success = success
        self._error = error
        self.data = data
        self.instance = instance
        self.operation = operation
        self.backend = backend
        self.duration = duration
        self.statements = statements
        self.client_work = tuple(client_work)
        self.looked_at = False

    @property
    def success(self) -> bool:
        self.looked_at = True
        return self._success

    @property
    def error(self) -> OperationError | None:
        self.looked_at = True
        return self._error

    def __bool__(self) -> bool:
        return self.success

    @property
    def served_by_store(self) -> bool:
        """Whether the store answered alone: what came from it was neither sifted nor sorted on this side."""
        return not self.client_work

    def peek(self) -> OperationError | None:
        """The error, without counting as a look at it."""
        return self._error

    def __repr__(self) -> str:
        if self._success:
            return f"OperationResult(success=True, data={self.data!r})"
        return f"OperationResult(success=False, error={self._error!r})"
