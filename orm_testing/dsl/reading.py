"""Verbs that read: get, query, count, aggregate; those that verify hold the answer against the store."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from orm_testing.dsl.context import Context, native
from orm_testing.dsl.steps import ReadBack, Verb
from orm_testing.errors import MultipleResultsError, NotFoundError, is_judgement
from orm_testing.filters import matches, parse
from orm_testing.operations import (
    AggregateOperation,
    CountOperation,
    ExistsOperation,
    GetOperation,
    QueryOperation,
)
from orm_testing.schema import is_described, schema_of

__tracebackhide__ = is_judgement

M = TypeVar("M")


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
    return rows if group_by else rows[0]


def exists_and_verify(context: Context, model_class: type[M], filters: Any) -> Verb[M]:
    verb = "get_and_verify_exists"
    result = yield GetOperation(model_class, filters)
    instance: M = context.succeeded(verb, result)
    key = context.driver.key_of(instance)
    returned = context.driver.values_of(instance)
    context.check_stored(verb, result, returned, (yield ReadBack(model_class, key)), key)
    if not _matches(model_class, filters, returned):
        raise context.failure(verb, f"the row returned does not match {filters!r}: {returned!r}", result, key)
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
    context: Context,
    model_class: type[M],
    expected: int,
    query: QueryOperation,
) -> Verb[list[M]]:
    """The number of rows is the one expected, and each row is in the store as it was returned.

    Without a limit and an offset, the rows are moreover exactly those in the store that match.
    """
    verb = "query_and_verify_count"
    result = yield query
    found = context.succeeded(verb, result)
    if len(found) != expected:
        shown = "".join(f"\n  {context.driver.values_of(each)!r}" for each in found[:10])
        raise context.failure(
            verb, f"expected {expected} rows, and got {len(found)} from {query!r}{shown}", result
        )
    stored = yield ReadBack(model_class)
    for instance in found:
        key = context.driver.key_of(instance)
        mine = [
            row for row in stored if all(context.same(row.get(name), value) for name, value in key.items())
        ]
        context.check_stored(verb, result, context.driver.values_of(instance), mine, key)
    if query.limit is None and not query.offset:
        should = [row for row in stored if _matches(model_class, query.filters, row)]
        if len(should) != len(found):
            problem = (
                f"{len(found)} rows came back, and {len(should)} rows in the store match {query.filters!r}"
            )
            raise context.failure(verb, problem, result)
    return list(found)


def _matches(model_class: type[Any], filters: Any, row: Mapping[str, Any]) -> bool:
    """Whether the row matches; of models that are not pydantic's, plain equality is what is known."""
    if is_described(model_class):
        return matches(parse(filters, schema_of(model_class)), row)
    if not isinstance(filters, Mapping):
        return True
    return all(row[name] == value for name, value in filters.items() if name in row)


def _matching(model_class: type[Any], filters: Any) -> Verb[list[Any]]:
    stored = yield ReadBack(model_class)
    return [row for row in stored if _matches(model_class, filters, row)]
