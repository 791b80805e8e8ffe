"""`given`: a row of which the test names what matters; the rest is valid, distinct, and the same in every run."""

import datetime
import decimal
import random
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from orm_testing.dsl.context import Context
from orm_testing.dsl.steps import ReadBack, Verb
from orm_testing.dsl.writing import create
from orm_testing.errors import ConfigurationError, ValidationError, is_judgement
from orm_testing.rows import RowMaker
from orm_testing.schema import FieldSchema, ModelSchema, is_described, schema_of, succeeding

__tracebackhide__ = is_judgement

M = TypeVar("M")

if TYPE_CHECKING:
    from polyfactory.factories.pydantic_factory import ModelFactory

_TRIES = 100
_DISTINCT_TRIES = 10
_START = datetime.datetime(2000, 1, 1)  # noqa: DTZ001  (naive fields hold naive values)
_SPAN = 20 * 365 * 24 * 3600 * 1_000_000
_TIMES: dict[str, Callable[[datetime.timedelta], Any]] = {
    "datetime": lambda since: _START + since,
    "aware_datetime": lambda since: (_START + since).replace(tzinfo=datetime.UTC),
    "date": lambda since: (_START + since).date(),
    "time": lambda since: (_START + since).time(),
    "timedelta": lambda since: since,
}
_factories: dict[type[Any], Any] = {}


def given(
    context: Context, model_class: type[M], named: Mapping[str, Any], below: tuple[type[Any], ...] = ()
) -> Verb[M]:
    """A verified row; `below` are the models of the rows that this one is made for as a parent."""
    if not is_described(model_class):
        raise ConfigurationError(
            f"given() reads the fields of a pydantic model, and {model_class.__name__} is none; use create_and_verify."
        )
    schema = schema_of(model_class)
    data = dict(named)
    for field in schema.fields:
        if not field.references or field.name in data:
            continue
        if field.nullable:
            data[field.name] = None
        else:
            path = (*below, model_class)
            parent = yield from given(context, _parent(context, schema, field, path), {}, path)
            [data[field.name]] = schema_of(type(parent)).key_of(parent).values()
    taken = yield ReadBack(model_class)
    return (yield from create(context, model_class, _filled(context, schema, data, taken)))


def _parent(
    context: Context, schema: ModelSchema, field: FieldSchema, path: tuple[type[Any], ...]
) -> type[Any]:
    assert field.references is not None
    wanted = succeeding(field.references.model, context.known.successors)
    named: list[type[Any]] = [model for model in context.models if wanted in (model, model.__name__)]
    if not named or named[0] in path:
        raise ConfigurationError(
            f"given({schema.name}) cannot make the row that {field.name!r} refers to; name the field."
        )
    return named[0]


def _filled(
    context: Context, schema: ModelSchema, named: Mapping[str, Any], taken: list[dict[str, Any]]
) -> dict[str, Any]:
    """The named data with values for the other fields, which the model accepts together and no row has."""
    open_fields = [
        field for field in schema.fields if field.name not in named and not _left_to_the_store(field)
    ]
    make = RowMaker(schema)
    problem: object = "each would repeat what is stored"
    for _ in range(_TRIES):
        data = {**named, **{field.name: _distinct(context, schema, field, taken) for field in open_fields}}
        try:
            row = make.new(data, context.clock).__dict__
        except ValidationError as error:
            if error.fields and named.keys() >= set(error.fields):
                return data  # what the test named is at fault: the create will say so
            problem = error
            continue
        groups = [schema.key, *schema.unique]
        if not any(_repeated(row, group, taken) for group in groups if not named.keys() >= set(group)):
            return data
    raise ConfigurationError(
        f"given({schema.name}) found no row that fits, in {_TRIES} tries; name the fields that belong together. {problem}"
    )


def _repeated(row: Mapping[str, Any], group: tuple[str, ...], taken: list[dict[str, Any]]) -> bool:
    return any(all(row[name] is not None and row[name] == other[name] for name in group) for other in taken)


def _left_to_the_store(field: FieldSchema) -> bool:
    return field.generated or field.auto_now or field.auto_now_add or field.references is not None


def _distinct(context: Context, schema: ModelSchema, field: FieldSchema, taken: list[dict[str, Any]]) -> Any:
    """A value that no row has, where one is found at once; whether one must be had is judged of the whole row."""
    held = [row[field.name] for row in taken]
    value: Any = None
    for _ in range(_DISTINCT_TRIES):
        value = _value(schema, field, context.new_number())
        if value not in held:
            break
    return value


def _value(schema: ModelSchema, field: FieldSchema, seed: int) -> Any:
    chance = random.Random(seed)  # noqa: S311  (the same values in every run are the point)
    if not _constrained(schema, field):
        if field.kind in _TIMES:
            return _TIMES[field.kind](datetime.timedelta(microseconds=chance.randrange(_SPAN)))
        if field.kind == "decimal":
            return decimal.Decimal(chance.randrange(10**8)).scaleb(-2)
    factory = _factory(schema.model_class)
    factory.__random__ = chance
    factory.seed_random(seed)
    info = next(meta for meta in factory.get_model_fields() if meta.name in (field.column, field.name))
    return factory.get_field_value(info)


def _constrained(schema: ModelSchema, field: FieldSchema) -> bool:
    """Whether pydantic narrows the field's values, so that not every value of its type will do."""
    metadata = schema.model_class.model_fields[field.name].metadata
    return any(not type(mark).__module__.startswith("orm_testing") for mark in metadata)


def _factory(model_class: type[Any]) -> "type[ModelFactory[Any]]":
    try:
        from polyfactory.factories.pydantic_factory import ModelFactory
    except ModuleNotFoundError as error:
        raise ConfigurationError("given() needs polyfactory: pip install 'orm-testing[data]'") from error
    if model_class not in _factories:
        _factories[model_class] = ModelFactory.create_factory(model_class, __allow_none_optionals__=False)
    factory: type[ModelFactory[Any]] = _factories[model_class]
    return factory
