"""What is attached to a row is what comes back, and it goes with the row: on every backend that has attachments."""

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
    ValidationError,
    ValueRangeError,
    VerificationError,
    register_backend,
    requires,
)

CONTENTS = [b"", b"\x00", b"plain", bytes(range(256)), b"\xff\xd8\xff\xe0" * 100_000, b'{"id": "a"}']
NAMES = [
    "photo",
    "photo.jpg",
    "a/b",
    "..",
    " ",
    "~",
    "!",
    "ü",
    "\U0001f600",
    "CON",
    "a\x00b",
    "photo.json",
    "%2F",
]


class Person(Model):
    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)
    name: str = ""


class Animal(Model):
    id: str = Field(primary_key=True)


@pytest.fixture
def ann(orm):
    return orm.create_and_verify(Person, tenant="t", id="ann", email="a@example.com")


@requires("attachments")
class TestAttachments(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Person, Animal]

    @pytest.mark.parametrize("content", CONTENTS, ids=lambda content: str(len(content)))
    def test_bytes_come_back_as_they_went(self, orm, ann, content):
        """Whatever they are, and however many."""
        orm.attach(ann, "file", content)
        assert orm.attachment(ann, "file") == content

    def test_any_text_is_a_name(self, orm, ann):
        """Each names another attachment."""
        for name in NAMES:
            orm.attach(ann, name, name.encode())
        for name in NAMES:
            assert orm.attachment(ann, name) == name.encode()
        for name in NAMES:
            orm.detach(ann, name)
            with pytest.raises(NotFoundError, match="has no attachment"):
                orm.attachment(ann, name)

    def test_a_name_holds_what_was_attached_last(self, orm, ann):
        """Attaching under a name that is taken replaces what is there."""
        orm.attach(ann, "file", b"one")
        orm.attach(ann, "file", b"another")
        assert orm.attachment(ann, "file") == b"another"

    def test_rows_have_their_own_attachments(self, orm, ann):
        """Also where keys and models look alike."""
        others = [
            orm.create_and_verify(Person, tenant="t", id=id_)
            for id_ in ("ann2", "an", "ann.files", "ann/file", "")
        ] + [orm.create_and_verify(Animal, id="ann"), orm.create_and_verify(Animal, id="t.ann")]
        orm.attach(ann, "file", b"hers")
        for number, other in enumerate(others):
            with pytest.raises(NotFoundError):
                orm.attachment(other, "file")
            orm.attach(other, "file", b"%d" % number)
        orm.delete_and_verify(ann)
        assert [orm.attachment(other, "file") for other in others] == [b"%d" % n for n in range(len(others))]

    def test_an_attachment_is_no_row(self, orm, ann):
        """No query, no count and no backdoor shows it, and the row is as it was."""
        orm.attach(ann, "file", b"content")
        orm.query_and_verify_count(Person, 1)
        assert orm.count_models(Person) == 1
        assert orm.driver.count_rows(Person) == 1
        assert orm.driver.rows(Person) == [dict(orm.driver.values_of(ann))]

    def test_a_row_that_is_not_there_has_none(self, orm, ann):
        """Neither takes it an attachment, nor gives it one, nor can it lose one."""
        ghost = Person(tenant="t", id="ghost")
        for ask in (
            lambda: orm.attach(ghost, "file", b""),
            lambda: orm.attachment(ghost, "file"),
            lambda: orm.detach(ghost, "file"),
            lambda: orm.detach(ann, "file"),
        ):
            with pytest.raises(NotFoundError):
                ask()

    def test_it_goes_with_its_row_and_stays_gone(self, orm, ann):
        """A new row with the key of a deleted one has nothing of its attachments."""
        orm.attach(ann, "one", b"1")
        orm.attach(ann, "two", b"2")
        orm.delete_and_verify(ann)
        with pytest.raises(NotFoundError):
            orm.attachment(ann, "one")
        again = orm.create_and_verify(Person, tenant="t", id="ann")
        for name in ("one", "two"):
            with pytest.raises(NotFoundError):
                orm.attachment(again, name)

    def test_it_stays_where_its_row_changes(self, orm, ann):
        """An update and an upsert keep it."""
        orm.attach(ann, "file", b"content")
        changed = orm.update_and_verify(ann, name="Ann", email="b@example.com")
        assert orm.attachment(changed, "file") == b"content"
        written = orm.upsert_and_verify(Person, tenant="t", id="ann")
        assert orm.attachment(written, "file") == b"content"

    def test_clearing_and_resetting_remove_it(self, orm, ann):
        """With the rows."""
        for empty in (orm.clear_storage, orm.reset):
            orm.attach(ann, "file", b"content")
            empty()
            again = orm.create_and_verify(Person, tenant="t", id="ann", email="a@example.com")
            with pytest.raises(NotFoundError):
                orm.attachment(again, "file")

    @pytest.mark.parametrize("number", [1, 2])
    def test_a_test_finds_none_of_another(self, orm, ann, number):
        """Whichever of the two comes first."""
        with pytest.raises(NotFoundError):
            orm.attachment(ann, "of another test")
        orm.attach(ann, "of another test", b"%d" % number)

    def test_what_is_no_attachment_is_said(self, orm, ann):
        """A name is text, and the content is bytes; what cannot be stored for its length is out of range."""
        for wrong in (
            lambda: orm.attach(ann, "", b""),
            lambda: orm.attach(ann, "a", "text"),
            lambda: orm.attachment(ann, 1),
        ):
            with pytest.raises(ValidationError, match="an attachment is"):
                wrong()
        orm.attach(ann, "view", memoryview(b"seen"))
        assert orm.attachment(ann, "view") == b"seen"
        longest = orm.driver.capabilities.get("max_key_bytes")
        if longest:
            with pytest.raises(ValueRangeError):
                orm.attach(ann, "n" * longest, b"")


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
