"""Verbs that write: create, update, delete, upsert, with what was written read back from the store."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from orm_testing.dsl.context import Context
from orm_testing.dsl.steps import ReadBack, Reset, Verb
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
from orm_testing.schema import is_described, schema_of

__tracebackhide__ = is_judgement

M = TypeVar("M")


def answered(context: Context, operation: Operation) -> Verb[OperationResult[Any]]:
    """The bare verb: it answers, and does not judge."""
    return context.answer((yield operation))


def create(context: Context, model_class: type[M], data: Mapping[str, Any]) -> Verb[M]:
    created: M = yield from _written(context, "create_and_verify", CreateOperation(model_class, data), data)
    return created


def upsert(context: Context, model_class: type[M], data: Mapping[str, Any]) -> Verb[M]:
    written: M = yield from _written(context, "upsert_and_verify", UpsertOperation(model_class, data), data)
    return written


def update(context: Context, instance: M, changes: Mapping[str, Any]) -> Verb[M]:
    """Besides the changes, the row is the one meant, and all that was not named is as it was, in every row."""
    verb = "update_and_verify"
    model_class = type(instance)
    key = context.driver.key_of(instance)
    before = yield ReadBack(model_class)
    result = yield UpdateOperation(model_class, instance, changes)
    updated: M = context.succeeded(verb, result)
    if not context.same(dict(context.driver.key_of(updated)), dict(key)):
        problem = f"the row returned has the key {context.driver.key_of(updated)!r}"
        raise context.failure(verb, problem, result, key)
    returned = context.driver.values_of(updated)
    context.check_given(verb, result, changes, returned, key)
    after = yield ReadBack(model_class)
    context.check_stored(verb, result, returned, having(context, key, after), key)
    for was in having(context, key, before):
        for name in untouched_by(changes, model_class):
            if not context.same(was[name], returned[name]):
                raise context.mismatch(verb, result, key, name, "before", was[name], "after", returned[name])
    check_others(context, verb, result, key, before, after)
    return updated


def delete(context: Context, instance: Any) -> Verb[None]:
    """The row is gone, and no other of its model unless it refers to its own kind."""
    verb = "delete_and_verify"
    model_class = type(instance)
    key = context.driver.key_of(instance)
    before = yield ReadBack(model_class)
    result = yield DeleteOperation(model_class, instance)
    context.succeeded(verb, result)
    after = yield ReadBack(model_class)
    if having(context, key, after):
        raise context.failure(verb, "the delete succeeded, and the row is still in the store", result, key)
    if not _refers_on(model_class):
        check_others(context, verb, result, key, before, after)
    found = yield GetOperation(model_class, dict(key))
    if not isinstance(found.peek(), NotFoundError):
        answer = found.peek() or found.data
        problem = f"the row is gone from the store, and get answers {answer!r}"
        raise context.failure(verb, problem, found, key)


def create_many(
    context: Context, model_class: type[Any], rows: Sequence[Mapping[str, Any]]
) -> Verb[list[Any]]:
    verb = "create_many_and_verify"
    result = yield CreateManyOperation(model_class, rows)
    instances = context.succeeded(verb, result)
    if len(instances) != len(rows):
        raise context.failure(verb, f"{len(rows)} rows were given, and {len(instances)} returned", result)
    for data, instance in zip(rows, instances, strict=True):
        yield from _verified(context, verb, result, instance, data)
    return list(instances)


def clear(context: Context) -> Verb[OperationResult[Any]]:
    return (yield from answered(context, ClearOperation()))


def reset(context: Context) -> Verb[None]:
    """The store as at the start; transactions that are open end here."""
    context.resets += 1
    yield Reset()


def _written(context: Context, verb: str, operation: Operation, data: Mapping[str, Any]) -> Verb[Any]:
    result = yield operation
    instance = context.succeeded(verb, result)
    yield from _verified(context, verb, result, instance, data)
    return instance


def _verified(
    context: Context, verb: str, result: OperationResult[Any], instance: Any, data: Mapping[str, Any]
) -> Verb[None]:
    driver = context.driver
    key = driver.key_of(instance)
    returned = driver.values_of(instance)
    context.check_given(verb, result, data, returned, key)
    operation: Any = result.operation
    context.check_stored(verb, result, returned, (yield ReadBack(operation.model_class, key)), key)


def untouched_by(changes: Mapping[str, Any], model_class: type[Any]) -> list[str]:
    """The fields that an update leaves alone; of models that are not pydantic's, none is known to be."""
    if not is_described(model_class):
        return []
    return [
        field.name
        for field in schema_of(model_class).fields
        if field.name not in changes and not field.auto_now
    ]


def having(
    context: Context, key: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], *, has: bool = True
) -> list[Mapping[str, Any]]:
    """The rows that have this key; or with `has=False`, the others."""
    return [row for row in rows if all(context.same(row.get(name), key[name]) for name in key) is has]


def check_others(
    context: Context,
    verb: str,
    result: OperationResult[Any],
    key: Mapping[str, Any],
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
) -> None:
    """The rows that the verb does not speak of are as they were."""
    were, are = (having(context, key, rows, has=False) for rows in (before, after))
    if not context.same(were, are):
        changed = [row for row in were if not any(context.same(row, other) for other in are)]
        raise context.failure(verb, f"other rows changed too: {(changed or are)[0]!r}", result, key)


def _refers_on(model_class: type[Any]) -> bool:
    """Whether deleting one row may rightly change others of its model, by way of references."""
    return not is_described(model_class) or any(field.references for field in schema_of(model_class).fields)
