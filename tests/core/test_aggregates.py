"""count, sum, avg, min and max, over all rows and by groups."""

import datetime
import decimal
import enum

import pytest

from orm_testing import Field, InvalidQueryError, Model, schema_of
from orm_testing.aggregates import average, parse_aggregates

D = decimal.Decimal
HOUR = datetime.timedelta(hours=1)
DAY = datetime.date(2024, 1, 1)


class Size(enum.Enum):
    BIG = "b"
    SMALL = "a"


class Sale(Model):
    id: int = Field(primary_key=True)
    city: str | None = None
    pieces: int | None = None
    weight: float | None = None
    price: D | None = None
    took: datetime.timedelta | None = None
    day: datetime.date | None = None
    size: Size | None = None
    gift: bool = False
    tags: list[str] = Field(default_factory=list)


@pytest.fixture
def orm(make_orm):
    """Three sales in two cities and one in none, the last without values."""
    orm = make_orm(Sale)
    rows = [
        {
            "city": "Rome",
            "pieces": 1,
            "weight": 0.5,
            "price": D("1.10"),
            "took": HOUR,
            "day": DAY,
            "size": "b",
        },
        {"city": "Bonn", "pieces": 2, "weight": 1.0, "price": D("2.20"), "took": 2 * HOUR, "size": "a"},
        {"city": "Rome", "pieces": 4, "weight": 3.0, "price": D("3.30"), "took": 3 * HOUR, "gift": True},
        {},
    ]
    orm.create_many_and_verify(Sale, [{"id": number, **row} for number, row in enumerate(rows)])
    return orm


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("count", 4),
        ("pieces__count", 3),
        ("tags__count", 4),
        ("pieces__sum", 7),
        ("pieces__avg", 7 / 3),
        ("pieces__min", 1),
        ("pieces__max", 4),
        ("weight__sum", 4.5),
        ("weight__avg", 1.5),
        ("price__sum", D("6.60")),
        ("price__avg", D("2.20")),
        ("took__sum", 6 * HOUR),
        ("took__avg", 2 * HOUR),
        ("took__max", 3 * HOUR),
        ("day__min", DAY),
        ("city__max", "Rome"),
        ("size__min", Size.SMALL),
        ("size__max", Size.BIG),
    ],
)
def test_an_aggregate_is_of_the_values_that_are_there(orm, name, expected):
    """None counts for nothing, and the answer has the type of the field, an average of ints being a float."""
    answer = orm.aggregate(Sale, name)
    assert answer == {name: expected}
    assert type(answer[name]) is type(expected)


def test_over_no_values_only_count_has_an_answer(orm):
    """Where nothing matches, `count` is 0 and the others are None."""
    names = ["count", "pieces__count", "pieces__sum", "weight__avg", "price__min", "took__max"]
    assert orm.aggregate(Sale, *names, city="Oslo") == dict(
        zip(names, [0, 0, None, None, None, None], strict=True)
    )


def test_groups_come_in_the_order_of_their_values_with_none_last(orm):
    """`group_by` gives one dict per group that has rows, ordered by the group's values."""
    assert orm.aggregate(Sale, "count", "pieces__sum", group_by="city") == [
        {"city": "Bonn", "count": 1, "pieces__sum": 2},
        {"city": "Rome", "count": 2, "pieces__sum": 5},
        {"city": None, "count": 1, "pieces__sum": None},
    ]
    by_two = orm.aggregate(Sale, "count", group_by=["gift", "city"], pieces__isnull=False)
    assert [(each["gift"], each["city"], each["count"]) for each in by_two] == [
        (False, "Bonn", 1),
        (False, "Rome", 1),
        (True, "Rome", 1),
    ]
    assert orm.aggregate(Sale, "count", group_by=["city"], city="Oslo") == []


@pytest.mark.parametrize(
    ("names", "more", "says"),
    [
        ((), {}, r'name at least one aggregate, such as "count"'),
        (("sum",), {}, r"'sum' is not an aggregate"),
        (("pieces__smu",), {}, r"not an aggregate\. Did you mean 'sum'\?"),
        (("__sum",), {}, r"not an aggregate"),
        (("peices__sum",), {}, r"no field 'peices'\. Did you mean 'pieces'\?"),
        (("city__sum",), {}, r"a field of text has no sum"),
        (("day__avg",), {}, r"a field of date has no avg"),
        (("gift__sum",), {}, r"a field of bool has no sum"),
        (("gift__max",), {}, r"a field of bool has no max"),
        (("tags__min",), {}, r"a field of json has no min"),
        (("count",), {"group_by": "ctiy"}, r"no field 'ctiy'\. Did you mean 'city'\?"),
        (("count",), {"group_by": ["tags"]}, r"'tags' holds structured data and cannot be grouped by"),
        (("count",), {"nope": 1}, r"no field 'nope'"),
    ],
)
def test_a_meaningless_aggregate_says_what_to_write(orm, names, more, says):
    """An aggregate, a group or a filter without meaning is an `InvalidQueryError`."""
    with pytest.raises(InvalidQueryError, match=says):
        orm.aggregate(Sale, *names, **more)


def test_an_average_is_made_of_a_sum_and_a_count():
    """A store's sum and count give the same average as the rows would, and None over no rows."""
    number, price = (schema_of(Sale).by_name[name] for name in ("pieces", "price"))
    assert average(7, 2, number) == 3.5
    assert average(D("1.50"), 3, price) == D("0.50")
    assert average(None, 0, number) is average(None, 3, number) is average(0, 0, price) is None


def test_a_parsed_aggregate_knows_its_field():
    """The count of rows has no field; every other aggregate has its field and function."""
    count, largest = parse_aggregates(["count", "price__max"], schema_of(Sale))
    assert (count.field, count.function) == (None, "count")
    assert (largest.field.name, largest.function, largest.name) == ("price", "max", "price__max")
