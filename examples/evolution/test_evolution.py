"""A table that is in use becomes another: rows kept, the schema held against a snapshot.

The snapshots are syrupy's, in `__snapshots__`: one per test and backend. `pytest --snapshot-update` writes them anew.
"""

import pytest

from orm_testing import (
    Field,
    ForeignKeyError,
    Model,
    MultiBackendTestBase,
    SchemaError,
    ValidationError,
    requires,
)


class Customer(Model):
    """Version 1, with which the shop opened."""

    __tablename__ = "customers"

    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = Field(max_length=80, index=True)
    phone: str = ""
    discount: str = "0"


class Order(Model):
    __tablename__ = "orders"

    id: int | None = Field(None, primary_key=True, generated=True)
    customer: int = Field(references=Customer, on_delete="cascade")


class Customer2(Model):
    """Version 2: `name` is `full_name`, `discount` a number; `phone` goes, and `country` comes."""

    __tablename__ = "customers"

    id: int | None = Field(None, primary_key=True, generated=True)
    full_name: str = Field(max_length=80, index=True)
    discount: int = 0
    country: str = Field("NL", max_length=2)


class Customer3(Model):
    """Version 3, which forgot what the customers who are there already are to have for an email."""

    __tablename__ = "customers"

    id: int | None = Field(None, primary_key=True, generated=True)
    full_name: str = Field(max_length=80)
    email: str = Field(unique=True, max_length=80)


class OfAShop(MultiBackendTestBase):
    ENABLED_BACKENDS = ["sqlite", "sqlite_file"]

    def get_test_models(self):
        return [Customer, Order]


@requires("schema")
class TestSchema(OfAShop):
    @pytest.mark.parametrize("model", [Customer, Order])
    def test_the_statements_are_those_of_the_snapshot(self, orm, snapshot, model):
        assert orm.ddl(model) == snapshot

    def test_the_live_table_is_that_of_the_snapshot(self, orm, snapshot):
        assert repr(orm.describe(Customer)) == snapshot

    def test_tables_go_and_come_back_empty(self, orm):
        orm.create_and_verify(Customer, name="Ann")
        orm.drop_schema()
        assert not orm.schema_exists(Customer)
        orm.create_schema()
        assert orm.all_models(Customer) == []

    def test_a_table_does_not_go_alone(self, orm):
        with pytest.raises(ForeignKeyError, match=r"Order\.customer refers to it"):
            orm.drop_schema(Customer)


@requires("evolution")
class TestVersion2(OfAShop):
    def test_customers_and_their_orders_are_kept(self, orm):
        ann = orm.create_and_verify(Customer, name="Ann", phone="123", discount="10")
        order = orm.create_and_verify(Order, customer=ann.id)
        orm.evolve(Customer, Customer2, rename={"name": "full_name"})
        now = orm.get_and_verify_exists(Customer2, id=ann.id)
        assert (now.full_name, now.discount, now.country) == ("Ann", 10, "NL")
        assert orm.all_models(Order) == [order]
        orm.create_and_verify(Customer2, full_name="Bob", country="BE")

    def test_the_new_table_is_that_of_the_snapshot(self, orm, snapshot):
        orm.evolve(Customer, Customer2, rename={"name": "full_name"})
        assert repr(orm.describe(Customer2)) == snapshot

    def test_a_discount_that_is_no_number_stops_it(self, orm):
        ann = orm.create_and_verify(Customer, name="Ann", discount="a lot")
        with pytest.raises(ValidationError, match="discount cannot hold 'a lot'"):
            orm.evolve(Customer, Customer2, rename={"name": "full_name"})
        assert orm.all_models(Customer) == [ann]

    def test_the_next_test_starts_with_version_1(self, orm):
        orm.create_and_verify(Customer, name="Ann")


@requires("evolution")
class TestVersion3(OfAShop):
    def test_what_is_missing_is_named(self, orm):
        orm.evolve(Customer, Customer2, rename={"name": "full_name"})
        orm.create_and_verify(Customer2, full_name="Ann")
        with pytest.raises(SchemaError, match=r"Customer3\.email is never None"):
            orm.evolve(Customer2, Customer3)
