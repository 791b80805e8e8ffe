"""`explore`: random sequences of the DSL's operations on any models, compared step by step with the in-memory driver.

An example is a list of operations as plain data, which Hypothesis draws as a whole, and not a state machine whose rules look
at the system under test: so it can be shortened by leaving steps out, played again, and printed as a test. Hypothesis draws;
the shortening is done on the steps, which takes a tenth of the runs that it takes on Hypothesis's choices.
What only a run knows, a key that the store makes, stands in an example under a name; the oracle is given what the driver made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import ConfigurationError, VerificationError, is_judgement
from orm_testing.kit.exploring.comparing import expect_same

__all__ = ["expect_same", "explore"]

__tracebackhide__ = is_judgement


def explore(
    orm: OrmDsl,
    models: Sequence[type[Any]],
    *,
    examples: int = 200,
    steps: int = 20,
    values: Mapping[str, Sequence[Any]] | None = None,
    seed: int | None = None,
) -> None:
    """Run random operations on the backend and on the in-memory driver, and fail where they come to differ.

    The difference is told by a test to paste, of which no operation can be left out. The store is reset before each
    example, and is empty at the end.

    Args:
        orm: The client of the test.
        models: The models to explore, of those that the test lists.
        examples: How many sequences to try.
        steps: How many operations a sequence has at most.
        values: What fields may hold, by `"User.email"`, for those whose types do not tell: `{"User.email": ["a@b.de"]}`.
        seed: What the examples are drawn from; without one, each run draws others. With one they are the same each time, as long
            as the code that is loaded is: Hypothesis draws some of the constants that it finds there.
    """
    _check(orm, models, examples, steps, values or {})
    from orm_testing.kit.exploring.searching import search

    told = search(orm, list(models), examples, steps, values or {}, seed)
    if told is not None:
        raise VerificationError(told)


def _check(
    orm: Any, models: Sequence[type[Any]], examples: int, steps: int, values: Mapping[str, Sequence[Any]]
) -> None:
    if not isinstance(orm, OrmDsl):
        raise ConfigurationError(
            f"explore takes the client of a test that is not async, not {type(orm).__name__}: Hypothesis awaits nothing."
        )
    try:
        import hypothesis  # noqa: F401
    except ModuleNotFoundError as error:
        raise ConfigurationError("explore() needs Hypothesis: pip install 'orm-testing[explore]'") from error
    if not models:
        raise ConfigurationError("explore needs at least one model: explore(orm, [User]).")
    for model in models:
        orm.context.check_listed(model)
    for name, number in (("examples", examples), ("steps", steps)):
        if not isinstance(number, int) or number < 1:
            raise ConfigurationError(f"{name} is a number from 1 on, not {number!r}.")
    fields = {f"{model.__name__}.{field}" for model in models for field in getattr(model, "model_fields", ())}
    for named, some in values.items():
        if named not in fields:
            known = ", ".join(sorted(fields))
            raise ConfigurationError(
                f"values names {named!r}, which is no field of the models; known are: {known}."
            )
        if isinstance(some, str) or not list(some):
            raise ConfigurationError(f"values[{named!r}] is a list of at least one value, not {some!r}.")
