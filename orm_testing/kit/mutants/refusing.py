"""Faults of what is counted, and of what is refused."""

from collections.abc import Mapping
from dataclasses import replace

from orm_testing.errors import InvalidQueryError
from orm_testing.filters import LOOKUPS, any_of
from orm_testing.kit.cases.conditions import Conditions
from orm_testing.kit.cases.queries import Queries
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, schema_in
from orm_testing.kit.mutants.selecting import Selecting
from orm_testing.operations import CountOperation, ExistsOperation, Operation, QueryOperation


class IgnoresUnknownFields(Mutant):
    """A condition on a field that the model lacks is left out."""

    themes = (Queries,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, Selecting) and isinstance(operation.filters, Mapping):
            fields = schema_in(operation).by_name
            known = {
                name: value
                for name, value in operation.filters.items()
                if str(name).rpartition("__")[0] in fields or name in fields
            }
            operation = replace(operation, filters=known)
        return super().execute(operation)


class TakesUnknownLookupsForEquality(Mutant):
    """A lookup that there is none of is taken for equality."""

    themes = (Queries,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, Selecting) and isinstance(operation.filters, Mapping):
            fields = schema_in(operation).by_name
            known = {}
            for name, value in operation.filters.items():
                stem, _, lookup = str(name).rpartition("__")
                known[stem if stem in fields and name not in fields and lookup not in LOOKUPS else name] = (
                    value
                )
            operation = replace(operation, filters=known)
        return super().execute(operation)


class ReadsValuesFromText(Mutant):
    """A number that is compared with text is compared with the number that the text tells."""

    themes = (Queries,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, QueryOperation) and isinstance(operation.filters, Mapping):
            fields = schema_in(operation).by_name
            read = {
                name: int(value)
                if isinstance(value, str) and name in fields and fields[name].kind == "int"
                else value
                for name, value in operation.filters.items()
            }
            operation = replace(operation, filters=read)
        return super().execute(operation)


class CountIgnoresConditions(Mutant):
    """It counts all rows, whatever the conditions."""

    themes = (Queries, Conditions)

    def execute(self, operation: Operation) -> Result:
        counted = super().execute(operation)
        if isinstance(operation, CountOperation) and counted.peek() is None:
            return super().execute(CountOperation(operation.model_class))
        return counted


class ExistsIgnoresConditions(Mutant):
    """A row exists where any does, whatever the conditions."""

    themes = (Queries,)

    def execute(self, operation: Operation) -> Result:
        found = super().execute(operation)
        if isinstance(operation, ExistsOperation) and found.peek() is None:
            return super().execute(ExistsOperation(operation.model_class))
        return found


class AWrongConditionCountsNothing(Mutant):
    """It counts no row by a condition that has no meaning, and refuses none."""

    themes = (Queries,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CountOperation) and isinstance(result.peek(), InvalidQueryError):
            return super().execute(CountOperation(operation.model_class, any_of()))
        return result


class SelectsByItself(Mutant):
    """It reads all rows and sifts them itself, where it declares that the store does."""

    themes = (Queries,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        result.client_work = ("filter",)
        return result
