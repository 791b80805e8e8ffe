"""Each `assert_type` pins what a user's checker sees; a line that must be refused says so."""

from collections.abc import Sequence
from typing import Any, ClassVar, assert_type

from orm_testing import (
    AsyncMultiBackendTestBase,
    AsyncOrmDsl,
    Capabilities,
    Clock,
    CreateOperation,
    DriverInterface,
    DuplicateKeyError,
    Field,
    Model,
    ModelSchema,
    MultiBackendTestBase,
    OperationError,
    OperationResult,
    OrmDsl,
    TableDescription,
    any_of,
    only_backends,
    register_backend,
    requires,
    schema_of,
    skip_backend,
)


class User(Model):
    id: str = Field(primary_key=True)
    name: str
    age: int = Field(ge=0, default=0)


class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS: ClassVar[Sequence[str]] = ["inmemory", "sqlite"]

    def get_test_models(self) -> Sequence[type[Any]]:
        return [User]

    @skip_backend("sqlite", reason="a reason")
    @requires("transactions")
    def test_pair(self, orm: OrmDsl) -> None:
        """The client unpacks into itself and the backend's name."""
        client, backend_name = orm
        assert_type(client, OrmDsl)
        assert_type(backend_name, str)

    @only_backends("sqlite")
    def test_verbs(self, orm: OrmDsl) -> None:
        """Each verb answers with what it is asked for, of the model's own type."""
        user = orm.create_and_verify(User, id="u1", name="Alice")
        assert_type(user, User)
        assert_type(user.age, int)
        assert_type(orm.create_model(User, id="u1"), OperationResult[User])
        assert_type(orm.get_model(User, id="u1").instance, User | None)
        assert_type(orm.get_model(User, id="u1").error, OperationError | None)
        assert_type(orm.update_and_verify(user, age=3), User)
        assert_type(orm.upsert_and_verify(User, {"id": "u1"}), User)
        assert_type(orm.create_many_and_verify(User, [{"id": "u1"}]), list[User])
        assert_type(orm.query_and_verify_count(User, 3, age__gte=30), list[User])
        assert_type(orm.query_and_verify_count(User, expected_count=3, filters={"age__gte": 30}), list[User])
        assert_type(
            orm.query_and_verify_count(User, 1, any_of(age=3, name="x"), order_by=["-age"]), list[User]
        )
        assert_type(orm.first(User, order_by="-age"), User | None)
        assert_type(orm.all_models(User), list[User])
        assert_type(orm.count_models(User, age=3), int)
        assert_type(orm.model_exists(User, age=3), bool)
        assert_type(orm.expect_create_failure(User, DuplicateKeyError, id="u1"), OperationError)
        assert_type(orm.given(User, name="Alice"), User)
        assert_type(orm.clock, Clock)
        assert_type(orm.driver, DriverInterface)
        assert_type(orm.schema_exists(User), bool)
        assert_type(orm.describe(User), TableDescription)
        assert_type(orm.ddl(User), str)
        assert_type(orm.attachment(user, "photo"), bytes)
        orm.attach(user, "photo", b"content")
        orm.detach(user, "photo")
        orm.create_schema(User)
        orm.drop_schema()
        orm.evolve(User, User, rename={"name": "full_name"})
        with orm.transaction():
            orm.delete_and_verify(user)
        with orm.expect_rollback(ValueError):
            raise ValueError

    def test_refused(self, orm: OrmDsl) -> None:
        """An error that is none of the library's, and a model by keyword, are refused before anything runs."""
        orm.expect_create_failure(User, ValueError)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
        orm.create_model(model_class=User)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


class TestAsyncUsers(AsyncMultiBackendTestBase):
    async def test_verbs(self, orm: AsyncOrmDsl) -> None:
        """The verbs of the async client are awaited, and answer alike."""
        client, backend_name = orm
        assert_type(client, AsyncOrmDsl)
        assert_type(backend_name, str)
        user = await orm.create_and_verify(User, id="u1", name="Alice")
        assert_type(user, User)
        assert_type(await orm.all_models(User), list[User])
        assert_type(await orm.describe(User), TableDescription)
        assert_type(await orm.attachment(user, "photo"), bytes)
        async with orm.transaction():
            await orm.delete_and_verify(user)


class MyDriver(DriverInterface):
    capabilities = Capabilities("unique")

    def execute_create(self, operation: CreateOperation) -> Any:
        assert_type(schema_of(operation.model_class), ModelSchema)
        return operation.model_class(**operation.data)


register_backend("mine", MyDriver)
