"""The search for a difference, by Hypothesis, and the shortest way to it."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis.errors import FlakyFailure

from orm_testing.dsl.client import OrmDsl
from orm_testing.kit.exploring.drawing import Drawing
from orm_testing.kit.exploring.playing import Difference, Game
from orm_testing.kit.exploring.steps import Step
from orm_testing.kit.exploring.telling import told
from orm_testing.schema import SchemaSet


def search(
    orm: OrmDsl, models: Sequence[type[Any]], examples: int, length: int, values: Mapping[str, Sequence[Any]]
) -> str | None:
    """The least difference found, in words and as a test; None where there is none."""
    schemas = SchemaSet(orm.context.models)
    drawing = Drawing(schemas, [schemas.of(model) for model in models], orm.driver.capabilities, values)
    game = Game(orm, orm.context.models)
    seen: list[Difference] = []

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawing.example(length))
    def explored(steps: tuple[Step | None, ...]) -> None:
        try:
            game.play(steps)
        except Difference as difference:
            seen.append(difference)
            raise

    try:
        explored()
    except Difference as difference:
        return told(orm, _shortest(game, difference))
    except FlakyFailure:
        return (
            told(orm, seen[-1]) + "\nThe difference did not come again when the same steps were played again."
        )
    finally:
        game.end()
    return None


def _shortest(game: Game, difference: Difference) -> Difference:
    """The same, or what differs when steps are left out, until none can be; it is what was played last."""
    place = len(difference.steps)
    while place:
        place = min(place, len(difference.steps)) - 1
        steps = difference.steps
        found = _played(game, steps[:place] + steps[place + 1 :])
        if found is not None:
            difference = found
            place = len(found.steps)
    return _played(game, difference.steps) or difference


def _played(game: Game, steps: Sequence[Step]) -> Difference | None:
    try:
        game.play(steps)
    except Difference as difference:
        return difference
    return None
