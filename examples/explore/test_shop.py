"""Random operations on the models of the shop, on two backends and on a broken one."""

import pytest
from shop import Order, User

from orm_testing import InMemoryDriver, MultiBackendTestBase, VerificationError, register_backend
from orm_testing.kit import explore


class ForgetsOrders(InMemoryDriver):
    """A driver with a fault: a user who is upserted loses his orders."""

    def execute_upsert(self, operation):
        if operation.model_class is User:
            table = self.table(Order)
            for key in [key for key, row in table.rows.items() if row["user"] == operation.data["id"]]:
                table.remove(key)
        return super().execute_upsert(operation)


register_backend("forgetful", driver=ForgetsOrders)


class TestShop(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite"]

    def get_test_models(self):
        return [User, Order]

    def test_explore(self, orm):
        """Whatever is done to users and orders, the backend does as the in-memory driver."""
        explore(orm, [User, Order], examples=40)


class TestBroken(TestShop):
    ENABLED_BACKENDS = ["forgetful"]

    def test_explore(self, orm):
        """What the fault does is found, and told as a test."""
        with pytest.raises(VerificationError) as found:
            explore(orm, [User, Order], examples=2000, seed=1)
        assert "orm.upsert_model(User" in str(found.value)
