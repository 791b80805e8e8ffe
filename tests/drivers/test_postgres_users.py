"""Users whom the library makes on PostgreSQL: they live as long as their session, and may do what was asked for."""

import psycopg
import pytest

from orm_testing import AccessError, CreateOperation, Field, Model, UnsupportedError
from orm_testing_drivers.postgres.service import PostgresProduct


class Item(Model):
    id: int | None = Field(None, primary_key=True, generated=True)


def roles(admin):
    return {name for (name,) in admin.execute("SELECT rolname FROM pg_roles").fetchall()}


@pytest.fixture
def admin(postgres_server):
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        yield connection


@pytest.mark.parametrize(("rights", "writes"), [("reading", False), ("rows", True)])
def test_a_lesser_user_lives_as_long_as_its_session(postgres, admin, rights, writes):
    """It may change rows where that was asked for, and the schema never; it is gone when the session closes."""
    driver = postgres(Item)
    before = roles(admin)
    session = driver.session(rights)
    assert len(roles(admin) - before) == 1
    result = session.execute(CreateOperation(Item, {}))
    assert result.success is writes
    assert writes or isinstance(result.error, AccessError)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), session.store.connect() as connection:
        connection.execute("CREATE TABLE mine (id int)")
    session.close()
    assert roles(admin) == before


def test_a_reset_is_sound_after_a_lesser_user(postgres):
    """What was granted is no change of the schema that a reset would miss or mind."""
    driver = postgres(Item)
    session = driver.session("rows")
    assert session.execute(CreateOperation(Item, {}))
    session.close()
    driver.reset()
    assert driver.rows(Item) == []
    assert driver.execute(CreateOperation(Item, {})).data.id == 1


def test_a_user_that_a_dead_run_left_is_removed(postgres, postgres_server, admin):
    """What is noted in a journal is a database, a schema or a user; removing what is gone is no error."""
    driver = postgres(Item)
    before = roles(admin)
    session = driver.session("reading")
    (left,) = roles(admin) - before
    session.store._close_connection(session.connection.connection.driver_connection)
    driver.store.connection.execute(f'DROP OWNED BY "{left}"')
    PostgresProduct().remove(postgres_server.url, [left, "orm_testing_never_made"])
    assert roles(admin) == before


def test_sqlite_has_no_users(opened):
    """A backend without users says so, and never hands out a user with all rights in their place."""
    with pytest.raises(UnsupportedError, match="has no users"):
        opened(Item).session("reading")
