"""The cost of a clean store: 200 tests of three inserts and a query, of which the clean start alone is timed."""

import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.timing import Figure, compare
from benchmarks.verbs import Row, User, data, memory_engine, served

TESTS = 200


def timed(
    start: Callable[[], object],
    work: Callable[[], None],
    end: Callable[[], object],
    tests: int = TESTS,
) -> float:
    """Microseconds of one start and end, over all tests; the work between them is not counted."""
    spent = 0.0
    for _ in range(tests):
        began = time.perf_counter()
        start()
        spent += time.perf_counter() - began
        work()
        began = time.perf_counter()
        end()
        spent += time.perf_counter() - began
    return spent / tests * 1e6


def resetting(runs: int) -> list[Figure]:
    """Beside SQLAlchemy's documented savepoint recipe, and beside a new engine with `create_all` for each test."""
    engine = memory_engine()
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    with engine.connect() as connection:
        connection.connection.driver_connection.isolation_level = None

    def with_savepoints() -> float:
        state: dict[str, object] = {}

        def start() -> None:
            connection = state["connection"] = engine.connect()
            state["transaction"] = connection.begin()
            state["session"] = Session(bind=connection, join_transaction_mode="create_savepoint")

        def work() -> None:
            session: Session = state["session"]
            for number in range(3):
                session.add(Row(**data(number)))
                session.commit()
            assert len(session.scalars(sa.select(Row)).all()) == 3

        def end() -> None:
            state["session"].close()
            state["transaction"].rollback()
            state["connection"].close()

        return timed(start, work, end)

    def with_new_engines() -> float:
        state: dict[str, sa.Engine] = {}

        def start() -> None:
            state["engine"] = memory_engine()

        def work() -> None:
            with Session(state["engine"]) as session:
                session.add_all([Row(**data(number)) for number in range(3)])
                session.commit()
                assert len(session.scalars(sa.select(Row)).all()) == 3

        return timed(start, work, lambda: state["engine"].dispose())

    with served("sqlite") as (orm, live):

        def ours() -> float:
            def work() -> None:
                for number in range(3):
                    orm.create_and_verify(User, data(number))
                orm.query_and_verify_count(User, 3)

            return timed(lambda: live.start(orm.clock, loaded=None), work, lambda: None)

        return [
            compare(
                "a clean start on sqlite, 200 tests",
                "SQLAlchemy's savepoint recipe by hand",
                ours,
                with_savepoints,
                at_most=1.0,
                runs=runs,
                unit="µs",
            ),
            compare(
                "a clean start on sqlite, 200 tests",
                "a new engine with create_all per test",
                ours,
                with_new_engines,
                at_most=0.2,
                runs=runs,
                unit="µs",
            ),
        ]
