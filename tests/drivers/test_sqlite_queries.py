"""SQLite answers every query as the in-memory driver does."""

import enum
import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pydantic
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orm_testing import (
    AggregateOperation,
    CountOperation,
    CreateManyOperation,
    ExistsOperation,
    Field,
    GetOperation,
    InvalidQueryError,
    Model,
    QueryOperation,
    all_of,
    any_of,
    none_of,
)
from orm_testing.filters import LOOKUPS, TEXT_LOOKUPS


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


class Thing(Model):
    key: str = Field(primary_key=True)
    number: int | None = None
    ratio: float | None = None
    price: Decimal | None = None
    text: str | None = None
    blob: bytes | None = None
    size: Size | None = None
    flag: bool | None = None
    uid: UUID | None = None
    at: datetime | None = None
    instant: pydantic.AwareDatetime | None = None
    span: timedelta | None = None
    tags: list[str] | None = None
    count: int = 0


_EPOCH = datetime(2000, 1, 1)
STORED: dict[str, st.SearchStrategy[Any]] = {
    "number": st.sampled_from([-(2**63), -2, -1, 0, 1, 2, 2**53 + 1, 2**63 - 1]),
    "ratio": st.sampled_from([-math.inf, -1.5, 0.0, 0.1, 1.0, 2.0**53, 1.7976931348623157e308, math.inf]),
    "price": st.sampled_from([Decimal(text) for text in ("-1", "0.10", "0.1", "2", "10", "9.99", "1E+3")]),
    "text": st.sampled_from(
        ["", "a", "A", "ab", "aB", "b", "é", "É", "a\x00b", "\x00", "%", "_", "a_b", "\uffff", "\U0001f984"]
    ),
    "blob": st.sampled_from([b"", b"\x00", b"a", b"\xff", b"ab"]),
    "size": st.sampled_from(Size),
    "flag": st.booleans(),
    "uid": st.sampled_from([UUID(int=0), UUID(int=9), UUID(int=2**127), UUID(int=2**128 - 1)]),
    "at": st.sampled_from([_EPOCH, datetime.min, datetime(999, 1, 1), _EPOCH + timedelta(microseconds=1)]),
    "instant": st.sampled_from([_EPOCH.replace(tzinfo=UTC), datetime(1999, 1, 1, 5, tzinfo=UTC)]),
    "span": st.sampled_from(
        [timedelta(), timedelta(days=-1), timedelta(microseconds=3), timedelta(days=400)]
    ),
    "tags": st.sampled_from([[], ["a"], ["a", "b"], ["b", "a"]]),
}
ASKED = STORED | {
    "number": STORED["number"] | st.sampled_from([2**63, 2**70, -(2**63) - 1, -(2**80)]),
    "ratio": STORED["ratio"] | st.sampled_from([math.nan, 0, 1, 2**53 + 1, 10**400, -(10**400), 3]),
    "price": STORED["price"] | st.sampled_from([0, 2, 10**30, Decimal("0.100")]),
    "span": STORED["span"] | st.sampled_from([timedelta.min, timedelta.max]),
    "tags": STORED["tags"] | st.sampled_from([("a",), {"a": 1}, "a", 5]),
}
ROWS = st.lists(
    st.fixed_dictionaries({name: st.none() | values for name, values in STORED.items()}), max_size=8
)


@st.composite
def conditions(draw: Any) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(STORED)))
    known = [lookup for lookup in LOOKUPS if name == "text" or lookup not in TEXT_LOOKUPS]
    if name == "tags":
        known = ["exact", "ne", "in", "not_in", "isnull"]
    lookup = draw(st.sampled_from(known))
    values = ASKED[name]
    if lookup == "isnull":
        value = draw(st.booleans())
    elif lookup in ("in", "not_in"):
        value = draw(st.lists(st.none() | values, max_size=3))
    elif lookup == "between":
        value = [draw(values), draw(values)]
    else:
        value = draw(st.none() | values if lookup in ("exact", "ne") else values)
    return {name if lookup == "exact" else f"{name}__{lookup}": value}


FILTERS = st.recursive(
    conditions(),
    lambda inner: st.builds(
        lambda group, parts: group(*parts),
        st.sampled_from([any_of, all_of, none_of]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)
ORDERS = st.lists(
    st.builds(str.__add__, st.sampled_from(["", "-"]), st.sampled_from(sorted(STORED.keys() - {"tags"}))),
    max_size=3,
    unique_by=lambda name: name.removeprefix("-"),
)
GROUPS = st.lists(st.sampled_from(["size", "flag", "text", "number", "at", "uid"]), max_size=2, unique=True)
AGGREGATES = [
    "count", "tags__count", "flag__count", "number__sum", "number__avg", "number__min", "price__avg", "price__count",
    "span__sum", "span__avg", "span__max", "text__min", "text__max", "size__max", "at__min", "instant__max",
    "uid__min", "blob__max", "ratio__min", "ratio__max",
]  # fmt: skip

every = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def both(opened, oracle):
    """Two drivers, emptied and filled alike before each example."""
    drivers = (oracle(Thing), opened(Thing))

    def filled(rows: list[dict[str, Any]]) -> tuple[Any, Any]:
        for driver in drivers:
            driver.reset()
            assert driver.execute(
                CreateManyOperation(Thing, [{"key": str(place), **row} for place, row in enumerate(rows)])
            ).success
        return drivers

    return filled


def answers(driver: Any, operation: Any) -> Any:
    result = driver.execute(operation)
    return result.data if result.success else type(result.error)


@every
@given(rows=ROWS, where=FILTERS, order=ORDERS, limit=st.none() | st.integers(0, 9), offset=st.integers(0, 9))
def test_rows_found_are_those_of_the_contract(both, rows, where, order, limit, offset):
    """Any filter, in any order, paged in any way, finds the same rows in the same order."""
    contract, sqlite = both(rows)
    for operation in (
        QueryOperation(Thing, where, order, limit, offset),
        CountOperation(Thing, where),
        ExistsOperation(Thing, where),
        GetOperation(Thing, where),
    ):
        assert answers(sqlite, operation) == answers(contract, operation), operation


@every
@given(rows=ROWS, where=FILTERS, groups=GROUPS)
def test_aggregates_are_those_of_the_contract(both, rows, where, groups):
    """Counts, sums, averages and extremes agree, group by group, in order."""
    contract, sqlite = both(rows)
    operation = AggregateOperation(Thing, AGGREGATES, where, groups)
    assert answers(sqlite, operation) == answers(contract, operation)


def test_a_sum_of_floats_is_a_float(both):
    """The sum and the average of floats agree to the last digits; over nothing they are None."""
    contract, sqlite = both([{"ratio": 0.1}, {"ratio": 0.2}, {"ratio": None}])
    operation = AggregateOperation(Thing, ["ratio__sum", "ratio__avg", "price__sum"])
    [got], [expected] = answers(sqlite, operation), answers(contract, operation)
    assert got["ratio__sum"] == pytest.approx(expected["ratio__sum"])
    assert got["ratio__avg"] == pytest.approx(expected["ratio__avg"])
    assert got["price__sum"] is expected["price__sum"] is None


def test_a_sum_beyond_sixty_four_bits_is_exact(both):
    """Whole numbers are added exactly, whatever the sum."""
    _, sqlite = both([{"number": 2**63 - 1}] * 3)
    assert answers(sqlite, AggregateOperation(Thing, ["number__sum"])) == [{"number__sum": 3 * (2**63 - 1)}]


def test_a_sum_of_decimals_keeps_their_scale(both):
    """0.10 + 0.1 is 0.20, as Decimals add."""
    _, sqlite = both([{"price": Decimal("0.10")}, {"price": Decimal("0.1")}])
    [row] = answers(sqlite, AggregateOperation(Thing, ["price__sum"]))
    assert str(row["price__sum"]) == "0.20"


@pytest.mark.parametrize(
    "operation",
    [
        QueryOperation(Thing, {"txet": "a"}),
        QueryOperation(Thing, {"text__like": "a"}),
        QueryOperation(Thing, {"number": "1"}),
        QueryOperation(Thing, {}, ["tags"]),
        QueryOperation(Thing, {}, (), -1),
        GetOperation(Thing, {"key__gt": None}),
        AggregateOperation(Thing, ["text__sum"]),
        AggregateOperation(Thing, ["count"], {}, ["tags"]),
    ],
    ids=repr,
)
def test_a_query_without_meaning_is_refused(both, operation):
    """It is an InvalidQueryError as it is in memory."""
    for driver in both([]):
        assert answers(driver, operation) is InvalidQueryError


def test_a_huge_page_is_a_page(both):
    """A limit and an offset beyond SQLite's integers are no limit and no rows."""
    _, sqlite = both([{}])
    assert len(answers(sqlite, QueryOperation(Thing, {}, (), 2**70))) == 1
    assert answers(sqlite, QueryOperation(Thing, {}, (), None, 2**70)) == []


@pytest.mark.parametrize("lookup", sorted(TEXT_LOOKUPS))
def test_empty_text_does_not_match_and_is_found_by_none_of(both, lookup):
    """What looks into empty text for something is false there, and not unknown: its opposite is true."""
    for driver in both([{"text": ""}, {"text": None}]):
        assert answers(driver, CountOperation(Thing, {f"text__{lookup}": "b"})) == 0
        assert answers(driver, CountOperation(Thing, none_of({f"text__{lookup}": "b"}))) == 2
