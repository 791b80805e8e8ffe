"""Attachments: bytes beside a row, under names."""

from collections.abc import Callable
from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import NotFoundError, ValidationError, ValueRangeError
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.resetting import resets
from orm_testing.marks import requires
from orm_testing.model import Field, Model

CONTENTS = {
    "none": b"",
    "a null": b"\x00",
    "text": b"plain",
    "every byte": bytes(range(256)),
    "400 kB": b"\xff\xd8\xff\xe0" * 100_000,
    "JSON": b'{"id": "a"}',
}
NAMES = {
    "case and endings": ["photo", "Photo", "photo.jpg", "photo.json"],
    "paths": ["a/b", "..", "%2F", "'; --"],
    "signs": [" ", "~", "!", "CON"],
    "Unicode": ["ü", "u\u0308", "\U0001f600", "a\x00b"],
}


class Guest(Model):
    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)
    name: str = ""


class Animal(Model):
    id: str = Field(primary_key=True)


@requires("attachments", "unique")
class Attachments(Cases):
    """What is attached to a row is what comes back, it is that row's alone, and it goes with the row."""

    Guest = stored(Guest)
    Animal = stored(Animal)

    def ann(self, orm: OrmDsl) -> Any:
        return orm.create_and_verify(self.Guest, tenant="t", id="ann", email="a@example.com")

    @pytest.mark.parametrize("content", CONTENTS)
    def test_bytes_come_back_as_they_went(self, orm: OrmDsl, content: str) -> None:
        """What was attached comes back to the byte, whatever the bytes are and however many."""
        ann = self.ann(orm)
        orm.attach(ann, "file", CONTENTS[content])
        assert orm.attachment(ann, "file") == CONTENTS[content]

    @pytest.mark.parametrize("alike", NAMES)
    def test_any_text_is_a_name(self, orm: OrmDsl, alike: str) -> None:
        """Each name is that of another attachment, however odd it is; what is removed is gone."""
        ann, names = self.ann(orm), NAMES[alike]
        for name in names:
            orm.attach(ann, name, name.encode())
        assert [orm.attachment(ann, name) for name in names] == [name.encode() for name in names]
        for name in names:
            orm.detach(ann, name)
            with pytest.raises(NotFoundError):
                orm.attachment(ann, name)

    def test_a_name_holds_what_was_attached_last(self, orm: OrmDsl) -> None:
        """To attach under a name that is taken replaces what is there, also by what is shorter."""
        ann = self.ann(orm)
        for content in (b"one", b"another", b"1", b""):
            orm.attach(ann, "file", content)
            assert orm.attachment(ann, "file") == content

    def test_rows_have_their_own_attachments(self, orm: OrmDsl) -> None:
        """What one row has no other has, also where their keys and models look alike."""
        ann = self.ann(orm)
        others = [
            orm.create_and_verify(self.Guest, tenant="t", id=key)
            for key in ("ann2", "an", "ann.files", "ann/file", "ann/")
        ] + [orm.create_and_verify(self.Animal, id=key) for key in ("ann", "t.ann")]
        orm.attach(ann, "file", b"hers")
        for number, other in enumerate(others):
            with pytest.raises(NotFoundError):
                orm.attachment(other, "file")
            orm.attach(other, "file", b"%d" % number)
        assert orm.attachment(ann, "file") == b"hers"
        orm.delete_and_verify(ann)
        assert [orm.attachment(other, "file") for other in others] == [b"%d" % n for n in range(len(others))]

    def test_an_attachment_is_no_row(self, orm: OrmDsl) -> None:
        """No query, no count and no backdoor shows it, and the row is as it was."""
        ann = self.ann(orm)
        orm.attach(ann, "file", b"content")
        orm.query_and_verify_count(self.Guest, 1)
        assert orm.count_models(self.Guest) == 1
        assert orm.driver.count_rows(self.Guest) == 1
        assert orm.driver.rows(self.Guest) == [dict(orm.driver.values_of(ann))]

    @pytest.mark.parametrize("verb", ["attach", "attachment", "detach"])
    def test_a_row_that_is_not_there_has_none(self, orm: OrmDsl, verb: str) -> None:
        """A row that is not there takes no attachment, gives none and loses none: `NotFoundError`."""
        ghost = self.ann(orm)
        orm.delete_and_verify(ghost)
        work: dict[str, Callable[[], object]] = {
            "attach": lambda: orm.attach(ghost, "file", b""),
            "attachment": lambda: orm.attachment(ghost, "file"),
            "detach": lambda: orm.detach(ghost, "file"),
        }
        with pytest.raises(NotFoundError):
            work[verb]()
        with pytest.raises(NotFoundError):
            orm.attachment(self.ann(orm), "file")

    def test_what_is_not_attached_cannot_be_removed(self, orm: OrmDsl) -> None:
        """To detach under a name that has nothing is a `NotFoundError`, also when it had something."""
        ann = self.ann(orm)
        orm.attach(ann, "other", b"stays")
        with pytest.raises(NotFoundError):
            orm.detach(ann, "file")
        orm.attach(ann, "file", b"")
        orm.detach(ann, "file")
        with pytest.raises(NotFoundError):
            orm.detach(ann, "file")
        assert orm.attachment(ann, "other") == b"stays"

    def test_it_goes_with_its_row_and_stays_gone(self, orm: OrmDsl) -> None:
        """A new row with the key of a deleted one has nothing of its attachments."""
        ann = self.ann(orm)
        orm.attach(ann, "one", b"1")
        orm.attach(ann, "two", b"2")
        orm.delete_and_verify(ann)
        with pytest.raises(NotFoundError):
            orm.attachment(ann, "one")
        again = self.ann(orm)
        for name in ("one", "two"):
            with pytest.raises(NotFoundError):
                orm.attachment(again, name)

    def test_it_stays_where_its_row_changes(self, orm: OrmDsl) -> None:
        """An update and an upsert of the row keep it."""
        ann = self.ann(orm)
        orm.attach(ann, "file", b"content")
        changed = orm.update_and_verify(ann, name="Ann", email="b@example.com")
        assert orm.attachment(changed, "file") == b"content"
        written = orm.upsert_and_verify(self.Guest, tenant="t", id="ann")
        assert orm.attachment(written, "file") == b"content"

    @pytest.mark.parametrize("how", ["clear", "reset"])
    def test_it_goes_with_all_rows(self, orm: OrmDsl, how: str) -> None:
        """Clearing and resetting remove it: a new row with the key has nothing of it."""
        orm.attach(self.ann(orm), "file", b"content")
        if how == "clear" or not resets(orm):
            assert orm.clear_storage().success
        with pytest.raises(NotFoundError):
            orm.attachment(self.ann(orm), "file")

    @pytest.mark.parametrize("time", [1, 2])
    def test_a_test_finds_none_of_another(self, orm: OrmDsl, time: int) -> None:
        """Each test leaves an attachment, and finds none of another's, whichever comes first."""
        ann = self.ann(orm)
        with pytest.raises(NotFoundError):
            orm.attachment(ann, "of another test")
        orm.attach(ann, "of another test", b"%d" % time)

    def test_what_is_no_attachment_is_said(self, orm: OrmDsl) -> None:
        """A name is text, and the content is bytes of any kind; all else is a `ValidationError`."""
        ann = self.ann(orm)
        nameless, numbered, text = "", 1, "text"
        for wrong in (
            lambda: orm.attach(ann, nameless, b""),
            lambda: orm.attach(ann, "a", text),  # type: ignore[arg-type]
            lambda: orm.attachment(ann, numbered),  # type: ignore[arg-type]
        ):
            with pytest.raises(ValidationError):
                wrong()
        orm.attach(ann, "view", memoryview(b"seen"))  # type: ignore[arg-type]
        assert orm.attachment(ann, "view") == b"seen"

    def test_a_name_is_as_long_as_it_may_be(self, orm: OrmDsl) -> None:
        """A long name is kept, or where the bound of keys does not leave room for it, a `ValueRangeError`."""
        ann = self.ann(orm)
        longest = orm.driver.capabilities.get("max_key_bytes")
        if longest is None:
            orm.attach(ann, "n" * 5000, b"long")
            assert orm.attachment(ann, "n" * 5000) == b"long"
        else:
            with pytest.raises(ValueRangeError):
                orm.attach(ann, "n" * longest, b"")
