"""What the store should be after a write: the rows that the verb speaks of aside, as it was, but for what references do."""

from collections.abc import Mapping, Sequence
from typing import Any

from orm_testing.dsl.context import Context
from orm_testing.dsl.failing import Stored, everything
from orm_testing.dsl.steps import Verb
from orm_testing.results import OperationResult
from orm_testing.schema import ModelSchema, SchemaSet, is_described
from orm_testing.values import same

Row = dict[str, Any]


def having(context: Context, key: Mapping[str, Any], rows: Sequence[Row]) -> list[Row]:
    """The rows that have this key."""
    return [row for row in rows if all(context.same(row.get(name), key[name]) for name in key)]


def others_unchanged(
    context: Context,
    verb: str,
    result: OperationResult[Any],
    keys: Sequence[Mapping[str, Any]],
    before: Stored,
) -> Verb[Stored]:
    """All rows but those of the operation's model with these keys are as they were; answers what is stored now."""
    operation: Any = result.operation
    after = yield from everything(context)
    for model_class, rows in before.items() if context.alone else ():
        ours = keys if model_class is operation.model_class else ()
        were, are = (_less(context, ours, stored) for stored in (rows, after[model_class]))
        if not context.same(were, are):
            problem = f"other rows of {model_class.__name__} changed too:{context.difference(were, are)}"
            raise context.failure(verb, problem, result, keys[0] if keys else None)
    return after


def only_deleted(
    context: Context, verb: str, result: OperationResult[Any], key: Mapping[str, Any], before: Stored
) -> Verb[None]:
    """The row is gone, with those that references take with it, and nothing else changed.

    Of models that are not pydantic's, no references are known: nothing is said of their other rows.
    """
    operation: Any = result.operation
    after = yield from everything(context)
    if having(context, key, after[operation.model_class]):
        raise context.failure(verb, "the delete succeeded, and the row is still in the store", result, key)
    if not context.alone or not all(map(is_described, context.models)):
        return
    schemas = SchemaSet(context.models, context.known.successors)
    expected = {model_class: list(rows) for model_class, rows in before.items()}
    _remove(expected, schemas, schemas.of(operation.model_class), key)
    for model_class, rows in expected.items():
        if not context.same(rows, after[model_class]):
            difference = context.difference(rows, after[model_class])
            problem = f"the delete should leave other rows of {model_class.__name__}:{difference}"
            raise context.failure(verb, problem, result, key)


def _less(context: Context, keys: Sequence[Mapping[str, Any]], rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if not any(having(context, key, [row]) for key in keys)]


def _remove(stored: Stored, schemas: SchemaSet, schema: ModelSchema, key: Mapping[str, Any]) -> None:
    rows = stored[schema.model_class]
    gone = [row for row in rows if all(same(row[name], key[name], scale=False) for name in schema.key)]
    stored[schema.model_class] = [row for row in rows if row not in gone]
    for row in gone:
        for child, field in schemas.children(schema):
            referring = [each for each in stored[child.model_class] if each[field.name] == row[schema.key[0]]]
            for each in referring:
                if field.on_delete == "cascade":
                    _remove(stored, schemas, child, {name: each[name] for name in child.key})
                elif field.on_delete == "set_null":
                    place = stored[child.model_class].index(each)
                    stored[child.model_class][place] = {**each, field.name: None}
