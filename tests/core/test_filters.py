"""Conditions on rows: every lookup, on every kind, with and without None."""

import datetime
import decimal
import enum
import uuid

import pydantic
import pytest

from orm_testing import Field, Model, all_of, any_of, none_of, schema_of
from orm_testing.filters import LOOKUPS, matches, parse

D = decimal.Decimal
NAIVE = datetime.datetime.fromisoformat


class Size(enum.Enum):
    SMALL = "a"
    LARGE = "b"
    HUGE = "c"


def thing(annotation):
    """A model with one field of the annotation, which may be None."""
    return pydantic.create_model(
        "Thing", __base__=Model, id=(int, Field(primary_key=True)), value=(annotation | None, None)
    )


KINDS = {
    "bool": (bool, [False, True]),
    "int": (int, [-(10**20), 0, 7]),
    "float": (float, [-1.5, 0.0, 1e300, float("inf"), float("nan")]),
    "decimal": (D, [D("-1.10"), D(0), D("1.05"), D(2)]),
    "text": (str, ["", "A", "B", "a", "ä", "\ufffd", "😀"]),
    "bytes": (bytes, [b"", b"\x00", b"a", b"\xff"]),
    "uuid": (uuid.UUID, [uuid.UUID(int=1), uuid.UUID(int=2), uuid.UUID(int=2**127)]),
    "enum": (Size, [Size.SMALL, Size.LARGE, Size.HUGE]),
    "date": (datetime.date, [datetime.date(1, 1, 1), datetime.date(2024, 2, 29)]),
    "time": (datetime.time, [datetime.time(0), datetime.time(0, 0, 0, 1), datetime.time(23)]),
    "datetime": (datetime.datetime, [NAIVE("2024-01-01"), NAIVE("2024-01-01T00:00:00.000001")]),
    "aware_datetime": (
        pydantic.AwareDatetime,
        [NAIVE("2024-01-01T01:00:00+02:00"), NAIVE("2024-01-01T00:00:00+00:00")],
    ),
    "timedelta": (datetime.timedelta, [datetime.timedelta(-1), datetime.timedelta(0, 0, 1)]),
}


def found(model, values, filters):
    """The positions, among values in ascending order and a None after them, of what matches."""
    where = parse(filters, schema_of(model))
    rows = [{"id": number, "value": value} for number, value in enumerate([*values, None])]
    return [row["id"] for row in rows if matches(where, row)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_compared_by_its_order_and_none_by_isnull_alone(kind):
    """On each kind, each comparison finds exactly the values on its side, and never the None."""
    annotation, values = KINDS[kind]
    model = thing(annotation)
    assert schema_of(model).by_name["value"].kind == kind
    places = list(range(len(values)))
    for at, value in enumerate(values):
        expected = {
            "value": [at],
            "value__exact": [at],
            "value__ne": places[:at] + places[at + 1 :],
            "value__gt": places[at + 1 :],
            "value__gte": places[at:],
            "value__lt": places[:at],
            "value__lte": places[: at + 1],
        }
        for name, answer in expected.items():
            assert found(model, values, {name: value}) == answer, name
        assert found(model, values, {"value__in": [value, values[0]]}) == sorted({0, at})
        assert found(model, values, {"value__not_in": [value]}) == expected["value__ne"]
        assert found(model, values, {"value__between": (values[0], value)}) == places[: at + 1]
    assert found(model, values, {"value__isnull": True}) == [len(values)]
    assert found(model, values, {"value__isnull": False}) == places


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"value": None}, [2]),
        ({"value__exact": None}, [2]),
        ({"value__ne": None}, [0, 1]),
        ({"value__ne": 1}, [1]),
        ({"value__in": [None]}, [2]),
        ({"value__in": [1, None]}, [0, 2]),
        ({"value__in": []}, []),
        ({"value__not_in": []}, [0, 1]),
        ({"value__not_in": [None]}, [0, 1]),
        ({"value__not_in": [1, None]}, [1]),
        ({"value__between": (2, 1)}, []),
    ],
)
def test_none_equals_only_none(filters, expected):
    """None is found where None is asked for, and `ne`, `not_in` and ranges never match it."""
    assert found(thing(int), [1, 2], filters) == expected


@pytest.mark.parametrize(
    ("lookup", "wanted", "expected"),
    [
        ("contains", "ann", {"Hanna", "anna"}),
        ("contains", "%", {"100%"}),
        ("contains", "_", {"a_b"}),
        ("contains", "", {"Hanna", "anna", "ANNE", "100%", "a_b", "Änne", "änne", ""}),
        ("icontains", "ANN", {"Hanna", "anna", "ANNE"}),
        ("icontains", "Änne", {"Änne"}),
        ("icontains", "äNNE", {"änne"}),
        ("startswith", "a", {"anna", "a_b"}),
        ("istartswith", "A", {"anna", "ANNE", "a_b"}),
        ("endswith", "a", {"Hanna", "anna"}),
        ("iendswith", "NE", {"ANNE", "Änne", "änne"}),
        ("iendswith", "", {"Hanna", "anna", "ANNE", "100%", "a_b", "Änne", "änne", ""}),
    ],
)
def test_text_lookups_mind_case_and_the_i_forms_fold_ascii_only(lookup, wanted, expected):
    """Text is searched by code point; the `i…` lookups make ASCII letters alike and no others."""
    values = ["Hanna", "anna", "ANNE", "100%", "a_b", "Änne", "änne", ""]
    assert {values[at] for at in found(thing(str), values, {f"value__{lookup}": wanted})} == expected


@pytest.mark.parametrize(
    ("annotation", "filters", "expected"),
    [
        (float, {"value__gt": 1}, [1]),
        (float, {"value": 1}, [0]),
        (D, {"value__lte": 1}, [0]),
        (Size, {"value": "a"}, [0]),
        (Size, {"value__in": ["a", Size.LARGE]}, [0, 1]),
    ],
)
def test_a_value_that_the_field_would_take_is_taken(annotation, filters, expected):
    """An int stands for a float or a Decimal, and an enum's value for its member."""
    values = {float: [1.0, 2.5], D: [D(1), D("2.5")], Size: [Size.SMALL, Size.LARGE]}[annotation]
    assert found(thing(annotation), values, filters) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"value": [1]}, [0]),
        ({"value__ne": [1]}, [1]),
        ({"value__in": [[2], [3]]}, [1]),
        ({"value__not_in": [[1]]}, [1]),
        ({"value__isnull": True}, [2]),
    ],
)
def test_structured_data_is_compared_whole(filters, expected):
    """A field of structured data can be asked for equality and for None."""
    assert found(thing(list[int]), [[1], [2]], filters) == expected


def test_every_lookup_is_tested_here():
    """The lookups are the sixteen of the contract."""
    words = "exact ne gt gte lt lte in not_in between contains icontains startswith istartswith endswith iendswith isnull"
    assert sorted(LOOKUPS) == sorted(words.split())


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [0, 1, 2, 3]),
        (None, [0, 1, 2, 3]),
        (any_of(), []),
        (all_of(), [0, 1, 2, 3]),
        (none_of(), [0, 1, 2, 3]),
        (any_of(value=1, value__gt=2), [0, 2]),
        (any_of({"value__gte": 1, "value__lt": 2}, {"value": 3}), [0, 2]),
        (all_of({"value__gte": 2}, value__lt=3), [1]),
        (none_of(value=1), [1, 2, 3]),
        (none_of({"value__gte": 1, "value__lt": 3}), [2, 3]),
        (none_of(none_of(value=1)), [0]),
        (any_of(all_of(value__gt=1, value__lt=3), none_of(value__isnull=False)), [1, 3]),
        ([any_of(value=1, id=1), {"value__gte": 2}], [1]),
        ([{"value": 1}, {"value": 2}], []),
        (({"value__gte": 1}, none_of(value=2)), [0, 2]),
    ],
)
def test_groups_nest(filters, expected):
    """`any_of`, `all_of`, `none_of`, lists and mappings mean what they say, inside one another too."""
    assert found(thing(int), [1, 2, 3], filters) == expected


def test_a_groups_repr_makes_an_equal_group():
    """The repr of a group is the call that makes it."""
    group = any_of({"a": 1, "b__in": [1, 2]}, none_of(c="x"), all_of(d=None))
    assert eval(repr(group)) == group


def test_a_field_whose_name_looks_like_a_lookup_is_the_field():
    """A field named `age__gte` is found under its own name before the name is taken apart."""
    model = pydantic.create_model(
        "Odd", __base__=Model, id=(int, Field(primary_key=True)), age=(int, 0), age__gte=(int, 0)
    )
    where = parse({"age__gte": 5, "age__gte__lt": 9}, schema_of(model))
    assert matches(where, {"id": 1, "age": 0, "age__gte": 5})
    assert not matches(where, {"id": 1, "age": 9, "age__gte": 4})
