"""Verbs that read: what they answer, and how those that verify fail a driver that lies."""

import pytest

from orm_testing import (
    Field,
    InMemoryDriver,
    Model,
    MultipleResultsError,
    NotFoundError,
    UnavailableError,
    UnsupportedError,
    VerificationError,
    any_of,
)


class NativeError(Exception):
    """What a client library raises."""


class Person(Model):
    id: str = Field(primary_key=True)
    name: str = ""
    age: int | None = None


PEOPLE = [
    {"id": "a", "name": "Ann", "age": 30}, {"id": "b", "name": "Bob", "age": 40}, {"id": "c", "name": "Cid"},
    {"id": "d", "name": "Dan", "age": 40}, {"id": "e", "name": "Ann", "age": 20},
]  # fmt: skip


@pytest.fixture
def make(make_orm, liar):
    """Makes a client with five people, whose driver lies about the named verbs."""

    def make(lie=None, *verbs):
        orm = make_orm(Person, driver=liar(lie, *verbs) if lie else InMemoryDriver)
        for person in PEOPLE:
            assert orm.create_model(Person, person).success
        return orm

    return make


def people(driver, *keys):
    return [driver.schemas.of(Person).instance(driver.rows(Person, {"id": key})[0]) for key in keys]


def test_honest_reads_answer(make):
    """Each verb answers with what is in the store."""
    orm = make()
    assert orm.get_model(Person, id="a").instance.name == "Ann"
    assert orm.get_and_verify_exists(Person, name="Bob").id == "b"
    assert orm.get_and_verify_not_exists(Person, name="Eve") is None
    assert orm.count_models(Person, age=40) == 2
    assert orm.model_exists(Person, age__gt=40) is False
    assert [each.id for each in orm.all_models(Person)] == list("abcde")
    assert orm.first(Person, order_by="-age", age__isnull=False).id == "b"
    assert orm.first(Person, name="Eve") is None
    assert [each.id for each in orm.query_and_verify_count(Person, 2, age=40, order_by="-id")] == ["d", "b"]
    assert orm.aggregate(Person, "age__max") == {"age__max": 40}


def raising(error):
    def lie(driver, honest, operation):
        raise error

    return lie


READS = {
    "exists": lambda orm: orm.get_and_verify_exists(Person, id="a"),
    "not_exists": lambda orm: orm.get_and_verify_not_exists(Person, id="ghost"),
    "query": lambda orm: orm.query_and_verify_count(Person, 5),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("native", [False, True], ids=["unavailable", "translated"])
def test_a_dead_backend_is_failed(make, read, native):
    """Absent is not broken: a backend that cannot be reached fails every verb, also the one that wants no row."""
    orm = make(raising(NativeError("refused") if native else UnavailableError("refused")), "get", "query")
    orm.driver.translate_error = lambda error: UnavailableError(f"lost: {error}")
    with pytest.raises(VerificationError, match=r"UnavailableError: .*refused") as caught:
        read(orm)
    assert type(caught.value.__cause__) is (NativeError if native else type(None))


@pytest.mark.parametrize(
    "read",
    [
        lambda orm: orm.all_models(Person),
        lambda orm: orm.count_models(Person),
        lambda orm: orm.model_exists(Person),
        lambda orm: orm.first(Person),
        lambda orm: orm.aggregate(Person, "count"),
    ],
)
def test_a_plain_answer_of_a_dead_backend_is_its_error(make, read):
    """A verb with a plain answer raises the store's error and answers neither 0 nor an empty list."""
    orm = make(raising(UnavailableError("refused")), "query", "count", "exists", "aggregate")
    with pytest.raises(UnavailableError, match="refused"):
        read(orm)


def test_what_a_backend_lacks_is_no_failed_check(make):
    """A read that is not supported raises `UnsupportedError`, not a verdict."""
    orm = make(raising(UnsupportedError(capability="query")), "query")
    with pytest.raises(UnsupportedError):
        orm.query_and_verify_count(Person, 5)


@pytest.mark.parametrize(
    ("lie", "says"),
    [
        (lambda driver, honest, operation: people(driver, "b")[0], "the row returned does not match"),
        (lambda driver, honest, operation: Person(id="ghost", name="Ann"), "is not in the store"),
        (lambda driver, honest, operation: Person(id="a", name="Ann", age=31), "'age' differs"),
        (lambda driver, honest, operation: Person(id="a", name="ann", age=30), "'name' differs"),
        (raising(NotFoundError("nothing")), "failed: NotFoundError: nothing"),
        (raising(MultipleResultsError("two")), "failed: MultipleResultsError"),
    ],
)
def test_a_get_that_lies_is_caught(make, lie, says):
    """A get that answers another row, an altered one, one that is not stored, or none, fails the verb."""
    with pytest.raises(VerificationError, match=says):
        make(lie, "get").get_and_verify_exists(Person, id="a")


def test_a_get_that_picks_one_of_several_is_caught(make):
    """Where several rows match, answering one of them is no answer to "the one row that matches"."""
    orm = make(lambda driver, honest, operation: people(driver, "a")[0], "get")
    with pytest.raises(VerificationError):
        orm.get_and_verify_exists(Person, name="Ann")


@pytest.mark.parametrize(
    "filters", [{"id": "a"}, {"name": "Bob"}, {"name": "Ann"}, any_of(id="a", name="Bob")]
)
@pytest.mark.parametrize(
    "lie",
    [raising(NotFoundError("nothing")), lambda driver, honest, operation: honest()],
    ids=["lying", "honest"],
)
def test_a_row_that_is_there_fails_the_verb_that_wants_none(make, lie, filters):
    """Whether the backend shows the row or hides it, the store has it."""
    with pytest.raises(VerificationError, match=r"a row matches|finds no row, and the store has"):
        make(lie, "get").get_and_verify_not_exists(Person, filters)


def query(*keys):
    return lambda driver, honest, operation: people(driver, *keys)


@pytest.mark.parametrize(
    ("lie", "expected", "arguments", "says"),
    [
        (query(*"abcde"), 2, {"age": 40}, "expected 2 rows, and got 5"),
        (query("b"), 1, {"age": 40}, "means other rows, or another order"),
        (query(), 0, {"age": 40}, "means other rows, or another order"),
        (query("b", "d", "a"), 3, {"age": 40}, "3 rows came back|does not match"),
        (query("a", "b"), 2, {"age": 40}, ""),
        (query("b", "b"), 2, {"age": 40}, ""),
        (query("a", "b"), 2, {"age": 40, "limit": 2}, ""),
        (query("b", "b"), 2, {"age": 40, "limit": 2}, ""),
        (query("a"), 1, {"age": 40, "offset": 1}, ""),
        (query(*"abcde"), 2, {"limit": 2}, "expected 2 rows, and got 5"),
        (query("a", "b"), 2, {"filters": any_of(age=40)}, ""),
        (
            lambda driver, honest, operation: [*honest(), Person(id="x", age=40)],
            3,
            {"age": 40},
            "is not in the store",
        ),
        (
            lambda driver, honest, operation: [Person(id="b", age=40), *honest()[1:]],
            2,
            {"age": 40},
            "'name' differs",
        ),
        (lambda driver, honest, operation: honest()[:-1], 2, {"age": 40}, "expected 2 rows, and got 1"),
    ],
)
def test_a_query_that_lies_is_caught(make, lie, expected, arguments, says):
    """A query that ignores its filters or its limit, repeats, invents, alters or leaves out rows fails the verb."""
    orm = make(lie, "query")
    with pytest.raises(VerificationError, match=f"query_and_verify_count Person[\\s\\S]*({says})"):
        orm.query_and_verify_count(Person, expected, **arguments)


def test_a_wrong_number_is_said_with_the_rows(make):
    """The failure shows the call, and the rows that came."""
    with pytest.raises(VerificationError) as caught:
        make().query_and_verify_count(Person, 3, age=40)
    for word in ("expected 3 rows, and got 2", "orm.query_models(Person, age=40)", "'id': 'b'", "'id': 'd'"):
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("limit", "offset", "expected"), [(2, 0, 2), (0, 0, 0), (9, 0, 5), (None, 4, 1), (2, 4, 1), (2, 9, 0)]
)
def test_a_page_is_verified_as_a_page(make, limit, offset, expected):
    """With a limit or an offset, fewer rows than match are right."""
    rows = make().query_and_verify_count(Person, expected, limit=limit, offset=offset)
    assert [row.id for row in rows] == list("abcde")[offset : None if limit is None else offset + limit]


def test_an_aggregate_without_a_row_is_the_drivers_fault(make):
    """Without `group_by` there is one answer; a driver that gives none broke the contract."""
    orm = make(lambda driver, honest, operation: [], "aggregate")
    with pytest.raises(Exception, match="aggregate"):
        orm.aggregate(Person, "count")
