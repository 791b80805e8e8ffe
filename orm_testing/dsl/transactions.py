"""Verbs of a transaction: it is entered and left, and what `with` says in between happens or is undone."""

from orm_testing.dsl.context import Context
from orm_testing.dsl.failing import Stored, everything, satisfies, unchanged
from orm_testing.dsl.steps import Verb
from orm_testing.errors import is_judgement
from orm_testing.operations import BeginOperation, CommitOperation, RollbackOperation

__tracebackhide__ = is_judgement

_VERB = "expect_rollback"


def enter(context: Context) -> Verb[None]:
    context.value((yield BeginOperation()))


def leave(context: Context, error: BaseException | None) -> Verb[bool]:
    """Commit, or roll back where the block raised; the block's own error goes on."""
    context.value((yield CommitOperation() if error is None else RollbackOperation()))
    return False


def enter_expecting(context: Context) -> Verb[Stored]:
    before = yield from everything(context)
    yield from enter(context)
    return before


def leave_expecting(
    context: Context, before: Stored, expected: type[BaseException], error: BaseException | None
) -> Verb[bool]:
    """The block raised what was expected, and the store is as it was; the error ends here."""
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
