"""From errors of SQLAlchemy to the errors of the library."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.exc import PendingRollbackError, ResourceClosedError, StatementError

from orm_testing.errors import OperationError, UnavailableError, ValueRangeError


class Refused(Exception):  # noqa: N818  (no error of a caller: it travels from a statement to the end of its transaction)
    """The store refused a write. `explain` asks, once the write is undone, what stood in its way."""

    def __init__(self, explain: Callable[[sa.Connection], OperationError | None]) -> None:
        super().__init__()
        self.explain = explain

    def reason(self) -> BaseException:
        """The error that the store raised."""
        cause = self.__cause__ or self
        return cause.reason() if isinstance(cause, Refused) and cause is not self else cause


def native(error: BaseException) -> BaseException:
    """What the database's own library raised, or the error itself."""
    return error.orig or error if isinstance(error, StatementError) else error


def translated(error: BaseException) -> OperationError | None:
    """What is the same for all products: a value that cannot be sent, and a connection that is no more."""
    if isinstance(error, OperationError):
        return error
    if isinstance(error, OverflowError | UnicodeEncodeError):
        return ValueRangeError(f"the store cannot hold the value: {error}")
    if isinstance(error, ResourceClosedError | PendingRollbackError):
        return UnavailableError(str(error))
    return None
