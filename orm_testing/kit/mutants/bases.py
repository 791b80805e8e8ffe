"""What mutants of relations, transactions, levels, sessions and errors have in common. Each of these is no fault by itself."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from orm_testing.errors import OperationError
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, refused
from orm_testing.operations import (
    BeginOperation,
    CommitOperation,
    CreateOperation,
    Operation,
    RollbackOperation,
)
from orm_testing.schema import FieldSchema, SchemaSet

Child = tuple[FieldSchema, Any]
"""A row that refers to another one, and the field by which it does."""


class Relating(Mutant):
    """It knows which rows refer to which."""

    def prepare(self, models: Sequence[type[Any]]) -> None:
        self.relations = SchemaSet(tuple(models))
        super().prepare(models)

    def children(self, model_class: type[Any], row: Any) -> list[Child]:
        """The rows that refer to this one."""
        schema = self.relations.of(model_class)
        key = next(iter(schema.key_of(row).values()))
        return [
            (field, child.instance(stored))
            for child, field in self.relations.children(schema)
            for stored in self.rows(child.model_class, {field.name: key})
        ]


class Transacting(Mutant):
    """It knows how deep it is in transactions, and what the open ones created."""

    depth = 0
    created: tuple[tuple[int, CreateOperation, Any], ...] = ()
    """Each row that was created, with the operation that did, and how deep that was."""

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CommitOperation | RollbackOperation):
            self.depth -= 1
            self.created = self.created if self.depth else ()
        elif result.peek() is not None:
            return result
        elif isinstance(operation, BeginOperation):
            self.depth += 1
        elif isinstance(operation, CreateOperation) and self.depth:
            self.created = (*self.created, (self.depth, operation, result.instance))
        return result

    def reset(self) -> None:
        self.depth, self.created = 0, ()
        super().reset()


class Levelled(Mutant):
    """It begins transactions at levels of its own choice."""

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, BeginOperation):
            operation = BeginOperation(self.level(operation.isolation))
        return super().execute(operation)

    @abstractmethod
    def level(self, wanted: str | None) -> str | None:
        """The level of a transaction for which this one is wanted."""


class Claiming(Mutant):
    """Once open, it declares of each level that it lets anomalies of its own choice through."""

    def setup_backend(self, models: Sequence[type[Any]]) -> None:
        super().setup_backend(models)
        declared = self.capabilities["anomalies"]
        claimed = {level: self.claimed(declared[level]) for level in self.capabilities["isolation_levels"]}
        self.capabilities = self.capabilities | {"anomalies": claimed}

    @abstractmethod
    def claimed(self, declared: Sequence[str]) -> Sequence[str]:
        """What it claims of a level that lets these through."""


class Erring(Mutant):
    """It tells of another error than the one that came."""

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        error = result.peek()
        if error is None:
            return result
        told = self.told(error)
        if told is not error and told.__cause__ is None:
            told.__cause__ = error.__cause__
        return refused(self, operation, told)

    @abstractmethod
    def told(self, error: OperationError) -> OperationError:
        """The error that it tells of."""


def instead(error: OperationError, kind: type[OperationError]) -> OperationError:
    """The same of another class."""
    return kind(str(error), model=error.model, fields=error.fields)


__all__ = [
    "Child",
    "Claiming",
    "Erring",
    "Levelled",
    "Relating",
    "Result",
    "Transacting",
    "answered",
    "instead",
    "refused",
]
