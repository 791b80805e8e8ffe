"""Drivers that break one promise each, on a real database: the verbs catch every one."""

import pytest

from orm_testing import (
    CommitOperation,
    CreateOperation,
    Field,
    InMemoryDriver,
    Model,
    MultiBackendTestBase,
    RollbackOperation,
    UpsertOperation,
    VerificationError,
    register_backend,
)
from orm_testing_drivers.sqlite import SqliteDriver


class Owner(Model):
    id: str = Field(primary_key=True)
    name: str = "nobody"


class Pet(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    owner: str = Field(references=Owner, on_delete="cascade")
    name: str = "none"


def raw(driver, statement):
    """Run a statement behind the back of the library."""
    if isinstance(driver, SqliteDriver):
        driver.connection.connection.driver_connection.execute(statement)


class ForgetsCommits(SqliteDriver):
    def execute_commit(self, operation):
        """It says that it committed."""

    def leaks(self):
        """Nor does it tell of the transaction that it left open."""
        return []


class RollsBackCommits(SqliteDriver):
    def execute_commit(self, operation):
        return super().execute_operation(RollbackOperation())


class CommitsRollbacks(SqliteDriver):
    def execute_rollback(self, operation):
        return super().execute_operation(CommitOperation())


class OverwritesOnCreate(SqliteDriver):
    def execute_create(self, operation):
        return super().execute_operation(UpsertOperation(operation.model_class, operation.data))


class CreatesAGhost(SqliteDriver):
    def execute_create(self, operation):
        super().execute_operation(operation)
        return super().execute_operation(operation)


class MergesOnUpsert(InMemoryDriver):
    def execute_upsert(self, operation):
        rows = self.table(operation.model_class).rows
        held = rows.get((operation.data.get("id"),), {})
        return super().execute_upsert(UpsertOperation(operation.model_class, {**held, **operation.data}))


class UpsertsAlone(SqliteDriver):
    def execute_upsert(self, operation):
        raw(self, 'DELETE FROM "Pet"')
        return super().execute_operation(operation)


class LeavesOrphans(SqliteDriver):
    def execute_delete(self, operation):
        raw(self, "PRAGMA foreign_keys=OFF")
        super().execute_operation(operation)
        raw(self, "PRAGMA foreign_keys=ON")


class DeletesAllPets(SqliteDriver):
    def execute_delete(self, operation):
        super().execute_operation(operation)
        raw(self, 'DELETE FROM "Pet"')


class RenamesOwnersOnUpdate(SqliteDriver):
    def execute_update(self, operation):
        raw(self, "UPDATE \"Owner\" SET name = 'changed'")
        return super().execute_operation(operation)


class UpdatesIntoBeing(InMemoryDriver):
    def execute_update(self, operation):
        return super().execute_upsert(
            UpsertOperation(operation.model_class, {**operation.instance.__dict__, **operation.changes})
        )


class DeletesNothing(InMemoryDriver):
    def execute_delete(self, operation):
        if self._matching(operation.model_class, {"id": operation.instance.id}):
            super().execute_delete(operation)


class ReturnsOneTwice(InMemoryDriver):
    def execute_create_many(self, operation):
        made = self.execute_create(CreateOperation(operation.model_class, operation.rows[0]))
        return [made] * len(operation.rows)


LIARS = {
    "forgets_commits": ForgetsCommits,
    "rolls_back_commits": RollsBackCommits,
    "commits_rollbacks": CommitsRollbacks,
    "overwrites_on_create": OverwritesOnCreate,
    "creates_a_ghost": CreatesAGhost,
    "merges_on_upsert": MergesOnUpsert,
    "upserts_alone": UpsertsAlone,
    "leaves_orphans": LeavesOrphans,
    "deletes_all_pets": DeletesAllPets,
    "renames_owners": RenamesOwnersOnUpdate,
    "updates_into_being": UpdatesIntoBeing,
    "deletes_nothing": DeletesNothing,
    "returns_one_twice": ReturnsOneTwice,
}
for _name, _driver in LIARS.items():
    _store = "sqlite_file" if issubclass(_driver, SqliteDriver) else None
    register_backend(f"liar_{_name}", _driver, store=_store)


def commits(orm):
    with orm.transaction():
        assert orm.create_model(Owner, id="new")


def rolls_back(orm):
    with pytest.raises(KeyError), orm.transaction():
        assert orm.create_model(Owner, id="new")
        raise KeyError


LIES = [
    ("forgets_commits", commits, "was committed, and the store is not what it wrote"),
    ("rolls_back_commits", commits, "was committed, and the store is not what it wrote"),
    ("commits_rollbacks", rolls_back, "was rolled back, and its writes are still there"),
    (
        "overwrites_on_create",
        lambda orm: orm.create_and_verify(Owner, id="a"),
        "there were 2 rows before the create",
    ),
    (
        "creates_a_ghost",
        lambda orm: orm.create_and_verify(Pet, owner="a"),
        "there were 3 rows before the create",
    ),
    ("merges_on_upsert", lambda orm: orm.upsert_and_verify(Owner, id="a"), "'name' differs"),
    (
        "upserts_alone",
        lambda orm: orm.upsert_and_verify(Owner, id="a", name="Ann"),
        "other rows of Pet changed too",
    ),
    ("leaves_orphans", lambda orm: orm.delete_and_verify(orm.first(Owner)), "should leave other rows of Pet"),
    ("deletes_all_pets", lambda orm: orm.delete_and_verify(orm.first(Pet)), "should leave other rows of Pet"),
    (
        "renames_owners",
        lambda orm: orm.update_and_verify(orm.first(Pet), name="Rex"),
        "other rows of Owner changed",
    ),
    (
        "updates_into_being",
        lambda orm: orm.update_and_verify(Owner(id="x"), name="y"),
        "no row had this key before",
    ),
    ("deletes_nothing", lambda orm: orm.delete_and_verify(Owner(id="x")), "no row had this key before"),
    (
        "returns_one_twice",
        lambda orm: orm.create_many_and_verify(Pet, [{"owner": "a"}] * 2),
        "has 1 more than before",
    ),
]


class TestLiars(MultiBackendTestBase):
    ENABLED_BACKENDS = tuple(f"liar_{name}" for name in LIARS)

    def get_test_models(self):
        return [Owner, Pet]

    def test_the_lie_is_caught(self, orm):
        """Each driver breaks one promise, and the verb that rests on it fails in words that say which."""
        for owner in ({"id": "a", "name": "Ann"}, {"id": "b", "name": "Bob"}):
            assert orm.upsert_model(Owner, owner)
        for owner in "aab":
            assert orm.upsert_model(Pet, owner=owner)
        lie, says = next((lie, says) for name, lie, says in LIES if orm.is_backend(f"liar_{name}"))
        with pytest.raises(VerificationError, match=says):
            lie(orm)
