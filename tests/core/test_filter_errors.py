"""Conditions, orders and pages that have no meaning: each is an `InvalidQueryError` that says why."""

import datetime
import decimal
import enum

import pydantic
import pytest

from orm_testing import Field, InvalidQueryError, Model, all_of, any_of, schema_of
from orm_testing.filters import check_page, field_named, parse, parse_order

NAIVE = datetime.datetime.fromisoformat("2024-01-01")
AWARE = datetime.datetime.fromisoformat("2024-01-01T00:00:00+00:00")


class Size(enum.Enum):
    SMALL = "small"


class Person(Model):
    id: str = Field(primary_key=True)
    age: int | None = None
    rate: float = 0.0
    debt: decimal.Decimal = decimal.Decimal(0)
    active: bool = True
    size: Size = Size.SMALL
    born: datetime.date | None = None
    wakes: datetime.time | None = None
    seen: datetime.datetime | None = None
    sent: pydantic.AwareDatetime | None = None
    tags: list[str] = Field(default_factory=list)


@pytest.mark.parametrize(
    ("filters", "says", "field"),
    [
        ({"aeg": 1}, r"Person has no field 'aeg'\. Did you mean 'age'\?", "aeg"),
        ({"aeg__gte": 1}, r"no field 'aeg'\. Did you mean 'age'\?", "aeg"),
        ({"zzzzzz": 1}, r"no field 'zzzzzz'\.$", "zzzzzz"),
        ({"age__gtee": 1}, r"'gtee' is not a lookup\. Did you mean 'gte'\? Known are: exact, ne", "age"),
        ({"age__": 1}, r"'' is not a lookup", "age"),
        ({"age__contains": "1"}, r"looks into text, and the field holds int", "age"),
        ({"size__startswith": "s"}, r"looks into text, and the field holds enum", "size"),
        ({"tags__gt": []}, r"structured data, which has no order", "tags"),
        ({"tags__contains": "a"}, r"looks into text", "tags"),
        ({"age__isnull": 1}, r"takes True or False, not 1", "age"),
        ({"age__in": 5}, r"takes several values, not 5", "age"),
        ({"id__in": "abc"}, r"takes several values, not 'abc'", "id"),
        ({"id__not_in": b"abc"}, r"takes several values", "id"),
        ({"id__in": {"a": 1}}, r"takes several values", "id"),
        ({"age__between": [1]}, r"a low and a high value, not 1 values", "age"),
        ({"age__between": (1, 2, 3)}, r"not 3 values", "age"),
        ({"age__between": (None, 3)}, r"ask with `isnull`", "age"),
        ({"age__gt": None}, r"None has no order; ask with `isnull`", "age"),
        ({"id__contains": None}, r"ask with `isnull`", "id"),
        ({"age": "30"}, r"compares with int, not str '30'", "age"),
        ({"age": 30.0}, r"compares with int, not float", "age"),
        ({"age": True}, r"compares with int, not bool True", "age"),
        ({"age__in": [1, "2"]}, r"not str '2'", "age"),
        ({"rate": False}, r"compares with float, not bool", "rate"),
        ({"debt": 1.5}, r"compares with Decimal, not float", "debt"),
        ({"active": 1}, r"compares with bool, not int", "active"),
        ({"id": 5}, r"compares with str, not int 5", "id"),
        ({"size": "huge"}, r"'huge' is not a Size", "size"),
        ({"born": NAIVE}, r"compares with date, not datetime", "born"),
        ({"seen": AWARE}, r"the field holds naive datetimes", "seen"),
        ({"sent__gte": NAIVE}, r"the field holds aware datetimes", "sent"),
        ({"wakes__gt": AWARE.timetz()}, r"naive|zone", "wakes"),
    ],
)
@pytest.mark.parametrize("wrap", [lambda part: part, lambda part: all_of(any_of(part)), lambda part: [part]])
def test_a_wrong_condition_says_what_is_wrong(filters, says, field, wrap):
    """However deep it stands, a wrong condition is refused with its model and field named."""
    with pytest.raises(InvalidQueryError, match=says) as caught:
        parse(wrap(filters), schema_of(Person))
    assert (caught.value.model, caught.value.fields) == ("Person", (field,))


@pytest.mark.parametrize("filters", ["age", 5, {1: 2}, [5], any_of(5), ["age"]])
def test_what_is_no_condition_is_refused(filters):
    """Filters are mappings by name, groups, or lists of these; anything else is an error of the query."""
    with pytest.raises(InvalidQueryError):
        parse(filters, schema_of(Person))


@pytest.mark.parametrize(
    ("order_by", "says"),
    [
        (["aeg"], r"no field 'aeg'\. Did you mean 'age'"),
        (["-aeg"], r"no field 'aeg'"),
        (["tags"], r"order_by='tags': .*has no order"),
        (["--age"], r"no field '-age'"),
        (["age__gte"], r"no field 'age__gte'"),
    ],
)
def test_a_wrong_order_says_what_is_wrong(order_by, says):
    """Ordering by what is no field, or has no order, is an error."""
    with pytest.raises(InvalidQueryError, match=says):
        parse_order(order_by, schema_of(Person))


@pytest.mark.parametrize(
    ("order_by", "expected"),
    [
        ([], [("id", False)]),
        ("age", [("age", False), ("id", False)]),
        (["-age", "rate"], [("age", True), ("rate", False), ("id", False)]),
        (("-id",), [("id", True)]),
    ],
)
def test_the_key_comes_last_in_every_order(order_by, expected):
    """An order ends with the parts of the key that it does not name, so that it is total."""
    parsed = parse_order(order_by, schema_of(Person))
    assert [(field.name, descending) for field, descending in parsed] == expected


@pytest.mark.parametrize(
    ("limit", "offset", "says"),
    [
        (-1, 0, r"limit is a number from 0 on, not -1"),
        (True, 0, r"limit .* not True"),
        ("5", 0, r"limit .* not '5'"),
        (1.0, 0, r"limit"),
        (None, -1, r"offset is a number from 0 on, not -1"),
        (5, "2", r"offset"),
    ],
)
def test_a_page_is_counted_in_whole_numbers(limit, offset, says):
    """A limit or an offset that is no count is refused."""
    with pytest.raises(InvalidQueryError, match=says):
        check_page(limit, offset, schema_of(Person))


@pytest.mark.parametrize(("limit", "offset"), [(None, 0), (0, 0), (5, 10**9)])
def test_a_page_may_be_empty_or_unlimited(limit, offset):
    """No limit, a limit of 0 and a large offset all have a meaning."""
    assert check_page(limit, offset, schema_of(Person)) is None


def test_a_field_is_found_by_its_name():
    """`field_named` gives the field's own schema."""
    assert field_named("age", schema_of(Person)) is schema_of(Person).by_name["age"]
