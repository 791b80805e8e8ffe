"""The shortest way to a difference: steps are left out, and those that stay are made simpler, as long as it is still there."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from orm_testing.filters import Group
from orm_testing.kit.exploring.playing import Difference, Game
from orm_testing.kit.exploring.steps import Made, Step, Target
from orm_testing.operations import CreateManyOperation, CreateOperation
from orm_testing.schema import schema_of

Simple = Callable[[type[Any], str], Sequence[Any]]
"""The simplest values of a model's field, the simplest first."""

_EMPTY: Mapping[str, Any] = {"filters": {}, "limit": None, "offset": 0, "order_by": [], "group_by": []}


def shortest(game: Game, difference: Difference, simple: Simple) -> Difference:
    """The same difference, or another, of which no step can be left out, nor any two; it is what was played last."""
    shortened = True
    while shortened:
        fewer = _with_fewer(game, difference)
        simpler = _with_simpler(game, fewer, simple)
        if simpler is difference:
            simpler = _without_two(game, difference)
        shortened = simpler is not difference
        difference = simpler
    return played(game, difference.steps) or difference


def played(game: Game, steps: Sequence[Step]) -> Difference | None:
    """The difference that these steps come to, if they come to one."""
    try:
        game.play(steps)
    except Difference as difference:
        return difference
    return None


def _with_fewer(game: Game, difference: Difference) -> Difference:
    number = max(len(difference.steps) // 2, 1)
    while number:
        place = len(difference.steps)
        while place > 0:
            place = min(place, len(difference.steps)) - number
            steps = difference.steps
            found = played(game, steps[: max(place, 0)] + steps[max(place, 0) + number :])
            if found is not None and len(found.steps) < len(steps):
                difference = found
        number //= 2
    return difference


def _without_two(game: Game, difference: Difference) -> Difference:
    """Two steps may be there for each other alone: what one makes, the other removes."""
    steps = difference.steps
    for left_out in combinations(range(len(steps)), 2):
        found = played(game, [step for place, step in enumerate(steps) if place not in left_out])
        if found is not None and len(found.steps) < len(steps):
            return found
    return difference


def _with_simpler(game: Game, difference: Difference, simple: Simple) -> Difference:
    place = len(difference.steps) - 1
    while place >= 0:
        steps = difference.steps
        for step in _simpler(steps[place], simple):
            found = played(game, [*steps[:place], step, *steps[place + 1 :]])
            if found is not None and len(found.steps) <= len(steps):
                difference = found
                break
        else:
            place -= 1
        place = min(place, len(difference.steps) - 1)
    return difference


def _simpler(step: Any, simple: Simple) -> Iterator[Step]:
    """The step with one thing less, or with one value that is simpler."""
    model = getattr(step, "model_class", None)
    if model is None:
        return
    if isinstance(step, CreateManyOperation):
        yield from _smaller_batches(step, simple)
    yield from _smaller_questions(step)
    for name in ("data", "changes"):
        for less in _less(model, getattr(step, name, {}), simple):
            yield replace(step, **{name: less})
    if isinstance(getattr(step, "instance", None), Target) and step.instance.back:
        yield replace(step, instance=replace(step.instance, back=0))
    for filters in _looser(model, getattr(step, "filters", {}), simple):
        yield replace(step, filters=filters)


def _smaller_questions(step: Any) -> Iterator[Step]:
    for name, empty in _EMPTY.items():
        if hasattr(step, name) and getattr(step, name) != empty:
            yield replace(step, **{name: empty})
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


def _less(model: type[Any], fields: Mapping[str, Any], simple: Simple) -> Iterator[dict[str, Any]]:
    """Fields with one of them left out, or one of them simpler."""
    by_name = schema_of(model).by_name
    for name in fields:
        if name not in by_name or not by_name[name].required:
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
        if type(other) is type(value) and other == value:
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
    for name, value in filters.items():
        if isinstance(value, list):
            for place in range(len(value) if not name.endswith("__between") else 0):
                yield {**filters, name: value[:place] + value[place + 1 :]}
        elif name in schema_of(model).by_name:
            for other in _before(value, simple(model, name)):
                yield {**filters, name: other}
