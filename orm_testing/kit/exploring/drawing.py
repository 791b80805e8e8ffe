"""Examples, as strategies of Hypothesis: lists of steps over some models, of operations that the driver declares it can do."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

from orm_testing.filters import TEXT_LOOKUPS, Group, all_of, any_of, none_of
from orm_testing.kit.exploring.steps import Made, Pause, Step, Target
from orm_testing.kit.exploring.values import Capable, Strategy, Values
from orm_testing.operations import (
    AggregateOperation,
    AttachmentOperation,
    AttachOperation,
    BeginOperation,
    ClearOperation,
    CommitOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DetachOperation,
    ExistsOperation,
    GetOperation,
    QueryOperation,
    RollbackOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.schema import FieldSchema, ModelSchema, SchemaSet

Draw = Callable[[Strategy], Any]

_EQUAL = ("exact", "ne", "in", "not_in", "isnull")
_ORDERED = ("gt", "gte", "lt", "lte", "between")
_SUMMED = frozenset({"int", "decimal", "timedelta"})
"""A sum of floats depends on the order in which they are added."""
_PARTS = ("", "a", "A", "b", "é", "%", "_")
_WRONG_TYPE = frozenset({0})

_ODDS: Mapping[str, int] = {
    "create": 6, "update": 6, "upsert": 4, "delete": 4, "query": 8, "get": 2, "count": 1, "exists": 1, "refused": 1,
    "aggregate": 3, "create_many": 3, "transaction": 4, "pause": 1, "attachment": 2, "clear": 1,
}  # fmt: skip
_NEEDS = {
    "aggregate": "aggregates", "create_many": "bulk", "transaction": "transactions", "pause": "clock", "attachment": "attachments",
}  # fmt: skip
_FEW = 3
"""One place in so many times the number of an example's verbs, or so, stays empty."""
_VERBS, _MODELS = 6, 2
"""How many verbs and models an example is about, besides `create`, and parents."""
_NOBODYS: Mapping[str, Any] = {"int": 987_654_321, "uuid": uuid.UUID(int=9), "text": "nobody's"}
"""By kind a key that the store makes for no row."""


class Drawing:
    """Draws the steps of examples; `schemas` are all models of the test, and `models` those to explore."""

    def __init__(
        self,
        schemas: SchemaSet,
        models: Sequence[ModelSchema],
        capabilities: Capable,
        given: Mapping[str, Sequence[Any]],
    ) -> None:
        self._schemas = schemas
        self._values = Values(capabilities, given)
        self._capabilities = capabilities
        self._made: dict[tuple[ModelSchema, str], Strategy] = {}
        self._or_none: dict[tuple[ModelSchema, str], Strategy] = {}
        timed = any(field.auto_now or field.auto_now_add for schema in models for field in schema.fields)
        able = [
            verb
            for verb in _ODDS
            if _NEEDS.get(verb, "backdoor") in {*capabilities, "backdoor"} and (timed or verb != "pause")
        ]
        self._verbs = [verb for verb in able for _ in range(_ODDS[verb])]
        self._models = models

    def example(self, length: int) -> st.SearchStrategy[list[Step | None]]:
        """So many places, each with a step or with none: what is left of it when it shrinks are the steps that matter.

        Each example is about a few models and a few verbs, which so meet more often than if all came in each.
        """

        @st.composite
        def step(draw: Draw, verbs: Sequence[str], models: Sequence[ModelSchema]) -> Step | None:
            verb = _one(draw, verbs)
            if verb == "clear":
                return ClearOperation()
            return getattr(self, "_" + verb)(draw, _one(draw, models)) if verb else None

        @st.composite
        def steps(draw: Draw) -> list[Step | None]:
            verbs = dict.fromkeys(["create", *_some(draw, self._verbs, least=2, most=_VERBS)])
            models = self._with_parents(_some(draw, self._models, least=1, most=_MODELS))
            one = step(["", *(list(verbs) * _FEW)], models)
            return [draw(one) for _ in range(length)]

        return steps()

    def simplest(self, model: type[Any], name: str) -> list[Any]:
        """The simplest values of a field, for who makes an example simpler."""
        schema = self._schemas.of(model)
        field = schema.by_name[name]
        if field.references:
            parent = self._schemas.parent(schema, name)
            keys = self.simplest(parent.model_class, parent.key[0])
            return [Made(parent.model_class, 0, key) for key in keys[:1]]
        return [] if field.generated else self._values.simplest(schema, field)

    def _with_parents(self, models: list[ModelSchema]) -> list[ModelSchema]:
        for schema in models:
            models += [parent for _, parent in self._schemas.parents(schema) if parent not in models]
        return [schema for schema in self._models if schema in models]

    def _create(self, draw: Draw, schema: ModelSchema) -> Step:
        return CreateOperation(schema.model_class, self._row(draw, schema))

    def _create_many(self, draw: Draw, schema: ModelSchema) -> Step:
        rows = [self._row(draw, schema) for _ in range(_one(draw, (1, 2, 3)))]
        return CreateManyOperation(schema.model_class, rows)

    def _upsert(self, draw: Draw, schema: ModelSchema) -> Step:
        return UpsertOperation(schema.model_class, self._row(draw, schema, with_key=3))

    def _update(self, draw: Draw, schema: ModelSchema) -> Step:
        others = [field for field in schema.fields if not field.primary_key]
        changes = {
            field.name: self._drawn(draw, schema, field) for field in _some(draw, others, least=0, most=3)
        }
        return UpdateOperation(schema.model_class, self._target(draw, schema), changes)

    def _delete(self, draw: Draw, schema: ModelSchema) -> Step:
        return DeleteOperation(schema.model_class, self._target(draw, schema))

    def _get(self, draw: Draw, schema: ModelSchema) -> Step:
        by_key = _one(draw, (False, True))
        filters = dict(self._target(draw, schema).key) if by_key else self._filters(draw, schema)
        return GetOperation(schema.model_class, filters)

    def _query(self, draw: Draw, schema: ModelSchema) -> Step:
        ordered = _some(draw, [field for field in schema.fields if field.kind != "json"], least=0, most=2)
        order = [_one(draw, ("", "-")) + field.name for field in ordered]
        limit, offset = (
            _one(draw, (None, 1, 2, 0, 5, None)),
            _one(draw, (0, 0, 0, 1, 2)),
        )
        return QueryOperation(schema.model_class, self._filters(draw, schema), order, limit, offset)

    def _count(self, draw: Draw, schema: ModelSchema) -> Step:
        return CountOperation(schema.model_class, self._filters(draw, schema))

    def _exists(self, draw: Draw, schema: ModelSchema) -> Step:
        return ExistsOperation(schema.model_class, self._filters(draw, schema))

    def _aggregate(self, draw: Draw, schema: ModelSchema) -> Step:
        names = ["count"]
        for field in schema.fields:
            names.append(f"{field.name}__count")
            if field.kind not in ("json", "bool"):
                names += [f"{field.name}__min", f"{field.name}__max"]
            if field.kind in _SUMMED:
                names += [f"{field.name}__sum", f"{field.name}__avg"]
        grouped = _some(draw, [field for field in schema.fields if field.kind != "json"], least=0, most=2)
        return AggregateOperation(
            schema.model_class,
            _some(draw, names, least=1, most=5),
            self._filters(draw, schema),
            [field.name for field in grouped],
        )

    def _transaction(self, draw: Draw, schema: ModelSchema) -> Step:
        return _one(draw, (BeginOperation, CommitOperation, RollbackOperation))()  # type: ignore[no-any-return]

    def _pause(self, draw: Draw, schema: ModelSchema) -> Step:
        return Pause(_one(draw, (1, 86_400)))

    def _attachment(self, draw: Draw, schema: ModelSchema) -> Step:
        kind = _one(draw, (AttachOperation, AttachmentOperation, DetachOperation))
        words = (schema.model_class, self._target(draw, schema), _one(draw, "ab"))
        if kind is AttachOperation:
            return AttachOperation(*words, _one(draw, (b"", b"x", b"\x00\xff")))
        return kind(*words)  # type: ignore[no-any-return]

    def _refused(self, draw: Draw, schema: ModelSchema) -> Step:
        """What every backend refuses alike: unknown fields, values that a field cannot have, queries without a meaning."""
        model, field = schema.model_class, _one(draw, schema.fields)
        told = draw(
            st.sampled_from(("unknown field", "wrong value", "missing field", "condition", "order", "page"))
        )
        if told == "unknown field":
            return CreateOperation(model, self._row(draw, schema) | {"no_such_field": 1})
        if told == "wrong value" and field.python_type is not Any:
            return UpdateOperation(model, self._target(draw, schema), {field.name: _WRONG_TYPE})
        if told == "missing field":
            row = self._row(draw, schema)
            return CreateOperation(model, {name: row[name] for name in row if name != field.name})
        if told == "order":
            return QueryOperation(model, {}, ["no_such_field"])
        if told == "page":
            return QueryOperation(model, {}, [], -1)
        return CountOperation(
            model, {f"{field.name}__{_one(draw, ('no_such_lookup', 'gt', 'isnull'))}": None}
        )

    def _row(self, draw: Draw, schema: ModelSchema, with_key: int = 1) -> dict[str, Any]:
        """A row with all that it must have, and some of the rest; in `with_key` of six cases with a key that may be made."""
        row: dict[str, Any] = {}
        optional = []
        for field in schema.fields:
            if self._is_made(field):
                if _one(draw, range(6)) > 5 - with_key:
                    row[field.name] = draw(self._value(schema, field))
            elif field.required or field.primary_key:
                row[field.name] = self._drawn(draw, schema, field)
            else:
                optional.append(field)
        for field in _some(draw, optional, least=0, most=5):
            row[field.name] = self._drawn(draw, schema, field)
        return row

    def _target(self, draw: Draw, schema: ModelSchema) -> Target:
        key = {name: draw(self._value(schema, schema.by_name[name])) for name in schema.key}
        return Target(key, _one(draw, (0, 1, 2, None)))

    def _filters(self, draw: Draw, schema: ModelSchema) -> Any:
        number = _one(draw, (0, 1, 1, 1, 2))
        conditions = [dict([self._condition(draw, schema)]) for _ in range(number)]
        if not conditions:
            return {}
        join = _one(draw, (None, None, any_of, all_of, none_of))
        if join is None:
            return conditions[0] if number == 1 else conditions[0] | conditions[1]
        joined: Group = join(*conditions)
        return joined

    def _condition(self, draw: Draw, schema: ModelSchema) -> tuple[str, Any]:
        field = _one(draw, schema.fields)
        lookups = _EQUAL if field.kind == "json" else (*_EQUAL, *_ORDERED)
        if field.kind == "text":
            lookups = (*lookups, *sorted(TEXT_LOOKUPS))
        lookup = _one(draw, lookups)
        value, nullable = self._value(schema, field), self._nullable(schema, field)
        named = field.name if lookup == "exact" and _one(draw, (False, True)) else f"{field.name}__{lookup}"
        if lookup == "isnull":
            return named, _one(draw, (False, True))
        if lookup in ("in", "not_in"):
            return named, [draw(nullable) for _ in range(_one(draw, (0, 1, 2, 3)))]
        if lookup == "between":
            return named, [draw(value), draw(value)]
        if lookup in TEXT_LOOKUPS:
            return named, _one(draw, _PARTS) if _one(draw, (True, False)) else draw(
                self._values.of(schema, field)
            )
        return named, draw(nullable if lookup in ("exact", "ne") else value)

    def _drawn(self, draw: Draw, schema: ModelSchema, field: FieldSchema) -> Any:
        return draw(self._nullable(schema, field) if field.nullable else self._value(schema, field))

    def _nullable(self, schema: ModelSchema, field: FieldSchema) -> Strategy:
        place = (schema, field.name)
        if place not in self._or_none:
            value = self._value(schema, field)
            self._or_none[place] = st.one_of(value, value, value, st.none())
        return self._or_none[place]

    def _value(self, schema: ModelSchema, field: FieldSchema) -> Strategy:
        """A value of the field; a key that the store makes, or a reference to one, by its name."""
        place = (schema, field.name)
        if place not in self._made:
            if self._is_made(field):
                self._made[place] = _made(schema, st.just(_NOBODYS[field.kind]))
            elif field.references is not None:
                parent = self._schemas.parent(schema, field.name)
                key = self._value(parent, parent.by_name[parent.key[0]])
                self._made[place] = (
                    key if parent.generated else st.one_of(_made(parent, key), _made(parent, key), key)
                )
            else:
                self._made[place] = self._values.of(schema, field)
        return self._made[place]

    def _is_made(self, field: FieldSchema) -> bool:
        return field.generated and (field.kind != "int" or "autoincrement" in self._capabilities)


def _made(schema: ModelSchema, otherwise: Strategy) -> Strategy:
    return st.builds(Made, st.just(schema.model_class), st.sampled_from((0, 1, 2)), otherwise)


def _one(draw: Draw, things: Sequence[Any]) -> Any:
    return things[draw(_places(len(things)))]


def _some(draw: Draw, things: Sequence[Any], *, least: int, most: int) -> list[Any]:
    """Some of the things, each once."""
    if not things:
        return []
    number = _one(draw, range(least, most + 1))
    return [things[place] for place in dict.fromkeys(draw(_places(len(things))) for _ in range(number))]


@cache
def _places(number: int) -> Strategy:
    """Strategies are costly to make, and kept."""
    return st.sampled_from(range(number))
