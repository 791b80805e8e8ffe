"""Figures on the embedded stand-ins: verbs, resets, many rows and empty tests, beside the product's client by hand."""

from collections.abc import Callable
from typing import Any

from benchmarks.by_hand import BY_HAND, THREE, ByHand, Note, data
from benchmarks.projects import OURS_HEAD, project
from benchmarks.resets import timed
from benchmarks.servers import real, served
from benchmarks.timing import Figure, compare, per_call, pytest_process
from orm_testing import OrmDsl
from orm_testing.operations import (
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    GetOperation,
    QueryOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.services.ladder import Choice
from orm_testing.services.server import STAND_IN, Server

ROWS = 50
TURNS = {"mongodb": 20, "redis": 5}
"""Where a request takes microseconds, this many rounds are one run."""
VERBS = ("create", "get", "update", "delete", "upsert", "query")


class Ours:
    """The driver's verbs. What the client of a test does besides is measured beside a careful person's hand elsewhere."""

    def __init__(self, orm: OrmDsl) -> None:
        self.execute = orm.driver.execute
        self.clear = orm.reset
        self.rows = [Note(**data(number)) for number in range(ROWS)]

    def create(self, number: int) -> None:
        assert self.execute(CreateOperation(Note, data(number)))

    def get(self, number: int) -> None:
        assert self.execute(GetOperation(Note, {"id": f"n{number}"})).data.size == number % 100

    def update(self, number: int) -> None:
        assert self.execute(UpdateOperation(Note, self.rows[number], {"title": "new"}))

    def delete(self, number: int) -> None:
        assert self.execute(DeleteOperation(Note, self.rows[number]))

    def upsert(self, number: int) -> None:
        assert self.execute(UpsertOperation(Note, data(number)))

    def query(self, number: int) -> None:
        del number
        assert len(self.execute(QueryOperation(Note, {"size__gte": 45}, ["size"])).data) == 5

    def create_many(self, number: int) -> None:
        assert self.execute(CreateManyOperation(Note, [data(each) for each in range(number)]))


def on_stand_ins(runs: int) -> list[Figure]:
    """All figures of the backends that have a stand-in here."""
    figures = []
    choices = {backend: Choice(STAND_IN, "benchmarks") for backend in BY_HAND}
    with real(*BY_HAND, choices=choices) as servers:
        for backend, server in servers.items():
            print(f"{backend}: {server.fingerprint}")
            by_hand = BY_HAND[backend]()
            figures += [verb(backend, server, by_hand, name, runs) for name in VERBS]
            figures += [many(backend, server, by_hand, runs), resetting(backend, server, by_hand, runs)]
            figures.append(empty_tests(backend, runs))
    return figures


def verb(backend: str, server: Server, by_hand: ByHand, name: str, runs: int) -> Figure:
    """Fifty calls, of queries five; all but the creates find fifty rows."""
    with served(backend, server, Note) as (orm, _):

        def timing(side: Any) -> Callable[[], float]:
            def turn() -> float:
                side.clear()
                for number in range(0 if name == "create" else ROWS):
                    side.create(number)
                numbers = iter(range(ROWS))
                calls = 5 if name == "query" else ROWS
                return per_call(lambda: getattr(side, name)(next(numbers)), calls)

            turns = TURNS.get(backend, 1)
            return lambda: sum(turn() for _ in range(turns)) / turns

        ours, floor = timing(Ours(orm)), timing(by_hand)
        what = f"`{name}` on {server.fingerprint} ({backend})"
        floor_name = "the client by hand, validated, for the same contract"
        return compare(what, floor_name, ours, floor, at_most=1.3, runs=runs, unit="µs")


def many(backend: str, server: Server, by_hand: ByHand, runs: int, rows: int = 1000) -> Figure:
    """A thousand rows at once."""
    with served(backend, server, Note) as (orm, _):

        def timing(side: Any) -> Callable[[], float]:
            def run() -> float:
                side.clear()
                return per_call(lambda: side.create_many(rows), 1) / 1e3

            return run

        ours, floor = timing(Ours(orm)), timing(by_hand)
        what = f"1,000 rows by `create_many` on {server.fingerprint} ({backend})"
        return compare(
            what, "the client's own batch call by hand", ours, floor, at_most=1.3, runs=runs, unit="ms"
        )


def resetting(backend: str, server: Server, by_hand: ByHand, runs: int, tests: int = 20) -> Figure:
    """After a test that wrote three rows of each of three models."""
    by_hand.clear()
    with served(backend, server, *THREE) as (orm, live):

        def write() -> None:
            for model in THREE:
                for number in range(3):
                    assert orm.create_model(model, id=str(number), title=f"title {number}")

        return compare(
            f"a reset on {server.fingerprint} ({backend}) after a test that wrote three models",
            "what holds the three, deleted and made anew by hand",
            lambda: timed(lambda: None, write, lambda: live.start(orm.clock, loaded=None), tests),
            lambda: timed(lambda: None, by_hand.fill, by_hand.anew, tests),
            at_most=1 / 3,
            runs=runs,
            unit="µs",
        )


def empty_tests(backend: str, runs: int, tests: int = 2000, most: float = 2000.0) -> Figure:
    """One whole empty item, from the difference between many and few of them; judged by what is added."""

    def slope(name: str) -> float:
        head = OURS_HEAD.format(backends=[name])
        chosen = ("--orm-service", f"{backend}=stand-in")
        with project(head, "", tests) as many_tests, project(head, "", tests // 10) as few:
            more = pytest_process(many_tests, *chosen)[0] - pytest_process(few, *chosen)[0]
        return more / (tests - tests // 10) * 1e6

    what = f"an empty test that takes `orm`, on the stand-in of {backend}"
    found = compare(
        f"{what} (+ {most / 1000:g} ms at most)",
        "the same on inmemory",
        lambda: slope(backend),
        lambda: slope("inmemory"),
        at_most=most,
        runs=runs,
        unit="µs",
    )
    ratio = (found.floor_median + most) / found.floor_median
    return Figure(
        found.what, found.floor, "µs", found.ours_median, found.floor_median,
        found.ratio, found.lowest, found.highest, round(ratio, 2), found.runs,
    )  # fmt: skip
