"""Writes on SQLite: refused ones change nothing and say why, in the words of the in-memory driver."""

import sqlite3
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orm_testing import (
    BeginOperation,
    CheckError,
    Clock,
    CommitOperation,
    ConfigurationError,
    ConflictError,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DriverContractError,
    DuplicateKeyError,
    Field,
    ForeignKeyError,
    Model,
    MultipleResultsError,
    NotFoundError,
    RollbackOperation,
    UnavailableError,
    UpdateOperation,
    UpsertOperation,
    ValidationError,
)


class Team(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = Field(unique=True)
    made: datetime | None = Field(None, auto_now_add=True)
    changed: datetime | None = Field(None, auto_now=True)


class Person(Model):
    __unique__ = [("first", "last")]

    key: str = Field(primary_key=True)
    first: str = ""
    last: str | None = None
    email: str | None = Field(None, unique=True)
    team: int | None = Field(None, references=Team)
    club: int | None = Field(None, references=Team, on_delete="set_null")
    boss: str | None = Field(None, references="Person", on_delete="cascade")


class Badge(Model):
    person: str = Field(primary_key=True, references=Person, on_delete="cascade")
    number: int = Field(primary_key=True)


class Node(Model):
    key: str = Field(primary_key=True)
    up: str = Field(references="Node")
    other: str | None = Field(None, references="Node")


class Left(Model):
    key: str = Field(primary_key=True)
    right: str | None = Field(None, references="Right")


class Right(Model):
    key: str = Field(primary_key=True)
    left: str = Field(references=Left)


@pytest.fixture
def orm(dsl):
    return dsl(Team, Person, Badge)


def test_a_taken_key_is_named_first(orm):
    """A row whose key, unique field and unique pair are all taken is a duplicate of the key."""
    orm.create_and_verify(Person, key="a", first="x", last="y", email="e")
    for data, fields in (
        ({"key": "a", "first": "x", "last": "y", "email": "e"}, ("key",)),
        ({"key": "b", "first": "x", "last": "y", "email": "e"}, ("email",)),
        ({"key": "b", "first": "x", "last": "y"}, ("first", "last")),
    ):
        error = orm.expect_create_failure(Person, DuplicateKeyError, **data)
        assert (error.fields, error.model) == (fields, "Person")
        assert isinstance(error.__cause__, sqlite3.IntegrityError)


def test_none_is_no_duplicate_of_none(orm):
    """Unique fields hold None any number of times, alone or in a pair."""
    for key in "abc":
        orm.create_and_verify(Person, key=key, first="x")


def test_a_missing_parent_is_a_foreign_key_error_that_names_the_field(orm):
    """Of several references, the one that leads nowhere is named."""
    orm.create_and_verify(Team, name="t")
    error = orm.expect_create_failure(Person, ForeignKeyError, key="a", team=1, club=9)
    assert (error.fields, error.model) == (("club",), "Person")
    person = orm.create_and_verify(Person, key="a", team=1, boss="a")
    assert orm.expect_update_failure(person, ForeignKeyError, boss="z").fields == ("boss",)
    assert orm.expect_upsert_failure(Person, ForeignKeyError, key="a", team=7).fields == ("team",)


def test_a_parent_that_is_referred_to_stays(orm):
    """Restrict is found behind a cascade too, and names the child's field."""
    team = orm.create_and_verify(Team, name="t")
    orm.create_and_verify(Person, key="a", team=team.id)
    error = orm.expect_delete_failure(team, ForeignKeyError)
    assert (error.fields, error.model) == (("team",), "Person")


def test_restrict_is_found_behind_a_cascade(dsl):
    """What would go with the row may itself be needed; a ring of cascades is walked once."""

    class Root(Model):
        id: int = Field(primary_key=True)
        ring: int | None = Field(None, references="Root", on_delete="cascade")

    class Branch(Model):
        id: int = Field(primary_key=True)
        root: int = Field(references=Root, on_delete="cascade")

    class Leaf(Model):
        id: int = Field(primary_key=True)
        branch: int = Field(references=Branch)
        near: int | None = Field(None, references=Branch, on_delete="set_null")

    orm = dsl(Root, Branch, Leaf)
    root = orm.create_and_verify(Root, id=1, ring=1)
    orm.create_and_verify(Root, id=2, ring=1)
    orm.create_and_verify(Branch, id=1, root=2)
    orm.create_and_verify(Branch, id=2, root=2)
    orm.create_and_verify(Leaf, id=1, branch=2, near=1)
    assert orm.expect_delete_failure(root, ForeignKeyError).fields == ("branch",)


def test_children_go_or_let_go_with_their_parent(orm):
    """Cascade takes children and grandchildren with it; set_null clears the field."""
    team = orm.create_and_verify(Team, name="t")
    boss = orm.create_and_verify(Person, key="boss", club=team.id)
    orm.create_and_verify(Person, key="a", boss="boss")
    orm.create_and_verify(Badge, person="a", number=1)
    orm.delete_and_verify(team)
    assert orm.get_and_verify_exists(Person, key="boss").club is None
    orm.delete_and_verify(boss)
    assert orm.count_models(Person) == orm.count_models(Badge) == 0


def test_upsert_keeps_children_and_the_time_of_the_create(orm):
    """The row is changed in place: what refers to it stays, and auto_now_add is kept."""
    orm.clock.freeze(datetime(2024, 1, 1))
    team = orm.create_and_verify(Team, name="t")
    orm.create_and_verify(Person, key="a", team=team.id)
    orm.create_and_verify(Badge, person="a", number=1)
    orm.clock.advance(days=1)
    again = orm.upsert_and_verify(Team, id=team.id, name="u")
    assert (again.made, again.changed) == (team.made, team.made + timedelta(days=1))
    orm.upsert_and_verify(Person, key="a")
    orm.upsert_and_verify(Badge, person="a", number=1)
    assert orm.count_models(Badge) == orm.count_models(Person, team=None) == 1


def test_upsert_creates_what_is_not_there(orm):
    """Without a key, or with one that is free, a row is made; another's unique value is refused."""
    assert orm.upsert_and_verify(Team, name="a").id == 1
    assert orm.upsert_and_verify(Team, id=5, name="b").id == 5
    error = orm.expect_upsert_failure(Team, DuplicateKeyError, id=5, name="a")
    assert error.fields == ("name",)


def test_update_writes_the_changes_and_returns_the_row(orm):
    """Only what is named changes, with auto_now; the row comes back whole; no change at all is one too."""
    orm.clock.freeze(datetime(2024, 1, 1))
    team = orm.create_and_verify(Team, name="t")
    orm.clock.advance(hours=1)
    updated = orm.update_and_verify(team, id=team.id, name="u")
    assert (updated.made, updated.changed) == (team.made, team.made + timedelta(hours=1))
    assert orm.driver.statements[2][0].startswith('UPDATE "Team" SET "name"=?, "changed"=?')
    badge_of = orm.create_and_verify(Person, key="a")
    assert orm.update_and_verify(badge_of) == badge_of


def test_what_is_absent_is_not_found(orm):
    """Get, update and delete of a row that is not there are NotFoundError; several matches are an error too."""
    ghost = Person(key="ghost")
    orm.expect_update_failure(ghost, NotFoundError, first="x")
    orm.expect_delete_failure(ghost, NotFoundError)
    assert type(orm.get_model(Person, key="ghost").error) is NotFoundError
    orm.create_and_verify(Badge, person=orm.create_and_verify(Person, key="a").key, number=1)
    orm.create_and_verify(Badge, person="a", number=2)
    assert type(orm.get_model(Badge, person="a").error) is MultipleResultsError
    assert orm.get_and_verify_exists(Badge, person="a", number=2).number == 2
    assert type(orm.get_model(Badge, person="a", person__in=["a"]).error) is MultipleResultsError
    assert type(orm.get_model(Team, id=2**70).error) is NotFoundError


def test_generated_keys_are_never_given_twice(orm):
    """A key that was deleted or given by hand is not made again."""
    first = orm.create_and_verify(Team, name="a")
    orm.delete_and_verify(first)
    assert orm.create_and_verify(Team, name="b").id == 2
    orm.create_and_verify(Team, id=10, name="c")
    assert [team.id for team in orm.create_many_and_verify(Team, [{"name": "d"}, {"name": "e"}])] == [11, 12]


def test_create_many_is_one_statement_and_all_or_none(orm):
    """Rows are sent together; the first failing row is the error, and no row stays."""
    orm.create_many_and_verify(Person, [{"key": "a"}, {"key": "b"}])
    assert len(orm.driver.statements) == 3
    assert orm.driver.execute(CreateManyOperation(Person, [])).data == []
    for rows, kind, fields in (
        ([{"key": "c"}, {"key": "c"}], DuplicateKeyError, ("key",)),
        ([{"key": "c"}, {"key": "a"}, {"key": 5}], DuplicateKeyError, ("key",)),
        ([{"key": "c"}, {"key": 5}, {"key": "a"}], ValidationError, ("key",)),
        ([{"key": "c", "team": 3}], ForeignKeyError, ("team",)),
    ):
        error = orm.driver.execute(CreateManyOperation(Person, rows)).error
        assert (type(error), error.fields) == (kind, fields)
    error = orm.driver.execute(CreateManyOperation(Team, [{"name": "a"}, {"name": "a"}])).error
    assert (type(error), error.fields) == (DuplicateKeyError, ("name",))
    assert (orm.count_models(Person), orm.count_models(Team)) == (2, 0)


def test_clear_removes_everything_whatever_refers_to_what(dsl):
    """References to the same table and in rings do not hold rows back, inside a transaction as outside."""
    orm = dsl(Node, Left, Right)
    for inside in (False, True):
        orm.create_and_verify(Node, key="root", up="root")
        orm.create_and_verify(Node, key="leaf", up="root", other="root")
        left = orm.create_and_verify(Left, key="l")
        orm.create_and_verify(Right, key="r", left="l")
        orm.update_and_verify(left, right="r")
        if inside:
            with orm.transaction():
                assert orm.clear_storage().success
        else:
            assert orm.clear_storage().success
        assert orm.count_models(Node) == orm.count_models(Left) == orm.count_models(Right) == 0


def test_transactions_nest_and_a_failed_statement_does_not_poison_them(orm):
    """Inside, the backdoor sees what is written; outside, nobody does until the commit."""
    other = orm.driver.store.connect()
    with orm.transaction():
        orm.create_and_verify(Person, key="a")
        orm.expect_create_failure(Person, DuplicateKeyError, key="a")
        orm.driver.execute(CreateManyOperation(Person, [{"key": "b"}, {"key": "a"}])).error  # noqa: B018
        with orm.expect_rollback(RuntimeError), orm.transaction():
            orm.create_and_verify(Person, key="c")
            raise RuntimeError
        with orm.transaction():
            orm.create_and_verify(Person, key="d")
        assert len(orm.driver.rows(Person)) == 2
    assert other.execute('SELECT key FROM "Person" ORDER BY 1').fetchall() == [("a",), ("d",)]
    with orm.expect_rollback(RuntimeError):
        orm.create_and_verify(Person, key="e")
        raise RuntimeError
    other.close()


def test_another_session_that_holds_the_lock_is_a_conflict(opened):
    """A write waits for it, then gives up with ConflictError, and works once the lock is free."""
    driver = opened(Team, Person)
    driver.connection.connection.driver_connection.execute("PRAGMA busy_timeout=1")
    other = driver.store.connect()
    other.execute("BEGIN IMMEDIATE")
    error = driver.execute(CreateOperation(Person, {"key": "a"})).error
    assert type(error) is ConflictError
    assert isinstance(error.__cause__, sqlite3.OperationalError)
    other.close()
    assert driver.execute(CreateOperation(Person, {"key": "a"})).success


def test_a_commit_that_is_refused_leaves_nothing_behind(opened):
    """A constraint that is checked at the commit fails it, and the next operation starts afresh."""
    driver = opened(Team, Person)
    raw = driver.connection.connection.driver_connection
    driver.execute(BeginOperation())
    raw.execute("PRAGMA defer_foreign_keys=ON")
    assert driver.execute(CreateOperation(Person, {"key": "a", "team": 9})).success
    assert type(driver.execute(CommitOperation()).error) is ForeignKeyError
    assert not raw.in_transaction
    assert driver.execute(CreateOperation(Person, {"key": "a"})).success
    assert len(driver.rows(Person)) == 1


def test_a_constraint_of_the_project_is_a_check_error(opened):
    """What the models do not declare is still told apart: a check, a NOT NULL, an index of an expression."""
    driver = opened(Team, Person)
    raw = driver.store.connect()
    raw.execute('CREATE UNIQUE INDEX shouted ON "Person" (upper(first))')
    raw.execute(
        "CREATE TRIGGER no_bob BEFORE INSERT ON Person WHEN NEW.first = 'Bob' BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    raw.close()
    assert driver.execute(CreateOperation(Person, {"key": "a", "first": "x"})).success
    duplicate = driver.execute(CreateOperation(Person, {"key": "b", "first": "X"})).error
    assert (type(duplicate), duplicate.fields) == (DuplicateKeyError, ())
    assert type(driver.execute(CreateOperation(Person, {"key": "b", "first": "Bob"})).error) is CheckError


def test_a_column_that_may_not_be_null_is_named(stored, opened):
    """A NOT NULL of the project's own schema is a CheckError with the field."""
    store = stored(Team)
    raw = store.connect()
    raw.execute('CREATE TABLE "Person" (key TEXT PRIMARY KEY, first, last NOT NULL, email, team, club, boss)')
    raw.close()
    store.seal()
    error = opened(Team, Person, store=store).execute(CreateOperation(Person, {"key": "a"})).error
    assert (type(error), error.model, error.fields) == (CheckError, "Person", ("last",))


def test_a_closed_connection_is_unavailable(opened):
    """It is never taken for a row that is absent, and a statement that makes no sense is the driver's own fault."""
    driver = opened(Team, Person)
    driver.connection.connection.driver_connection.execute('ALTER TABLE "Person" RENAME COLUMN last TO final')
    with pytest.raises(DriverContractError, match="no column named last"):
        driver.execute(CreateOperation(Person, {"key": "a"}))
    driver.connection.connection.driver_connection.close()
    error = driver.execute(CreateOperation(Person, {"key": "a"})).error
    assert type(error) is UnavailableError
    driver.connection.invalidate()
    driver.connection.close()
    assert type(driver.execute(CreateOperation(Person, {"key": "a"})).error) is UnavailableError
    assert type(driver.translate_error(sqlite3.ProgrammingError("Cannot operate on a closed database."))) is (
        UnavailableError
    )
    assert driver.translate_error(KeyError("x")) is None


def test_a_model_that_was_not_prepared_is_a_configuration_error(opened):
    """The message names the models that were."""
    with pytest.raises(ConfigurationError, match="Person is not among the models"):
        opened(Team).execute(CreateOperation(Person, {"key": "a"}))


KEYS = st.sampled_from(["a", "b", "c"])
PEOPLE = st.fixed_dictionaries(
    {"key": KEYS},
    optional={
        "first": st.sampled_from(["", "x"]),
        "last": st.sampled_from([None, "y"]),
        "email": st.sampled_from([None, "e", "f"]),
        "team": st.sampled_from([None, 1, 2, 9]),
        "club": st.sampled_from([None, 1, 2]),
        "boss": st.none() | KEYS,
    },
)
CHANGES = PEOPLE.map(lambda data: {name: value for name, value in data.items() if name != "key"})
STEPS = st.lists(
    st.one_of(
        st.builds(CreateOperation, st.just(Person), PEOPLE),
        st.builds(UpsertOperation, st.just(Person), PEOPLE),
        st.builds(CreateManyOperation, st.just(Person), st.lists(PEOPLE, max_size=3)),
        st.builds(lambda key, data: UpdateOperation(Person, Person(key=key), data), KEYS, CHANGES),
        st.builds(lambda key: DeleteOperation(Person, Person(key=key)), KEYS),
        st.builds(lambda key: DeleteOperation(Team, Team(id=key, name="")), st.sampled_from([1, 2])),
        st.builds(
            UpsertOperation, st.just(Team), st.sampled_from([{"id": 1, "name": "s"}, {"id": 2, "name": "t"}])
        ),
        st.builds(CreateOperation, st.just(Badge), st.builds(dict, person=KEYS, number=st.integers(1, 2))),
        st.just(BeginOperation()),
        st.just(CommitOperation()),
        st.just(RollbackOperation()),
    ),
    max_size=25,
)


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_any_sequence_of_writes_ends_as_the_contract_says(both_ways, steps):
    """Each step succeeds or fails alike, naming the same fields, and leaves the same rows behind."""
    contract, sqlite = both_ways()
    depth = 0
    for step in steps:
        if isinstance(step, CommitOperation | RollbackOperation) and not depth:
            continue
        depth += {"begin": 1, "commit": -1, "rollback": -1}.get(step.verb, 0)
        expected, got = contract.execute(step), sqlite.execute(step)
        assert outcome(got) == outcome(expected), step
        for model in (Team, Person, Badge):
            assert sqlite.rows(model) == contract.rows(model), step


def outcome(result: Any) -> Any:
    return result.data if result.success else (type(result.error), result.error.fields)


@pytest.fixture
def both_ways(opened, oracle):
    """Two drivers with one clock, emptied and given two teams before each example."""
    drivers = (oracle(Team, Person, Badge), opened(Team, Person, Badge))
    clock = Clock()
    clock.freeze(datetime(2024, 1, 1))

    def fresh() -> Any:
        for driver in drivers:
            driver.clock = clock
            driver.reset()
            assert driver.execute(CreateManyOperation(Team, [{"name": "s"}, {"name": "t"}])).success
        return drivers

    return fresh
