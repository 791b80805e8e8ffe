"""What mutants of queries and of values have in common. Each of these is no fault by itself."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from orm_testing.errors import InvalidQueryError
from orm_testing.filters import Condition, Group, all_of, parse
from orm_testing.kit.cases.aggregates import Aggregates
from orm_testing.kit.cases.hostile_names import HostileNames
from orm_testing.kit.cases.hostile_values import HostileValues
from orm_testing.kit.cases.values import Values
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, schema_in
from orm_testing.kit.mutants.patterns import ConfusingKeys
from orm_testing.kit.support.cases import Cases
from orm_testing.operations import (
    AggregateOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    EvolveOperation,
    ExistsOperation,
    GetOperation,
    Operation,
    QueryOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.schema import FieldSchema, ModelSchema

Selecting = GetOperation | QueryOperation | CountOperation | ExistsOperation | AggregateOperation


class Rewriting(Mutant):
    """It asks the driver by other conditions than it was asked by."""

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, Selecting):
            try:
                where = parse(operation.filters, schema_in(operation))
            except InvalidQueryError:
                return super().execute(operation)
            operation = replace(operation, filters=self.rewritten(where))
        return super().execute(operation)

    def rewritten(self, part: Group | Condition) -> Any:
        """The conditions in the place of these."""
        if isinstance(part, Condition):
            return self.condition(part)
        return self.group(Group(part.joined, tuple(self.rewritten(inner) for inner in part.parts)))

    def group(self, group: Group) -> Any:
        """What it makes of a group."""
        return group

    def condition(self, condition: Condition) -> Any:
        """What it makes of one condition."""
        return written(condition)


def written(condition: Condition, *, lookup: str | None = None, **value: Any) -> dict[str, Any]:
    """The condition as a test writes it, with another lookup or another `value` where one is given."""
    name = f"{condition.field.name}__{lookup or condition.lookup}"
    return {name: value.get("value", condition.value)}


class Wildcards(Rewriting):
    """It takes a sign in text that is looked for to stand for anything."""

    sign = ""

    def condition(self, condition: Condition) -> Any:
        texts = condition.field.kind == "text" and isinstance(condition.value, str)
        if texts and self.sign in condition.value and condition.lookup not in ("exact", "ne"):
            parts = condition.value.split(self.sign)
            return all_of(*(written(condition, lookup="contains", value=part) for part in parts))
        return written(condition)


class Sorting(Mutant):
    """It puts the rows of a query in an order of its own, and then takes the page."""

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if not isinstance(operation, QueryOperation) or result.peek() is not None:
            return result
        whole = super().execute(replace(operation, limit=None, offset=0)).data
        rows = self.arranged(whole, list(operation.order_by), schema_in(operation))
        return answered(self, operation, rows[operation.offset :][: operation.limit])

    @abstractmethod
    def arranged(self, rows: list[Any], order: list[str], schema: ModelSchema) -> list[Any]:
        """The rows, which come in the right order, in the wrong one."""


class Paging(Mutant):
    """It asks for another page than it was asked for."""

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, QueryOperation):
            limit, offset = self.page(operation.limit, operation.offset)
            if _is_count(operation.offset) and (operation.limit is None or _is_count(operation.limit)):
                operation = replace(operation, limit=limit, offset=offset)
        return super().execute(operation)

    @abstractmethod
    def page(self, limit: Any, offset: Any) -> tuple[Any, Any]:
        """The limit and the offset in the place of these."""


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


class Summarising(Mutant):
    """It answers an aggregate with other rows than the driver did."""

    themes: ClassVar[Sequence[type[Cases]]] = (Aggregates,)
    needs = ("aggregates",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, AggregateOperation) and result.peek() is None:
            return answered(self, operation, self.summary(operation, result.data))
        return result

    def summary(self, operation: AggregateOperation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What it answers: a dict per group."""
        return [{name: self.cell(operation, name, value, row) for name, value in row.items()} for row in rows]

    def cell(self, operation: AggregateOperation, name: str, value: Any, row: dict[str, Any]) -> Any:
        """What it answers for one aggregate, or one field that is grouped by."""
        return value


class Storing(Mutant):
    """It stores other values than it was given."""

    themes: ClassVar[Sequence[type[Cases]]] = (Values,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation | UpsertOperation):
            operation = replace(operation, data=self._kept(operation, operation.data))
        elif isinstance(operation, CreateManyOperation):
            operation = replace(operation, rows=[self._kept(operation, row) for row in operation.rows])
        elif isinstance(operation, UpdateOperation):
            operation = replace(operation, changes=self._kept(operation, operation.changes))
        return super().execute(operation)

    @abstractmethod
    def stored(self, field: FieldSchema, value: Any) -> Any:
        """What it stores of a value that is not None."""

    def _kept(self, operation: Operation, data: Any) -> dict[str, Any]:
        fields = schema_in(operation).by_name
        return {
            name: self.stored(fields[name], value) if name in fields and value is not None else value
            for name, value in data.items()
        }


class Answering(Mutant):
    """It answers with other values than are stored."""

    themes: ClassVar[Sequence[type[Cases]]] = (Values,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if result.peek() is not None or operation.answers not in ("instance", "instances"):
            return result
        if operation.answers == "instance":
            return answered(self, operation, self._told(schema_in(operation), result.data))
        return answered(self, operation, [self._told(schema_in(operation), row) for row in result.data])

    @abstractmethod
    def told(self, field: FieldSchema, value: Any) -> Any:
        """What it answers of a value that is not None."""

    def _told(self, schema: ModelSchema, instance: Any) -> Any:
        values = self.values_of(instance)
        changed = {
            name: value if value is None else self.told(schema.by_name[name], value)
            for name, value in values.items()
        }
        return schema.instance(changed)


class StoringText(Storing):
    """It stores other text than it was given."""

    themes: ClassVar[Sequence[type[Cases]]] = (HostileValues,)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return self.text(value) if isinstance(value, str) else value

    @abstractmethod
    def text(self, text: str) -> str | None:
        """What it stores of text."""


class ConfusingTexts(ConfusingKeys):
    """To it, keys of text are one that are not."""

    themes: ClassVar[Sequence[type[Cases]]] = (HostileValues,)

    def read_part(self, part: Any) -> Any:
        return self.key(part) if isinstance(part, str) else part

    @abstractmethod
    def key(self, text: str) -> str:
        """What it compares of a key."""


class LosingFields(Storing):
    """It does not store fields of some names."""

    themes: ClassVar[Sequence[type[Cases]]] = (HostileNames,)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return None if field.nullable and self.loses(field.column) else value

    @abstractmethod
    def loses(self, column: str) -> bool:
        """Whether it loses the values of a column of this name."""


class Evolved(Mutant):
    """It knows whether a table has evolved in this test."""

    evolved = False

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, EvolveOperation) and result.peek() is None:
            self.evolved = True
        return result

    def reset(self) -> None:
        self.evolved = False
        super().reset()


def by_fields(rows: Sequence[Any], names: Sequence[str], read: Any) -> list[Any]:
    """The rows sorted by these fields as an order names them, their values read in some way, and `None` last."""
    found = list(rows)
    for name in reversed(names):
        field = name.removeprefix("-")
        there = [row for row in found if vars(row)[field] is not None]
        there.sort(key=lambda row, field=field: read(vars(row)[field]), reverse=name.startswith("-"))  # type: ignore[misc]
        found = there + [row for row in found if vars(row)[field] is None]
    return found
