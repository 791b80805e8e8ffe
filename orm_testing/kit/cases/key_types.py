"""Key types: a key may be of any plain type, and is of one model."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import DuplicateKeyError, NotFoundError
from orm_testing.kit.support.models import KeyedCases, Shade
from orm_testing.marks import requires

NOON = datetime(2024, 2, 29, 12, tzinfo=UTC)
MOMENT = timedelta(milliseconds=1)

KEYS: Mapping[str, Sequence[Any]] = {
    "ByText": [
        "a",
        "A",
        "a ",
        " a",
        "aa",
        "\u00e1",
        "a\u0301",
        "\u00df",
        "ss",
        "\U0001f600",
        "0",
        "None",
        "a:b",
        "a/b",
    ],
    "ByInteger": [0, 1, -1, 2**31, 2**53, 2**53 + 1, -(2**62)],
    "ByBool": [False, True],
    "ByFloat": [0.5, -0.5, 0.1 + 0.2, 0.3, 1e100, -1e-100, 3.0],
    "ByDecimal": [
        Decimal(number) for number in ("0", "0.1", "-0.1", "0.10000000000000001", "12345678901234567890.5")
    ],
    "ByBytes": [b"a", b"A", b"\x00", b"\x00\x00", b"\xff", b"a ", "é".encode()],
    "ByUuid": [UUID(int=0), UUID(int=1), UUID(int=2**127), UUID(int=2**128 - 1)],
    "ByEnum": list(Shade),
    "ByDate": [date(1, 1, 1), date(1969, 12, 31), date(2024, 2, 29), date(9999, 12, 31)],
    "ByTime": [time(0), time(12), time(12, 0, 0, 1000), time(23, 59, 59)],
    "ByDatetime": [
        (NOON + part).replace(tzinfo=None) for part in (timedelta(), MOMENT, -MOMENT, timedelta(days=9999))
    ],
    "ByInstant": [NOON + part for part in (timedelta(), MOMENT, -MOMENT, timedelta(days=-99999))],
    "ByDuration": [timedelta(), timedelta(milliseconds=1), timedelta(milliseconds=-1), timedelta(days=400)],
}
"""Keys that lie close together, by the models that have them."""

ALIKE = {
    "ByInteger": (7, "7"),
    "ByDecimal": (Decimal("1.5"), Decimal("1.50")),
    "ByUuid": (UUID(int=7), str(UUID(int=7))),
    "ByEnum": (Shade.DARK, "dark"),
    "ByInstant": (NOON, NOON.astimezone(timezone(timedelta(hours=5)))),
}
"""One key in two forms."""

RUNNING_TOGETHER = [
    (("a", "bc"), ("ab", "c")),
    (("a:b", "c"), ("a", "b:c")),
    (("a/b", "c"), ("a", "b/c")),
    (("a,b", "c"), ("a", "b,c")),
    (("a|b", "c"), ("a", "b|c")),
    (("a#b", "c"), ("a", "b#c")),
    (("a", "'b"), ("a'", "b")),
    (("a\\", ":b"), ("a", "\\:b")),
    (('a","b', "c"), ("a", 'b","c')),
    (("a\x1fb", "c"), ("a", "b\x1fc")),
    (("a", "b"), ("b", "a")),
]


class KeyTypes(KeyedCases):
    """A key may be of any plain type, and text of any sort."""

    def filled(self, orm: OrmDsl, name: str) -> list[Any]:
        """The rows of a model, one for each of its keys."""
        model = getattr(self, name)
        return [
            orm.create_and_verify(model, id=key, note=f"{number}") for number, key in enumerate(KEYS[name])
        ]

    def notes(self, orm: OrmDsl, model: type[Any]) -> dict[Any, str]:
        """What stands in each row of a model, by its key."""
        return {row.id: row.note for row in orm.all_models(model)}

    @pytest.mark.parametrize("name", KEYS)
    def test_every_key_has_its_row(self, orm: OrmDsl, name: str) -> None:
        """Keys that lie close together are different keys: each finds its own row, and they order the rows."""
        model = getattr(self, name)
        for row in self.filled(orm, name):
            assert orm.get_and_verify_exists(model, id=row.id).note == row.note
        orm.query_and_verify_count(model, len(KEYS[name]))

    @pytest.mark.parametrize("name", KEYS)
    def test_every_taken_key_is_refused(self, orm: OrmDsl, name: str) -> None:
        """A key of any type is one row's."""
        model = getattr(self, name)
        for row in self.filled(orm, name):
            result = orm.create_model(model, id=row.id, note="again")
            assert isinstance(result.error, DuplicateKeyError)
            assert (result.error.fields, result.error.model) == (("id",), model.__name__)
        orm.query_and_verify_count(model, 0, note="again")
        orm.query_and_verify_count(model, len(KEYS[name]))

    @pytest.mark.parametrize("name", KEYS)
    def test_every_key_names_the_row_that_is_written(self, orm: OrmDsl, name: str) -> None:
        """By a key of any type one row is updated, one replaced, and one removed."""
        model = getattr(self, name)
        first, second, *others = self.filled(orm, name)
        notes = {row.id: row.note for row in others}
        assert orm.update_model(first, note="updated").success
        assert orm.upsert_model(model, id=second.id, note="replaced").success
        assert self.notes(orm, model) == {first.id: "updated", second.id: "replaced", **notes}
        assert orm.delete_model(first).success
        assert isinstance(orm.update_model(first, note="again").error, NotFoundError)
        assert isinstance(orm.delete_model(first).error, NotFoundError)
        assert self.notes(orm, model) == {second.id: "replaced", **notes}
        assert orm.upsert_model(model, id=first.id, note="new").success
        assert self.notes(orm, model) == {first.id: "new", second.id: "replaced", **notes}

    @pytest.mark.parametrize("name", ALIKE)
    def test_a_key_in_another_form_is_the_same_key(self, orm: OrmDsl, name: str) -> None:
        """What the model reads as one key is one row to create, upsert and update, in whatever form it is given."""
        model = getattr(self, name)
        key, other = ALIKE[name]
        orm.create_and_verify(model, id=key, note="first")
        assert orm.expect_create_failure(model, DuplicateKeyError, id=other).fields == ("id",)
        assert orm.upsert_model(model, id=other, note="second").success
        assert orm.count_models(model) == 1
        assert orm.get_and_verify_exists(model, id=key).note == "second"

    @pytest.mark.parametrize(("one", "other"), RUNNING_TOGETHER, ids=ascii)
    def test_parts_of_a_key_do_not_run_together(
        self, orm: OrmDsl, one: tuple[str, str], other: tuple[str, str]
    ) -> None:
        """Keys of several texts are different keys though their parts in a row, by whatever sign between them, read alike."""
        for left, right in (one, other):
            orm.create_and_verify(self.ByTexts, left=left, right=right, note=left)
        for left, right in (one, other):
            assert orm.get_and_verify_exists(self.ByTexts, left=left, right=right).note == left
        assert orm.delete_model(self.ByTexts(left=one[0], right=one[1])).success
        assert [(row.left, row.right) for row in orm.all_models(self.ByTexts)] == [other]

    def test_text_keys_are_drawn(self, orm: OrmDsl) -> None:
        """A text key that is not given is made, different for each row; one that is given is kept."""
        rows = [orm.create_and_verify(self.ByTextDrawn, note=f"{number}") for number in range(3)]
        assert {type(row.id) for row in rows} == {str}
        assert len({row.id for row in rows}) == len(rows)
        assert orm.get_and_verify_exists(self.ByTextDrawn, id=rows[1].id).note == "1"
        assert orm.create_and_verify(self.ByTextDrawn, id="given").id == "given"
        assert orm.upsert_and_verify(self.ByTextDrawn, note="upserted").id not in {row.id for row in rows}


class Neighbours(KeyedCases):
    """Rows of one model are not rows of another, though they have the same key."""

    def test_a_key_is_of_one_model(self, orm: OrmDsl) -> None:
        """Rows of several models may have the same key, and each model finds its own, and counts its own."""
        named: list[type[Any]] = [self.ByText, self.ByTextDrawn]
        for model in named:
            orm.get_and_verify_not_exists(model, id="a")
            orm.create_and_verify(model, id="a", note=model.__name__)
        for model in named:
            assert orm.get_and_verify_exists(model, id="a").note == model.__name__
            assert orm.count_models(model) == 1
            assert [row.note for row in orm.all_models(model)] == [model.__name__]

    @pytest.mark.parametrize("name", ["ByInteger", "ByBool", "ByFloat", "ByDecimal"])
    def test_a_key_is_of_one_type(self, orm: OrmDsl, name: str) -> None:
        """A number that equals a key of another model and type is none of its rows."""
        model = getattr(self, name)
        others = [
            other
            for other in (self.ByInteger, self.ByBool, self.ByFloat, self.ByDecimal)
            if other is not model
        ]
        for other in others:
            orm.create_and_verify(
                other, {"id": 1, "note": "other"} if other is not self.ByBool else {"id": True}
            )
        orm.get_and_verify_not_exists(model, id=True if model is self.ByBool else 1)
        assert orm.all_models(model) == []

    def test_a_row_that_only_another_model_has_is_not_found(self, orm: OrmDsl) -> None:
        """Neither is it read, nor updated, nor deleted, nor counted, by way of another model."""
        orm.create_and_verify(self.ByText, id="a", label="x")
        orm.get_and_verify_not_exists(self.ByTextDrawn, id="a")
        orm.get_and_verify_not_exists(self.ByTextDrawn, label="x")
        orm.expect_update_failure(self.ByTextDrawn(id="a"), NotFoundError, note="x")
        orm.expect_delete_failure(self.ByTextDrawn(id="a"), NotFoundError)
        assert orm.count_models(self.ByTextDrawn) == 0
        assert orm.model_exists(self.ByTextDrawn, id="a") is False
        assert orm.first(self.ByTextDrawn) is None

    def test_a_write_is_of_one_model(self, orm: OrmDsl) -> None:
        """What is updated, replaced or removed of one model stays in the other."""
        for model in (self.ByText, self.ByTextDrawn):
            orm.create_and_verify(model, id="a", note="first", label="x")
        row = orm.get_and_verify_exists(self.ByText, id="a")
        for write in (
            lambda: orm.update_and_verify(row, note="second"),
            lambda: orm.upsert_and_verify(self.ByText, id="a", note="third"),
            lambda: orm.delete_and_verify(row),
        ):
            write()
            other = orm.get_and_verify_exists(self.ByTextDrawn, id="a")
            assert (other.note, other.label) == ("first", "x")

    @requires("unique")
    def test_a_unique_value_is_of_one_model(self, orm: OrmDsl) -> None:
        """What is unique in one model may be in another as well."""
        for model in (self.ByText, self.ByTextDrawn):
            orm.create_and_verify(model, id="a", label="x")
        for model in (self.ByText, self.ByTextDrawn):
            assert orm.expect_create_failure(model, DuplicateKeyError, id="b", label="x").fields == ("label",)
        orm.delete_and_verify(orm.get_and_verify_exists(self.ByText, id="a"))
        orm.create_and_verify(self.ByText, id="b", label="x")
        orm.expect_create_failure(self.ByTextDrawn, DuplicateKeyError, id="b", label="x")
