"""Verbs of a transaction: it is entered and left, and what `with` says in between happens or is undone."""

from orm_testing.dsl.context import Context
from orm_testing.dsl.failing import Stored, everything, satisfies, unchanged
from orm_testing.dsl.steps import Verb
from orm_testing.errors import is_judgement
from orm_testing.operations import BeginOperation, CommitOperation, RollbackOperation

__tracebackhide__ = is_judgement

_VERB = "expect_rollback"


def enter(context: Context) -> Verb[int]:
    """Begin, and say after how many resets: a reset in the midst of a transaction ends it."""
    context.value((yield BeginOperation()))
    return context.resets


def leave(context: Context, entered: int, error: BaseException | None) -> Verb[bool]:
    """Commit, or roll back where the block raised; the block's own error goes on."""
    if context.resets == entered:
        context.value((yield CommitOperation() if error is None else RollbackOperation()))
    return False


def enter_expecting(context: Context) -> Verb[tuple[int, Stored]]:
    before = yield from everything(context)
    entered = yield from enter(context)
    return entered, before


def leave_expecting(
    context: Context,
    entered: int,
    before: Stored,
    expected: type[BaseException],
    error: BaseException | None,
) -> Verb[bool]:
    """The block raised what was expected, and the store is as it was; the error ends here."""
    if context.resets != entered:
        raise context.failure(_VERB, "the store was reset inside the block, which ended the transaction")
    context.value((yield RollbackOperation()))
    if error is None:
        raise context.failure(
            _VERB, f"expected the block to raise {expected.__name__}, and it ended without an error"
        )
    if not satisfies(error, expected):
        return False
    yield from unchanged(
        context, _VERB, before, "the transaction was rolled back, and its writes are still there"
    )
    return True
