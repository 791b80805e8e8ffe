"""Simpler steps: with one thing less, with a value that is simpler, or with what a later step would write."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from orm_testing.filters import Group
from orm_testing.kit.exploring.steps import Made, Step, Target, exchanged
from orm_testing.operations import CreateManyOperation, CreateOperation, UpdateOperation, UpsertOperation
from orm_testing.schema import schema_of
from orm_testing.values import same

Simple = Callable[[type[Any], str], Sequence[Any]]
"""The simplest values of a model's field, the simplest first."""

_Field = tuple[type[Any], str]
_EMPTY: Mapping[str, Any] = {"filters": {}, "limit": None, "offset": 0, "order_by": [], "group_by": []}


def simpler(step: Any, simple: Simple) -> Iterator[Step]:
    """The step with one thing less, or with one value that is simpler."""
    model = getattr(step, "model_class", None)
    if model is None:
        return
    if isinstance(step, CreateManyOperation):
        yield from _smaller_batches(step, simple)
    yield from _smaller_questions(step)
    if isinstance(step, CreateOperation | UpsertOperation):
        for less in _less(model, step.data, simple):
            yield replace(step, data=less)
    if isinstance(step, UpdateOperation):
        for less in _less(model, step.changes, simple, all_needed=False):
            yield replace(step, changes=less)
    if isinstance(getattr(step, "instance", None), Target) and step.instance.back:
        yield replace(step, instance=replace(step.instance, back=0))
    for filters in _looser(model, getattr(step, "filters", {}), simple):
        yield replace(step, filters=filters)


def alike(steps: Sequence[Any], simple: Simple) -> Iterator[list[Step]]:
    """The steps with a simpler value wherever a field has this one: rows meet by it, and would not if one alone had another."""
    for field, value in _shared(steps):
        for other in _before(value, simple(*field)):
            yield [exchanged(step, partial(_instead, step, field, value, other)) for step in steps]


def _instead(step: Any, field: _Field, value: Any, other: Any, place: str, held: Any) -> Any:
    return other if _field(step, place) == field and same(held, value) else held


def _shared(steps: Sequence[Any]) -> list[tuple[_Field, Any]]:
    """What a field has in more than one place, by its model and name."""
    held: list[tuple[_Field, Any]] = []
    shared = []

    def note(step: Any, place: str, value: Any) -> Any:
        field = _field(step, place)
        if field is not None:
            if sum(field == other and same(value, known) for other, known in held) == 1:
                shared.append((field, value))
            held.append((field, value))
        return value

    for step in steps:
        exchanged(step, partial(note, step))
    return shared


def _field(step: Any, place: str) -> _Field | None:
    """The field whose value or condition stands here."""
    for name in (place, place.rpartition("__")[0]):
        if name in schema_of(step.model_class).by_name:
            return step.model_class, name
    return None


def written_at_once(steps: Sequence[Any]) -> Iterator[list[Step]]:
    """The steps without an update, whose changes an earlier step writes with its row."""
    for place, step in enumerate(steps):
        if isinstance(step, UpdateOperation):
            for before, earlier in enumerate(steps[:place]):
                if getattr(earlier, "model_class", None) is step.model_class:
                    for writing in _writing(earlier, step.changes):
                        yield [*steps[:before], writing, *steps[before + 1 : place], *steps[place + 1 :]]


def _writing(step: Any, changes: Mapping[str, Any]) -> Iterator[Step]:
    if isinstance(step, CreateOperation | UpsertOperation):
        yield replace(step, data={**step.data, **changes})
    if isinstance(step, CreateManyOperation):
        for place, row in enumerate(step.rows):
            yield replace(step, rows=[*step.rows[:place], {**row, **changes}, *step.rows[place + 1 :]])


def _smaller_questions(step: Any) -> Iterator[Step]:
    for name, empty in _EMPTY.items():
        if hasattr(step, name) and getattr(step, name) != empty:
            yield replace(step, **{name: empty})
    for name in ("limit", "offset"):
        number = getattr(step, name, None) or 0
        for less in {1, number - 1} if number > 1 else ():
            yield replace(step, **{name: less})
    for name in ("order_by", "group_by", "aggregates"):
        several = list(getattr(step, name, ()))
        for place in range(len(several) if len(several) > 1 else 0):
            yield replace(step, **{name: several[:place] + several[place + 1 :]})


def _smaller_batches(step: CreateManyOperation, simple: Simple) -> Iterator[Step]:
    model, rows = step.model_class, list(step.rows)
    if len(rows) == 1:
        yield CreateOperation(model, rows[0])
    for place in range(len(rows) if len(rows) > 1 else 0):
        yield replace(step, rows=rows[:place] + rows[place + 1 :])
    for place, row in enumerate(rows):
        for less in _less(model, row, simple):
            yield replace(step, rows=[*rows[:place], less, *rows[place + 1 :]])


def _less(
    model: type[Any], fields: Mapping[str, Any], simple: Simple, *, all_needed: bool = True
) -> Iterator[dict[str, Any]]:
    """Fields with one of them left out, or one of them simpler."""
    by_name = schema_of(model).by_name
    for name in fields:
        if not (all_needed and name in by_name and by_name[name].required):
            yield {other: value for other, value in fields.items() if other != name}
    for name, value in fields.items():
        if name in by_name:
            for other in _before(value, simple(model, name)):
                yield {**fields, name: other}


def _before(value: Any, simplest: Sequence[Any]) -> Iterator[Any]:
    if isinstance(value, Made):
        if value.back:
            yield replace(value, back=0)
        return
    for other in simplest:
        if same(other, value):
            return
        yield other


def _looser(model: type[Any], filters: Any, simple: Simple) -> Iterator[Any]:
    if isinstance(filters, Group):
        for place, part in enumerate(filters.parts):
            yield part
            for other in _looser(model, part, simple):
                yield Group(filters.joined, (*filters.parts[:place], other, *filters.parts[place + 1 :]))
        return
    for name in filters if len(filters) > 1 else ():
        yield {other: value for other, value in filters.items() if other != name}
    by_name = schema_of(model).by_name
    for name, value in filters.items():
        if isinstance(value, list):
            for place in range(len(value) if not name.endswith("__between") else 0):
                yield {**filters, name: value[:place] + value[place + 1 :]}
        elif name in by_name:
            for other in _before(value, simple(model, name)):
                yield {**filters, name: other}
