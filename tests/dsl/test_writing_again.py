"""Updates, upserts and deletes that lie; and a store that is emptied."""

import pytest

from orm_testing import (
    Field,
    GetOperation,
    InMemoryDriver,
    Model,
    UnavailableError,
    VerificationError,
)


class Person(Model):
    id: str = Field(primary_key=True)
    name: str = ""
    nickname: str | None = None
    age: int = 0


def stored(driver, key, **changes):
    rows = driver.table(Person).rows
    rows[key,] = {**rows[key,], **changes}


def answer(driver, key):
    return driver.execute_get(GetOperation(Person, {"id": key}))


@pytest.fixture
def make(make_orm, liar):
    """Makes a client whose driver lies about one verb, with two people in its store."""

    def make(lie, *verbs):
        orm = make_orm(Person, driver=liar(lie, *verbs) if lie else InMemoryDriver)
        for key in "ab":
            assert orm.create_model(Person, id=key, name=key.upper(), nickname="nick").success
        return orm, orm.first(Person, id="a")

    return make


def nothing_but_the_old_row(driver, honest, operation):
    return answer(driver, "a")


def the_new_row_without_storing_it(driver, honest, operation):
    new = answer(driver, "a")
    new.name = "new"
    return new


def another_field_besides(driver, honest, operation):
    honest()
    stored(driver, "a", nickname=None)
    return answer(driver, "a")


def an_unstored_field_besides(driver, honest, operation):
    changed = honest()
    changed.age += 1
    return changed


def another_row_instead(driver, honest, operation):
    stored(driver, "b", name="new")
    return answer(driver, "b")


@pytest.mark.parametrize(
    ("lie", "says"),
    [
        (nothing_but_the_old_row, "'name' differs"),
        (the_new_row_without_storing_it, "'name' differs"),
        (another_field_besides, "'nickname' differs"),
        (an_unstored_field_besides, "'age' differs"),
        (another_row_instead, "the row returned has the key {'id': 'b'}"),
    ],
)
def test_an_update_that_lies_is_caught(make, lie, says):
    """An update that does nothing, does more, or does it to another row fails the verb."""
    orm, person = make(lie, "update")
    with pytest.raises(VerificationError, match=says):
        orm.update_and_verify(person, name="new")


def test_an_honest_update_changes_what_was_named(make):
    """The row returned has the change, the other fields, and the same key."""
    orm, person = make(None)
    assert orm.update_and_verify(person, name="new") == Person(id="a", name="new", nickname="nick")
    assert person.name == "A"


def test_an_update_by_an_outdated_instance_writes_only_what_is_named(make):
    """An instance that was changed, or is behind the store, stands for its key and no more."""
    orm, person = make(None)
    orm.update_and_verify(person, age=5)
    person.nickname = "never sent"
    updated = orm.update_and_verify(person, name="new")
    assert (updated.age, updated.nickname) == (5, "nick")


@pytest.mark.parametrize("lie", [nothing_but_the_old_row, the_new_row_without_storing_it])
def test_an_upsert_that_does_nothing_is_caught(make, lie):
    """An upsert that leaves the row as it was fails the verb."""
    orm, _ = make(lie, "upsert")
    with pytest.raises(VerificationError, match="'name' differs"):
        orm.upsert_and_verify(Person, id="a", name="new")


def a_delete_of_nothing(driver, honest, operation):
    return None


def a_delete_of_another(driver, honest, operation):
    driver.table(Person).remove(("b",))


@pytest.mark.parametrize("lie", [a_delete_of_nothing, a_delete_of_another])
def test_a_delete_that_leaves_the_row_is_caught(make, lie):
    """A delete after which the row is still there fails the verb."""
    orm, person = make(lie, "delete")
    with pytest.raises(
        VerificationError, match=r"delete_and_verify Person \{'id': 'a'\}.*still in the store"
    ):
        orm.delete_and_verify(person)


def test_a_delete_is_also_checked_by_the_backends_own_word(make):
    """A row that is gone from the store, and still comes back from a stale cache, fails the verb."""
    orm, person = make(lambda driver, honest, operation: Person(id="a"), "get")
    with pytest.raises(VerificationError, match="gone from the store, and get answers"):
        orm.delete_and_verify(person)


def test_a_backend_that_dies_in_a_delete_is_not_an_absent_row(make):
    """An `UnavailableError` after the delete does not count as the row's absence."""

    def dead(driver, honest, operation):
        raise UnavailableError("connection lost")

    orm, person = make(dead, "get")
    with pytest.raises(VerificationError, match="connection lost"):
        orm.delete_and_verify(person)


def test_deleting_what_is_not_there_fails(make):
    """A delete that the store refuses fails the verb with the store's error."""
    orm, person = make(None)
    orm.delete_and_verify(person)
    with pytest.raises(VerificationError, match=r"failed: NotFoundError"):
        orm.delete_and_verify(person)
    assert [each.id for each in orm.all_models(Person)] == ["b"]


def test_clearing_and_resetting_empty_the_store(make):
    """`clear_storage` answers with a result, `reset` with nothing, and both leave no rows."""
    orm, _ = make(None)
    assert orm.clear_storage().success
    assert orm.all_models(Person) == []
    orm.create_and_verify(Person, id="a")
    assert orm.reset() is None
    assert orm.all_models(Person) == []


@pytest.mark.parametrize(
    "write",
    [
        lambda orm, stranger: orm.update_and_verify(stranger, name="x"),
        lambda orm, stranger: orm.delete_and_verify(stranger),
        lambda orm, stranger: orm.create_model(type(stranger), id="a"),
        lambda orm, stranger: orm.given(type(stranger)),
    ],
)
def test_a_model_that_the_test_does_not_list_is_an_error(make, write):
    """No verb takes a model that `get_test_models` does not return."""

    class Stranger(Model):
        id: str = Field(primary_key=True)
        name: str = ""

    orm, _ = make(None)
    with pytest.raises(Exception, match="Stranger is not among the models of this test, which are: Person"):
        write(orm, Stranger(id="a"))
