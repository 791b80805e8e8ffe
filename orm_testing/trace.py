"""The trace: what one test asked of one backend, and what came back, as copies."""

import dataclasses
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from orm_testing.operations import CreateManyOperation, Operation
from orm_testing.results import OperationResult
from orm_testing.values import IMMUTABLE, copied, copied_row

KEPT = 1000
"""How many operations of a test are kept; the earliest go first."""


@dataclass(frozen=True, slots=True)
class InstanceCopy:
    """What an operation's instance was when the operation ran."""

    model_name: str
    values: dict[str, Any]

    def __repr__(self) -> str:
        return f"{self.model_name}({', '.join(f'{name}={value!r}' for name, value in self.values.items())})"


class Entry:
    """One operation with its outcome; `result` is None while it runs, and stays so where the driver raised."""

    __slots__ = ("operation", "result")

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.result: OperationResult[Any] | None = None

    def __str__(self) -> str:
        if self.result is None:
            return f"{self.operation!r}  → raised"
        error = self.result.peek()
        if error is not None:
            return f"{self.operation!r}  → {type(error).__name__}: {error}"
        data = self.result.data
        shown = f"{len(data)} rows" if isinstance(data, list) else repr(data)
        return f"{self.operation!r}  → {'ok' if data is None else shown}"


class Trace:
    """The operations of one test in order."""

    def __init__(self, values_of: Callable[[Any], Any]) -> None:
        self._values_of = values_of
        self.entries: deque[Entry] = deque(maxlen=KEPT)
        self.count = 0

    def record(self, operation: Operation) -> Entry:
        """Keep a copy of the operation, which nothing that happens later can change."""
        entry = Entry(_copy(operation, self._values_of))
        self.entries.append(entry)
        self.count += 1
        return entry


def _copy(operation: Operation, values_of: Callable[[Any], Any]) -> Operation:
    changed: dict[str, Any] = {}
    for name in ("data", "changes"):
        held = getattr(operation, name, None)
        if held is not None:
            changed[name] = copied_row(held)
    if isinstance(operation, CreateManyOperation):
        changed["rows"] = [copied_row(row) for row in operation.rows]
    filters = getattr(operation, "filters", None)
    if filters and any(type(value) not in IMMUTABLE for value in _values(filters)):
        changed["filters"] = copied(filters)
    if hasattr(operation, "instance"):
        instance = operation.instance
        changed["instance"] = InstanceCopy(type(instance).__name__, dict(values_of(instance)))
    return dataclasses.replace(operation, **changed) if changed else operation


def _values(filters: Any) -> Any:
    return filters.values() if isinstance(filters, dict) else [filters]
