"""On a server that was given, databases or schemas of ours are made, and nothing else is touched."""

import secrets
from dataclasses import replace

import psycopg
import pytest
import sqlalchemy as sa

from orm_testing import ConfigurationError, CreateOperation, Field, Model, OrmDsl, SchemaSet, UnavailableError
from orm_testing.dsl.context import Context
from orm_testing_drivers.postgres.driver import PostgresDriver
from orm_testing_drivers.postgres.service import PostgresProduct
from orm_testing_drivers.postgres.store import PostgresStore


class User(Model):
    __tablename__ = "users"

    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = ""
    friend: int | None = Field(None, references="User")


PLANTED = """
    CREATE TABLE users (id int PRIMARY KEY, name text);
    INSERT INTO users VALUES (1, 'theirs');
    CREATE TABLE orders (id int PRIMARY KEY, owner int REFERENCES users);
    INSERT INTO orders VALUES (7, 1);
"""


@pytest.fixture
def admin(postgres_server):
    with psycopg.connect(postgres_server.url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def given(postgres_server, admin):
    """A database with tables of the user's, in which text is sorted as in English; and a user who owns nothing there."""
    name = f"{postgres_server.prefix}_theirs"
    password = secrets.token_hex(8)
    made = f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"
    try:
        admin.execute(f"{made} LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C'")
    except (
        psycopg.errors.FeatureNotSupported,
        psycopg.errors.SyntaxError,
    ):  # the wheel's build, and versions before 15
        admin.execute(made)
    admin.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'")
    url = sa.make_url(postgres_server.url).set(database=name)
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(PLANTED)
        yield (
            connection,
            replace(
                postgres_server,
                url=url.set(username=name, password=password).render_as_string(hide_password=False),
            ),
        )
    admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.execute(f"DROP ROLE {name}")


def opened(server, tmp_path):
    store = PostgresStore()
    store.server = server
    store.open(tmp_path)
    store.prepare(SchemaSet((User,)))
    store.seal()
    driver = PostgresDriver()
    driver.store, driver.backend_name = store, "postgres"
    from orm_testing import Clock

    driver.clock = Clock()
    driver.setup_backend([User])
    return store, driver, OrmDsl(Context(driver, "postgres", [User], driver.clock), driver)


def is_intact(connection):
    return (
        connection.execute("SELECT * FROM public.users").fetchall() == [(1, "theirs")]
        and connection.execute("SELECT * FROM public.orders").fetchall() == [(7, 1)]
        and connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'orm_testing%'"
        ).fetchall()
        == []
        and connection.execute("SELECT proname FROM pg_proc WHERE proname LIKE 'orm_testing%'").fetchall()
        == []
    )


def exercise(store, driver, orm):
    """Rows, a reset, a change of the schema, and what marks keep."""
    for _ in range(2):
        first = orm.create_and_verify(User, name="a")
        orm.create_and_verify(User, name="B", friend=first.id)
        assert first.id == 1
        assert [user.name for user in orm.query_models(User, order_by="name").data] == ["B", "a"]
        driver.reset()
        assert driver.rows(User) == []
        driver.connection.exec_driver_sql("ALTER TABLE users ADD COLUMN extra int")
        driver.reset()
    orm.create_and_verify(User, name="kept")
    assert driver.mark()
    orm.create_and_verify(User, name="lost", friend=1)
    driver.reset()
    assert [row["name"] for row in driver.rows(User)] == ["kept"]
    driver.close()
    store.close()


def test_tables_of_the_users_are_intact_beside_databases_of_ours(given, postgres_server, tmp_path):
    """Whoever may make databases: the one that was given is only where we connect to make them."""
    connection, server = given
    mighty = sa.make_url(postgres_server.url).set(database=sa.make_url(server.url).database)
    exercise(*opened(replace(server, url=mighty.render_as_string(hide_password=False)), tmp_path))
    assert is_intact(connection)


def test_a_user_who_may_make_no_database_gets_a_schema(given, tmp_path):
    """In it tables called like the user's own are made, filled, emptied and changed, sorted by code point as ever."""
    connection, server = given
    connection.execute(f'GRANT CREATE ON DATABASE "{connection.info.dbname}" TO "{connection.info.dbname}"')
    store, driver, orm = opened(server, tmp_path)
    assert store.rows(driver.work.schemas.of(User), None) == []
    assert "search_path" in store.url
    exercise(store, driver, orm)
    assert is_intact(connection)


def test_a_session_of_others_is_left_alone(given, tmp_path):
    """A reset that is blocked ends sessions at the tables of our schema, not the user's that are beside it."""
    connection, server = given
    connection.execute(f'GRANT CREATE ON DATABASE "{connection.info.dbname}" TO "{connection.info.dbname}"')
    store, driver, orm = opened(server, tmp_path)
    orm.create_and_verify(User, name="a")
    blocking = psycopg.connect(store.url)
    blocking.execute("SELECT * FROM users FOR UPDATE")
    connection.execute(f'GRANT SELECT ON public.users TO "{connection.info.dbname}"')
    with psycopg.connect(server.url) as theirs:
        theirs.execute("SELECT * FROM public.users")
        driver.reset()
        assert theirs.execute("SELECT 1").fetchone() == (1,)
        theirs.rollback()
    connection.execute(f'REVOKE SELECT ON public.users FROM "{connection.info.dbname}"')
    assert driver.rows(User) == []
    with pytest.raises(psycopg.OperationalError):
        blocking.execute("SELECT 1")
    blocking.close()
    driver.close()
    store.close()
    assert is_intact(connection)


def test_a_user_who_may_make_nothing_is_told_what_to_grant(given, tmp_path):
    """The message names both ways out, and nothing is left behind."""
    connection, server = given
    store = PostgresStore()
    store.server = server
    with pytest.raises(ConfigurationError, match=r"ALTER ROLE .* CREATEDB, or GRANT CREATE ON DATABASE"):
        store.open(tmp_path)
    assert is_intact(connection)


def test_migrations_that_changed_cannot_be_copied_without_databases(given, tmp_path):
    """Their rows come back by deletion; a change of their schema is an error that says what to grant."""
    connection, server = given
    connection.execute(f'GRANT CREATE ON DATABASE "{connection.info.dbname}" TO "{connection.info.dbname}"')
    store = PostgresStore()
    store.server = server
    store.open(tmp_path)
    with psycopg.connect(store.url) as raw:
        raw.execute(
            "CREATE TABLE kind (id serial PRIMARY KEY, name text); INSERT INTO kind (name) VALUES ('a')"
        )
    store.seal()
    with store.connect() as raw:
        raw.execute("UPDATE kind SET name = 'b'")
        store.reset()
        assert raw.execute("SELECT * FROM kind").fetchall() == [(1, "a")]
    with pytest.raises(ConfigurationError, match="CREATEDB"):
        store.renew()
    store.close()
    assert is_intact(connection)


def test_what_a_dead_run_left_is_removed(given, tmp_path):
    """Databases and schemas by their names; those that are gone are no error."""
    connection, server = given
    connection.execute("CREATE SCHEMA orm_testing_left")
    connection.execute("CREATE TABLE orm_testing_left.t ()")
    connection.execute("CREATE DATABASE orm_testing_left_too")
    url = sa.make_url(server.url).set(username="postgres", password=connection.info.password)
    PostgresProduct().remove(
        url.render_as_string(hide_password=False),
        ["orm_testing_left", "orm_testing_left_too", "orm_testing_never"],
    )
    assert is_intact(connection)
    assert (
        connection.execute("SELECT FROM pg_database WHERE datname = 'orm_testing_left_too'").fetchall() == []
    )


def test_a_server_that_is_gone_is_unavailable(postgres_server, tmp_path):
    """Opening a store says so in one message."""
    store = PostgresStore()
    store.server = replace(postgres_server, url="postgresql://postgres:x@127.0.0.1:1/postgres")
    with pytest.raises(UnavailableError, match="refused"):
        store.open(tmp_path)


def test_a_store_without_a_server_is_a_configuration_error(tmp_path):
    """The message says what is missing."""
    with pytest.raises(ConfigurationError, match="needs a server of PostgreSQL"):
        PostgresStore().open(tmp_path)


def test_two_stores_do_not_meet(postgres):
    """Each has a database of its own, and says what product it is."""
    one, other = postgres(User), postgres(User)
    assert one.execute(CreateOperation(User, {})).success
    assert other.rows(User) == []
    assert one.fingerprint().startswith("PostgreSQL 1")
