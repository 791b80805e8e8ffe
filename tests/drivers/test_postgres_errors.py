"""Errors of PostgreSQL arrive in the library's words, with the fields named, and never as an absent row."""

import threading

import psycopg
import pytest

from orm_testing import (
    AccessError,
    BeginOperation,
    CheckError,
    ConflictError,
    CreateOperation,
    DuplicateKeyError,
    Field,
    ForeignKeyError,
    GetOperation,
    Model,
    UnavailableError,
    UpdateOperation,
    ValueRangeError,
)
from orm_testing_drivers.postgres.errors import columns_of, translated


class Owner(Model):
    key: str = Field(primary_key=True, max_length=10)
    email: str | None = Field(None, unique=True, alias="E-mail, private")
    amount: int = 0


class Pet(Model):
    name: str = Field(primary_key=True)
    owner: str = Field(references=Owner)


def create(driver, model, **data):
    return driver.execute(CreateOperation(model, data))


def test_refusals_name_the_fields(postgres):
    """A key, a unique value and a reference, each with its fields, and the native error as the cause."""
    driver = postgres(Owner, Pet)
    assert create(driver, Owner, key="a", email="x").success
    for model, data, kind, fields in (
        (Owner, {"key": "a"}, DuplicateKeyError, ("key",)),
        (Owner, {"key": "b", "email": "x"}, DuplicateKeyError, ("email",)),
        (Pet, {"name": "p", "owner": "nobody"}, ForeignKeyError, ("owner",)),
    ):
        error = create(driver, model, **data).error
        assert (type(error), error.fields) == (kind, fields)
        assert isinstance(error.__cause__, psycopg.IntegrityError)


@pytest.mark.parametrize(
    ("constraint", "kind"),
    [
        ("ADD CONSTRAINT positive CHECK (amount > 0)", CheckError),
        ("ALTER COLUMN amount TYPE smallint", ValueRangeError),
    ],
)
def test_constraints_of_the_projects_own_schema(postgres_store, postgres, constraint, kind):
    """A check of a migration is a CheckError, a narrower column a ValueRangeError."""
    driver = postgres(Owner, store=postgres_store(Owner, made=f'ALTER TABLE "Owner" {constraint}'))
    assert type(create(driver, Owner, key="a", amount=-(10**6)).error) is kind
    assert driver.rows(Owner) == []


def test_what_the_server_names_is_named_where_the_rows_cannot_tell(postgres):
    """A unique value that another session took and gave back is told by the server's own detail, a column by its name."""
    driver = postgres(Owner)
    schemas = list(driver.work.schemas)
    with driver.store.connect() as raw:
        raw.execute("""INSERT INTO "Owner" (key, "E-mail, private", amount) VALUES ('a', 'x', 0)""")
        with pytest.raises(psycopg.errors.UniqueViolation) as duplicate:
            raw.execute("""INSERT INTO "Owner" (key, amount) VALUES ('a', 0)""")
        with pytest.raises(psycopg.errors.NotNullViolation) as absent:
            raw.execute("""INSERT INTO "Owner" (key) VALUES ('b')""")
    columns = columns_of(schemas)
    error = translated(duplicate.value, columns)
    assert (type(error), error.model, error.fields) == (DuplicateKeyError, "Owner", ("key",))
    error = translated(absent.value, columns)
    assert (type(error), error.model, error.fields) == (CheckError, "Owner", ("amount",))
    assert translated(KeyError("x"), columns) is None
    assert translated(psycopg.errors.SyntaxError("x"), columns) is None


def test_a_deadlock_is_a_conflict_and_the_transaction_goes_on(postgres):
    """Of two sessions that wait for each other one is refused; what follows in its transaction works."""
    driver = postgres(Owner)
    rows = {key: create(driver, Owner, key=key).data for key in "ab"}
    sessions = [driver.session(), driver.session()]
    barrier = threading.Barrier(2)
    errors = []

    def work(session, first, second):
        session.execute(BeginOperation())
        assert session.execute(UpdateOperation(Owner, rows[first], {"amount": 1})).success
        barrier.wait()
        result = session.execute(UpdateOperation(Owner, rows[second], {"amount": 2}))
        if not result.success:
            errors.append(type(result.error))
        assert session.execute(GetOperation(Owner, {"key": first})).data.amount == 1
        session.close()

    threads = [
        threading.Thread(target=work, args=(session, *pair))
        for session, pair in zip(sessions, ("ab", "ba"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert errors == [ConflictError]


def test_a_serialisation_failure_is_a_conflict(postgres):
    """The second of two that read what the other writes is refused."""
    driver = postgres(Owner)
    row = create(driver, Owner, key="a").data
    driver.execute(BeginOperation("repeatable read"))
    assert driver.execute(GetOperation(Owner, {"key": "a"})).success
    session = driver.session()
    assert session.execute(UpdateOperation(Owner, row, {"amount": 1})).success
    session.close()
    assert type(driver.execute(UpdateOperation(Owner, row, {"amount": 2})).error) is ConflictError


def test_rights_that_are_missing_are_an_access_error(postgres):
    """The server says that this user may not, and so does the library."""
    driver = postgres(Owner)
    driver.connection.exec_driver_sql("SET default_transaction_read_only = on")
    driver.connection.commit()
    assert type(create(driver, Owner, key="a").error) is AccessError
    assert isinstance(translated(psycopg.errors.InsufficientPrivilege("x"), {}), AccessError)


def test_a_lost_connection_is_unavailable(postgres):
    """A read and a write fail as that, inside a transaction too, and after a reset all is well."""
    driver = postgres(Owner)
    assert create(driver, Owner, key="a").success
    for transaction in (False, True):
        if transaction:
            driver.execute(BeginOperation())
        with psycopg.connect(driver.store.server.url) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [driver.store._database],
            )
        assert type(driver.execute(GetOperation(Owner, {"key": "a"})).error) is UnavailableError
        with pytest.raises(UnavailableError):
            driver.store.rows(driver.work.schemas.of(Owner), None)
        driver.reset()
        assert create(driver, Owner, key="a").success
