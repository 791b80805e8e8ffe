"""Verbs that read: get, query, count, aggregate; those that verify hold the answer against the store."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from orm_testing.dsl.context import Context, Rows, native
from orm_testing.dsl.steps import ReadBack, Verb
from orm_testing.errors import DriverContractError, MultipleResultsError, NotFoundError, is_judgement
from orm_testing.filters import holds, matches, parse, select_rows
from orm_testing.operations import (
    AggregateOperation,
    CountOperation,
    ExistsOperation,
    GetOperation,
    QueryOperation,
)
from orm_testing.schema import is_described, schema_of
from orm_testing.values import number_of_rows

__tracebackhide__ = is_judgement

M = TypeVar("M")
_SHOWN = 10


def all_models(context: Context, model_class: type[M]) -> Verb[list[M]]:
    found: list[M] = context.value((yield QueryOperation(model_class)))
    return found


def count(context: Context, model_class: type[Any], filters: Any) -> Verb[int]:
    number: int = context.value((yield CountOperation(model_class, filters)))
    return number


def exists(context: Context, model_class: type[Any], filters: Any) -> Verb[bool]:
    found: bool = context.value((yield ExistsOperation(model_class, filters)))
    return found


def first(context: Context, model_class: type[M], filters: Any, order_by: Sequence[str]) -> Verb[M | None]:
    found: list[M] = context.value((yield QueryOperation(model_class, filters, order_by, limit=1)))
    return found[0] if found else None


def aggregate(
    context: Context, model_class: type[Any], aggregates: Sequence[str], filters: Any, group_by: Sequence[str]
) -> Verb[Any]:
    rows = context.value((yield AggregateOperation(model_class, aggregates, filters, group_by)))
    if group_by:
        return rows
    if len(rows) != 1:
        driver = type(context.driver).__name__
        raise DriverContractError(
            f"{driver}.execute_aggregate answered {len(rows)} rows without group_by; answer one."
        )
    return rows[0]


def exists_and_verify(context: Context, model_class: type[M], filters: Any) -> Verb[M]:
    """The row is in the store, matches, and is the only one that does."""
    verb = "get_and_verify_exists"
    result = yield GetOperation(model_class, filters)
    instance: M = context.succeeded(verb, result)
    key = context.driver.key_of(instance)
    returned = context.driver.values_of(instance)
    context.check_stored(verb, result, returned, (yield ReadBack(model_class, key)), key)
    if not _matches(model_class, filters, returned):
        problem = f"the row returned does not match {filters!r}: {returned!r}"
        raise context.failure(verb, problem, result, key)
    stored = yield from _matching(model_class, filters)
    if len(stored) > 1:
        problem = f"one row was returned, and {len(stored)} rows in the store match {filters!r}"
        raise context.failure(verb, problem, result, key)
    return instance


def not_exists_and_verify(context: Context, model_class: type[Any], filters: Any) -> Verb[None]:
    """Absent is not broken: only `NotFoundError` says that a row is absent."""
    verb = "get_and_verify_not_exists"
    result = yield GetOperation(model_class, filters)
    error = result.peek()
    if error is None or isinstance(error, MultipleResultsError):
        raise context.failure(verb, f"a row matches {filters!r}: {error or result.data!r}", result, filters)
    if not isinstance(error, NotFoundError):
        problem = (
            f"the backend did not say that the row is absent; it failed: {type(error).__name__}: {error}"
        )
        raise context.failure(verb, problem, result, filters) from native(error)
    stored = yield from _matching(model_class, filters)
    if stored:
        raise context.failure(verb, f"get finds no row, and the store has {stored[0]!r}", result, filters)


def query_and_verify_count(
    context: Context, model_class: type[M], expected: int, query: QueryOperation
) -> Verb[list[M]]:
    """As many rows as expected, each in the store as it was returned.

    Moreover they are the rows that the query means, in its order, told from what is in the store.
    """
    verb = "query_and_verify_count"
    result = yield query
    found: list[M] = context.succeeded(verb, result)
    if len(found) != expected:
        shown = "".join(f"\n  {context.driver.values_of(each)!r}" for each in found[:_SHOWN])
        problem = f"expected {number_of_rows(expected)}, and got {len(found)} from {query!r}{shown}"
        raise context.failure(verb, problem, result)
    stored = yield ReadBack(model_class)
    by_key = Rows(stored)
    keys = [dict(context.driver.key_of(instance)) for instance in found]
    for instance, key in zip(found, keys, strict=True):
        mine = by_key.having(key)
        context.check_stored(verb, result, context.driver.values_of(instance), mine, key)
        if not _matches(model_class, query.filters, mine[0]):
            raise context.failure(verb, f"the row does not match {query.filters!r}: {mine[0]!r}", result, key)
    meant = _meant(model_class, query, stored) if context.alone else None
    if meant is not None and not context.same(keys, meant):
        problem = f"{query!r} means other rows, or another order\n  meant:    {meant!r}\n  returned: {keys!r}"
        raise context.failure(verb, problem, result)
    return found


def _meant(model_class: type[Any], query: QueryOperation, stored: Sequence[dict[str, Any]]) -> Any:
    """The keys of the rows that a query means, or None for models that are not pydantic's."""
    if not is_described(model_class):
        return None
    return [{name: row[name] for name in schema_of(model_class).key} for row in select_rows(stored, query)]


def _matches(model_class: type[Any], filters: Any, row: Mapping[str, Any], *, untold: bool = True) -> bool:
    """Whether the row matches; `untold` where that cannot be told, of models that are not pydantic's."""
    if is_described(model_class):
        return matches(parse(filters, schema_of(model_class)), row)
    told = holds(filters, row)
    return untold if told is None else told


def _matching(model_class: type[Any], filters: Any) -> Verb[list[Any]]:
    """The stored rows that match, as far as that can be told."""
    stored = yield ReadBack(model_class)
    return [row for row in stored if _matches(model_class, filters, row, untold=False)]
