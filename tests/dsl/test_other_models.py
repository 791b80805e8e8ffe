"""Models that are not pydantic's: the driver's word is what identifies and describes a row."""

import pytest

from orm_testing import Clock, DriverInterface, NotFoundError, OrmDsl, VerificationError
from orm_testing.dsl.context import Context


class Thing:
    """A row of a home-made ORM."""

    def __init__(self, **values):
        self.values = values


class ThingDriver(DriverInterface):
    """Drives a home-made store of things in forty lines."""

    def __init__(self):
        self.held = {}
        self.hidden = set()

    def key_of(self, instance):
        return {"name": instance.values["name"]}

    def values_of(self, instance):
        return dict(instance.values)

    def matching(self, filters):
        return [
            Thing(**each)
            for each in self.held.values()
            if each["name"] not in self.hidden
            and all(each.get(name) == value for name, value in filters.items())
        ]

    def execute_create(self, operation):
        self.held[operation.data["name"]] = dict(operation.data)
        return Thing(**operation.data)

    execute_upsert = execute_create

    def execute_get(self, operation):
        found = self.matching(operation.filters)
        if not found:
            raise NotFoundError("no such thing")
        return found[0]

    def execute_query(self, operation):
        return self.matching(operation.filters)

    def execute_update(self, operation):
        self.held[operation.instance.values["name"]].update(operation.changes)
        return Thing(**self.held[operation.instance.values["name"]])

    def execute_delete(self, operation):
        del self.held[operation.instance.values["name"]]

    def rows(self, model_class, key=None):
        return [dict(each) for each in self.held.values() if (key or {}).items() <= each.items()]


@pytest.fixture
def orm():
    """A client on a store of things."""
    driver = ThingDriver()
    return OrmDsl(Context(driver, "things", [Thing], Clock()), driver)


def test_every_judging_verb_works_without_a_schema(orm):
    """A driver that says key and values is verified like any other."""
    thing = orm.create_and_verify(Thing, name="a", size=1)
    assert orm.update_and_verify(thing, size=2).values == {"name": "a", "size": 2}
    orm.upsert_and_verify(Thing, name="b", size=2)
    assert len(orm.query_and_verify_count(Thing, 2, size=2)) == 2
    assert orm.get_and_verify_exists(Thing, name="b").values["size"] == 2
    orm.delete_and_verify(thing)
    orm.get_and_verify_not_exists(Thing, name="a")
    assert str(orm.context.trace.entries[-2].operation) == "orm.get_model(Thing, name='a')"


@pytest.mark.parametrize("lie", ["stores nothing", "stores 1 as True", "adds a field", "returns 2"])
def test_a_lie_is_caught_without_a_schema(orm, lie):
    """A driver of other models that does not do what it says is failed too."""

    def create(operation):
        stored = {
            "stores nothing": {},
            "stores 1 as True": {"a": {"name": "a", "size": True}},
            "adds a field": {"a": {"name": "a"}},
            "returns 2": {"a": {"name": "a", "size": 2}},
        }[lie]
        orm.driver.held.update(stored)
        return Thing(**(stored["a"] if lie == "returns 2" else operation.data))

    orm.driver.execute_create = create
    with pytest.raises(VerificationError, match=r"not in the store|'size' differs"):
        orm.create_and_verify(Thing, name="a", size=1)


def test_a_hidden_row_is_found_without_a_schema(orm):
    """Plain equality tells whether the store has what the backend denies."""
    orm.create_and_verify(Thing, name="a", size=1)
    orm.driver.hidden.add("a")
    with pytest.raises(VerificationError, match="the store has"):
        orm.get_and_verify_not_exists(Thing, size=1)


def test_a_group_of_conditions_is_the_drivers_alone(orm):
    """Conditions that only the driver understands are not judged by the client."""
    orm.create_and_verify(Thing, name="a", size=1)
    orm.driver.matching = lambda filters: [Thing(name="a", size=1)]
    assert orm.get_and_verify_exists(Thing, filters=["anything"]).values["size"] == 1
