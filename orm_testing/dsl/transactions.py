"""Verbs of a transaction: it is entered and left, and what `with` says in between happens or is undone."""

from dataclasses import dataclass

from orm_testing.dsl.context import Context
from orm_testing.dsl.failing import Stored, everything, satisfies, unchanged
from orm_testing.dsl.steps import Verb
from orm_testing.errors import is_judgement
from orm_testing.operations import BeginOperation, CommitOperation, RollbackOperation

__tracebackhide__ = is_judgement

_VERB = "expect_rollback"


@dataclass(frozen=True, slots=True)
class Entered:
    """A transaction that was entered: after how many resets, and what was stored then."""

    resets: int
    before: Stored


def enter(context: Context) -> Verb[Entered]:
    before = yield from everything(context)
    context.value((yield BeginOperation()))
    context.depth += 1
    return Entered(context.resets, before)


def leave(context: Context, entered: Entered, error: BaseException | None) -> Verb[bool]:
    """Commit, or roll back where the block raised; and see in the store that this happened.

    A reset in the midst of a transaction ended it. The block's own error goes on.
    """
    if context.resets != entered.resets:
        return False
    if error is None:
        written = yield from everything(context)
        yield from _ended(context, CommitOperation())
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


def _rolled_back(context: Context, verb: str, entered: Entered) -> Verb[None]:
    yield from _ended(context, RollbackOperation())
    problem = "the transaction was rolled back, and its writes are still there"
    yield from unchanged(context, verb, entered.before, problem)


def _ended(context: Context, operation: CommitOperation | RollbackOperation) -> Verb[None]:
    context.depth -= 1
    context.value((yield operation))
