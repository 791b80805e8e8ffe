"""The search for a difference, in examples that Hypothesis draws."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import FlakyFailure

from orm_testing.dsl.client import OrmDsl
from orm_testing.kit.exploring.drawing import Drawing
from orm_testing.kit.exploring.playing import Difference, Game
from orm_testing.kit.exploring.shortening import shortest
from orm_testing.kit.exploring.steps import Step
from orm_testing.kit.exploring.telling import told
from orm_testing.schema import SchemaSet


def search(
    orm: OrmDsl,
    models: Sequence[type[Any]],
    examples: int,
    length: int,
    values: Mapping[str, Sequence[Any]],
    drawn_from: int | None,
) -> str | None:
    """The least difference found, in words and as a test; None where there is none."""
    schemas = SchemaSet(orm.context.models)
    drawing = Drawing(schemas, [schemas.of(model) for model in models], orm.driver.capabilities, values)
    game = Game(orm, orm.context.models)

    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawing.example(length))
    def explored(steps: list[Step | None]) -> None:
        try:
            game.play(steps)
        except Difference as difference:
            seen.append(difference)
            raise

    seen: list[Difference] = []
    if drawn_from is not None:
        explored = seed(drawn_from)(explored)
    try:
        explored()
    except Difference as difference:
        return told(orm, shortest(game, difference, drawing.simplest))
    except FlakyFailure:
        fewest = shortest(game, seen[-1], drawing.simplest)
        return told(orm, fewest) + "\nIt does not come each time that the same steps are played."
    finally:
        game.end()
    return None
