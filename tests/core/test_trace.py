"""The trace keeps what happened, as it was."""

import threading

import pytest

from orm_testing import DuplicateKeyError, Field, GetOperation, Model, NotFoundError, ValidationError, any_of
from orm_testing.trace import KEPT


class Bag(Model):
    id: str = Field(primary_key=True)
    name: str = ""
    things: list[str] = Field(default_factory=list)


@pytest.fixture
def orm(make_orm):
    """A client for bags."""
    return make_orm(Bag)


def shown(orm):
    return [str(entry) for entry in orm.context.trace.entries]


def test_operations_are_kept_in_order_with_their_outcome(orm):
    """Each operation is shown as its call with what came of it: an error, an answer, a number of rows."""
    bag = orm.create_and_verify(Bag, id="a", name="n")
    orm.expect_create_failure(Bag, id="a")
    orm.query_models(Bag)
    orm.count_models(Bag)
    orm.delete_model(bag)
    lines = shown(orm)
    assert [line.split("(")[0] for line in lines] == [
        f"orm.{verb}"
        for verb in ("create_model", "create_model", "query_models", "count_models", "delete_model")
    ]
    assert lines[0].endswith(f"→ {bag!r}")
    assert "→ DuplicateKeyError: " in lines[1]
    assert lines[2:] == [
        "orm.query_models(Bag)  → 1 row",
        "orm.count_models(Bag)  → 1",
        "orm.delete_model(Bag(id='a', name='n', things=[]))  → ok",
    ]
    assert orm.context.trace.count == 5


def test_what_has_no_repr_is_told_as_that(make_orm):
    """A number with more digits than Python writes is in operations, answers and errors, and none of them fails for it."""

    class Huge(Model):
        id: int = Field(primary_key=True)

    orm = make_orm(Huge)
    orm.create_and_verify(Huge, id=10**5000)
    orm.expect_create_failure(Huge, DuplicateKeyError, id=10**5000)
    assert isinstance(orm.get_model(Huge, id=10**5001).error, NotFoundError)
    lines = shown(orm)
    assert lines[0].startswith("orm.create_model(Huge, id=<int that cannot be shown: Exceeds the limit")
    assert "Huge has a row with id=<int that cannot be shown" in lines[1]
    assert "0 rows of Huge match <dict that cannot be shown" in lines[2]


@pytest.mark.parametrize(
    "verb",
    ["create_model", "upsert_model", "create_many_and_verify", "update_model", "get_model", "query_models"],
)
def test_what_happens_later_changes_nothing_in_the_trace(orm, verb):
    """Data, rows, changes and filters that are changed after the call are in the trace as they were."""
    things = ["a"]
    bag = orm.create_and_verify(Bag, id="old")
    {
        "create_model": lambda: orm.create_model(Bag, id="b", things=things),
        "upsert_model": lambda: orm.upsert_model(Bag, {"id": "b", "things": things}),
        "create_many_and_verify": lambda: orm.create_many_and_verify(Bag, [{"id": "b", "things": things}]),
        "update_model": lambda: orm.update_model(bag, things=things),
        "get_model": lambda: orm.get_model(Bag, things=things),
        "query_models": lambda: orm.query_models(Bag, any_of({"things": things})),
    }[verb]()
    operation = orm.context.trace.entries[-1].operation
    before = repr(operation)
    assert "['a']" in before
    things.append("changed")
    assert repr(operation) == before


@pytest.mark.parametrize("verb", ["update_model", "delete_model"])
def test_the_instance_of_an_operation_is_kept_as_it_was(orm, verb):
    """An instance that is changed after the call is in the trace as it was."""
    bag = orm.create_and_verify(Bag, id="b", things=["a"])
    getattr(orm, verb)(bag)
    bag.name = "changed"
    bag.things.append("changed")
    assert "changed" not in shown(orm)[-1]
    assert "Bag(id='b', name='', things=['a'])" in shown(orm)[-1]


@pytest.mark.parametrize("verb", ["create_model", "get_model"])
def test_an_answer_is_kept_as_it_was(orm, verb):
    """An answer that the test changes afterwards is in the trace as it came."""
    created = orm.create_model(Bag, id="b", things=["a"])
    result = orm.get_model(Bag, id="b") if verb == "get_model" else created
    result.instance.name = "changed"
    result.instance.things.append("changed")
    assert "changed" not in shown(orm)[-1]


def test_filters_that_a_driver_empties_are_kept(orm):
    """A mapping of plain filters is copied as well: nobody who holds it can rewrite the trace."""
    filters = {"id": "b"}
    entry = orm.context.trace.record(GetOperation(Bag, filters))
    filters["id"] = "changed"
    assert repr(entry.operation) == "orm.get_model(Bag, id='b')"


def test_an_operation_whose_driver_raised_is_shown_so(orm):
    """Where a driver raised, the entry says it, and the operation is not lost."""
    orm.driver.execute_count = lambda operation: 1 / 0
    with pytest.raises(Exception, match="division by zero"):
        orm.count_models(Bag)
    assert shown(orm) == ["orm.count_models(Bag)  → raised"]


@pytest.mark.parametrize(
    "value", [threading.Lock(), (number for number in range(3))], ids=["lock", "generator"]
)
def test_data_that_cannot_be_copied_reaches_the_model(orm, value):
    """A value of a wrong type is the model's to refuse, though the trace cannot copy it."""
    orm.expect_create_failure(Bag, ValidationError, id="b", name=value)


@pytest.mark.parametrize(
    "several",
    [set, lambda names: dict.fromkeys(names).keys(), lambda names: (name for name in names), iter],
    ids=["set", "keys", "generator", "iterator"],
)
def test_any_iterable_may_be_looked_for(orm, several):
    """`in` takes what can be walked through once, like a generator or the keys of a dict."""
    orm.create_and_verify(Bag, id="a")
    assert [bag.id for bag in orm.query_models(Bag, id__in=several(["a"])).data] == ["a"]
    assert [bag.id for bag in orm.query_and_verify_count(Bag, 1, id__in=several(["a"]))] == ["a"]


def test_only_the_last_operations_are_kept(orm):
    """A long test keeps its last operations, and how many there were."""
    for _ in range(KEPT + 5):
        orm.count_models(Bag)
    orm.create_model(Bag, id="last").success  # noqa: B018
    assert len(orm.context.trace.entries) == KEPT
    assert orm.context.trace.count == KEPT + 6
    assert "last" in shown(orm)[-1]


def test_what_cannot_be_copied_is_kept_as_it_looked(make_orm):
    """A value that cannot be copied stands in the trace by its repr."""
    lock = threading.Lock()
    orm = make_orm(Bag)
    orm.expect_create_failure(Bag, data={"id": lock})
    assert f"id={lock!r}" in str(orm.context.trace.entries[-1])
