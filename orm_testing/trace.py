"""The trace: what one test asked of one backend, and what came back, as copies."""

import dataclasses
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orm_testing.errors import OperationError
from orm_testing.operations import CreateManyOperation, CreateOperation, Operation, shown, shown_bytes
from orm_testing.results import OperationResult, Statement
from orm_testing.values import IMMUTABLE, copied, number_of_rows

KEPT = 1000
"""How many operations of a test are kept; the earliest go first."""


@dataclass(frozen=True, slots=True)
class InstanceCopy:
    """What an operation's instance was when the operation ran."""

    model_name: str
    values: dict[str, Any]

    def __repr__(self) -> str:
        return (
            f"{self.model_name}({', '.join(f'{name}={shown(value)}' for name, value in self.values.items())})"
        )


class Entry:
    """One operation with its outcome; `done` is False where the driver raised instead of answering."""

    __slots__ = ("answer", "client_work", "done", "error", "operation", "statements")

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.done = False
        self.answer: Any = None
        self.error: OperationError | None = None
        self.statements: Sequence[Statement] = ()
        self.client_work: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.done:
            return f"{self.operation!r}  → raised"
        if self.error is not None:
            return f"{self.operation!r}  → {type(self.error).__name__}: {self.error}"
        answered = _answered(self.answer)
        here = f"  (not by the store: {', '.join(self.client_work)})" if self.client_work else ""
        return f"{self.operation!r}  → {'ok' if self.answer is None else answered}{here}"


class Trace:
    """The operations of one test in order."""

    def __init__(self, values_of: Callable[[Any], Any]) -> None:
        self._values_of = values_of
        self.entries: deque[Entry] = deque(maxlen=KEPT)
        self.count = 0

    def record(self, operation: Operation) -> Entry:
        """Keep a copy of the operation, which nothing that happens later can change."""
        entry = Entry(self._copied(operation))
        self.entries.append(entry)
        self.count += 1
        return entry

    def finish(self, entry: Entry, result: OperationResult[Any]) -> None:
        """Keep a copy of what came back."""
        entry.done = True
        entry.error = result.peek()
        entry.statements = result.statements
        entry.client_work = result.client_work
        if entry.error is None:
            answers = entry.operation.answers
            if answers == "instance":
                entry.answer = self._instance(result.data)
            elif answers == "instances":
                entry.answer = [self._instance(each) for each in result.data]
            else:
                entry.answer = _kept(result.data)

    def _copied(self, operation: Operation) -> Operation:
        if type(operation) is CreateOperation:
            return CreateOperation(operation.model_class, _kept_fields(operation.data))
        changed: dict[str, Any] = {}
        for name in ("data", "changes"):
            held = getattr(operation, name, None)
            if held is not None:
                changed[name] = _kept_fields(held)
        if isinstance(operation, CreateManyOperation):
            changed["rows"] = [
                {field: _kept(value) for field, value in row.items()} for row in operation.rows
            ]
        filters = getattr(operation, "filters", None)
        if filters:
            changed["filters"] = _kept(filters)
        if hasattr(operation, "instance"):
            changed["instance"] = self._instance(operation.instance)
        return dataclasses.replace(operation, **changed) if changed else operation

    def _instance(self, instance: Any) -> InstanceCopy:
        return InstanceCopy(type(instance).__name__, dict(self._values_of(instance)))


def _answered(answer: Any) -> str:
    if isinstance(answer, list):
        return number_of_rows(len(answer))
    return shown_bytes(answer) if isinstance(answer, bytes) else shown(answer)


class _Uncopied:
    """Stands for a value that cannot be copied."""

    def __init__(self, value: Any) -> None:
        self._shown = repr(value)

    def __repr__(self) -> str:
        return self._shown


def _kept_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if type(value) in IMMUTABLE else _kept(value) for name, value in data.items()}


def _kept(value: Any) -> Any:
    if type(value) in IMMUTABLE:
        return value
    try:
        return copied(value)
    except Exception:  # noqa: BLE001  (what cannot be copied is whatever its class says)
        return _Uncopied(value)
