"""Faults of what a model says besides its types, and of tables that are odd."""

from dataclasses import replace
from typing import Any

from orm_testing.errors import ForeignKeyError, SchemaError
from orm_testing.kit.cases.odd_tables import OddTables
from orm_testing.kit.cases.rules import Rules
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, refused, schema_in
from orm_testing.kit.mutants.selecting import Answering, Evolved
from orm_testing.operations import (
    CreateOperation,
    DescribeOperation,
    DropSchemaOperation,
    Operation,
    UpdateOperation,
)
from orm_testing.schema import FieldSchema


class KeysBeginAtZero(Answering):
    """The keys that the store counts begin at 0."""

    themes = (Rules,)
    needs = ("autoincrement",)

    def told(self, field: FieldSchema, value: Any) -> Any:
        return value - 1 if field.generated and type(value) is int else value


class AnswersWithoutWhatFollows(Mutant):
    """An update answers with the named fields changed, and all others as the test held them."""

    themes = (Rules,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if not isinstance(operation, UpdateOperation) or result.peek() is not None:
            return result
        values = {**self.values_of(operation.instance), **operation.changes}
        return answered(self, operation, schema_in(operation).instance(values))


class ForgetsReferencesOnceEvolved(Evolved):
    """Once a table has evolved, a row may refer to what is not there."""

    themes = (OddTables,)
    needs = ("evolution", "foreign_keys")

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        error = result.peek()
        if self.evolved and isinstance(operation, CreateOperation) and isinstance(error, ForeignKeyError):
            return super().execute(replace(operation, data={**operation.data, **dict.fromkeys(error.fields)}))
        return result


class CountsAnewOnceEvolved(Evolved):
    """Once a table has evolved, the keys that the store counts begin again."""

    themes = (OddTables,)
    needs = ("evolution",)

    def execute(self, operation: Operation) -> Result:
        generated = schema_in(operation).generated if isinstance(operation, CreateOperation) else None
        if self.evolved and isinstance(operation, CreateOperation) and generated:
            operation = replace(operation, data={generated.name: 1, **operation.data})
        return super().execute(operation)


class ReadsAsBeforeItEvolved(Evolved, Answering):
    """Once a table has evolved, a number that was text is still read as text."""

    themes = (OddTables,)
    needs = ("evolution",)

    def told(self, field: FieldSchema, value: Any) -> Any:
        return str(value) if self.evolved and field.name == "name" else value


class DropsOneTableAtATime(Mutant):
    """Several tables are not dropped together, so that those of a circle cannot go."""

    themes = (OddTables,)
    needs = ("schema", "foreign_keys")

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, DropSchemaOperation) and len(operation.model_classes) > 1:
            return refused(self, operation, SchemaError("a table refers to another one"))
        return super().execute(operation)


class DescribesNamesWithoutTheirQuotes(Mutant):
    """A table is described without the quotes in its name."""

    themes = (OddTables,)
    needs = ("schema",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, DescribeOperation) and result.peek() is None:
            plain = replace(result.data, name=result.data.name.replace('"', ""))
            return answered(self, operation, plain)
        return result
