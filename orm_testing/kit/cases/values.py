"""Values: what goes in comes out, equal and of the same type."""

from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import ValueRangeError
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.everything import Everything
from orm_testing.kit.support.values import SAMPLES, VALUES, Sample, alike, as_held, held
from orm_testing.values import same


class Values(Cases):
    """Every value of the table comes back as it went in, or is refused where the backend declares that it cannot hold it."""

    Everything = stored(Everything)

    @pytest.mark.parametrize("sample", SAMPLES, ids=str)
    def test_a_value_comes_back(self, orm: OrmDsl, sample: Sample) -> None:
        """The value is stored, found again by asking for it, and is what it was; else it is a `ValueRangeError`."""
        field, can = sample.field, orm.driver.capabilities
        row = {"id": 1, field: sample.value}
        if not held(sample.value, can):
            orm.expect_create_failure(self.Everything, ValueRangeError, row)
            return
        orm.create_and_verify(self.Everything, row)
        expected = as_held(sample.value, can)
        result = orm.query_models(self.Everything, {field: expected})
        assert result.success, result.error
        found = [getattr(row, field) for row in result.data]
        assert len(found) == 1, f"not found by {field}={expected!r}"
        assert alike(found[0], expected, can), (found[0], expected)

    @pytest.mark.parametrize("field", VALUES)
    def test_a_value_takes_the_place_of_another(self, orm: OrmDsl, field: str) -> None:
        """An update and an upsert write a value, and `None`, as a create does."""
        can = orm.driver.capabilities
        values = [as_held(value, can) for value in VALUES[field].values() if held(value, can)]
        first, last = values[0], values[-1]
        row = orm.create_and_verify(self.Everything, {"id": 1, field: first})
        for value in (last, None, first):
            row = orm.update_and_verify(row, {field: value})
            assert self._is(orm, field, value)
        for value in (last, None):
            orm.upsert_and_verify(self.Everything, {"id": 1, field: value})
            assert self._is(orm, field, value)

    @pytest.mark.parametrize("field", VALUES)
    def test_values_are_told_apart(self, orm: OrmDsl, field: str) -> None:
        """Each value of the table, asked for by itself, finds its own row among those of the others."""
        can = orm.driver.capabilities
        values = [as_held(value, can) for value in VALUES[field].values() if held(value, can)]
        for number, value in enumerate(values):
            result = orm.create_model(self.Everything, {"id": number, field: value})
            assert result.success, result.error
        for number, value in enumerate(values):
            equal = [other for other, held_value in enumerate(values) if _equal(held_value, value)]
            found = orm.query_models(self.Everything, {field: value})
            assert found.success, found.error
            assert (number, [row.id for row in found.data]) == (number, equal)

    def test_all_values_of_one_row(self, orm: OrmDsl) -> None:
        """Values of every type stand side by side in a row, and each is its own."""
        can = orm.driver.capabilities
        row = {field: as_held(next(iter(named.values())), can) for field, named in VALUES.items()}
        orm.create_and_verify(self.Everything, {"id": 1, **row})
        found = orm.get_and_verify_exists(self.Everything, id=1)
        assert [field for field, value in row.items() if not alike(getattr(found, field), value, can)] == []

    def test_no_value_is_none(self, orm: OrmDsl) -> None:
        """A field that nobody gave is `None`, whatever its type, and stays it."""
        orm.create_and_verify(self.Everything, id=1)
        found = orm.get_and_verify_exists(self.Everything, id=1)
        assert [field for field in VALUES if getattr(found, field) is not None] == []

    def test_true_is_never_one(self, orm: OrmDsl) -> None:
        """A boolean is a boolean in every place where an integer might stand, and the other way round."""
        mixed = [True, 1, False, 0, {"true": True, "one": 1}]
        orm.create_and_verify(
            self.Everything, id=1, flag=True, number=1, thing=mixed, tags={"true": True, "one": 1}
        )
        [found] = orm.query_and_verify_count(self.Everything, 1, flag=True)
        assert found.flag is True
        assert type(found.number) is int
        assert same(found.thing, mixed)
        assert same(found.tags, {"true": True, "one": 1})

    def _is(self, orm: OrmDsl, field: str, value: Any) -> bool:
        found = getattr(orm.get_and_verify_exists(self.Everything, id=1), field)
        return alike(found, value, orm.driver.capabilities)


def _equal(one: Any, other: Any) -> bool:
    """Whether a query for the one finds the other: zeros of either sign, and decimals of any scale, are equal."""
    return alike(one, other, {}) or (type(one) is type(other) is float and one == other)
