"""Figures of single verbs: `create_and_verify` beside what a careful person would write by hand."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool

from benchmarks.timing import Figure, compare, per_call
from orm_testing import Clock, Field, Model, OrmDsl
from orm_testing.backends import make_fitting_driver
from orm_testing.dsl.context import Context
from orm_testing.isolation.life import LiveDriver, Wanted


class User(Model):
    id: str = Field(primary_key=True)
    email: str = Field(unique=True)
    name: str
    age: int = Field(ge=0, default=0)
    city: str
    created_at: datetime | None = None


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "User"
    id: Mapped[str] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    age: Mapped[int]
    city: Mapped[str]
    created_at: Mapped[datetime | None]


TABLE = Row.__table__
FIELDS = tuple(User.model_fields)
AT = datetime(2026, 1, 2, 3, 4, 5, 678901)


def data(number: int) -> dict[str, Any]:
    return {
        "id": f"u{number}",
        "email": f"{number}@example.com",
        "name": "Alice",
        "age": 30,
        "city": "Rome",
        "created_at": AT,
    }


@contextmanager
def served(backend: str) -> Iterator[tuple[OrmDsl, LiveDriver]]:
    """A client on a clean store, as a test gets it."""
    with tempfile.TemporaryDirectory() as folder:
        live = LiveDriver(Wanted(backend, (User,), False, make_fitting_driver, None), lambda: Path(folder))
        try:
            clock = Clock()
            live.start(clock, loaded=None)
            yield OrmDsl(Context(live.serving, backend, (User,), clock), live.serving), live
        finally:
            live.close()


def creating(orm: OrmDsl, calls: int) -> Callable[[], float]:
    def run() -> float:
        numbers = iter(range(calls))
        orm.reset()
        return per_call(lambda: orm.create_and_verify(User, data(next(numbers))), calls)

    return run


def same_fields(one: Any, other: Any) -> None:
    for name in FIELDS:
        mine, yours = getattr(one, name), getattr(other, name)
        if type(mine) is not type(yours) or mine != yours:
            raise AssertionError(name)


def in_memory(runs: int, calls: int = 5000) -> Figure:
    """One validation, one copy in, one copy out, one comparison of all fields."""

    def by_hand() -> float:
        store: dict[str, User] = {}
        numbers = iter(range(calls))

        def create() -> None:
            user = User.model_validate(data(next(numbers)))
            store[user.id] = user.model_copy()
            same_fields(user, store[user.id].model_copy())

        return per_call(create, calls)

    with served("inmemory") as (orm, _):
        return compare(
            "`create_and_verify` on inmemory",
            "validate, copy in, copy out, compare",
            creating(orm, calls),
            by_hand,
            at_most=4.0,
            runs=runs,
            unit="µs",
        )


def memory_engine() -> sa.Engine:
    """SQLAlchemy's own recipe for an in-memory database that one connection serves."""
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    return engine


def on_sqlite(runs: int, calls: int = 3000) -> list[Figure]:
    """Beside hand-written Core with prebuilt statements, and beside the ORM's add, flush and refresh."""
    insert = TABLE.insert()
    select = sa.select(TABLE).where(TABLE.c.id == sa.bindparam("key"))
    core, session = memory_engine(), memory_engine()

    connection = core.connect()

    def with_core() -> float:
        with connection.begin():
            connection.execute(TABLE.delete())
        numbers = iter(range(calls))

        def create() -> None:
            user = User.model_validate(data(next(numbers)))
            with connection.begin():
                connection.execute(insert, user.__dict__)
                row = connection.execute(select, {"key": user.id}).one()
            same_fields(user, User.model_validate(row._asdict()))

        return per_call(create, calls)

    def with_session() -> float:
        with session.begin() as connection:
            connection.execute(TABLE.delete())
        numbers = iter(range(calls))

        def create() -> None:
            user = User.model_validate(data(next(numbers)))
            with Session(session) as orm, orm.begin():
                row = Row(**user.__dict__)
                orm.add(row)
                orm.flush()
                orm.refresh(row)
                same_fields(user, row)

        return per_call(create, calls)

    with served("sqlite") as (orm, _):
        ours = creating(orm, calls)
        return [
            compare(
                "`create_and_verify` on sqlite",
                "Core, prebuilt: insert, select, validate, compare",
                ours,
                with_core,
                at_most=1.5,
                runs=runs,
                unit="µs",
            ),
            compare(
                "`create_and_verify` on sqlite",
                "an ORM session: add, flush, refresh, compare",
                ours,
                with_session,
                at_most=1.0,
                runs=runs,
                unit="µs",
            ),
        ]
