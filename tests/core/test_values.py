"""Copying values, and telling whether two are the same."""

import dataclasses
import datetime
import decimal
import enum
import math
import uuid

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orm_testing.values import copied, copied_row, same

D = decimal.Decimal
DAY = datetime.date(2024, 1, 1)
NOON = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC)


class Color(enum.StrEnum):
    RED = "red"


class Tag(pydantic.BaseModel):
    label: str
    weight: float = 1.0


class Other(pydantic.BaseModel):
    label: str
    weight: float = 1.0


class Plain:
    def __eq__(self, other):
        return isinstance(other, Plain)

    __hash__ = None


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.decimals()
    | st.uuids()
    | st.datetimes()
    | st.dates()
    | st.timedeltas(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(values)
def test_a_copy_is_the_same_as_its_original(value):
    """Any value is the same as itself and as its copy, with or without scale."""
    assert same(value, value)
    assert same(copied(value), value)
    assert same(value, copied(value), scale=False)


@given(values, values)
def test_sameness_is_symmetric_and_implies_equality(one, other):
    """`same` does not depend on the order of its arguments."""
    assert same(one, other) is same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (True, 1),
        (0, False),
        (1, 1.0),
        (None, 0),
        ("", None),
        ("a", b"a"),
        (D(1), 1),
        (D("1.0"), D("1.00")),
        (math.nan, 1.0),
        (D("NaN"), D(1)),
        (Color.RED, "red"),
        (DAY, datetime.datetime.combine(DAY, datetime.time())),
        (NOON, NOON + datetime.timedelta(microseconds=1)),
        (NOON, NOON.replace(tzinfo=None)),
        (uuid.UUID(int=1), str(uuid.UUID(int=1))),
        ([1, 2], [2, 1]),
        ([1], [True]),
        ([1], (1,)),
        ([1], [1, 1]),
        ({"a": 1}, {"a": True}),
        ({"a": 1}, {"a": 1, "b": None}),
        ({"a": [{"b": D("1.0")}]}, {"a": [{"b": D("1.00")}]}),
        ({1}, {True}),
        ({1}, {1, 2}),
        (Tag(label="x"), Other(label="x")),
        (Tag(label="x"), Tag(label="y")),
        (Tag(label="x", weight=1.0), Tag.model_construct(label="x", weight=1)),
    ],
)
def test_values_that_differ_in_value_or_type_are_not_the_same(one, other):
    """Equality across types, scales, orders or lengths is no sameness."""
    assert not same(one, other)
    assert not same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (math.nan, float("nan")),
        ([math.nan], [float("nan")]),
        (D("NaN"), D("NaN")),
        (D("1.20"), D("1.20")),
        ({1, "a"}, {"a", 1}),
        (frozenset({1}), frozenset({1})),
        (Tag(label="x"), Tag(label="x", weight=1.0)),
        (Color.RED, Color.RED),
        (Plain(), Plain()),
    ],
)
def test_equal_values_of_one_type_are_the_same(one, other):
    """Values made apart are the same where value and type agree all the way down."""
    assert same(one, other)


@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [{"x": value}], lambda value: (value,)])
def test_scale_matters_only_where_it_is_asked_for(wrap):
    """Without `scale`, Decimals of one value are the same however deep they stand."""
    assert same(wrap(D("1.0")), wrap(D("1.00")), scale=False)
    assert not same(wrap(D("1.0")), wrap(D("1.01")), scale=False)
    assert same(wrap(D("NaN")), wrap(D("NaN")), scale=False)


def test_a_copied_row_shares_nothing_that_can_change():
    """Changing the original's lists, dicts and models leaves the copy as it was."""
    row = {"tags": ["a"], "map": {"k": [1]}, "tag": Tag(label="x"), "color": Color.RED, "n": 1}
    copy = copied_row(row)
    row["tags"].append("b")
    row["map"]["k"].append(2)
    row["tag"].label = "changed"
    row["n"] = 2
    assert copy == {"tags": ["a"], "map": {"k": [1]}, "tag": Tag(label="x"), "color": Color.RED, "n": 1}
    assert copy["color"] is Color.RED


@dataclasses.dataclass
class Point:
    x: object


class Open(pydantic.BaseModel, extra="allow"):
    pass


@pytest.mark.parametrize(
    ("one", "other"), [(Point(True), Point(1)), (Open(x=1), Open(x=2)), ([Point(1)], [Point(1.0)])]
)
def test_sameness_goes_all_the_way_down(one, other):
    """Dataclasses are the same field by field, and models with what they hold besides their fields."""
    assert not same(one, other)
    assert same(one, copied(one))
