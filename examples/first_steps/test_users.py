"""One class of tests, run on three backends: `pytest` shows each test as `test_create[sqlite]` and so on."""

from datetime import datetime

from orm_testing import (
    DuplicateKeyError,
    Field,
    Model,
    MultiBackendTestBase,
    NotFoundError,
    only_backends,
    skip_backend,
)


class User(Model):
    id: str = Field(primary_key=True)
    email: str = Field(unique=True)
    name: str
    age: int = Field(ge=0, default=0)
    created_at: datetime | None = Field(None, auto_now_add=True)


class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]

    def get_test_models(self):
        return [User]

    def test_create(self, orm):
        """A created user is in the store as it was returned, with the time of its creation."""
        orm_client, backend_name = orm
        user = orm_client.create_and_verify(User, id="u1", email="a@example.com", name="Alice", age=30)
        assert user.created_at is not None
        assert orm_client.is_backend(backend_name)

    def test_duplicate(self, orm):
        """A taken key is refused, and nothing changes."""
        orm.create_and_verify(User, id="u1", email="a@example.com", name="Alice")
        orm.expect_create_failure(User, DuplicateKeyError, id="u1", email="b@example.com", name="Bob")

    def test_update(self, orm):
        """An update changes the fields that it names and no other."""
        alice = orm.create_and_verify(User, id="u1", email="a@example.com", name="Alice", age=30)
        older = orm.update_and_verify(alice, age=31)
        assert older.name == "Alice"

    def test_delete(self, orm):
        """A deleted user is gone, and cannot be deleted again."""
        alice = orm.create_and_verify(User, id="u1", email="a@example.com", name="Alice")
        orm.delete_and_verify(alice)
        orm.expect_delete_failure(alice, NotFoundError)

    def test_query(self, orm):
        """A query finds the rows that match all of its conditions, in the order asked for."""
        for number, age in enumerate([40, 20, 30]):
            orm.create_and_verify(User, id=f"u{number}", email=f"{number}@example.com", name="X", age=age)
        found = orm.query_and_verify_count(User, 2, age__gte=30, order_by="-age")
        assert [user.age for user in found] == [40, 30]

    @only_backends("sqlite", "sqlite_file")
    def test_through_sql_only(self, orm):
        """A test may name the backends that it runs on."""
        orm.given(User, name="Bob")
        orm.query_and_verify_count(User, 1, name="Bob")

    @skip_backend("sqlite_file", reason="one SQLite is enough for this one")
    def test_not_on_files(self, orm):
        """A test may name the backends that it does not run on, and says why."""
        orm.get_and_verify_not_exists(User, id="nobody")
