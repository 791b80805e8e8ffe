"""Verbs of a transaction: it is entered and left, and what `with` says in between happens or is undone."""

from dataclasses import dataclass

from orm_testing.dsl.context import Context
from orm_testing.dsl.failing import Stored, everything, satisfies, unchanged
from orm_testing.dsl.known import Known
from orm_testing.dsl.steps import Verb
from orm_testing.errors import (
    ConfigurationError,
    OperationError,
    UnavailableError,
    UnsupportedError,
    is_judgement,
    nearest,
)
from orm_testing.operations import BeginOperation, CommitOperation, RollbackOperation

__tracebackhide__ = is_judgement

_VERB = "expect_rollback"

LEVELS = ("read uncommitted", "read committed", "repeatable read", "serializable")
"""The isolation levels of the SQL standard, weakest first."""


@dataclass(frozen=True, slots=True)
class Entered:
    """A transaction that was entered: after how many resets, and what was stored and known then."""

    resets: int
    before: Stored
    known: Known


def enter(context: Context, isolation: str | None = None) -> Verb[Entered]:
    if isolation is not None:
        _check_isolation(context, isolation)
    before = yield from _all_rows(context)
    context.value((yield BeginOperation(isolation)))
    context.depth += 1
    return Entered(context.resets, before, context.known)


def leave(context: Context, entered: Entered, error: BaseException | None) -> Verb[bool]:
    """Commit, or roll back where the block raised; and see in the store that this happened.

    A reset in the midst of a transaction ended it. The block's own error goes on.
    """
    if context.resets != entered.resets:
        return False
    if error is None:
        written = yield from _all_rows(context)
        yield from _committed(context, entered)
        yield from unchanged(
            context,
            "transaction",
            written,
            "the transaction was committed, and the store is not what it wrote",
        )
    else:
        yield from _rolled_back(context, "transaction", entered)
    return False


def leave_expecting(
    context: Context, entered: Entered, expected: type[BaseException], error: BaseException | None
) -> Verb[bool]:
    """The block raised what was expected, and the store is as it was; the error ends here."""
    if context.resets != entered.resets:
        raise context.failure(_VERB, "the store was reset inside the block, which ended the transaction")
    yield from _rolled_back(context, _VERB, entered)
    if error is None:
        problem = f"expected the block to raise {expected.__name__}, and it ended without an error"
        raise context.failure(_VERB, problem)
    return satisfies(error, expected)


def _all_rows(context: Context) -> Verb[Stored]:
    """What is stored, where nobody else changes it: a look at everything would be in the way of other sessions."""
    return (yield from everything(context)) if context.alone else {}


def _check_isolation(context: Context, isolation: str) -> None:
    if isolation not in LEVELS:
        raise ConfigurationError(
            f"{isolation!r} is not an isolation level.{nearest(isolation, LEVELS)} Known are: {', '.join(LEVELS)}."
        )
    if context.depth:
        raise ConfigurationError(
            "a nested transaction is in the isolation of the outer one; name the level where that one begins."
        )
    offered = context.driver.capabilities.get("isolation_levels", ())
    if isolation not in offered:
        has = f"it has {', '.join(offered)}" if offered else "it has none to choose from"
        raise UnsupportedError(
            f"{context.backend_name} has no isolation level {isolation!r}: {has}",
            capability="isolation_levels",
        )


def _committed(context: Context, entered: Entered) -> Verb[None]:
    """Commit; where the store refuses it, nothing of the transaction may be left. A store that is lost cannot be asked."""
    try:
        yield from _ended(context, CommitOperation())
    except UnavailableError:
        raise
    except OperationError as error:
        context.known = entered.known
        if not context.depth:
            problem = (
                f"the commit failed with {type(error).__name__}, and some of it is in the store all the same"
            )
            yield from unchanged(context, "transaction", entered.before, problem)
        raise


def _rolled_back(context: Context, verb: str, entered: Entered) -> Verb[None]:
    yield from _ended(context, RollbackOperation())
    context.known = entered.known
    problem = "the transaction was rolled back, and its writes are still there"
    yield from unchanged(context, verb, entered.before, problem)


def _ended(context: Context, operation: CommitOperation | RollbackOperation) -> Verb[None]:
    context.depth -= 1
    context.value((yield operation))
