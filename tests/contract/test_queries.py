"""Queries mean the same on every backend: held against plain Python over the same rows."""

import itertools

import pytest
from everywhere import BACKENDS

from orm_testing import Field, InvalidQueryError, Model, MultiBackendTestBase, all_of, any_of, none_of


class Person(Model):
    id: int = Field(primary_key=True)
    name: str | None = None
    age: int | None = None
    city: str = "x"


NAMES = ["alice", "Alice", "ALICE", "Bob", "Ångström", "ångström", "", None, "al%ce", "al_ce"]
PEOPLE = [
    {"id": number, "name": name, "age": None if number % 4 == 3 else number % 5, "city": "xyz"[number % 3]}
    for number, name in enumerate(NAMES * 2)
]
FILTERS = [
    {"name": None}, {"name__ne": "Alice"}, {"name__ne": None}, {"name__isnull": True}, {"name__isnull": False},
    {"age__gt": 2}, {"age__gte": 2}, {"age__lt": 2}, {"age__lte": 2}, {"age__between": (1, 3)}, {"age__between": [3, 1]},
    {"age__in": [1, None]}, {"age__not_in": [1]}, {"age__not_in": [1, None]}, {"age__in": []}, {"age__not_in": []},
    {"name__contains": "l"}, {"name__contains": ""}, {"name__contains": "%"}, {"name__icontains": "LI"},
    {"name__icontains": "Å"}, {"name__startswith": "Al"}, {"name__istartswith": "aL"}, {"name__endswith": "ce"},
    {"name__iendswith": "CE"}, {"name__startswith": "al_"}, {"name__gt": "Z"}, {"name__lte": "Bob"},
    {"name": "Alice", "age__gte": 0}, any_of(age=1, name="Bob"), none_of(age__gt=2), none_of({"name": None}, age=1),
    all_of(any_of(age=1, city="x"), none_of(name="Bob")), [any_of({"age": 1, "city": "y"}, {"age__isnull": True}), {"id__gt": 3}],
    any_of(), none_of(), all_of(),
]  # fmt: skip


def fold(text):
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


LOOKUPS = {
    "exact": lambda held, value: held == value,
    "ne": lambda held, value: held is not None and held != value,
    "gt": lambda held, value: held is not None and held > value,
    "gte": lambda held, value: held is not None and held >= value,
    "lt": lambda held, value: held is not None and held < value,
    "lte": lambda held, value: held is not None and held <= value,
    "between": lambda held, value: held is not None and value[0] <= held <= value[1],
    "in": lambda held, value: held in value,
    "not_in": lambda held, value: held is not None and held not in value,
    "contains": lambda held, value: held is not None and value in held,
    "icontains": lambda held, value: held is not None and fold(value) in fold(held),
    "startswith": lambda held, value: held is not None and held.startswith(value),
    "istartswith": lambda held, value: held is not None and fold(held).startswith(fold(value)),
    "endswith": lambda held, value: held is not None and held.endswith(value),
    "iendswith": lambda held, value: held is not None and fold(held).endswith(fold(value)),
    "isnull": lambda held, value: (held is None) == value,
}


def means(filters, person):
    """The filter's meaning, written once more and apart from the library's."""
    if isinstance(filters, dict):
        split = [(name.partition("__"), value) for name, value in filters.items()]
        return all(LOOKUPS[lookup or "exact"](person[field], value) for (field, _, lookup), value in split)
    if isinstance(filters, list):
        return all(means(part, person) for part in filters)
    found = [means(part, person) for part in filters.parts]
    return {"any": any(found), "all": all(found), "none": not any(found)}[filters.joined]


class TestQueries(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Person]

    def load(self, orm):
        orm.create_many_and_verify(Person, PEOPLE)

    @pytest.mark.parametrize("filters", FILTERS, ids=repr)
    def test_a_filter_finds_what_it_means(self, orm, filters):
        """The rows found, counted and said to exist are those that plain Python finds."""
        expected = [person["id"] for person in PEOPLE if means(filters, person)]
        found = orm.query_and_verify_count(Person, len(expected), filters)
        assert [person.id for person in found] == expected
        assert orm.count_models(Person, filters) == len(expected)
        assert orm.model_exists(Person, filters) is bool(expected)

    @pytest.mark.parametrize(
        "order", [["age"], ["-age"], ["name", "-id"], ["-name"], ["city", "-age", "name"], ["-city", "age"]]
    )
    def test_order_is_by_code_point_with_none_last(self, orm, order):
        """`None` comes last either way; ties go by key; pages tile the whole."""
        expected = list(PEOPLE)
        for term in reversed(order):
            field = term.removeprefix("-")
            present = [person for person in expected if person[field] is not None]
            present.sort(key=lambda person: person[field], reverse=term.startswith("-"))
            expected = present + [person for person in expected if person[field] is None]
        ids = [person["id"] for person in expected]
        assert [person.id for person in orm.query_and_verify_count(Person, 20, order_by=order)] == ids
        pages = [
            orm.query_models(Person, order_by=order, limit=3, offset=start).data for start in range(0, 21, 3)
        ]
        assert [person.id for person in itertools.chain(*pages)] == ids
        assert orm.first(Person, order_by=order).id == ids[0]

    @pytest.mark.parametrize(
        ("limit", "offset", "count"),
        [(0, 0, 0), (1, 0, 1), (20, 0, 20), (21, 0, 20), (None, 19, 1), (None, 20, 0), (5, 18, 2), (0, 3, 0)],
    )
    def test_limit_and_offset(self, orm, limit, offset, count):
        """`limit=0` is no rows; beyond the end there is nothing."""
        orm.query_and_verify_count(Person, count, limit=limit, offset=offset)

    def test_first_of_nothing_is_none(self, orm):
        """`first` answers None where no row matches."""
        assert orm.first(Person, age=99) is None

    @pytest.mark.parametrize(
        "query",
        [
            {"filters": {"aeg": 1}}, {"filters": {"age__biggest": 1}}, {"filters": {"age": "1"}}, {"filters": {"age": True}},
            {"filters": {"name__gt": None}}, {"filters": {"age__contains": 1}}, {"filters": {"age__in": 1}},
            {"filters": {"age__in": "12"}}, {"filters": {"age__between": [1]}}, {"filters": {"age__isnull": 1}},
            {"filters": "age"}, {"filters": any_of({"aeg": 1})}, {"order_by": ["aeg"]}, {"limit": -1}, {"offset": -1},
            {"limit": True}, {"limit": "1"},
        ],
        ids=repr,
    )  # fmt: skip
    def test_a_wrong_query_is_refused_alike(self, orm, query):
        """Unknown fields and lookups, and values of the wrong type, are the same error on every backend."""
        orm.expect_query_failure(Person, InvalidQueryError, **query)

    def test_aggregates(self, orm):
        """Counts, sums, averages and extremes are those of plain Python, also of nothing."""
        ages = [person["age"] for person in PEOPLE if person["age"] is not None]
        names = [person["name"] for person in PEOPLE if person["name"] is not None]
        everything = (
            "count",
            "age__count",
            "age__sum",
            "age__avg",
            "age__min",
            "age__max",
            "name__min",
            "name__max",
        )
        assert orm.aggregate(Person, *everything) == {
            "count": 20, "age__count": len(ages), "age__sum": sum(ages), "age__avg": sum(ages) / len(ages),
            "age__min": 0, "age__max": 4, "name__min": min(names), "name__max": max(names),
        }  # fmt: skip
        assert orm.aggregate(Person, *everything, id=99) == dict.fromkeys(everything) | {
            "count": 0,
            "age__count": 0,
        }

    def test_aggregates_by_group(self, orm):
        """One answer per group, in the order of the groups, with `None` as a group of its own at the end."""
        assert orm.aggregate(Person, "count", "age__max", group_by="city", id__lt=6) == [
            {"city": "x", "count": 2, "age__max": 0},
            {"city": "y", "count": 2, "age__max": 4},
            {"city": "z", "count": 2, "age__max": 2},
        ]
        groups = orm.aggregate(Person, "count", group_by=["age"])
        assert [group["age"] for group in groups] == [0, 1, 2, 3, 4, None]
        assert sum(group["count"] for group in groups) == len(PEOPLE)

    @pytest.mark.parametrize(
        "aggregates", [(), ("sum",), ("age__median",), ("aeg__sum",), ("name__sum",), ("__sum",)]
    )
    def test_a_wrong_aggregate_is_refused(self, orm, aggregates):
        """An aggregate without a meaning is an error."""
        with pytest.raises(InvalidQueryError):
            orm.aggregate(Person, *aggregates)
