"""Faults of aggregates."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from orm_testing.errors import InvalidQueryError
from orm_testing.filters import any_of
from orm_testing.kit.cases.aggregates import Aggregates
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered
from orm_testing.kit.mutants.selecting import Summarising
from orm_testing.operations import AggregateOperation, CountOperation, Operation, QueryOperation


class AvgIsSum(Summarising):
    """The average is the sum."""

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        sums = tuple(name.replace("__avg", "__sum") for name in operation.aggregates)
        summed = super(Summarising, self).execute(replace(operation, aggregates=sums)).data
        return [
            {name: other[name.replace("__avg", "__sum")] for name in row}
            for row, other in zip(rows, summed, strict=True)
        ]


class AvgCountsNone(Summarising):
    """The average of values is that of all rows, with 0 for `None`."""

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if operation.group_by or not any(name.endswith("__avg") for name in operation.aggregates):
            return rows
        more = [name.replace("__avg", "__count") for name in operation.aggregates]
        [counts] = super(Summarising, self).execute(replace(operation, aggregates=["count", *more])).data
        return [
            {
                name: value * counts[name.replace("__avg", "__count")] / counts["count"]
                if name.endswith("__avg") and value is not None
                else value
                for name, value in rows[0].items()
            }
        ]


class AvgIsWhole(Summarising):
    """The average is rounded to a whole number."""

    def cell(self, operation: AggregateOperation, name: str, value: Any, row: dict[str, Any]) -> Any:
        return float(int(value)) if name.endswith("__avg") and isinstance(value, float) else value


class AvgOfDecimalsIsAFloat(Summarising):
    """The average of decimals is a float."""

    def cell(self, operation: AggregateOperation, name: str, value: Any, row: dict[str, Any]) -> Any:
        return float(value) if name.endswith("__avg") and isinstance(value, Decimal) else value


class SumThroughFloats(Summarising):
    """Decimals are added up as floats."""

    def cell(self, operation: AggregateOperation, name: str, value: Any, row: dict[str, Any]) -> Any:
        return Decimal(float(value)) if name.endswith("__sum") and isinstance(value, Decimal) else value


class SumOfNothingIsZero(Summarising):
    """The sum of no values is 0."""

    def cell(self, operation: AggregateOperation, name: str, value: Any, row: dict[str, Any]) -> Any:
        return 0 if name.endswith("__sum") and value is None else value


class SumOfIntegersIsAFloat(Summarising):
    """The sum of integers is a float."""

    def cell(self, operation: AggregateOperation, name: str, value: Any, row: dict[str, Any]) -> Any:
        return float(value) if name.endswith("__sum") and type(value) is int else value


class CountsNone(Summarising):
    """The count of a field is that of all rows."""

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        names = ["count" if name.endswith("__count") else name for name in operation.aggregates]
        found = super(Summarising, self).execute(replace(operation, aggregates=names)).data
        return [
            {name: other["count"] if name.endswith("__count") else value for name, value in row.items()}
            for row, other in zip(rows, found, strict=True)
        ]


class MinIsMax(Summarising):
    """The least value is the greatest."""

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        names = [name.replace("__min", "__max") for name in operation.aggregates]
        found = super(Summarising, self).execute(replace(operation, aggregates=names)).data
        return [
            {name: other[name.replace("__min", "__max")] for name in row}
            for row, other in zip(rows, found, strict=True)
        ]


class ExtremesOfEnumsAreAsStored(Summarising):
    """The least and the greatest of an enum are what is stored of them, and not its members."""

    def cell(self, operation: AggregateOperation, name: str, value: Any, row: dict[str, Any]) -> Any:
        return getattr(value, "value", value) if name.endswith(("__min", "__max")) else value


class GroupsLeaveOutNone(Summarising):
    """`None` is no group."""

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [row for row in rows if None not in [row[name] for name in operation.group_by]]


class GroupsMergeNoneWithAValue(Summarising):
    """`None` and the empty text are one group."""

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return _merged(operation, rows, lambda value: None if value == "" else value)


class GroupsFoldCase(Summarising):
    """Texts that differ in case are one group."""

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return _merged(operation, rows, lambda value: value.lower() if isinstance(value, str) else value)


class GroupsByTheFirstField(Summarising):
    """Of several fields to group by, the first is looked at."""

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        seen: dict[Any, dict[str, Any]] = {}
        for row in rows:
            seen.setdefault(row[operation.group_by[0]] if operation.group_by else None, row)
        return list(seen.values())


class GroupsComeBackwards(Summarising):
    """Groups come in the opposite order."""

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return rows[::-1]


class GroupsPutNoneFirst(Summarising):
    """The group of `None` comes first."""

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(rows, key=lambda row: None not in [row[name] for name in operation.group_by])


class GroupsOfNothingAreOne(Summarising):
    """Where no row matches, there is one group of nothing."""

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return rows or [dict.fromkeys([*operation.group_by, *operation.aggregates])]


class AnswersTheFirstAggregate(Summarising):
    """Of several aggregates, the first is answered for all."""

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        first = operation.aggregates[0]
        return [
            {name: row[first] if name in operation.aggregates else row[name] for name in row} for row in rows
        ]


class AggregatesEveryRow(Mutant):
    """Conditions on what is aggregated are left out."""

    themes = (Aggregates,)
    needs = ("aggregates",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, AggregateOperation):
            checked = super().execute(CountOperation(operation.model_class, operation.filters))
            if checked.peek() is None:
                operation = replace(operation, filters={})
        return super().execute(operation)


class AWrongAggregateIsNone(Mutant):
    """An aggregate that has no meaning is `None`, and no error."""

    themes = (Aggregates,)
    needs = ("aggregates",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, AggregateOperation) and isinstance(result.peek(), InvalidQueryError):
            return answered(self, operation, [dict.fromkeys(operation.aggregates)])
        return result


class AggregatesTheFirstRows(Mutant):
    """Only the first five rows are aggregated."""

    themes = (Aggregates,)
    needs = ("aggregates",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, AggregateOperation) and result.peek() is None:
            page = super().execute(QueryOperation(operation.model_class, operation.filters, limit=5)).data
            keys = any_of(*(dict(self.key_of(row)) for row in page))
            return super().execute(replace(operation, filters=keys))
        return result


def _merged(operation: AggregateOperation, rows: list[dict[str, Any]], read: Any) -> list[dict[str, Any]]:
    """The rows, of which those stand together whose groups are read alike: their counts are added up."""
    groups: dict[Any, dict[str, Any]] = {}
    for row in rows:
        group = tuple(read(row[name]) for name in operation.group_by)
        if group in groups and "count" in row:
            groups[group]["count"] += row["count"]
        groups.setdefault(group, dict(row))
    return list(groups.values())
