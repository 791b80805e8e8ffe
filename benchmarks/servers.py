"""Figures on real servers: verbs, resets and starts on PostgreSQL and MySQL, each beside its floor on the same server."""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.projects import first_test
from benchmarks.resets import TESTS, timed
from benchmarks.timing import Figure, compare, per_call, pytest_process
from benchmarks.verbs import TABLE, Row, User, creating, data, same_fields
from orm_testing import Clock, Field, Model, OrmDsl
from orm_testing.backends import make_fitting_driver, product_of
from orm_testing.dsl.context import Context
from orm_testing.isolation.life import LiveDriver, Wanted
from orm_testing.services import runs
from orm_testing.services.ladder import Choice, Settings, given_by_environment
from orm_testing.services.server import Server
from orm_testing.services.servers import Servers

BACKENDS = ("postgres", "mysql")
MANY = tuple(
    type(
        f"Many{number}",
        (Model,),
        {
            "__annotations__": {"id": str, "name": str, "number": int},
            "__module__": __name__,
            "id": Field(primary_key=True),
            "name": "x",
            "number": 0,
        },
    )
    for number in range(30)
)
FOUR_MORE = MANY[:4]
WRITTEN = MANY[3], MANY[11], MANY[27]


@contextmanager
def real(*backends: str, choices: Mapping[str, Choice] | None = None) -> Iterator[dict[str, Server]]:
    """A server for each backend, as a run of pytest has it."""
    run = secrets.token_hex(3)
    servers = Servers(Settings(given_by_environment() if choices is None else choices), Path.cwd(), run)
    try:
        yield {backend: servers.server(product_of(backend)) for backend in backends}
    finally:
        servers.leave()
        runs.end(run)


@contextmanager
def served(backend: str, server: Server, *models: type[Model]) -> Iterator[tuple[OrmDsl, LiveDriver]]:
    """A client on a clean store of that server, as a test gets it."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Wanted(backend, models, False, make_fitting_driver, None)
        live = LiveDriver(wanted, lambda: Path(folder), lambda _: server)
        try:
            clock = Clock()
            live.start(clock, loaded=None)
            yield OrmDsl(Context(live.serving, backend, models, clock), live.serving), live
        finally:
            live.close()


def on_servers(runs_of_each: int) -> list[Figure]:
    """All figures that need a server, on each that this machine can have."""
    backends = [backend for backend in BACKENDS if _can_be_had(backend)]
    figures = []
    with real(*backends) as servers:
        for backend, server in servers.items():
            print(f"{backend}: {server.fingerprint}, {server.way}")
            figures += [
                creating_on(backend, server, runs_of_each),
                resetting_on(backend, server, runs_of_each),
            ]
        if "postgres" in servers:
            figures += clean_starts(servers["postgres"], runs_of_each)
    for backend, seconds in (("postgres", (1.0, 3.0)), ("mysql", (2.0, 8.0))):
        if backend in backends:
            figures += starting_on(backend, *seconds, runs_of_each)
    return figures


def _can_be_had(backend: str) -> bool:
    reason = Servers(Settings(given_by_environment()), Path.cwd(), "none").unavailable(product_of(backend))
    if reason:
        print(f"not measured on {backend}: {reason}")
    return reason is None


def creating_on(backend: str, server: Server, runs_of_each: int, calls: int = 50, turns: int = 10) -> Figure:
    """Beside hand-written Core with prebuilt statements on a connection to the same database, both in 10 tables of 50 rows."""
    insert = TABLE.insert()
    select = sa.select(TABLE).where(TABLE.c.id == sa.bindparam("key"))
    with served(backend, server, User) as (orm, live):
        store: Any = live.store
        drivername = "postgresql+psycopg" if backend == "postgres" else "mysql+pymysql"
        engine = sa.create_engine(sa.make_url(store.url).set(drivername=drivername))
        with engine.connect() as connection:

            def by_hand() -> float:
                with connection.begin():
                    connection.execute(TABLE.delete())
                numbers = iter(range(calls))

                def create() -> None:
                    user = User.model_validate(data(next(numbers)))
                    with connection.begin():
                        connection.execute(insert, user.__dict__)
                    with connection.begin():
                        row = connection.execute(select, {"key": user.id}).one()
                    same_fields(user, User.model_validate(row._asdict()))

                return per_call(create, calls)

            ours = creating(orm, calls)
            return compare(
                f"`create_and_verify` on {backend}",
                "Core, prebuilt: insert, commit, select, validate, compare",
                lambda: sum(ours() for _ in range(turns)) / turns,
                lambda: sum(by_hand() for _ in range(turns)) / turns,
                at_most=1.3,
                runs=runs_of_each,
                unit="µs",
            )


def resetting_on(backend: str, server: Server, runs_of_each: int) -> Figure:
    """A reset after a test that wrote 3 of 30 tables, beside one round trip that deletes from the three by hand."""
    with served(backend, server, *MANY) as (orm, live):
        store: Any = live.store
        connection = _connection(backend, server, store)

        def write() -> None:
            for model in WRITTEN:
                for number in range(3):
                    assert orm.create_model(model, id=str(number))

        names = [store.quoted(model.__name__) for model in WRITTEN]
        by_hand = _in_one_trip(backend, connection, [f"DELETE FROM {name}" for name in names])

        def ours() -> float:
            return timed(lambda: None, write, lambda: live.start(orm.clock, loaded=None))

        def floor() -> float:
            return timed(lambda: None, write, by_hand)

        try:
            return compare(
                f"a reset on {backend} after a test that wrote 3 of 30 tables",
                "one round trip that deletes from the three by hand",
                ours,
                floor,
                at_most=1.5,
                runs=runs_of_each,
                unit="µs",
            )
        finally:
            connection.close()


def _connection(backend: str, server: Server, store: Any) -> Any:
    """One of which the store knows nothing, so that its resets need not look after it."""
    with store.connection.cursor() as cursor:
        cursor.execute("SELECT current_database()" if backend == "postgres" else "SELECT database()")
        (database,) = cursor.fetchone()
    if backend == "postgres":
        import psycopg

        return psycopg.connect(server.url, dbname=database, autocommit=True)
    from orm_testing_drivers.mysql.connection import opened

    return opened(server.url, database)


def _in_one_trip(backend: str, connection: Any, statements: list[str]) -> Callable[[], None]:
    cursor = connection.cursor()
    if backend == "postgres":
        together = "; ".join(statements)
        return lambda: cursor.execute(together)
    together = "; ".join(["BEGIN", *statements, "COMMIT"])

    def execute() -> None:
        cursor.execute(together)
        while cursor.nextset():
            pass

    return execute


def clean_starts(server: Server, runs_of_each: int) -> list[Figure]:
    """200 tests of three inserts and a query on five tables of PostgreSQL, of which the clean start alone is timed."""
    with served("postgres", server, User, *FOUR_MORE) as (orm, live):
        store: Any = live.store
        with store.connect() as connection:
            url = _sqlalchemy(server, connection.info.dbname)
        engine = sa.create_engine(url, poolclass=sa.pool.StaticPool)
        template = _Template(server, store)

        def ours() -> float:
            def work() -> None:
                for number in range(3):
                    orm.create_and_verify(User, data(number))
                orm.query_and_verify_count(User, 3)

            return timed(lambda: live.start(orm.clock, loaded=None), work, lambda: None)

        five = ", ".join(store.quoted(model.__name__) for model in (User, *FOUR_MORE))

        def truncating() -> float:
            def truncate() -> None:
                with engine.begin() as connection:
                    connection.exec_driver_sql(f"TRUNCATE {five}")

            return timed(truncate, lambda: _insert_and_query(engine), lambda: None)

        try:
            return [
                compare(
                    f"a clean start on postgres, {TESTS} tests, 5 tables",
                    name,
                    ours,
                    floor,
                    at_most=at_most,
                    runs=runs_of_each,
                    unit="µs",
                )
                for name, floor, at_most in (
                    ("pytest-postgresql: a database from a template per test", template.per_test, 1 / 50),
                    ("TRUNCATE per test", truncating, 1 / 20),
                    (
                        "SQLAlchemy's savepoint recipe, which hides commits",
                        lambda: _with_savepoints(engine),
                        2.0,
                    ),
                )
            ]
        finally:
            template.close()
            engine.dispose()


def _sqlalchemy(server: Server, database: str) -> sa.URL:
    return sa.make_url(server.url).set(drivername="postgresql+psycopg", database=database)


def _insert_and_query(engine: sa.Engine) -> None:
    with Session(engine) as session:
        session.add_all([Row(**data(number)) for number in range(3)])
        session.commit()
        assert len(session.scalars(sa.select(Row)).all()) == 3


def _with_savepoints(engine: sa.Engine) -> float:
    """SQLAlchemy's documented recipe; the sessions of the measured side are empty before it."""
    with engine.begin() as connection:
        connection.execute(TABLE.delete())
    state: dict[str, Any] = {}

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


class _Template:
    """What pytest-postgresql does for each test: a database from a template, a connection, and the end of both."""

    def __init__(self, server: Server, store: Any) -> None:
        from pytest_postgresql.janitor import DatabaseJanitor

        url = sa.make_url(server.url)
        self._connection = {
            "host": url.host,
            "port": url.port,
            "user": url.username,
            "password": url.password,
        }
        name = f"{server.prefix}_bench"
        common = {**self._connection, "version": 15, "connection_timeout": 10}
        self._template = DatabaseJanitor(dbname=f"{name}_template", as_template=True, **common)
        self._template.init()
        made = sa.create_engine(_sqlalchemy(server, f"{name}_template"), poolclass=sa.NullPool)
        TABLE.metadata.create_all(made)
        self._test = DatabaseJanitor(dbname=name, template_dbname=f"{name}_template", **common)
        self._url = _sqlalchemy(server, name)

    def per_test(self) -> float:
        state: dict[str, sa.Engine] = {}

        def start() -> None:
            self._test.init()
            state["engine"] = sa.create_engine(self._url, poolclass=sa.pool.StaticPool)
            state["engine"].connect().close()

        def end() -> None:
            state["engine"].dispose()
            self._test.drop()

        return timed(start, lambda: _insert_and_query(state["engine"]), end, tests=20)

    def close(self) -> None:
        self._template.drop()


def starting_on(backend: str, cached: float, cold: float, runs_of_each: int) -> list[Figure]:
    """Seconds of a whole pytest of one test: on the server's backend beside sqlite; `at_most` is what is added."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as temporary:
        os.environ["TMPDIR"], before = temporary, os.environ.get("TMPDIR")
        Path(temporary).chmod(0o711)
        try:
            first_test(Path(folder), [backend, "sqlite"])

            def seconds(name: str, *, anew: bool = False) -> Callable[[], float]:
                def run() -> float:
                    if anew:
                        for made in Path(temporary).glob("orm_testing-*"):
                            shutil.rmtree(made)
                    return pytest_process(folder, "--orm-backend", name)[0]

                return run

            return [
                added(
                    f"start to the first green test on {backend}, {how}",
                    ours,
                    seconds("sqlite"),
                    most,
                    runs_of_each,
                )
                for how, ours, most in (
                    ("data directory cached", seconds(backend), cached),
                    ("from nothing", seconds(backend, anew=True), cold),
                )
            ]
        finally:
            if before is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = before


def added(
    what: str, ours: Callable[[], float], floor: Callable[[], float], most: float, runs_of_each: int
) -> Figure:
    """A comparison by what is added, in the place of the ratio."""
    found = compare(what, "the same test on sqlite", ours, floor, at_most=most, runs=runs_of_each, unit="s")
    ratio = (found.floor_median + most) / found.floor_median
    return Figure(
        f"{what} (+ {most:g} s at most)", found.floor, "s", found.ours_median, found.floor_median,
        found.ratio, found.lowest, found.highest, round(ratio, 2), found.runs,
    )  # fmt: skip


def workers(runs_of_each: int) -> Figure:
    """The kit on sqlite, postgres and mysql with two workers beside one: reported, not gated."""
    root = str(Path(__file__).parents[1])
    chosen = [word for name in ("sqlite", *BACKENDS) for word in ("--orm-backend", name)]

    def run(number: str) -> Callable[[], float]:
        def seconds() -> float:
            began = time.perf_counter()
            pytest_process(
                root, "tests/kit/test_backends.py", *chosen, "-p", "xdist", "-p", "asyncio", "-n", number
            )
            return time.perf_counter() - began

        return seconds

    return compare(
        "the kit on sqlite, postgres and mysql, 2 workers", "1 worker", run("2"), run("0"),
        at_most=float("inf"), runs=runs_of_each, unit="s",
    )  # fmt: skip
