"""The in-memory driver: the contract in executable form."""

import datetime
import decimal
import enum
import uuid

import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orm_testing import (
    AttachOperation,
    Clock,
    ConfigurationError,
    CreateOperation,
    DeleteOperation,
    DuplicateKeyError,
    Field,
    ForeignKeyError,
    InMemoryDriver,
    InvalidQueryError,
    Model,
    MultipleResultsError,
    NotFoundError,
    ValidationError,
)


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


class Address(pydantic.BaseModel):
    city: str


class User(Model):
    __unique__ = (("team", "number"),)

    id: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)
    team: str | None = None
    number: int | None = None
    age: int = Field(0, ge=0)
    tags: list[str] = Field(default_factory=list)


class Post(Model):
    id: int = Field(primary_key=True)
    author: str = Field(references=User)


@pytest.fixture
def orm(make_orm):
    """Two users, one of whom wrote a post."""
    orm = make_orm(User, Post)
    orm.create_and_verify(User, id="a", email="a@x", team="t", number=1, tags=["x"])
    orm.create_and_verify(User, id="b", email="b@x", team="t", number=2)
    orm.create_and_verify(Post, id=1, author="a")
    return orm


def user(orm, key="a"):
    return orm.get_and_verify_exists(User, id=key)


GHOST = User(id="ghost")


@pytest.mark.parametrize(
    ("verb", "error", "fields"),
    [
        (lambda orm: orm.create_model(User, id="a"), DuplicateKeyError, ("id",)),
        (lambda orm: orm.create_model(User, id="c", email="a@x"), DuplicateKeyError, ("email",)),
        (
            lambda orm: orm.create_model(User, id="c", team="t", number=1),
            DuplicateKeyError,
            ("team", "number"),
        ),
        (lambda orm: orm.update_model(user(orm), email="b@x"), DuplicateKeyError, ("email",)),
        (lambda orm: orm.update_model(user(orm), number=2, age=9), DuplicateKeyError, ("team", "number")),
        (lambda orm: orm.upsert_model(User, id="a", email="b@x"), DuplicateKeyError, ("email",)),
        (lambda orm: orm.create_model(User, id="c", age=-1), ValidationError, ("age",)),
        (lambda orm: orm.create_model(User, id="c", aeg=1), ValidationError, ("aeg",)),
        (lambda orm: orm.create_model(User, age="old"), ValidationError, ("id", "age")),
        (lambda orm: orm.update_model(user(orm), age=-1, email="new"), ValidationError, ("age",)),
        (lambda orm: orm.update_model(user(orm), id="z"), ValidationError, ("id",)),
        (lambda orm: orm.upsert_model(User, id="a", age=-1), ValidationError, ("age",)),
        (lambda orm: orm.upsert_model(User, age=1), ValidationError, ("id",)),
        (lambda orm: orm.upsert_model(User, id=["a"]), ValidationError, ("id",)),
        (lambda orm: orm.get_model(User, id="ghost"), NotFoundError, ()),
        (lambda orm: orm.update_model(GHOST, age=1), NotFoundError, ()),
        (lambda orm: orm.delete_model(GHOST), NotFoundError, ()),
        (lambda orm: orm.get_model(User, team="t"), MultipleResultsError, ()),
        (lambda orm: orm.get_model(User), MultipleResultsError, ()),
        (lambda orm: orm.create_model(Post, id=2, author="ghost"), ForeignKeyError, ("author",)),
        (lambda orm: orm.upsert_model(Post, id=1, author="ghost"), ForeignKeyError, ("author",)),
        (lambda orm: orm.update_model(Post(id=1, author="a"), author="ghost"), ForeignKeyError, ("author",)),
        (lambda orm: orm.delete_model(user(orm)), ForeignKeyError, ("author",)),
        (lambda orm: orm.get_model(User, nmae=1), InvalidQueryError, ("nmae",)),
        (lambda orm: orm.query_models(User, age__gtee=1), InvalidQueryError, ("age",)),
        (lambda orm: orm.query_models(User, order_by="aeg"), InvalidQueryError, ("aeg",)),
        (lambda orm: orm.query_models(User, limit=-1), InvalidQueryError, ()),
        (lambda orm: orm.query_models(User, offset="x"), InvalidQueryError, ()),
    ],
)
def test_a_failure_names_its_fields_and_changes_nothing(orm, verb, error, fields):
    """Each failure is of its class in the tree, names the fields concerned, and leaves every row as it was."""
    before = orm.driver.rows(User), orm.driver.rows(Post)
    result = verb(orm)
    assert type(result.error) is error
    assert result.error.fields == fields
    assert result.error.model in {"User", "Post"}
    assert (orm.driver.rows(User), orm.driver.rows(Post)) == before


@pytest.mark.parametrize("verb", ["count_models", "model_exists", "first"])
def test_a_verb_with_a_plain_answer_raises(orm, verb):
    """Where a plain value is the answer, the failure of the store is raised."""
    with pytest.raises(InvalidQueryError, match="nmae"):
        getattr(orm, verb)(User, nmae=1)


def test_an_unknown_field_is_named_with_the_nearest(orm):
    """A misspelt field in data or in filters is answered with the right one."""
    assert "Did you mean 'email'?" in str(orm.create_model(User, id="c", emial="x").error)
    assert "Did you mean 'email'?" in str(orm.query_models(User, emial="x").error)


def test_creating_many_is_all_or_none(orm):
    """When one of several rows is refused, none of them is stored, and the unique values are free again."""
    before = orm.driver.rows(User)
    rows = [{"id": "c", "email": "c@x"}, {"id": "d"}, {"id": "c"}]
    with pytest.raises(AssertionError, match="DuplicateKeyError"):
        orm.create_many_and_verify(User, rows)
    assert orm.driver.rows(User) == before
    assert [each.id for each in orm.create_many_and_verify(User, rows[:2])] == ["c", "d"]


def test_none_is_no_unique_value(orm):
    """Several rows may have None where a value would have to be unique, in a group as well."""
    orm.create_and_verify(User, id="c", team="t")
    orm.create_and_verify(User, id="d", team="t")
    orm.query_and_verify_count(User, 2, email=None)


@pytest.mark.parametrize(
    "release",
    [
        lambda orm: orm.update_and_verify(user(orm, "b"), email="new"),
        lambda orm: orm.delete_and_verify(user(orm, "b")),
        lambda orm: orm.upsert_and_verify(User, id="b"),
        lambda orm: orm.clear_storage(),
        lambda orm: orm.reset(),
    ],
)
def test_a_unique_value_is_free_when_its_row_lets_go(orm, release):
    """A value that an update, an upsert, a delete or a clearing gave up may be taken by another row."""
    release(orm)
    orm.create_and_verify(User, id="next", email="b@x")


def test_a_row_may_be_written_again_with_its_own_unique_values(orm):
    """A row does not stand in its own way."""
    orm.update_and_verify(user(orm), email="a@x", number=1)
    orm.upsert_and_verify(User, id="a", email="a@x", team="t", number=1)


def test_upsert_replaces_the_whole_row(orm):
    """What an upsert does not name has its default afterwards."""
    orm.upsert_and_verify(User, id="a", age=3)
    assert user(orm) == User(id="a", age=3)


def test_what_comes_back_is_a_copy(orm):
    """Changing a row that came back, or data that went in, does not change the store."""
    tags = ["in"]
    created = orm.create_and_verify(User, id="c", tags=tags)
    tags.append("changed")
    created.tags.append("changed")
    for got in (user(orm, "c"), orm.first(User, id="c"), orm.update_model(created, age=1).instance):
        assert got.tags == ["in"]
        got.tags.append("changed")
    assert orm.driver.rows(User, {"id": "c"})[0]["tags"] == ["in"]


def test_a_nested_model_that_comes_back_is_a_copy(make_orm):
    """The answer to a create or an upsert shares no nested model with the data that went in."""

    class Person(Model):
        id: str = Field(primary_key=True)
        home: Address

    orm = make_orm(Person)
    for verb in (orm.create_and_verify, orm.upsert_and_verify):
        home = Address(city="Rome")
        person = verb(Person, id="p", home=home)
        home.city = "changed"
        assert person.home.city == "Rome"


def test_the_backdoor_reads_by_key_by_values_or_all(orm):
    """`rows` finds rows by key, by other fields, or all in the order of their keys."""
    assert [row["id"] for row in orm.driver.rows(User)] == ["a", "b"]
    assert [row["id"] for row in orm.driver.rows(User, {"id": "b"})] == ["b"]
    assert [row["id"] for row in orm.driver.rows(User, {"team": "t", "number": 2})] == ["b"]
    assert orm.driver.rows(User, {"id": "ghost"}) == []


def test_a_model_that_no_test_lists_is_an_error(orm):
    """An operation on another model says which models the test has."""
    with pytest.raises(
        ConfigurationError, match="Address is not among the models of this test, which are: Post, User"
    ):
        orm.driver.execute(CreateOperation(Address, {"city": "x"}))
    with pytest.raises(ConfigurationError, match="Address is not among"):
        orm.create_model(Address, city="x")


def held(annotation):
    return pydantic.create_model(
        "Held", __base__=Model, id=(int, Field(primary_key=True)), value=(annotation | None, None)
    )


VALUES = {
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(),
    decimal.Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    str: st.text(),
    bytes: st.binary(),
    uuid.UUID: st.uuids(),
    Color: st.sampled_from(Color),
    Level: st.sampled_from(Level),
    datetime.date: st.dates(),
    datetime.time: st.times(),
    datetime.datetime: st.datetimes(),
    pydantic.AwareDatetime: st.datetimes(timezones=st.just(datetime.UTC)),
    datetime.timedelta: st.timedeltas(),
    Address: st.builds(Address, city=st.text(st.characters(exclude_categories=["Cs"]))),
    list[int | None]: st.lists(st.none() | st.integers(-(2**63), 2**63)),
    dict[str, list[bool]]: st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), st.lists(st.booleans())
    ),
    set[int]: st.sets(st.integers(0, 9)),
}


@settings(deadline=None, max_examples=25)
@pytest.mark.parametrize("annotation", VALUES, ids=str)
@given(data=st.data())
def test_what_goes_in_comes_out(make_orm, annotation, data):
    """A value of any kind, or None, is created, updated and read back equal and of its type."""
    model = held(annotation)
    orm = make_orm(model)
    one, other = (data.draw(st.none() | VALUES[annotation]) for _ in range(2))
    row = orm.create_and_verify(model, id=1, value=one)
    orm.update_and_verify(row, value=other)
    orm.upsert_and_verify(model, id=2, value=other)
    assert type(orm.get_and_verify_exists(model, id=1).value) is type(other)


HOSTILE = [
    "",
    "'; DROP TABLE x; --",
    '"',
    "`",
    "\\",
    "%_",
    "\x00",
    "\ud800",
    "😀",
    "\uff41\u0301",
    " \t\r\n",
    "None",
    "{}",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_data(make_orm, text):
    """Any text is a value and a key like any other."""
    model = pydantic.create_model(
        "order", __base__=Model, id=(str, Field(primary_key=True)), select=(str, Field(alias="f\"r'o😀m"))
    )
    orm = make_orm(model)
    orm.create_and_verify(model, id=text, select=text)
    orm.query_and_verify_count(model, 1, select__contains=text, id=text)
    orm.delete_and_verify(orm.get_and_verify_exists(model, id=text))


def test_attachments_are_part_of_transactions_and_of_what_is_marked(orm):
    """A rollback undoes what it attached and detached, and a reset to a mark brings back what was attached then."""
    orm.attach(user(orm), "kept", b"1")
    with orm.expect_rollback(KeyError):
        orm.detach(user(orm), "kept")
        orm.attach(user(orm), "undone", b"2")
        raise KeyError
    assert orm.attachment(user(orm), "kept") == b"1"
    with pytest.raises(NotFoundError):
        orm.attachment(user(orm), "undone")
    orm.driver.mark()
    orm.detach(user(orm), "kept")
    orm.reset()
    assert orm.attachment(user(orm), "kept") == b"1"


def test_a_cascade_takes_attachments_along():
    """What a reference removes loses its attachments as what a verb removes."""

    class Leaf(Model):
        id: int = Field(primary_key=True)
        user: str = Field(references=User, on_delete="cascade")

    driver = InMemoryDriver()
    driver.clock = Clock()
    driver.setup_backend([User, Leaf])
    for operation in (CreateOperation(User, {"id": "a"}), CreateOperation(Leaf, {"id": 1, "user": "a"})):
        assert driver.execute(operation)
    leaf = Leaf(id=1, user="a")
    assert driver.execute(AttachOperation(Leaf, leaf, "file", b"x"))
    assert driver.execute(DeleteOperation(User, User(id="a")))
    assert driver.attachment_of(Leaf, {"id": 1}, "file") is None
