"""Small things that reviewers found, held on every backend that needs no server."""

import enum
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pydantic
import pytest
from everywhere import BACKENDS

from orm_testing import Field, InvalidQueryError, Model, MultiBackendTestBase, ValidationError, any_of


class Rights(enum.IntFlag):
    READ = 1
    WRITE = 2


class Profile(pydantic.BaseModel):
    names: list[frozenset[str]] = []


class Sample(Model):
    model_config = pydantic.ConfigDict(extra="forbid")

    id: pydantic.PositiveInt | None = Field(None, primary_key=True, generated=True)
    price: Decimal | None = None
    at: pydantic.AwareDatetime | None = None
    marks: set[int] | None = None
    tags: dict[str, set[str]] | None = None
    profile: Profile | None = None
    numbers: list[int] | None = None
    rights: Rights | None = None
    thing: Any = None
    low: int = 0
    high: int = 0

    @pydantic.model_validator(mode="after")
    def high_is_at_least_low(self):
        self.high = max(self.high, self.low)
        return self


class TestEdges(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Sample]

    def test_a_generated_key_may_be_bounded(self, orm):
        """A model that wants a positive key gets one, and a failed create uses none up."""
        first = orm.create_and_verify(Sample)
        orm.expect_create_failure(Sample, id=first.id)
        assert orm.create_and_verify(Sample).id == first.id + 1

    def test_sums_of_decimals_are_exact(self, orm):
        """Neither the scale nor a digit beyond the twenty-eighth is lost."""
        orm.create_many_and_verify(Sample, [{"price": Decimal("0.00")}, {"price": Decimal(0)}])
        total = orm.aggregate(Sample, "price__sum")["price__sum"]
        assert total == 0
        assert str(total) == "0.00" or "decimal_scale" not in orm.driver.capabilities
        long = Decimal("1234567890123456789012345678901.5")
        orm.create_and_verify(Sample, price=long)
        assert orm.aggregate(Sample, "price__sum")["price__sum"] == long

    def test_sets_are_found_whatever_their_order(self, orm):
        """Two sets that are equal are equal in the store."""
        orm.create_and_verify(Sample, marks={8, 0})
        orm.query_and_verify_count(Sample, 1, marks={0, 8})

    def test_sets_inside_of_structures_are_found_whatever_their_order(self, orm):
        """However deep they lie, and also when an update has read and written the row."""
        words = [f"w{number}" for number in range(40)]
        row = orm.create_and_verify(
            Sample, tags={"x": set(words)}, profile=Profile(names=[frozenset(words), frozenset("ab")])
        )
        row = orm.update_and_verify(row, low=1)
        words.reverse()
        again = Profile(names=[frozenset(words), frozenset("ba")])
        orm.query_and_verify_count(Sample, 1, tags={"x": set(words)}, profile=again)

    def test_what_is_no_value_of_a_structured_field_equals_none(self, orm):
        """What would be written alike, but has other types, is another value: as a condition, and beside others."""
        orm.create_and_verify(Sample, numbers=[1, 2], profile=Profile())
        for alike in ((1, 2), [True, 2], {1, 2}, [1.0, 2.0]):
            orm.query_and_verify_count(Sample, 0, numbers=alike)
            orm.query_and_verify_count(Sample, 1, numbers__ne=alike)
            orm.query_and_verify_count(Sample, 1, numbers__in=[alike, [1, 2]])
        orm.query_and_verify_count(Sample, 0, profile={"names": []})
        orm.create_and_verify(Sample, thing=True)
        orm.create_and_verify(Sample, thing=1)
        for thing, count in ((True, 1), (1, 1), (1.0, 0), (False, 0)):
            orm.query_and_verify_count(Sample, count, thing=thing)
            orm.query_and_verify_count(Sample, count, thing__in=[thing])
            orm.query_and_verify_count(Sample, 2 - count, thing__not_in=[thing])

    def test_several_flags_are_one_value(self, orm):
        """A value of an enum of flags may have several of them or none."""
        for rights in (Rights.READ | Rights.WRITE, Rights(0), Rights.READ):
            orm.create_and_verify(Sample, rights=rights)
            orm.query_and_verify_count(Sample, 1, rights=rights)

    def test_an_instant_beyond_utc_is_refused(self, orm):
        """A time whose instant in UTC is before the year 1 is a value that the model refuses."""
        early = datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))
        error = orm.expect_create_failure(Sample, ValidationError, at=early)
        assert error.fields == ("at",)

    def test_what_a_validator_derives_is_stored_by_an_update(self, orm):
        """A field that a model derives from the one that changes is written with it."""
        row = orm.create_and_verify(Sample)
        assert orm.update_and_verify(row, low=5).high == 5
        assert orm.get_and_verify_exists(Sample, id=row.id).high == 5

    def test_one_shot_iterables_are_read_once(self, orm):
        """An iterator among the conditions means its values, in groups and lists too."""
        row = orm.create_and_verify(Sample)
        for filters in (
            {"id__in": iter([row.id])},
            any_of(id__in=iter([row.id])),
            [{"id__in": iter([row.id])}],
        ):
            orm.query_and_verify_count(Sample, 1, filters)

    @pytest.mark.parametrize("limit", [2**31, 10**17, 2**63 - 1, 10**30])
    def test_a_page_may_be_of_any_size(self, orm, limit):
        """A limit that no store can reach is none, and beyond an offset of that size there is nothing."""
        orm.create_many_and_verify(Sample, [{}, {}])
        for offset, count in ((0, 2), (1, 1), (limit, 0)):
            orm.query_and_verify_count(Sample, count, limit=limit, offset=offset)
        orm.query_and_verify_count(Sample, 0, offset=limit)

    @pytest.mark.parametrize("query", [{"limit": "ten"}, {"limit": 1.5}, {"order_by": [5]}])
    def test_wrong_pages_and_orders_are_said(self, orm, query):
        """What is no page and no field is refused in the words of a query, not of a driver at fault."""
        orm.expect_query_failure(Sample, InvalidQueryError, **query)
        orm.query_and_verify_count(Sample, 0, order_by=None)
