"""Patterns of faults, from which mutants are derived that differ in a word."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from orm_testing.errors import DuplicateKeyError
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, key_in, schema_in, taken
from orm_testing.operations import (
    CreateManyOperation,
    CreateOperation,
    Operation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.schema import ModelSchema, schema_of


class Remembering(Mutant):
    """A mutant that keeps something in mind until the test ends."""

    def memory(self, name: str = "", made: type[Any] = dict) -> Any:
        """What it keeps under a name: empty as each test begins."""
        clock, held = vars(self).get("_memory", (None, {}))
        if clock is not self.clock:
            held = {}
            vars(self)["_memory"] = (self.clock, held)
        return held.setdefault(name, made())


class ChangingUpdates(Mutant):
    """A mutant that asks the driver for another update than it was asked for."""

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, UpdateOperation):
            changes = self.changes(operation)
            operation = UpdateOperation(operation.model_class, operation.instance, changes)
        return super().execute(operation)

    @abstractmethod
    def changes(self, operation: UpdateOperation) -> dict[str, Any]:
        """What is written in the place of what the update names."""


class ChangingUpserts(Mutant):
    """A mutant whose fault is in the upsert of a row that is there."""

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, UpsertOperation):
            key = key_in(schema_in(operation), operation.data)
            before = next(iter(self.rows(operation.model_class, key)), None) if key else None
            if before is not None:
                return self.replace(operation, before)
        return super().execute(operation)

    @abstractmethod
    def replace(self, operation: UpsertOperation, before: dict[str, Any]) -> Result:
        """What becomes of the row, which was so before."""

    def upsert(self, operation: UpsertOperation, **data: Any) -> Result:
        """The driver's own upsert, with other data."""
        return super().execute(UpsertOperation(operation.model_class, {**operation.data, **data}))


class MakingOneByOne(Mutant):
    """A mutant that stores those rows of a refused batch that it can."""

    def one_by_one(self, operation: CreateManyOperation, *, replacing: bool = False) -> Result:
        """Each row is created, or put in the place of the one with its key; the rows that are stored are the answer."""
        verb = UpsertOperation if replacing else CreateOperation
        made = []
        for row in operation.rows:
            result = super().execute(verb(operation.model_class, row))
            if result.peek() is None:
                made.append(result.instance)
        return answered(self, operation, made)


class ConfusingKeys(Mutant):
    """A mutant to which keys are one that are not: a create is refused for the key of another row."""

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            schema = schema_in(operation)
            key = key_in(schema, operation.data)
            for row in self.rows(operation.model_class) if key else ():
                held = tuple(row[name] for name in schema.key)
                given = tuple((key or {}).values())
                if held != given and self.read(held) == self.read(given):
                    return taken(self, operation, schema.key)
        return super().execute(operation)

    def read(self, key: tuple[Any, ...]) -> Any:
        """What it compares of a key."""
        return tuple(map(self.read_part, key))

    def read_part(self, part: Any) -> Any:
        """What it compares of one part of a key."""
        return part


class ConfusingUniques(Mutant):
    """A mutant to which unique values are one that are not: a write is refused for the value of another row."""

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation | UpsertOperation):
            schema = schema_in(operation)
            for group in schema.unique:
                given = self.read([operation.data.get(name, _default(schema, name)) for name in group])
                for row in self.rows(operation.model_class):
                    own = all(row[name] == operation.data.get(name) for name in schema.key)
                    if not own and given is not None and self.read([row[name] for name in group]) == given:
                        return taken(self, operation, group)
        return super().execute(operation)

    def read(self, values: list[Any]) -> Any:
        """What it compares of values that are unique together; None for what is no value."""
        return None if None in values else list(map(self.read_value, values))

    def read_value(self, value: Any) -> Any:
        """What it compares of one of them."""
        return value


class IgnoringUnique(Mutant):
    """A mutant that accepts a unique value of another row. A store could not hold it: what is stored is `None`."""

    def accept(self, operation: CreateOperation | UpdateOperation | UpsertOperation) -> Result:
        """Carry the write out; answer as if the value had been stored."""
        result = super().execute(operation)
        error = result.peek()
        if not isinstance(error, DuplicateKeyError) or error.fields == schema_in(operation).key:
            return result
        nothing = dict.fromkeys(error.fields)
        nullable = {name: None for name in nothing if schema_in(operation).by_name[name].nullable}
        if isinstance(operation, UpdateOperation):
            other: Operation = replace(operation, changes={**operation.changes, **nullable})
        else:
            other = replace(operation, data={**operation.data, **nullable})
        return super().execute(other)


class KnowingModels(Remembering):
    """A mutant that confuses the models of a test."""

    def execute(self, operation: Operation) -> Result:
        models: list[type[Any]] = self.memory("models", list)
        named = getattr(operation, "model_class", None)
        if named is not None and named not in models:
            models.append(named)
        return super().execute(operation)

    def others(self, operation: Operation, key: Iterable[str] = ()) -> list[type[Any]]:
        """The models of which the test has spoken before, whose keys have these names, less the operation's own."""
        models: list[type[Any]] = self.memory("models", list)
        own = schema_in(operation).model_class
        return [
            model for model in models if model is not own and (not key or schema_of(model).key == tuple(key))
        ]


def _default(schema: ModelSchema, name: str) -> Any:
    fields: Mapping[str, Any] = schema.model_class.model_fields
    return fields[name].get_default(call_default_factory=True)
