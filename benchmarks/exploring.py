"""What an operation of `explore` costs, with Hypothesis, the oracle and the reset of each example: beside what it may cost."""

import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from benchmarks.servers import _can_be_had, real
from benchmarks.timing import Figure, compare
from orm_testing import Clock, Field, Model, OrmDsl
from orm_testing.backends import make_fitting_driver
from orm_testing.dsl.context import Context
from orm_testing.isolation.life import LiveDriver, Wanted
from orm_testing.kit import explore
from orm_testing.services.server import Server

PER_SECOND = {"sqlite": 300, "postgres": 150}
EXAMPLES = 100


class User(Model):
    id: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)
    age: int | None = Field(None, ge=0)
    changed_at: datetime | None = Field(None, auto_now=True)


class Order(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    user: str = Field(references=User, on_delete="cascade")
    total: Decimal = Decimal(0)


def exploring(runs: int) -> list[Figure]:
    """On SQLite, and on PostgreSQL where this machine can have it."""
    figures = [exploring_on("sqlite", lambda _: None, runs)]
    if _can_be_had("postgres"):
        with real("postgres") as servers:
            figures.append(exploring_on("postgres", servers.get, runs))
    return figures


def exploring_on(backend: str, server: Callable[[str], Server | None], runs: int) -> Figure:
    """Milliseconds of one operation, over those of so many examples."""
    models = (User, Order)
    with tempfile.TemporaryDirectory() as folder:
        wanted = Wanted(backend, models, False, make_fitting_driver, None)
        live = LiveDriver(wanted, lambda: Path(folder), server)
        try:
            clock = Clock()
            live.start(clock, loaded=None)

            def ours() -> float:
                orm = OrmDsl(Context(live.serving, backend, models, clock), live.serving)
                started = time.perf_counter()
                explore(orm, models, examples=EXAMPLES)
                return (time.perf_counter() - started) / orm.context.trace.count * 1000

            return compare(
                f"an operation of `explore` on {backend}",
                f"{PER_SECOND[backend]} operations a second",
                ours,
                lambda: 1000 / PER_SECOND[backend],
                at_most=1.0,
                runs=runs,
                unit="ms",
            )
        finally:
            live.close()
