"""Hostile values: text that breaks out of quotes, or means something to a store, is data like any other."""

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import DuplicateKeyError, NotFoundError, ValueRangeError
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.hostile import EMOJI, TEXTS, Note
from orm_testing.kit.support.values import held
from orm_testing.marks import requires

hostile = pytest.mark.parametrize("name", TEXTS)
not_there = pytest.mark.parametrize(
    "key", ["a\x00b", "\x00", "\ud800", "a\udfff", "a\ud800\x00", "a\x00\ud800"]
)
A_KILOBYTE = 1024
A_LARGE_KEY = 4096


class HostileValues(Cases):
    """Hostile text is stored, found, changed and removed as what it is; what cannot be held is refused, and is not there."""

    Note = stored(Note)

    @hostile
    def test_as_a_value(self, orm: OrmDsl, name: str) -> None:
        """Each lookup by the text finds the row that has it and not the one beside it."""
        text = TEXTS[name]
        if not held(text, orm.driver.capabilities):
            orm.expect_create_failure(self.Note, ValueRangeError, id="a", body=text)
            return
        orm.create_and_verify(self.Note, id="a", body=text)
        orm.create_and_verify(self.Note, id="b", body="q")
        found = {
            lookup: [row.id for row in orm.query_models(self.Note, {f"body__{lookup}": value}).data]
            for lookup, value in {
                "exact": text, "in": [text], "contains": text, "icontains": text, "startswith": text, "endswith": text, "gte": text,
                "between": (text, text),
            }.items()
        }  # fmt: skip
        above = [key for key, body in [("a", text), ("b", "q")] if body >= text]
        assert found == {lookup: ["a"] for lookup in found} | {"gte": above}
        orm.query_and_verify_count(self.Note, 1, body__ne=text)

    @pytest.mark.parametrize(
        "name", [name for name, text in TEXTS.items() if text.isprintable() or text.isascii()]
    )
    def test_within_a_structure(self, orm: OrmDsl, name: str) -> None:
        """The text is a key of a dict, a value in it and an item of a list, and the dict is found by itself."""
        text = TEXTS[name]
        tags = {text: [text, {text: text}], "q": "beside it"}
        if not held(text, orm.driver.capabilities):
            orm.expect_create_failure(self.Note, ValueRangeError, id="a", tags=tags)
            return
        orm.create_and_verify(self.Note, id="a", tags=tags)
        orm.create_and_verify(self.Note, id="b", tags={"q": "beside it"})
        [found] = orm.query_and_verify_count(self.Note, 1, tags=tags)
        assert found.tags == tags

    @hostile
    def test_as_a_key(self, orm: OrmDsl, name: str) -> None:
        """A row with the text as its key is got, refused a second time, changed and removed, and the one beside it stays."""
        text = TEXTS[name]
        orm.create_and_verify(self.Note, id="q", body="beside it")
        if not held(text, orm.driver.capabilities):
            orm.expect_create_failure(self.Note, ValueRangeError, id=text)
            return
        orm.get_and_verify_not_exists(self.Note, id=text)
        note = orm.create_and_verify(self.Note, id=text, body=text)
        orm.expect_create_failure(self.Note, DuplicateKeyError, id=text)
        assert orm.get_and_verify_exists(self.Note, id=text).body == text
        orm.update_and_verify(note, body="changed")
        orm.upsert_and_verify(self.Note, id=text, body=text)
        orm.delete_and_verify(note)
        assert [row.body for row in orm.all_models(self.Note)] == ["beside it"]

    @requires("unique")
    @hostile
    def test_as_a_unique_value(self, orm: OrmDsl, name: str) -> None:
        """The text is taken once it is there, and its like is not."""
        text = TEXTS[name]
        if not held(text, orm.driver.capabilities):
            orm.expect_create_failure(self.Note, ValueRangeError, id="a", title=text)
            return
        orm.create_and_verify(self.Note, id="a", title=text)
        error = orm.expect_create_failure(self.Note, DuplicateKeyError, id="b", title=text)
        assert error.fields == ("title",)
        orm.create_and_verify(self.Note, id="b", title=f"x{text}")

    @not_there
    def test_what_cannot_be_stored_is_not_there(self, orm: OrmDsl, key: str) -> None:
        """To ask for a key that no row has, or none could have, is to find nothing; nor is it changed or removed."""
        orm.create_and_verify(self.Note, id="a")
        orm.get_and_verify_not_exists(self.Note, id=key)
        orm.get_and_verify_not_exists(self.Note, id=key, title=None)
        orm.query_and_verify_count(self.Note, 1, id__in=[key, "a"])
        orm.query_and_verify_count(self.Note, 1, id__ne=key)
        note = self.Note(id=key)
        orm.expect_update_failure(note, NotFoundError, body="changed")
        orm.expect_delete_failure(note, NotFoundError)

    @not_there
    def test_what_cannot_be_stored_is_compared(self, orm: OrmDsl, key: str) -> None:
        """Text that no row has, or none could have, stands among others by its code points, and is in none of them."""
        texts = ["", "\x01", "a", "a\x01", "b", "\ud7ff", "\ue000", EMOJI]
        for number, text in enumerate(texts):
            orm.create_and_verify(self.Note, id=f"{number}", body=text)
        found = {
            lookup: [row.body for row in orm.query_models(self.Note, {f"body__{lookup}": value}).data]
            for lookup, value in {
                "lt": key, "lte": key, "gt": key, "gte": key, "not_in": [key, "b"], "between": (key, key), "contains": key,
                "icontains": key, "startswith": key, "istartswith": key, "endswith": key, "iendswith": key,
            }.items()
        }  # fmt: skip
        below, above = [text for text in texts if text < key], [text for text in texts if text > key]
        some = {
            "lt": below,
            "lte": below,
            "gt": above,
            "gte": above,
            "not_in": [text for text in texts if text != "b"],
        }
        assert found == {lookup: [] for lookup in found} | some

    @not_there
    def test_a_structure_that_cannot_be_stored_is_not_there(self, orm: OrmDsl, key: str) -> None:
        """A dict that no row has, or none could have for the text in it, equals none."""
        orm.create_and_verify(self.Note, id="a", tags={"a": "b"})
        for tags in ({"a": key}, {key: "b"}):
            orm.query_and_verify_count(self.Note, 0, tags=tags)
            orm.query_and_verify_count(self.Note, 1, tags__ne=tags)
            orm.query_and_verify_count(self.Note, 1, tags__in=[tags, {"a": "b"}])

    def test_all_keys_together(self, orm: OrmDsl) -> None:
        """Each hostile key names its own row among all the others, and they come in the order of their code points."""
        texts = [text for text in TEXTS.values() if held(text, orm.driver.capabilities)]
        for text in texts:
            assert orm.create_model(self.Note, id=text, title=text).success, text
        assert [row.id for row in orm.all_models(self.Note)] == sorted(texts)
        for left, text in reversed(list(enumerate(texts))):
            note = orm.get_model(self.Note, id=text)
            assert note.instance is not None, text
            assert note.instance.title == text
            assert orm.delete_model(note.instance).success, text
            assert (text, orm.count_models(self.Note)) == (text, left)

    def test_texts_that_differ_in_little_are_different_keys(self, orm: OrmDsl) -> None:
        """Case, accents, normal forms, space around and signs of no width make another key."""
        keys = [
            "a",
            "A",
            "a ",
            " a",
            "á",
            "a\u0301",
            "a\u200b",
            "\uff41",
            "\u0430",
            "a/b",
            "a//b",
            "a/b/",
            "../a/b",
            "a.b",
            "a%2Fb",
        ]
        for key in keys:
            orm.create_and_verify(self.Note, id=key, title=key)
        for key in keys:
            assert orm.get_and_verify_exists(self.Note, id=key).title == key

    def test_an_empty_key_is_a_key_or_is_refused(self, orm: OrmDsl) -> None:
        """`empty_key` says whether the empty text identifies a row; else it is a `ValueRangeError`, and nothing is stored."""
        if "empty_key" in orm.driver.capabilities:
            orm.create_and_verify(self.Note, id="", body="a")
            assert orm.get_and_verify_exists(self.Note, id="").body == "a"
        else:
            orm.expect_create_failure(self.Note, ValueRangeError, id="", body="a")
            orm.get_and_verify_not_exists(self.Note, id="")

    def test_a_key_has_the_bytes_declared(self, orm: OrmDsl) -> None:
        """A key of half of `max_key_bytes`, or of half a kilobyte, is told from its like; one beyond the bound is refused."""
        most = orm.driver.capabilities.get("max_key_bytes") or A_KILOBYTE
        key = "é" * (min(most, A_KILOBYTE) // 4)
        orm.create_and_verify(self.Note, id=key, body="a")
        orm.create_and_verify(self.Note, id=f"{key}x", body="b")
        assert orm.get_and_verify_exists(self.Note, id=key).body == "a"
        if most <= A_LARGE_KEY and orm.driver.capabilities.get("max_key_bytes"):
            orm.expect_create_failure(self.Note, ValueRangeError, id="x" * (most + 1))
