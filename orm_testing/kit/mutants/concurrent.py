"""Faults that show once several sessions are at work."""

import time
from typing import Any

from orm_testing.driver import Rights
from orm_testing.errors import (
    ConflictError,
    DuplicateKeyError,
    NotFoundError,
    UnavailableError,
)
from orm_testing.kit.cases.concurrency import Concurrency
from orm_testing.kit.cases.update import Update
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, refused
from orm_testing.operations import (
    CountOperation,
    CreateOperation,
    DeleteOperation,
    ExistsOperation,
    GetOperation,
    Operation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.schema import schema_of

MEANWHILE = 0.01
"""How many seconds pass between what a faulty driver reads and what it makes of it."""


class ChecksTheKeyByReading(Mutant):
    """A create looks whether the key is taken, and later writes whatever came in between."""

    themes = (Concurrency,)
    needs = ("sessions",)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, CreateOperation):
            return super().execute(operation)
        schema = schema_of(operation.model_class)
        key = {name: operation.data[name] for name in schema.key if name in operation.data}
        if len(key) == len(schema.key):
            if super().execute(ExistsOperation(operation.model_class, key)).data:
                return refused(
                    self, operation, DuplicateKeyError("taken", model=schema.name, fields=schema.key)
                )
            time.sleep(MEANWHILE)
            operation = UpsertOperation(operation.model_class, operation.data)
        return super().execute(operation)


class ChecksUniqueValuesByReading(Mutant):
    """A create whose unique value another session takes meanwhile is stored without it."""

    themes = (Concurrency,)
    needs = ("sessions", "unique")

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            unique = {
                name for names in schema_of(operation.model_class).unique if len(names) == 1 for name in names
            }
            given = {name: value for name, value in operation.data.items() if name in unique}
            free = not any(
                super(ChecksUniqueValuesByReading, self)
                .execute(ExistsOperation(operation.model_class, {name: value}))
                .data
                for name, value in given.items()
            )
            time.sleep(MEANWHILE)
            result = super().execute(operation)
            if free and isinstance(result.peek(), DuplicateKeyError):
                data = {name: value for name, value in operation.data.items() if name not in unique}
                return super().execute(CreateOperation(operation.model_class, data))
            return result
        return super().execute(operation)


class GivesUniqueValuesByReading(Mutant):
    """An update whose unique value another session takes meanwhile is said to have been made."""

    themes = (Concurrency,)
    needs = ("sessions", "unique")

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, UpdateOperation):
            return super().execute(operation)
        free = [
            super(GivesUniqueValuesByReading, self)
            .execute(ExistsOperation(operation.model_class, {name: value}))
            .data
            is False
            for name, value in operation.changes.items()
        ]
        time.sleep(MEANWHILE)
        result = super().execute(operation)
        if all(free) and isinstance(result.peek(), DuplicateKeyError):
            return answered(self, operation, operation.instance)
        return result


class WritesTheWholeRow(Mutant):
    """An update writes back all fields as they were when it read the row."""

    themes = (Concurrency, Update)
    needs = ("sessions",)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, UpdateOperation):
            return super().execute(operation)
        found = super().execute(GetOperation(operation.model_class, dict(self.key_of(operation.instance))))
        if found.peek() is not None:
            return super().execute(operation)
        time.sleep(MEANWHILE)
        row = {**self.values_of(found.data), **operation.changes}
        return super().execute(UpdateOperation(operation.model_class, operation.instance, row))


class BringsRowsBack(Mutant):
    """An update of a row that is deleted meanwhile stores it again."""

    themes = (Concurrency,)
    needs = ("sessions",)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, UpdateOperation):
            return super().execute(operation)
        found = super().execute(GetOperation(operation.model_class, dict(self.key_of(operation.instance))))
        time.sleep(MEANWHILE)
        result = super().execute(operation)
        if found.peek() is None and isinstance(result.peek(), NotFoundError):
            row = {**self.values_of(found.data), **operation.changes}
            return super().execute(UpsertOperation(operation.model_class, row))
        return result


class CountsKeysByItself(Mutant):
    """A key is the number of the rows that there are, and one."""

    themes = (Concurrency,)
    needs = ("sessions", "autoincrement")

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            generated = schema_of(operation.model_class).generated
            if (
                generated is not None
                and generated.kind == "int"
                and operation.data.get(generated.name) is None
            ):
                number = super().execute(CountOperation(operation.model_class)).data
                time.sleep(MEANWHILE)
                key = {generated.name: number + 1}
                return super().execute(UpsertOperation(operation.model_class, {**operation.data, **key}))
        return super().execute(operation)


class EverybodyDeletes(Mutant):
    """Of several that delete one row, all are told that they did, where they saw it before."""

    themes = (Concurrency,)
    needs = ("sessions",)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, DeleteOperation):
            return super().execute(operation)
        key = dict(self.key_of(operation.instance))
        found = super().execute(ExistsOperation(operation.model_class, key)).data
        time.sleep(MEANWHILE)
        result = super().execute(operation)
        if found and isinstance(result.peek(), NotFoundError):
            return answered(self, operation)
        return result


class AnUpsertMayFail(Mutant):
    """An upsert creates the row where it was not there before, and fails where another session was faster."""

    themes = (Concurrency,)
    needs = ("sessions",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, UpsertOperation):
            schema = schema_of(operation.model_class)
            key = {name: operation.data[name] for name in schema.key if name in operation.data}
            if (
                len(key) == len(schema.key)
                and not super().execute(ExistsOperation(operation.model_class, key)).data
            ):
                time.sleep(MEANWHILE)
                return super().execute(CreateOperation(operation.model_class, operation.data))
        return super().execute(operation)


class SessionsLoseRows(Mutant):
    """Of what a session creates, the third row is lost."""

    themes = (Concurrency,)
    needs = ("sessions",)

    created: int | None = None

    def session(self, rights: Rights = "all") -> Any:
        session: Any = super().session(rights)
        session.created = 0
        return session

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CreateOperation) and result.peek() is None and self.created is not None:
            self.created += 1
            if self.created == 3:
                super().execute(DeleteOperation(operation.model_class, result.instance))
        return result


class AConflictIsUnavailable(Mutant):
    """A session that has to give way is told that the store is lost."""

    themes = (Concurrency,)
    needs = ("sessions", "overlapping_transactions")

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(result.peek(), ConflictError):
            return refused(self, operation, UnavailableError("lost"))
        return result
