"""Verbs that change or describe the schema, with what they did looked for in the store."""

from collections.abc import Mapping, Sequence
from typing import Any

from orm_testing.descriptions import TableDescription
from orm_testing.dsl.context import Context, Rows
from orm_testing.dsl.failing import Stored, everything, unchanged
from orm_testing.dsl.steps import HasTable, ReadBack, Verb
from orm_testing.errors import ConfigurationError, UnsupportedError, is_judgement
from orm_testing.evolution import Evolution
from orm_testing.operations import (
    CreateSchemaOperation,
    DdlOperation,
    DescribeOperation,
    DropSchemaOperation,
    EvolveOperation,
    SchemaExistsOperation,
)
from orm_testing.results import OperationResult
from orm_testing.schema import schema_of
from orm_testing.values import number_of_rows

__tracebackhide__ = is_judgement


def create(context: Context, models: Sequence[type[Any]]) -> Verb[None]:
    """The tables are there, by the driver's word and the store's."""
    absent = [model for model in context.models if model in context.known.absent]
    wanted = _wanted(context, "create_schema", models or absent)
    result = yield CreateSchemaOperation(wanted)
    context.value(result)
    context.known = context.known.with_tables(wanted)
    yield from _found(context, "create_schema", result, wanted, there=True)


def drop(context: Context, models: Sequence[type[Any]]) -> Verb[None]:
    """The tables are gone, by the driver's word and the store's."""
    wanted = _wanted(context, "drop_schema", models or context.models_with_tables())
    result = yield DropSchemaOperation(wanted)
    context.value(result)
    yield from _found(context, "drop_schema", result, wanted, there=False)
    context.known = context.known.without_tables(wanted)


def exists(context: Context, model_class: type[Any]) -> Verb[bool]:
    found: bool = context.value((yield SchemaExistsOperation(model_class)))
    return found


def describe(context: Context, model_class: type[Any]) -> Verb[TableDescription]:
    description: TableDescription = context.value((yield DescribeOperation(model_class)))
    return description


def ddl(context: Context, model_class: type[Any]) -> Verb[str]:
    statements: str = context.value((yield DdlOperation(model_class)))
    return statements


def evolve(context: Context, old: type[Any], new: type[Any], rename: Mapping[str, str]) -> Verb[None]:
    """The table has the columns of the new model, and its rows are the old ones; all other rows are as they were."""
    context.check_listed(old)
    if old is not new and new in context.models:
        raise ConfigurationError(
            f"evolve({old.__name__}, {new.__name__}): {new.__name__} has a table already, as one of the models of this"
            " test. List the model that it begins with, and only that."
        )
    evolution = Evolution(schema_of(old), schema_of(new), rename)
    _check_transaction(context, "evolve")
    before = yield from everything(context)
    result = yield EvolveOperation(old, new, rename)
    if (error := result.peek()) is not None:
        problem = f"{type(error).__name__} came, and the store changed all the same"
        yield from unchanged(context, "evolve", before, problem)
        raise error
    context.known = context.known.evolved(old, new)
    description = context.value((yield DescribeOperation(new)))
    _check_columns(context, result, evolution, description)
    yield from _check_rows(context, result, evolution, before)


def _wanted(context: Context, verb: str, models: Sequence[type[Any]]) -> tuple[type[Any], ...]:
    for model_class in models:
        context.check_listed(model_class)
    _check_transaction(context, verb)
    return tuple(models or context.models)


def _check_transaction(context: Context, verb: str) -> None:
    name = "transactional_ddl"
    if context.depth and name not in context.driver.capabilities:
        raise UnsupportedError(
            f"{verb} inside a transaction needs the capability {name!r}, which {context.backend_name} lacks: it commits"
            f" the transaction when the schema changes. Mark the test @requires({name!r}).",
            capability=name,
        )


def _found(
    context: Context, verb: str, result: OperationResult[Any], models: Sequence[type[Any]], *, there: bool
) -> Verb[None]:
    said = {True: "is there", False: "is not there"}
    for model_class in models:
        for who, answer in (
            ("the driver", context.value((yield SchemaExistsOperation(model_class)))),
            ("the store", (yield HasTable(model_class))),
        ):
            if answer is not None and answer is not there:
                problem = f"it succeeded, and the table {said[answer]}, says {who}"
                raise context.failure(verb, problem, result, model=model_class)


def _check_columns(
    context: Context, result: OperationResult[Any], evolution: Evolution, description: TableDescription
) -> None:
    wanted = {field.column for field in evolution.new.fields}
    live = {column.name for column in description.columns}
    if wanted != live:
        problem = (
            f"the table has other columns than {evolution.new.name}"
            f"\n  missing:  {sorted(wanted - live)}\n  too many: {sorted(live - wanted)}"
        )
        raise context.failure("evolve", problem, result)


def _check_rows(
    context: Context, result: OperationResult[Any], evolution: Evolution, before: Stored
) -> Verb[None]:
    if not context.alone:
        return
    old, new = evolution.old, evolution.new
    after: Stored = {}
    for model_class in context.models_with_tables():
        after[model_class] = yield ReadBack(model_class)
    were, are = before[old.model_class], after[new.model_class]
    if len(were) != len(are):
        problem = f"there were {number_of_rows(len(were))}, and there are {len(are)} in the evolved table"
        raise context.failure("evolve", problem, result)
    told = [field.name for field in new.fields if evolution.is_told(field)]
    stored = Rows(are)
    for row in evolution.rows(were, context.clock):
        key = {name: row[name] for name in new.key}
        expected = {name: row[name] for name in told}
        held = [{name: each[name] for name in told} for each in stored.having(key)]
        context.check_stored("evolve", result, expected, held, key)
    for model_class, rows in before.items():
        if model_class is not old.model_class and not context.same(rows, after[model_class]):
            problem = f"rows of {model_class.__name__} changed too:"
            difference = context.difference(rows, after[model_class])
            raise context.failure("evolve", problem + difference, result)
