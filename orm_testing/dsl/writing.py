"""Verbs that write: create, update, delete, upsert, with what was written read back from the store."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from orm_testing.dsl import attachments
from orm_testing.dsl.aftermath import having, only_deleted, others_unchanged
from orm_testing.dsl.context import Context, Rows
from orm_testing.dsl.failing import Stored, everything
from orm_testing.dsl.steps import CountRows, ReadBack, ReadBackAndCount, Reset, Verb
from orm_testing.errors import NotFoundError, is_judgement
from orm_testing.operations import (
    ClearOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    GetOperation,
    Operation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.results import OperationResult
from orm_testing.values import number_of_rows

__tracebackhide__ = is_judgement

M = TypeVar("M")


def answered(context: Context, operation: Operation) -> Verb[OperationResult[Any]]:
    """The bare verb: it answers, and does not judge."""
    return context.answer((yield operation))


def create(context: Context, model_class: type[M], data: Mapping[str, Any]) -> Verb[M]:
    """One row more is stored, and it is the one returned."""
    verb = "create_and_verify"
    counts = context.has_backdoor and context.alone
    before = (yield CountRows(model_class)) if counts else 0
    result = yield CreateOperation(model_class, data)
    created: M = context.succeeded(verb, result)
    if not counts:
        yield from _verified(context, verb, result, created, data)
        return created
    key, returned = _returned(context, verb, result, created, data)
    stored, after = yield ReadBackAndCount(model_class, key)
    context.check_stored(verb, result, returned, stored, key)
    if after != before + 1:
        problem = f"there were {number_of_rows(before)} before the create, and there are {after} after it"
        raise context.failure(verb, problem, result, key)
    return created


def upsert(context: Context, model_class: type[M], data: Mapping[str, Any]) -> Verb[M]:
    """The row is the one given, its other fields are at their defaults, and every other row is as it was."""
    verb = "upsert_and_verify"
    before = yield from everything(context)
    attached = yield from attachments.all_held(context)
    result = yield UpsertOperation(model_class, data)
    written: M = context.succeeded(verb, result)
    yield from _verified(context, verb, result, written, data)
    key, returned = context.driver.key_of(written), context.driver.values_of(written)
    for name, default in context.defaults(model_class, data).items():
        if not context.same(default, returned[name]):
            raise context.mismatch(verb, result, key, name, "default", default, "returned", returned[name])
    yield from others_unchanged(context, verb, result, [key], before)
    yield from attachments.all_unchanged(context, verb, result, attached)
    return written


def update(context: Context, instance: M, changes: Mapping[str, Any]) -> Verb[M]:
    """Besides the changes, the row is the one meant, and all that was not named is as it was, in every row."""
    verb = "update_and_verify"
    model_class = type(instance)
    key = context.driver.key_of(instance)
    before = yield from everything(context)
    attached = yield from attachments.all_held(context)
    result = yield UpdateOperation(model_class, instance, changes)
    updated: M = context.succeeded(verb, result)
    if not context.same(dict(context.driver.key_of(updated)), dict(key)):
        problem = f"the row returned has the key {context.driver.key_of(updated)!r}"
        raise context.failure(verb, problem, result, key)
    was = _present(context, verb, result, key, before)
    returned = context.driver.values_of(updated)
    context.check_given(verb, result, changes, returned, key)
    after = yield from others_unchanged(context, verb, result, [key], before)
    context.check_stored(verb, result, returned, having(context, key, after[model_class]), key)
    context.check_untouched(verb, result, was, changes, returned, key)
    yield from attachments.all_unchanged(context, verb, result, attached)
    return updated


def delete(context: Context, instance: Any) -> Verb[None]:
    """The row is gone, by the store and by the backend's own word, and so are just those that refer to it."""
    verb = "delete_and_verify"
    model_class = type(instance)
    key = context.driver.key_of(instance)
    before = yield from everything(context)
    result = yield DeleteOperation(model_class, instance)
    context.succeeded(verb, result)
    _present(context, verb, result, key, before)
    yield from only_deleted(context, verb, result, key, before)
    yield from attachments.gone(context, verb, result, key)
    found = yield GetOperation(model_class, dict(key))
    if not isinstance(found.peek(), NotFoundError):
        answer = found.peek() or found.data
        problem = f"the row is gone from the store, and get answers {answer!r}"
        raise context.failure(verb, problem, found, key)


def create_many(context: Context, model_class: type[M], rows: Sequence[Mapping[str, Any]]) -> Verb[list[M]]:
    """As many rows more are stored as were given, and they are those returned."""
    verb = "create_many_and_verify"
    before = yield from everything(context)
    result = yield CreateManyOperation(model_class, rows)
    instances: list[M] = context.succeeded(verb, result)
    if len(instances) != len(rows):
        raise context.failure(
            verb, f"{number_of_rows(len(rows))} were given, and {len(instances)} returned", result
        )
    after = yield from everything(context)
    stored = Rows(after[model_class])
    for data, instance in zip(rows, instances, strict=True):
        key, returned = context.driver.key_of(instance), context.driver.values_of(instance)
        context.check_given(verb, result, data, returned, key)
        context.check_stored(verb, result, returned, stored.having(key), key)
    for model, held in before.items() if context.alone else ():
        more = len(after[model]) - len(held)
        if more != (len(rows) if model is model_class else 0):
            problem = (
                f"{number_of_rows(len(rows))} were given, and {model.__name__} has {more} more than before"
            )
            raise context.failure(verb, problem, result)
    return instances


def clear(context: Context) -> Verb[OperationResult[Any]]:
    return (yield from answered(context, ClearOperation()))


def reset(context: Context) -> Verb[None]:
    """The store as at the start; transactions that are open end here."""
    context.resets += 1
    context.depth = 0
    context.forget_evolutions()
    yield Reset()


def _verified(
    context: Context, verb: str, result: OperationResult[Any], instance: Any, data: Mapping[str, Any]
) -> Verb[None]:
    key, returned = _returned(context, verb, result, instance, data)
    operation: Any = result.operation
    context.check_stored(verb, result, returned, (yield ReadBack(operation.model_class, key)), key)


def _returned(
    context: Context, verb: str, result: OperationResult[Any], instance: Any, data: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The key and the values of an instance that holds what was given."""
    key, returned = context.driver.key_of(instance), context.driver.values_of(instance)
    context.check_given(verb, result, data, returned, key)
    return key, returned


def _present(
    context: Context, verb: str, result: OperationResult[Any], key: Mapping[str, Any], before: Stored
) -> dict[str, Any]:
    """The row as it was: what is not there can be neither changed nor removed."""
    operation: Any = result.operation
    found = having(context, key, before[operation.model_class])
    if not found:
        raise context.failure(verb, "it succeeded, and no row had this key before", result, key)
    return found[0]
