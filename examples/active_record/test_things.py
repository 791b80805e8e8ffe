"""Every verb, on models that are not pydantic's, through an ORM that knows nothing of these tests."""

import pytest
from things import Thing

from orm_testing import (
    ConfigurationError,
    DuplicateKeyError,
    Field,
    InvalidQueryError,
    Model,
    MultiBackendTestBase,
    NotFoundError,
    ValidationError,
    VerificationError,
    requires,
)


class TestThings(MultiBackendTestBase):
    ENABLED_BACKENDS = ["activerecord"]

    def get_test_models(self):
        return [Thing]

    def test_create(self, orm):
        """A created thing is in the table as it was returned, defaults included."""
        lamp = orm.create_and_verify(Thing, id=1, label="lamp")
        assert lamp.price == 0

    def test_create_many(self, orm):
        """Several things are created at once, all or none."""
        orm.create_many_and_verify(Thing, [{"id": 1, "label": "lamp"}, {"id": 2, "label": "desk"}])
        with pytest.raises(VerificationError, match="DuplicateKeyError"):
            orm.create_many_and_verify(Thing, [{"id": 3, "label": "sofa"}, {"id": 4, "label": "desk"}])
        orm.query_and_verify_count(Thing, 2)

    def test_get(self, orm):
        """A thing is found by any of its fields, and what is not there is not found."""
        orm.create_and_verify(Thing, id=1, label="lamp", price=30)
        orm.get_and_verify_exists(Thing, label="lamp")
        orm.get_and_verify_not_exists(Thing, label="desk")

    def test_update(self, orm):
        """A saved change is in the table, and a thing that is gone cannot be changed."""
        lamp = orm.create_and_verify(Thing, id=1, label="lamp", price=30)
        dearer = orm.update_and_verify(lamp, price=40)
        assert (dearer.label, dearer.price) == ("lamp", 40)
        orm.delete_and_verify(dearer)
        orm.expect_update_failure(lamp, NotFoundError, price=50)

    def test_delete(self, orm):
        """A deleted thing is gone, and cannot be deleted again."""
        lamp = orm.create_and_verify(Thing, id=1, label="lamp")
        orm.delete_and_verify(lamp)
        orm.expect_delete_failure(lamp, NotFoundError)

    def test_upsert(self, orm):
        """An upsert creates the thing, or puts it whole in the place of the one with its key."""
        orm.upsert_and_verify(Thing, id=1, label="lamp", price=30)
        again = orm.upsert_and_verify(Thing, id=1, label="desk")
        assert (again.label, again.price) == ("desk", 0)
        orm.create_and_verify(Thing, id=2, label="lamp")
        orm.expect_upsert_failure(Thing, DuplicateKeyError, id=2, label="desk")

    def test_query(self, orm):
        """A query answers what matches, in the order and the pages asked for."""
        for number, price in enumerate([30, 10, 20]):
            orm.create_and_verify(Thing, id=number, label=f"thing {number}", price=price)
        orm.query_and_verify_count(Thing, 1, price=10)
        cheapest = orm.query_and_verify_count(Thing, 2, order_by="price", limit=2)
        assert [thing.price for thing in cheapest] == [10, 20]
        orm.expect_query_failure(Thing, InvalidQueryError, colour="red")
        orm.expect_query_failure(Thing, InvalidQueryError, order_by="colour")

    def test_plain_answers(self, orm):
        """The verbs that answer with plain values answer for this ORM as for any other."""
        lamp = orm.create_and_verify(Thing, id=1, label="lamp")
        assert orm.count_models(Thing) == 1
        assert orm.model_exists(Thing, label="lamp")
        assert [thing.id for thing in orm.all_models(Thing)] == [lamp.id]
        assert orm.first(Thing, order_by="-price").id == lamp.id
        assert orm.clear_storage().success
        assert orm.first(Thing) is None

    def test_bare_verbs(self, orm):
        """The bare verbs answer with a result, which says whether they worked."""
        lamp = orm.create_model(Thing, id=1, label="lamp").instance
        assert orm.get_model(Thing, id=1).success
        assert orm.update_model(lamp, price=5).instance.price == 5
        assert orm.upsert_model(Thing, id=1, label="lamp", price=6).instance.price == 6
        assert orm.query_models(Thing).data[0].price == 6
        assert orm.delete_model(lamp).success
        assert isinstance(orm.get_model(Thing, id=1).error, NotFoundError)

    def test_refusals(self, orm):
        """The ORM's own errors arrive as the library's, and the native one is their cause."""
        orm.create_and_verify(Thing, id=1, label="lamp")
        taken = orm.expect_create_failure(Thing, DuplicateKeyError, id=2, label="lamp")
        assert taken.fields == ("label",)
        assert type(taken.__cause__).__module__ == "sqlite3"
        orm.expect_create_failure(Thing, ValidationError, id=2, colour="red")

    def test_transactions(self, orm):
        """A transaction commits or is undone whole, and one within another is undone alone."""
        with orm.transaction():
            orm.create_and_verify(Thing, id=1, label="lamp")
            with orm.expect_rollback(ValueError):
                orm.create_and_verify(Thing, id=2, label="desk")
                raise ValueError
        orm.query_and_verify_count(Thing, 1)

    @requires("aggregates")
    def test_aggregates(self, orm):
        """What the driver does not declare is unsupported, and is reported as that."""
        orm.aggregate(Thing, "price__sum")

    def test_the_clean_start(self, orm):
        """No row of an earlier test is there."""
        assert orm.all_models(Thing) == []


class Note(Model):
    id: int = Field(primary_key=True)


class TestTheOthers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite"]

    def get_test_models(self):
        return [Note]

    def test_create(self, orm):
        """The backends that the library knows are made by the original, as before."""
        orm.create_and_verify(Note, id=1)


def test_the_class_is_left_as_it_was():
    """After the driver is closed, nothing on the model's class tells that it was there."""
    before = dict(vars(Thing))
    assert "backend" not in before
    driver = MultiBackendTestBase.create_driver("activerecord")
    driver.setup_backend([Thing])
    assert Thing.backend is driver.connection
    driver.close()
    assert dict(vars(Thing)) == before


def test_a_backend_of_the_projects_own_is_put_back():
    """A backend that the project had assigned to the class is there again after the driver is closed."""
    Thing.backend = mine = object()
    try:
        driver = MultiBackendTestBase.create_driver("activerecord")
        driver.setup_backend([Thing])
        driver.close()
        assert Thing.backend is mine
    finally:
        del Thing.backend


def test_an_unknown_name_is_still_an_error():
    """The original refuses a name that nobody knows, and suggests the nearest."""
    with pytest.raises(ConfigurationError, match="Did you mean 'sqlite'"):
        MultiBackendTestBase.create_driver("sqllite")
