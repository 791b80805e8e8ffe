"""Verbs that write and verify: each fails every driver that lies."""

import datetime
import decimal
import enum

import pytest

from orm_testing import (
    Capabilities,
    Field,
    InMemoryDriver,
    Model,
    OperationResult,
    UnsupportedError,
    VerificationError,
)

D = decimal.Decimal
SEEN = datetime.datetime.fromisoformat("2024-01-02T03:04:05.678901")


class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Person(Model):
    id: str = Field(primary_key=True)
    name: str = ""
    nickname: str | None = None
    active: bool = False
    balance: D = D(0)
    seen: datetime.datetime | None = None
    color: Color | None = None
    tags: list[int] = Field(default_factory=list)


GIVEN = {
    "name": "Ann", "nickname": "A", "active": True, "balance": D("1.50"), "seen": SEEN, "color": Color.RED,
    "tags": [1, 2],
}  # fmt: skip

WRITES = {
    "create": ("create", lambda orm: orm.create_and_verify(Person, id="p", **GIVEN)),
    "create_many": ("create_many", lambda orm: orm.create_many_and_verify(Person, [{"id": "p", **GIVEN}])[0]),
    "upsert of a new row": ("upsert", lambda orm: orm.upsert_and_verify(Person, id="p", **GIVEN)),
    "upsert of a row": (
        "upsert",
        lambda orm: orm.create_model(Person, id="p") and orm.upsert_and_verify(Person, id="p", **GIVEN),
    ),
    "update": (
        "update",
        lambda orm: orm.update_and_verify(orm.create_model(Person, id="p").instance, **GIVEN),
    ),
}
each_write = pytest.mark.parametrize(("verb", "write"), WRITES.values(), ids=WRITES)


def each(answer):
    return answer if isinstance(answer, list) else [answer]


def spoil_stored(driver, changes):
    rows = driver.table(Person).rows
    rows["p",] = {**rows["p",], **changes}


@each_write
def test_an_honest_write_returns_the_row(make_orm, verb, write):
    """Each verb returns the row as it is in the store."""
    orm = make_orm(Person)
    person = write(orm)
    assert person == Person(id="p", **GIVEN)
    assert orm.driver.rows(Person) == [person.model_dump()]


@each_write
def test_returning_a_row_without_storing_it_is_caught(make_orm, liar, verb, write):
    """A driver that answers with the row, and stores nothing, is failed."""

    def stores_nothing(driver, honest, operation):
        before = driver._snapshot()
        answer = honest()
        driver._restore(before)
        return answer

    with pytest.raises(VerificationError, match=r"is not in the store|differs"):
        write(make_orm(Person, driver=liar(stores_nothing, verb)))


SPOILT = {
    "another value": {"name": "Bob"},
    "a dropped field": {"nickname": None},
    "True as 1": {"active": 1},
    "a lost scale": {"balance": D("1.5")},
    "a Decimal as float": {"balance": 1.5},
    "lost microseconds": {"seen": SEEN.replace(microsecond=678000)},
    "a datetime as text": {"seen": SEEN.isoformat()},
    "an enum as its value": {"color": "red"},
    "a list as tuple": {"tags": (1, 2)},
    "a bool in a list": {"tags": [True, 2]},
    "a reordered list": {"tags": [2, 1]},
}


@each_write
@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("where", ["stored", "returned", "stored and returned"])
def test_a_spoilt_value_is_caught(make_orm, liar, verb, write, spoilt, where):
    """A value that is stored or returned otherwise than it was given fails the verb, which names the field."""

    def spoils(driver, honest, operation):
        answer = honest()
        if "stored" in where:
            spoil_stored(driver, spoilt)
        for instance in each(answer):
            if "returned" in where:
                instance.__dict__.update(spoilt)
        return answer

    (field,) = spoilt
    with pytest.raises(VerificationError, match=f"the field {field!r} differs"):
        write(make_orm(Person, driver=liar(spoils, verb)))


@each_write
@pytest.mark.parametrize("where", ["stored", "returned"])
def test_a_field_that_is_missing_is_caught(make_orm, liar, verb, write, where):
    """A field that the store or the answer does not have at all fails the verb."""

    def forgets(driver, honest, operation):
        answer = honest()
        if where == "stored":
            row = driver.table(Person).rows["p",]
            driver.table(Person).rows["p",] = {name: value for name, value in row.items() if name != "name"}
        else:
            del each(answer)[0].__dict__["name"]
        return answer

    with pytest.raises(VerificationError, match=r"the field 'name' differs[\s\S]*no such field"):
        write(make_orm(Person, driver=liar(forgets, verb)))


@each_write
def test_a_write_that_fails_says_why(make_orm, liar, verb, write):
    """A failed write fails the verb with the operation, the error and the statements that ran."""

    def fails(driver, honest, operation):
        driver.statements = [("INSERT INTO person VALUES (?)", ("p",))]
        return driver.execute_get(type("Get", (), {"model_class": Person, "filters": {"id": "x"}}))

    with pytest.raises(VerificationError, match=r"orm\.\w+\(.* failed: NotFoundError") as caught:
        write(make_orm(Person, driver=liar(fails, verb)))
    assert "on inmemory: " in str(caught.value)
    assert "INSERT INTO person VALUES (?)  ('p',)" in str(caught.value)


@each_write
def test_what_a_backend_lacks_is_no_failed_check(make_orm, verb, write):
    """A write that the backend does not support raises `UnsupportedError`, not a verdict."""

    def lacks(self, operation):
        raise self._unsupported(operation)

    with pytest.raises(UnsupportedError):
        write(make_orm(Person, driver=type("Small", (InMemoryDriver,), {f"execute_{verb}": lacks})))


def test_a_mismatch_says_all_that_helps(make_orm, liar):
    """A failed check names verb, model, key, field, both values and their types, backend and statements."""

    def spoils(driver, honest, operation):
        driver.statements = [("INSERT", (1,))]
        answer = honest()
        answer.active = 1
        return answer

    with pytest.raises(VerificationError) as caught:
        make_orm(Person, driver=liar(spoils, "create")).create_and_verify(Person, id="p", active=True)
    for word in (
        "create_and_verify", "Person", "{'id': 'p'}", "on inmemory", "'active'", "True", "1", "a bool, and a int",
        "INSERT  (1,)",
    ):  # fmt: skip
        assert word in str(caught.value)


def test_a_generated_default_is_checked_for_agreement_only(make_orm):
    """What was not given may be anything, as long as the store holds what was returned."""
    person = make_orm(Person).create_and_verify(Person, id="p")
    assert (person.name, person.balance) == ("", D(0))


@pytest.mark.parametrize(
    "given",
    [{"balance": "1.50"}, {"color": "red"}, {"seen": SEEN.isoformat()}, {"tags": ("1",), "color": "red"}],
)
def test_a_value_in_another_form_is_compared_as_the_model_reads_it(make_orm, given):
    """What pydantic turns into the field's type counts as what it is turned into."""
    orm = make_orm(Person)
    person = orm.create_and_verify(Person, id="p", **given)
    assert person == Person(id="p", **given)
    assert orm.update_and_verify(person, **given) == orm.upsert_and_verify(Person, id="p", **given) == person


def test_a_value_that_the_model_would_refuse_is_compared_as_it_is(make_orm, liar):
    """Where a lying driver takes what the model refuses, the value given is held against the one returned."""

    def takes_anything(driver, honest, operation):
        answer = Person(id="p")
        driver.table(Person).put(("p",), answer.model_dump())
        return answer

    with pytest.raises(VerificationError, match=r"the field 'active' differs[\s\S]*'perhaps'"):
        make_orm(Person, driver=liar(takes_anything, "create")).create_and_verify(
            Person, id="p", active="perhaps"
        )
    with pytest.raises(VerificationError, match=r"the field 'balance' differs[\s\S]*'much'"):
        make_orm(Person, driver=liar(takes_anything, "create")).create_and_verify(
            Person, id="p", balance="much"
        )


def test_scale_is_not_asked_of_a_driver_that_does_not_keep_it(make_orm, liar):
    """Without the capability `decimal_scale`, an equal Decimal of another scale is right; another value is not."""

    def loses_scale(driver, honest, operation):
        answer = honest()
        answer.balance = answer.balance.normalize() + driver.error
        spoil_stored(driver, {"balance": answer.balance})
        return answer

    driver = liar(loses_scale, "create")
    driver.capabilities = InMemoryDriver.capabilities.without("decimal_scale")
    driver.error = 0
    make_orm(Person, driver=driver).create_and_verify(Person, id="p", balance=D("1.50"))
    driver.error = D("0.01")
    with pytest.raises(VerificationError, match="'balance' differs"):
        make_orm(Person, driver=driver).create_and_verify(Person, id="p", balance=D("1.50"))
    assert isinstance(driver.capabilities, Capabilities)


def test_a_row_that_is_stored_twice_is_caught(make_orm):
    """One create that makes two rows of one key fails."""

    class Twice(InMemoryDriver):
        def rows(self, model_class, key=None):
            return super().rows(model_class, key) * 2

    with pytest.raises(VerificationError, match="is in the store 2 times"):
        make_orm(Person, driver=Twice).create_and_verify(Person, id="p")


@pytest.mark.parametrize("kept", [0, 1, 2])
@pytest.mark.parametrize("answered", [0, 1, 2, 3])
def test_creating_many_in_part_is_caught(make_orm, liar, kept, answered):
    """Where fewer rows are stored, or more or fewer returned, than were given, the verb fails."""

    def stores_half(driver, honest, operation):
        made = honest()
        for instance in made[kept:]:
            driver.table(Person).remove((instance.id,))
        return (made * 2)[:answered]

    orm = make_orm(Person, driver=liar(stores_half, "create_many"))
    rows = [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]
    if (kept, answered) == (2, 2):
        assert [person.name for person in orm.create_many_and_verify(Person, rows)] == ["A", "B"]
    else:
        with pytest.raises(VerificationError, match=r"2 rows were given|is not in the store"):
            orm.create_many_and_verify(Person, rows)


def test_creating_many_in_another_order_is_caught(make_orm, liar):
    """The answers stand in the order of what was given."""
    driver = liar(lambda driver, honest, operation: honest()[::-1], "create_many")
    with pytest.raises(VerificationError, match="'id' differs"):
        make_orm(Person, driver=driver).create_many_and_verify(Person, [{"id": "a"}, {"id": "b"}])


def test_a_bare_verb_answers_and_does_not_judge(make_orm, liar):
    """`create_model` gives the driver's answer as a result, true or not, and looks nothing up."""

    def stores_nothing(driver, honest, operation):
        return Person(**operation.data)

    orm = make_orm(Person, driver=liar(stores_nothing, "create"))
    result = orm.create_model(Person, id="p")
    assert isinstance(result, OperationResult)
    assert result.success
    assert orm.all_models(Person) == []
