"""`Verbs`: a step that was played as the lines of a test, with what is to be expected of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from orm_testing.filters import Group
from orm_testing.kit.exploring.playing import Played
from orm_testing.kit.exploring.source import Source
from orm_testing.kit.exploring.steps import Pause
from orm_testing.operations import (
    AggregateOperation,
    AttachOperation,
    ClearOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    ExistsOperation,
    GetOperation,
    QueryOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.schema import FieldSchema, ModelSchema, SchemaSet, schema_of

Line = tuple[str, str, str]
"""The text, the name of what it evaluates to, and what else stands at its end where it is given that name."""

_ANSWERING = (
    CreateOperation, GetOperation, UpdateOperation, DeleteOperation, UpsertOperation, QueryOperation, ClearOperation,
)  # fmt: skip
"""The verbs that answer with a result instead of raising."""


class Verbs:
    """Writes the steps one after the other: rows that were made have names, by which later steps call them."""

    def __init__(self, source: Source, hidden: Mapping[type[Any], set[str]]) -> None:
        self._source = source
        self._hidden = hidden
        self._schemas = SchemaSet(tuple(hidden))
        self._rows: dict[tuple[type[Any], tuple[Any, ...]], str] = {}
        self._numbers: dict[str, int] = {}
        self.used: set[str] = set()
        """The names that something is called by."""

    def lines(self, played: Played, *, judged: bool) -> list[Line]:
        """The step; where it is `judged`, with all that is expected of it, else with no more than that it works or fails."""
        operation: Any = played.operation
        if isinstance(played.step, Pause):
            return [(f"orm.clock.advance(seconds={played.step.seconds!r})", "", "")]
        call = self._call(operation)
        if played.errors:
            return list(self._failing(played, call, judged=judged))
        if judged:
            return list(self._answered(operation, call, played.answer))
        name = self._named(operation, played.answer)
        return [(call, name, "" if isinstance(operation, CreateManyOperation) else ".instance")]

    def stored(self, model: type[Any], rows: list[dict[str, Any]]) -> Line:
        """What the backdoor has to find."""
        expected = self._rows_expected(schema_of(model), rows)
        return f"{self._expect()}(orm, orm.driver.rows({self._source.name(model)}), {expected})", "", ""

    def _failing(self, played: Played, call: str, *, judged: bool) -> Iterator[Line]:
        names = [self._source.library(kind.__name__) for kind in played.errors]
        one_of = names[0] if len(names) == 1 else f"({', '.join(names)})"
        if isinstance(played.operation, CreateManyOperation):
            self._source.library("VerificationError")
            matching = "|".join(kind.__name__ for kind in played.errors)
            yield f"with {self._pytest()}.raises(VerificationError, match={matching!r}):", "", ""
            yield f"    {call}", "", ""
        elif isinstance(played.operation, _ANSWERING):
            yield f"error = {call}.error", "", ""
            yield f"assert isinstance(error, {one_of}), error", "", ""
            if judged and played.fields:
                sets = ", ".join(self._source.of(set(names)) for names in played.fields)
                yield f"assert set(error.fields) in [{sets}], error.fields", "", ""
        else:
            yield f"with {self._pytest()}.raises({one_of}):", "", ""
            yield f"    {call}", "", ""

    def _answered(self, operation: Any, call: str, answer: Any) -> Iterator[Line]:
        schema = schema_of(operation.model_class) if hasattr(operation, "model_class") else None
        if isinstance(operation, AggregateOperation):
            plain = [
                {named: self._value(schema, named, held) for named, held in row.items()} for row in answer
            ]
            rows = [self._source.mapping(row) for row in plain]
            expected = f"[{', '.join(rows)}]" if operation.group_by else rows[0]
            yield f"{self._expect()}(orm, {call}, {expected})", "", ""
            return
        if not isinstance(operation, _ANSWERING):
            if isinstance(operation, CreateManyOperation) and schema is not None:
                expected = self._rows_expected(schema, answer)
                yield f"{self._expect()}(orm, {call}, {expected})", "", ""
            else:
                yield (call if answer is None else f"assert {call} == {self._source.of(answer)}"), "", ""
            return
        yield f"result = {call}", "", ""
        yield "assert result.success, result.error", "", ""
        if schema is not None and answer is not None:
            if isinstance(answer, list):
                yield f"{self._expect()}(orm, result.data, {self._rows_expected(schema, answer)})", "", ""
            else:
                yield f"{self._expect()}(orm, result.instance, {self._row_expected(schema, answer)})", "", ""

    def _call(self, operation: Any) -> str:
        if isinstance(operation, ClearOperation):
            return "orm.clear_storage()"
        schema = schema_of(operation.model_class)
        model = self._source.name(operation.model_class)
        if hasattr(operation, "filters"):
            return self._reading(schema, model, operation)
        if isinstance(operation, CreateManyOperation):
            rows = [self._source.mapping(self._data(schema, row)) for row in operation.rows]
            return f"orm.create_many_and_verify({model}, [{', '.join(rows)}])"
        return self._writing(schema, model, operation)

    def _writing(self, schema: ModelSchema, model: str, operation: Any) -> str:
        verb = operation.verb
        if isinstance(operation, CreateOperation | UpsertOperation):
            words = [model, *self._source.words("data", self._data(schema, operation.data))]
            return f"orm.{verb}_model({', '.join(words)})"
        words = [self._instance(schema, operation.instance)]
        if isinstance(operation, UpdateOperation):
            words += self._source.words("data", self._data(schema, operation.changes))
        if isinstance(operation, UpdateOperation | DeleteOperation):
            return f"orm.{verb}_model({', '.join(words)})"
        words.append(self._source.of(operation.name))
        words += [self._source.of(operation.content)] if isinstance(operation, AttachOperation) else []
        return f"orm.{verb}({', '.join(words)})"

    def _reading(self, schema: ModelSchema, model: str, operation: Any) -> str:
        words = [model]
        verb = {
            GetOperation: "get_model", QueryOperation: "query_models", CountOperation: "count_models",
            ExistsOperation: "model_exists", AggregateOperation: "aggregate",
        }[type(operation)]  # fmt: skip
        if isinstance(operation, AggregateOperation):
            words += map(self._source.of, operation.aggregates)
            words += [f"group_by={list(operation.group_by)!r}"] if operation.group_by else []
        if isinstance(operation.filters, Group):
            words.append(f"filters={self._filters(schema, operation.filters)}")
        elif operation.filters:
            words += self._source.words("filters", self._conditions(schema, operation.filters))
        if isinstance(operation, QueryOperation):
            words += [f"order_by={list(operation.order_by)!r}"] if operation.order_by else []
            words += [f"limit={operation.limit!r}"] if operation.limit is not None else []
            words += [f"offset={operation.offset!r}"] if operation.offset else []
        return f"orm.{verb}({', '.join(words)})"

    def _filters(self, schema: ModelSchema, part: Any) -> str:
        if isinstance(part, Group):
            parts = (self._filters(schema, inner) for inner in part.parts)
            return f"{self._source.library(part.joined + '_of')}({', '.join(parts)})"
        return self._source.mapping(self._conditions(schema, part))

    def _conditions(self, schema: ModelSchema, conditions: Mapping[str, Any]) -> dict[str, str]:
        made = {}
        for name, value in conditions.items():
            field, _, lookup = name.rpartition("__") if name not in schema.by_name else (name, "", "")
            if lookup in ("in", "not_in", "between"):
                made[name] = f"[{', '.join(self._value(schema, field, each) for each in value)}]"
            else:
                made[name] = self._value(schema, field, value)
        return made

    def _data(self, schema: ModelSchema, data: Mapping[str, Any]) -> dict[str, str]:
        return {name: self._value(schema, name, value) for name, value in data.items()}

    def _value(self, schema: ModelSchema | None, name: str, value: Any) -> str:
        """A value of the field; a key that the store made, by the row that has it."""
        field = schema.by_name.get(name) if schema is not None else None
        if schema is not None and field is not None:
            keyed = self._keyed(schema, field)
            if keyed is not None and (row := self._rows.get((keyed.model_class, (value,)))):
                return f"{self._use(row)}.{keyed.key[0]}"
        return self._source.of(value)

    def _keyed(self, schema: ModelSchema, field: FieldSchema) -> ModelSchema | None:
        """The model whose store makes the key that the field holds."""
        if field.generated:
            return schema
        if field.references is None:
            return None
        parent = self._schemas.parent(schema, field.name)
        return self._keyed(parent, parent.by_name[parent.key[0]])

    def _instance(self, schema: ModelSchema, instance: Any) -> str:
        key = schema.key_of(instance)
        row = self._rows.get((schema.model_class, tuple(key.values())))
        if row is not None:
            return self._use(row)
        words = [f"{name}={self._value(schema, name, value)}" for name, value in key.items()]
        return f"{self._source.name(schema.model_class)}.model_construct({', '.join(words)})"

    def _use(self, row: str) -> str:
        self.used.add(row.partition("[")[0])
        return row

    def _named(self, operation: Any, answer: Any) -> str:
        """The name of the row, or of the rows, that the operation makes."""
        if not isinstance(operation, CreateOperation | UpsertOperation | CreateManyOperation):
            return ""
        schema = schema_of(operation.model_class)
        name = self._new_name(schema)
        many = isinstance(operation, CreateManyOperation)
        for place, row in enumerate(answer if many else [answer]):
            key = tuple(row[part] for part in schema.key)
            self._rows[schema.model_class, key] = f"{name}[{place}]" if many else name
        return name

    def _new_name(self, schema: ModelSchema) -> str:
        stem = "".join(character for character in schema.name.lower() if character.isalnum()) or "row"
        self._numbers[stem] = self._numbers.get(stem, 0) + 1
        return f"{stem}_{self._numbers[stem]}"

    def _rows_expected(self, schema: ModelSchema, rows: list[dict[str, Any]]) -> str:
        return f"[{', '.join(self._row_expected(schema, row) for row in rows)}]"

    def _row_expected(self, schema: ModelSchema, row: Mapping[str, Any]) -> str:
        unknown = set(self._hidden[schema.model_class])
        generated = schema.generated
        if generated is not None and (schema.model_class, (row[generated.name],)) not in self._rows:
            unknown.add(generated.name)
        told = {name: value for name, value in row.items() if name not in unknown}
        return self._source.mapping(self._data(schema, told))

    def _expect(self) -> str:
        return self._source.library("expect_same", "orm_testing.kit.exploring")

    def _pytest(self) -> str:
        return self._source.module("pytest")
