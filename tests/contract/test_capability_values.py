"""Values that a backend declares are those that its rows have."""

import math

import pytest
from everywhere import BACKENDS

from orm_testing import Field, Model, MultiBackendTestBase, ValueRangeError


class Reading(Model):
    id: str = Field(primary_key=True)
    value: float = 0.0


class TestCapabilityValues(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Reading]

    def test_a_zero_keeps_its_sign_as_declared(self, orm):
        """`negative_zero` says whether -0.0 comes back with its sign."""
        orm.create_and_verify(Reading, id="a", value=-0.0)
        [read] = orm.query_and_verify_count(Reading, 1)
        assert (math.copysign(1, read.value) < 0) is bool(orm.driver.capabilities.get("negative_zero"))

    def test_an_empty_key_is_a_key_or_is_refused(self, orm):
        """`empty_key` says whether the empty string identifies a row; else it is out of range, and nothing is stored."""
        if orm.driver.capabilities.get("empty_key"):
            orm.create_and_verify(Reading, id="", value=1.5)
            orm.get_and_verify_exists(Reading, id="")
        else:
            orm.expect_create_failure(Reading, ValueRangeError, id="", value=1.5)

    @pytest.mark.parametrize("conditions", [{"id": "b"}, {"value__gt": 1.0}, {"id__endswith": "b"}])
    def test_who_selects_is_told_by_the_result(self, orm, conditions):
        """Where `filtering` and `ordering` are the store's, no result of a query says that the client had to help."""
        orm.create_and_verify(Reading, id="ab", value=2.0)
        orm.create_and_verify(Reading, id="b", value=3.0)
        result = orm.query_models(Reading, **conditions, order_by=["-value"], limit=5)
        assert result.success
        values = orm.driver.capabilities
        if (values["filtering"], values["ordering"]) == ("store", "store"):
            assert result.served_by_store
        elif values["filtering"] == "client":
            assert "filter" in result.client_work or set(conditions) == {"id"}

    def test_a_whole_key_is_the_store_s_to_find(self, orm):
        """No backend reads all rows to get one by its key."""
        orm.create_and_verify(Reading, id="a")
        result = orm.get_model(Reading, id="a")
        assert result.success
        assert result.served_by_store
