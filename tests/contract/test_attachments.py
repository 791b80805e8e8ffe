"""Attachments are awaited as well, and verbs catch a driver that breaks what they promise."""

import pytest
from everywhere import BACKENDS

from orm_testing import (
    AsyncMultiBackendTestBase,
    Field,
    InMemoryDriver,
    Model,
    MultiBackendTestBase,
    NotFoundError,
    UpdateOperation,
    VerificationError,
    register_backend,
    requires,
)


class Person(Model):
    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)
    name: str = ""


class Animal(Model):
    id: str = Field(primary_key=True)


@requires("attachments")
class TestAsyncAttachments(AsyncMultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Animal]

    @pytest.mark.asyncio
    async def test_attachments_are_awaited_as_well(self, orm):
        """The async client has the same verbs."""
        rex = await orm.create_and_verify(Animal, id="rex")
        await orm.attach(rex, "photo", b"\x89PNG")
        assert await orm.attachment(rex, "photo") == b"\x89PNG"
        await orm.detach(rex, "photo")
        with pytest.raises(NotFoundError):
            await orm.attachment(rex, "photo")
        await orm.attach(rex, "photo", b"again")
        await orm.delete_and_verify(rex)


@pytest.mark.orm_backends("sqlite", models=[Animal])
def test_a_backend_without_attachments_is_said_to_lack_them(orm):
    """By the name of the capability."""
    from orm_testing import UnsupportedError

    animal = orm.create_and_verify(Animal, id="a")
    with pytest.raises(UnsupportedError, match="'attachments'"):
        orm.attach(animal, "a", b"")


class StoresLess(InMemoryDriver):
    def execute_attach(self, operation):
        super().execute_attach(operation)
        table = self.table(operation.model_class)
        table.files = {place: content[:-1] for place, content in table.files.items()}


class Forgets(InMemoryDriver):
    def execute_attach(self, operation):
        """It says that it stored them."""


class AnswersOthers(InMemoryDriver):
    def execute_attachment(self, operation):
        return super().execute_attachment(operation) + b"!"


class FindsNone(InMemoryDriver):
    def execute_attachment(self, operation):
        raise NotFoundError("there is none")


class KeepsDetached(InMemoryDriver):
    def execute_detach(self, operation):
        self._files_with(operation)


class DetachesAll(InMemoryDriver):
    def execute_detach(self, operation):
        self.table(operation.model_class).files.clear()


class KeepsAfterDelete(InMemoryDriver):
    def execute_delete(self, operation):
        files = dict(self.table(operation.model_class).files)
        super().execute_delete(operation)
        self.table(operation.model_class).files = files


class LosesOnUpdate(InMemoryDriver):
    def execute_update(self, operation):
        self.table(operation.model_class).files.clear()
        return super().execute_update(operation)


class LosesOnUpsert(InMemoryDriver):
    def execute_upsert(self, operation):
        self.table(operation.model_class).files.clear()
        return super().execute_upsert(operation)


class OverwritesOthers(InMemoryDriver):
    def execute_attach(self, operation):
        files = self.table(operation.model_class).files
        files |= dict.fromkeys(files, operation.content)
        super().execute_attach(operation)


class ChangesTheRow(InMemoryDriver):
    def execute_attach(self, operation):
        super().execute_attach(operation)
        super().execute_update(
            UpdateOperation(operation.model_class, operation.instance, {"name": "changed"})
        )


class TakesGhosts(InMemoryDriver):
    def execute_attach(self, operation):
        key = tuple(self.key_of(operation.instance).values())
        self.table(operation.model_class).files[key, operation.name] = operation.content


GHOST = Person(tenant="t", id="ghost")
LIES = {
    StoresLess: (lambda orm, row: orm.attach(row, "two", b"content"), "7 bytes with .*\n.* 6 bytes"),
    Forgets: (lambda orm, row: orm.attach(row, "two", b"content"), "stored:   none"),
    AnswersOthers: (lambda orm, row: orm.attachment(row, "one"), "returned: 8 bytes"),
    FindsNone: (lambda orm, row: orm.attachment(row, "one"), "returned: none"),
    KeepsDetached: (lambda orm, row: orm.detach(row, "one"), "'one' differs\n  expected: none"),
    DetachesAll: (lambda orm, row: orm.detach(row, "one"), "'other' differs"),
    KeepsAfterDelete: (lambda orm, row: orm.delete_and_verify(row), "delete_and_verify .*\n  expected: none"),
    LosesOnUpdate: (lambda orm, row: orm.update_and_verify(row, name="x"), "update_and_verify .*'one' differs"),
    LosesOnUpsert: (lambda orm, row: orm.upsert_and_verify(Person, tenant="t", id="a"), "upsert_and_verify .*'one' differs"),
    OverwritesOthers: (lambda orm, row: orm.attach(row, "two", b"2"), "'one' differs"),
    ChangesTheRow: (lambda orm, row: orm.attach(row, "two", b"2"), "the row changed too"),
    TakesGhosts: (lambda orm, row: orm.attach(GHOST, "two", b"2"), "no row has this key"),
}  # fmt: skip

for _liar in LIES:
    register_backend(f"attaching_{_liar.__name__.lower()}", driver=_liar)


class TestLiars(MultiBackendTestBase):
    ENABLED_BACKENDS = tuple(f"attaching_{liar.__name__.lower()}" for liar in LIES)

    def get_test_models(self):
        return [Person]

    def test_the_lie_is_caught(self, orm):
        """A driver that breaks one promise of attachments fails the verb that rests on it."""
        row = orm.create_and_verify(Person, tenant="t", id="a")
        key = tuple(orm.driver.key_of(row).values())
        for name in ("one", "other"):
            orm.context.attached(Person, orm.driver.key_of(row)).names.add(name)
            orm.driver.table(Person).files[key, name] = b"content"
        lie, says = LIES[type(orm.driver)]
        with pytest.raises(VerificationError, match=says):
            lie(orm, row)
