"""Hostile text is data, in values and in names."""

import pytest
from everywhere import BACKENDS
from pydantic import create_model

from orm_testing import (
    AsyncMultiBackendTestBase,
    DuplicateKeyError,
    Field,
    Model,
    MultiBackendTestBase,
    ValueRangeError,
    requires,
)

HOSTILE = [
    "'; DROP TABLE \"User\"; --", '"', "'", "`", "\\", "%", "_", "%s", ":name", "?", "$1", "{}", "${x}", "\x00", "NULL",
    "' OR '1'='1", "\U0001f4a9", "select", "\u202e", "a" * 1000, " leading", "trailing ", "--", "/*", "\n",
]  # fmt: skip
NAMES = [
    "select",
    "order",
    "User's",
    'quo"te',
    "back`tick",
    "with space",
    "per%cent",
    "co:lon",
    "ques?tion",
    "dash-ed",
    "ünï",
]


class Note(Model):
    id: str = Field(primary_key=True)
    title: str = Field(unique=True)
    body: str | None = None


def storable(orm):
    """What the backend declares that it can hold; what it cannot is refused, and nothing is stored."""
    if "null_character_in_text" in orm.driver.capabilities:
        return HOSTILE
    orm.expect_create_failure(Note, ValueRangeError, id="\x00", title="\x00")
    return [text for text in HOSTILE if "\x00" not in text]


class TestHostileValues(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Note]

    @pytest.mark.parametrize("lookup", ["exact", "contains", "startswith", "endswith", "icontains", "in"])
    def test_hostile_text_is_found_by_itself(self, orm, lookup):
        """Every hostile text is stored as key, unique field and body, and each lookup finds the rows that it means."""
        hostile = storable(orm)
        for text in hostile:
            orm.create_and_verify(Note, id=text, title=text, body=text)
        for text in hostile:
            value = [text] if lookup == "in" else text
            orm.query_and_verify_count(
                Note, orm.count_models(Note, {f"body__{lookup}": value}), {f"body__{lookup}": value}
            )
            orm.get_and_verify_exists(Note, id=text)
            orm.expect_create_failure(Note, DuplicateKeyError, id=text, title=text + "x")

    def test_hostile_rows_are_updated_and_deleted_one_by_one(self, orm):
        """Each hostile key names its own row."""
        hostile = storable(orm)
        for text in hostile:
            orm.create_and_verify(Note, id=text, title=text)
        for left, text in reversed(list(enumerate(hostile))):
            note = orm.get_and_verify_exists(Note, id=text)
            orm.update_and_verify(note, body=text)
            orm.delete_and_verify(note)
            orm.query_and_verify_count(Note, left)


EMOJI = "\U0001f600"


@pytest.mark.parametrize("key", ["a\x00b", "\x00"])
@pytest.mark.orm_backends(*BACKENDS, models=[Note])
def test_what_cannot_be_stored_is_not_there(orm, key):
    """To ask for a key that no row of the backend can have is to find nothing."""
    orm.create_and_verify(Note, id="a", title="a")
    orm.get_and_verify_not_exists(Note, id=key)
    orm.query_and_verify_count(Note, 0, id__in=[key])


def model_of_names(table, names=NAMES):
    fields = {name: (str, Field(unique=True, index=True, comment=name)) for name in names}
    made = create_model(table, __base__=Model, **{"the key": (str, Field(primary_key=True))}, **fields)
    made.__tablename__ = table
    made.__indexes__ = [tuple(names[:3])]
    return made


HOSTILE_MODELS = [model_of_names(name) for name in NAMES]


def row(number):
    return {"the key": str(number)} | {name: f"{name} {number}" for name in NAMES}


class TestHostileNames(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return HOSTILE_MODELS

    def test_tables_and_fields_may_have_any_name(self, orm):
        """SQL words, emoji, quotes and spaces name tables and fields, side by side."""
        for model in HOSTILE_MODELS:
            made = orm.create_and_verify(model, row(1))
            orm.create_and_verify(model, row(2))
            for name in NAMES:
                orm.query_and_verify_count(model, 1, {f"{name}__endswith": " 1"}, order_by=[f"-{name}"])
                if "unique" in orm.driver.capabilities:
                    error = orm.expect_create_failure(model, DuplicateKeyError, row(3) | {name: f"{name} 1"})
                    assert error.fields == (name,)
            orm.update_and_verify(made, dict.fromkeys(NAMES[:1], "new"))
            orm.delete_and_verify(made)
            assert orm.aggregate(model, "count", f"{NAMES[3]}__max") == {
                "count": 1,
                f"{NAMES[3]}__max": f"{NAMES[3]} 2",
            }


WITH_EMOJI = model_of_names(EMOJI, [EMOJI, "plain"])


@requires("astral_names")
class TestNamesOfEmoji(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [WITH_EMOJI]

    def test_emoji_name_tables_and_fields(self, orm):
        """Characters beyond U+FFFF are names like others."""
        made = orm.create_and_verify(WITH_EMOJI, {"the key": "1", EMOJI: "one", "plain": "p"})
        if "unique" in orm.driver.capabilities:
            error = orm.expect_create_failure(
                WITH_EMOJI, DuplicateKeyError, {"the key": "2", EMOJI: "one", "plain": "q"}
            )
            assert error.fields == (EMOJI,)
        orm.update_and_verify(made, {EMOJI: "two"})
        orm.query_and_verify_count(WITH_EMOJI, 1, {EMOJI: "two"}, order_by=[f"-{EMOJI}"])


class TestHostileNamesAsync(AsyncMultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return HOSTILE_MODELS[:4]

    @pytest.mark.asyncio
    async def test_names_are_data_in_async_drivers_too(self, orm):
        """The async drivers take the same names."""
        for model in self.get_test_models():
            made = await orm.create_and_verify(model, row(1))
            await orm.update_and_verify(made, {NAMES[0]: "new"})
            await orm.delete_and_verify(made)
