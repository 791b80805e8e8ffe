"""Aggregates: counts, sums, averages and extremes, of all rows and by group."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import InvalidQueryError
from orm_testing.filters import any_of
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.everything import Colour, Everything
from orm_testing.kit.support.people import PEOPLE
from orm_testing.kit.support.values import alike
from orm_testing.marks import requires

ANSWERS: dict[str, Any] = {
    "count": 9, "id__sum": 45, "number__count": 7, "number__sum": 130, "number__avg": 130 / 7, "number__min": 0, "number__max": 30,
    "real__count": 7, "real__sum": 15.25, "real__avg": 15.25 / 7, "real__min": -1.0, "real__max": 8.0,
    "exact__count": 7, "exact__sum": Decimal("10.00"), "exact__min": Decimal("-3.50"), "exact__max": Decimal("10.00"),
    "text__count": 7, "text__min": "", "text__max": "ann", "colour__count": 6, "colour__min": Colour.BLUE, "colour__max": Colour.RED,
    "flag__count": 6,
}  # fmt: skip
"""Of `PEOPLE`, added up by hand."""

BY_COLOUR = [
    {"colour": Colour.BLUE, "count": 3, "number__sum": 60, "number__min": 10, "text__count": 2},
    {"colour": Colour.RED, "count": 3, "number__sum": 50, "number__min": 20, "text__count": 3},
    {"colour": None, "count": 3, "number__sum": 20, "number__min": 0, "text__count": 2},
]


@requires("aggregates")
class Aggregates(Cases):
    """An aggregate is that of the values which are there, and has the type of its field."""

    Everything = stored(Everything)

    def load(self, orm: OrmDsl) -> None:
        """Nine rows, with ties and `None` in most fields."""
        for row in PEOPLE:
            orm.create_and_verify(self.Everything, row)

    @pytest.mark.parametrize("aggregate", ANSWERS)
    def test_of_all_rows(self, orm: OrmDsl, aggregate: str) -> None:
        """The answer is that of the values other than `None`, in value and type."""
        [(name, value)] = orm.aggregate(self.Everything, aggregate).items()
        assert name == aggregate
        assert alike(value, ANSWERS[aggregate], orm.driver.capabilities), (value, ANSWERS[aggregate])

    def test_several_at_once(self, orm: OrmDsl) -> None:
        """Several aggregates are answered together, each under its name."""
        names = ("count", "number__sum", "text__max", "colour__count")
        assert orm.aggregate(self.Everything, *names) == {name: ANSWERS[name] for name in names}

    def test_an_average_of_decimals_is_a_decimal(self, orm: OrmDsl) -> None:
        """Decimals that divide evenly have an exact average."""
        average = orm.aggregate(self.Everything, "exact__avg", id__in=[1, 3])["exact__avg"]
        assert type(average) is Decimal
        assert average == Decimal("0.60")

    def test_of_what_was_selected(self, orm: OrmDsl) -> None:
        """Only rows that match are aggregated."""
        found = orm.aggregate(self.Everything, "count", "number__sum", number__gte=20, text__isnull=False)
        assert found == {"count": 4, "number__sum": 100}
        filters = any_of(text="Bob", number=10)
        assert orm.aggregate(self.Everything, "count", "id__sum", filters=filters) == {
            "count": 3,
            "id__sum": 15,
        }

    def test_of_nothing(self, orm: OrmDsl) -> None:
        """Of no rows, and of rows with `None`, the counts are 0 and all else is `None`."""
        names = (
            "count",
            "number__count",
            "number__sum",
            "number__avg",
            "number__min",
            "number__max",
            "text__max",
            "exact__sum",
        )
        none: dict[str, Any] = dict.fromkeys(names) | {"number__count": 0}
        assert orm.aggregate(self.Everything, *names, id=99) == none | {"count": 0}
        assert orm.aggregate(self.Everything, *names, id=6) == none | {"count": 1}

    def test_by_group(self, orm: OrmDsl) -> None:
        """One answer per group, in the order of the groups, with `None` as a group of its own at the end."""
        names = ("count", "number__sum", "number__min", "text__count")
        assert orm.aggregate(self.Everything, *names, group_by=["colour"]) == BY_COLOUR

    def test_by_groups_of_what_was_selected(self, orm: OrmDsl) -> None:
        """A group of which no row matches is not there."""
        found = orm.aggregate(self.Everything, "count", group_by="number", number__gte=20)
        assert found == [{"number": 20, "count": 3}, {"number": 30, "count": 2}]
        assert orm.aggregate(self.Everything, "count", group_by="number", id=99) == []

    def test_by_several_fields(self, orm: OrmDsl) -> None:
        """Groups of several fields are told apart by each of them, and come in the order of the first, then the next."""
        found = orm.aggregate(self.Everything, "count", group_by=["number", "flag"])
        assert [(row["number"], row["flag"], row["count"]) for row in found] == [
            (0, False, 1), (10, True, 1), (20, False, 2), (20, None, 1), (30, True, 2), (None, None, 2),
        ]  # fmt: skip

    def test_groups_mind_case_and_the_empty_text(self, orm: OrmDsl) -> None:
        """Texts that differ in case are two groups, and so are the empty text and `None`."""
        found = orm.aggregate(self.Everything, "count", group_by=["text"])
        assert [(row["text"], row["count"]) for row in found] == [
            ("", 1), ("Ann", 2), ("Bob", 2), ("Cid", 1), ("ann", 1), (None, 2),
        ]  # fmt: skip

    def test_times(self, orm: OrmDsl) -> None:
        """Durations are added up, and dates have a first and a last."""
        orm.create_and_verify(self.Everything, id=10, took=timedelta(days=1), day=date(999, 1, 1))
        orm.create_and_verify(self.Everything, id=11, took=timedelta(microseconds=2), day=date(2024, 1, 1))
        names = ("took__sum", "took__avg", "took__max", "day__min", "day__max")
        assert orm.aggregate(self.Everything, *names) == {
            "took__sum": timedelta(days=1, microseconds=2), "took__avg": timedelta(hours=12, microseconds=1), "took__max": timedelta(days=1),
            "day__min": date(999, 1, 1), "day__max": date(2024, 1, 1),
        }  # fmt: skip

    def test_sums_of_decimals_are_exact(self, orm: OrmDsl) -> None:
        """No digit of a sum is lost that its values had."""
        orm.create_and_verify(self.Everything, id=10, exact=Decimal("1234567890123456789012345678901.5"))
        orm.create_and_verify(self.Everything, id=11, exact=Decimal("0.1"))
        total = orm.aggregate(self.Everything, "exact__sum", id__gte=10)["exact__sum"]
        assert total == Decimal("1234567890123456789012345678901.6")

    @pytest.mark.parametrize(
        "aggregates",
        [
            (),
            ("sum",),
            ("number__median",),
            ("nmuber__sum",),
            ("text__sum",),
            ("__sum",),
            ("tags__max",),
            ("count", "number"),
        ],
        ids=repr,
    )
    def test_a_wrong_aggregate_is_refused(self, orm: OrmDsl, aggregates: tuple[str, ...]) -> None:
        """An aggregate without a meaning is an `InvalidQueryError`."""
        with pytest.raises(InvalidQueryError):
            orm.aggregate(self.Everything, *aggregates)

    def test_wrong_groups_and_conditions_are_refused(self, orm: OrmDsl) -> None:
        """To aggregate by or of an unknown field is an `InvalidQueryError`."""
        with pytest.raises(InvalidQueryError):
            orm.aggregate(self.Everything, "count", group_by=["nmuber"])
        with pytest.raises(InvalidQueryError):
            orm.aggregate(self.Everything, "count", group_by=["tags"])
        with pytest.raises(InvalidQueryError):
            orm.aggregate(self.Everything, "count", filters={"nmuber": 1})
