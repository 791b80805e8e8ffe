"""The shortest way to a difference: steps are left out, and those that stay are made simpler, as long as it is still there."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from orm_testing.kit.exploring.playing import Difference, Game
from orm_testing.kit.exploring.simplifying import Simple, alike, simpler, written_at_once
from orm_testing.kit.exploring.steps import Step


def shortest(game: Game, difference: Difference, simple: Simple) -> Difference:
    """The same difference, or another, of which no step can be left out, nor any two; it is what was played last."""
    shortened = True
    while shortened:
        fewer = _with_fewer(game, difference)
        least = _with_simpler(game, fewer, simple)
        if least is difference:
            least = _otherwise(game, difference, simple)
        shortened = least is not difference
        difference = least
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


def _with_simpler(game: Game, difference: Difference, simple: Simple) -> Difference:
    place = len(difference.steps) - 1
    while place >= 0:
        steps = difference.steps
        for step in simpler(steps[place], simple):
            found = played(game, [*steps[:place], step, *steps[place + 1 :]])
            if found is not None and len(found.steps) <= len(steps):
                difference = found
                break
        else:
            place -= 1
        place = min(place, len(difference.steps) - 1)
    return difference


def _otherwise(game: Game, difference: Difference, simple: Simple) -> Difference:
    """What no single step shows: several that are there for each other alone, or that hold the same value."""
    steps = difference.steps
    for fewer in (*_without_two(steps), *written_at_once(steps)):
        found = played(game, fewer)
        if found is not None and len(found.steps) < len(steps):
            return found
    for same in alike(steps, simple):
        found = played(game, same)
        if found is not None and len(found.steps) <= len(steps):
            return found
    return difference


def _without_two(steps: Sequence[Step]) -> Iterable[list[Step]]:
    """What one step makes, the other removes."""
    for left_out in combinations(range(len(steps)), 2):
        yield [step for place, step in enumerate(steps) if place not in left_out]
