"""Verbs that expect a failure: the right error came, and nothing changed."""

from typing import Any

from orm_testing.dsl.context import Context, native
from orm_testing.dsl.steps import ReadBack, Verb
from orm_testing.errors import (
    ConfigurationError,
    OperationError,
    UnavailableError,
    UnsupportedError,
    is_judgement,
)
from orm_testing.operations import Operation

__tracebackhide__ = is_judgement

_NAMED_EXACTLY = (UnavailableError, UnsupportedError, ConfigurationError, AssertionError)
"""A broken or a lesser backend, and a test at fault, never satisfy an expectation by way of a base class."""

Stored = dict[type[Any], list[dict[str, Any]]]


def expect_failure(
    context: Context, verb: str, operation: Operation, expected: type[OperationError]
) -> Verb[OperationError]:
    """The error of the operation, which is one of `expected` and left every model of the test as it was."""
    before = yield from everything(context)
    result = yield operation
    error: OperationError | None = result.peek()
    if error is None:
        raise context.failure(verb, f"expected {expected.__name__}, and {operation!r} succeeded", result)
    if not satisfies(error, expected):
        if isinstance(error, UnsupportedError):
            raise error
        problem = f"expected {expected.__name__}, and got {type(error).__name__}: {error}"
        raise context.failure(verb, problem, result) from native(error)
    yield from unchanged(
        context, verb, before, f"{type(error).__name__} came, and the store changed all the same"
    )
    return error


def satisfies(error: BaseException, expected: type[BaseException]) -> bool:
    """Whether the error is the one named: by its class, or a base of it that is not too broad for it."""
    if isinstance(error, _NAMED_EXACTLY):
        return type(error) is expected or (expected is AssertionError and isinstance(error, expected))
    return isinstance(error, expected)


def everything(context: Context) -> Verb[Stored]:
    """All rows of all models of the test, through the backdoor."""
    stored: Stored = {}
    for model_class in context.models_with_tables():
        stored[model_class] = yield ReadBack(model_class)
    return stored


def unchanged(context: Context, verb: str, before: Stored, problem: str) -> Verb[None]:
    """The store is as it was `before`; where others write at the same time, nothing can be said of that."""
    if not context.alone:
        return
    after = yield from everything(context)
    for model_class, rows in before.items():
        now = after[model_class]
        if not context.same(rows, now):
            raise context.failure(verb, f"{problem}:{context.difference(rows, now)}", model=model_class)
