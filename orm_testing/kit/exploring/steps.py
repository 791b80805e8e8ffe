"""The steps of an example: operations as plain data, in which what only a run knows stands under a name.

An example is a list of these. It can be drawn, shortened, played again on any driver, and printed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from orm_testing.filters import Group
from orm_testing.operations import BeginOperation, CommitOperation, Operation, RollbackOperation
from orm_testing.schema import ModelSchema, schema_of


@dataclass(frozen=True, slots=True)
class Made:
    """The key of a row of this model that the example made: of the last but `back`, and so on in a circle.

    Where it made none, it is `otherwise`.
    """

    model_class: type[Any]
    back: int
    otherwise: Any


@dataclass(frozen=True, slots=True)
class Target:
    """The row that an update or a delete is about: one that the example made, as `Made`, or else that with this key."""

    key: Mapping[str, Any]
    back: int | None


@dataclass(frozen=True, slots=True)
class Pause:
    """The test's clock moves on."""

    seconds: float


Step = Operation | Pause
Exchange = Callable[[str, Any], Any]
_HOLDING = ("data", "changes", "rows", "filters", "instance")
"""Where operations have values."""


class Known:
    """What one run knows of the rows that it made: their instances, as they were answered when each was written."""

    def __init__(self) -> None:
        self._instances: dict[type[Any], dict[tuple[Any, ...], Any]] = {}

    def note(self, schema: ModelSchema, instance: Any) -> None:
        """A row was written, and this was the answer."""
        rows = self._instances.setdefault(schema.model_class, {})
        rows[tuple(schema.key_of(instance).values())] = instance

    def key(self, made: Made) -> Any:
        """The key that stands behind the name."""
        rows = list(self._instances.get(made.model_class, ()))
        if rows:
            return rows[-1 - made.back % len(rows)][0]
        return self.key(made.otherwise) if isinstance(made.otherwise, Made) else made.otherwise

    def instance(self, schema: ModelSchema, key: Mapping[str, Any], back: int | None) -> Any:
        """The row that is meant, as it was answered when it was written, or no more than its key."""
        rows = self._instances.get(schema.model_class, {})
        if back is not None and rows:
            return list(rows.values())[-1 - back % len(rows)]
        found = rows.get(tuple(key[name] for name in schema.key))
        return schema.model_class.model_construct(**key) if found is None else found


def resolved(operation: Any, known: Known) -> Any:
    """The operation with what its names stand for."""
    operation = exchanged(operation, lambda _, value: known.key(value) if isinstance(value, Made) else value)
    target = getattr(operation, "instance", None)
    if isinstance(target, Target):
        instance = known.instance(schema_of(operation.model_class), target.key, target.back)
        operation = replace(operation, instance=instance)
    return operation


def exchanged(step: Any, exchange: Exchange) -> Any:
    """The step with others for its values: `exchange` is told each with the name it has in a row, a key or a condition."""
    held = {name: getattr(step, name) for name in _HOLDING if hasattr(step, name)}
    return replace(step, **{name: _exchanged(value, "", exchange) for name, value in held.items()})


def _exchanged(value: Any, name: str, exchange: Exchange) -> Any:
    other = exchange(name, value) if name else value
    if other is not value:
        return other
    if isinstance(value, Target):
        return replace(value, key=_exchanged(value.key, name, exchange))
    if isinstance(value, Group):
        return Group(value.joined, tuple(_exchanged(part, name, exchange) for part in value.parts))
    if type(value) is dict:
        return {inner: _exchanged(part, name or inner, exchange) for inner, part in value.items()}
    if type(value) is list:
        return [_exchanged(part, name, exchange) for part in value]
    return value


def depth_after(depth: int, step: Step) -> int | None:
    """How many transactions are open after the step; None where it ends one and none is open."""
    if isinstance(step, BeginOperation):
        return depth + 1
    if isinstance(step, CommitOperation | RollbackOperation):
        return depth - 1 if depth else None
    return depth
