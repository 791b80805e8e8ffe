"""Transactions that are buffered until they commit mean what the contract says, whatever store takes them then."""

import pytest
from dictionaries import DictDriver, DictStore
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orm_testing import (
    AggregateOperation,
    BeginOperation,
    ClearOperation,
    Clock,
    CommitOperation,
    ConflictError,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DuplicateKeyError,
    ExistsOperation,
    Field,
    GetOperation,
    InMemoryDriver,
    Model,
    QueryOperation,
    RollbackOperation,
    SchemaSet,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.schema import schema_of
from orm_testing_drivers.nosql.pending import Change, Pending


class Person(Model):
    __unique__ = [("first", "last")]

    key: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)
    first: str = "x"
    last: str | None = None
    tags: list[int] = []


class Team(Model):
    id: int = Field(primary_key=True)
    name: str = ""


PRODUCTS = ("dictionaries", "fakeredis", pytest.param("redis_server", marks=pytest.mark.external_services))


def on_dictionaries(*models, store=None):
    driver = DictDriver()
    if store is None:
        store = DictStore()
        store.prepare(SchemaSet(models))
    driver.store, driver.backend_name, driver.clock = store, "dictionaries", Clock()
    driver.setup_backend(models)
    return driver


@pytest.fixture(params=PRODUCTS)
def keyed(request, on_backend):
    """A driver whose transactions are buffered, set up for people and teams."""
    if request.param == "dictionaries":
        return on_dictionaries(Person, Team)
    return on_backend(request.param, Person, Team)


@pytest.fixture
def contract():
    """The in-memory driver, which the others are held to."""
    driver = InMemoryDriver()
    driver.clock = Clock()
    driver.setup_backend([Person, Team])
    return driver


KEYS = st.sampled_from(["a", "b", "c"])
PEOPLE = st.fixed_dictionaries(
    {"key": KEYS},
    optional={
        "email": st.sampled_from([None, "e", "f"]),
        "first": st.sampled_from(["", "x"]),
        "last": st.sampled_from([None, "y"]),
        "tags": st.lists(st.integers(0, 2), max_size=2),
    },
)
CHANGES = PEOPLE.map(lambda data: {name: value for name, value in data.items() if name != "key"})
FILTERS = st.sampled_from(
    [
        {},
        {"email": "e"},
        {"email": None},
        {"last": "y", "first": "x"},
        {"key__gt": "a"},
        {"key": "a"},
        {"tags": [1]},
    ]
)
STEPS = st.lists(
    st.one_of(
        st.builds(CreateOperation, st.just(Person), PEOPLE),
        st.builds(UpsertOperation, st.just(Person), PEOPLE),
        st.builds(CreateManyOperation, st.just(Person), st.lists(PEOPLE, max_size=3)),
        st.builds(lambda key, data: UpdateOperation(Person, Person(key=key), data), KEYS, CHANGES),
        st.builds(lambda key: DeleteOperation(Person, Person(key=key)), KEYS),
        st.builds(UpsertOperation, st.just(Team), st.builds(dict, id=st.integers(1, 2), name=KEYS)),
        st.builds(GetOperation, st.just(Person), FILTERS),
        st.builds(
            lambda where, order, limit, offset: QueryOperation(
                Person, where, order_by=order, limit=limit, offset=offset
            ),
            FILTERS,
            st.sampled_from([[], ["-email"], ["last", "-key"]]),
            st.none() | st.integers(0, 2),
            st.integers(0, 1),
        ),
        st.builds(CountOperation, st.just(Person), FILTERS),
        st.builds(ExistsOperation, st.just(Person), FILTERS),
        st.builds(lambda where: AggregateOperation(Person, ("count", "key__max"), where, ("last",)), FILTERS),
        st.just(ClearOperation()),
        st.just(BeginOperation()),
        st.just(BeginOperation()),
        st.just(CommitOperation()),
        st.just(RollbackOperation()),
    ),
    max_size=25,
)


def test_any_sequence_ends_as_the_contract_says(keyed, contract):
    """Each step, in however many transactions, answers alike and leaves the same rows to be seen from inside and outside."""

    @settings(deadline=None, derandomize=True, max_examples=120, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def holds(steps):
        contract.reset()
        keyed.reset()
        depth = 0
        for step in steps:
            if isinstance(step, CommitOperation | RollbackOperation) and not depth:
                continue
            depth += {"begin": 1, "commit": -1, "rollback": -1}.get(step.verb, 0)
            expected, got = contract.execute(step), keyed.execute(step)
            assert outcome(step, got) == outcome(step, expected), step
            for model in (Team, Person):
                assert keyed.rows(model) == contract.rows(model), step
                assert keyed.count_rows(model) == contract.count_rows(model)

    holds()


def outcome(step, result):
    """Of several rows, which of their faults is told first is left open."""
    if result.success:
        return result.data
    return type(result.error), step.verb == "create_many" or result.error.fields


def test_nothing_is_stored_before_the_outermost_commit(keyed):
    """An inner commit is its outer transaction's; others see all of it at once."""
    other = keyed.session()
    keyed.execute(BeginOperation())
    keyed.execute(CreateOperation(Person, {"key": "a"}))
    keyed.execute(BeginOperation())
    keyed.execute(CreateOperation(Person, {"key": "b"}))
    keyed.execute(CommitOperation())
    assert (len(keyed.rows(Person)), len(other.rows(Person))) == (2, 0)
    keyed.execute(CommitOperation())
    assert (len(keyed.rows(Person)), len(other.rows(Person))) == (2, 2)
    other.close()


def test_what_is_done_here_inside_a_transaction_is_told(keyed):
    """Rows that are sorted and cut beside what is buffered, and buffered ones that are sifted, were not served by the store."""
    keyed.execute(CreateOperation(Person, {"key": "a"}))
    keyed.execute(BeginOperation())
    work = keyed.execute(QueryOperation(Person, {}, order_by=["key"], limit=1)).client_work
    assert {"order", "page"} <= set(work)
    keyed.execute(CreateOperation(Person, {"key": "b"}))
    assert "filter" in keyed.execute(CountOperation(Person, {"key__in": ["a", "b"]})).client_work
    assert "filter" not in keyed.execute(CountOperation(Team, {})).client_work


def test_what_came_in_between_is_a_conflict(keyed):
    """A row that another session changed, made or removed is not written over, and neither is any other."""
    other = keyed.session()
    for key in "abc":
        keyed.execute(CreateOperation(Person, {"key": key, "last": key}))
    for between in (
        UpdateOperation(Person, Person(key="a"), {"email": "theirs"}),
        CreateOperation(Person, {"key": "d", "last": "theirs"}),
        DeleteOperation(Person, Person(key="a")),
    ):
        keyed.execute(BeginOperation())
        keyed.execute(UpdateOperation(Person, Person(key="b"), {"email": "mine"}))
        keyed.execute(UpsertOperation(Person, {"key": "d", "last": "mine"}))
        keyed.execute(UpdateOperation(Person, Person(key="a"), {"email": "also mine"}))
        assert other.execute(between).success
        before = other.rows(Person)
        assert type(keyed.execute(CommitOperation()).error) is ConflictError
        assert keyed.rows(Person) == other.rows(Person) == before
    other.close()


def test_a_value_that_was_taken_in_between_is_a_duplicate(keyed):
    """A unique value that another session took is not given twice."""
    other = keyed.session()
    keyed.execute(BeginOperation())
    keyed.execute(CreateOperation(Person, {"key": "a", "email": "e"}))
    other.execute(CreateOperation(Person, {"key": "b", "email": "e"}))
    error = keyed.execute(CommitOperation()).error
    assert type(error) is DuplicateKeyError
    assert error.fields == ("email",)
    assert [row["key"] for row in keyed.rows(Person)] == ["b"]
    other.close()


def test_what_a_transaction_handed_out_is_the_callers(keyed):
    """To change a row that came out of an open transaction changes nothing of it."""
    keyed.execute(BeginOperation())
    made = keyed.execute(CreateOperation(Person, {"key": "a", "tags": [1]})).data
    made.tags.append(2)
    keyed.execute(GetOperation(Person, {"key": "a"})).data.tags.append(3)
    [found] = keyed.execute(QueryOperation(Person)).data
    found.tags.append(4)
    [row] = keyed.rows(Person)
    row["tags"].append(5)
    keyed.execute(CommitOperation())
    assert [row["tags"] for row in keyed.rows(Person)] == [[1]]
    keyed.execute(BeginOperation())
    keyed.execute(UpdateOperation(Person, made, {"last": "x"})).data.tags.append(6)
    assert keyed.execute(CommitOperation()).success
    assert [row["tags"] for row in keyed.rows(Person)] == [[1]]


def test_a_transaction_that_is_left_open_is_told_and_ends(keyed):
    """How many there were is said, and a reset forgets what they did."""
    keyed.execute(BeginOperation())
    keyed.execute(CreateOperation(Person, {"key": "a"}))
    keyed.execute(BeginOperation())
    assert keyed.leaks()[0] == "2 transactions were left open"
    keyed.execute(BeginOperation())
    keyed.reset()
    assert keyed.leaks() == []
    assert keyed.rows(Person) == []


def test_a_row_that_comes_and_goes_is_no_change():
    """What the store never had and is not to have is nothing to write; one that it had is remembered as it had it."""
    pending, schema = Pending(), schema_of(Team)
    pending.begin()
    pending.write(schema, (1,), None, {"id": 1, "name": "new"})
    pending.write(schema, (1,), {"id": 1, "name": "new"}, None)
    stored = {"id": 2, "name": "stored"}
    pending.write(schema, (2,), stored, {"id": 2, "name": "changed"})
    pending.write(schema, (2,), {"id": 2, "name": "changed"}, None)
    assert pending.commit() == [Change(schema, (2,), stored, None)]
    assert not pending
