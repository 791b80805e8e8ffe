"""Hostile names: tables and fields may be called anything."""

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import DuplicateKeyError
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.hostile import ALIASED, ASTRAL, BY_NAME, EMOJI, NAMES, RESERVED, WIDE, Proto
from orm_testing.marks import requires
from orm_testing.model import Model
from orm_testing.schema import schema_of


class HostileNames(Cases):
    """A name is data: words of SQL, quotes, paths, operators and signs that separate name tables and fields like others."""

    Wide = stored(WIDE)
    Aliased = stored(ALIASED)
    Proto = stored(Proto)

    @classmethod
    def kits_models(cls) -> list[type[Model]]:
        """Those that are named one by one, besides the others."""
        return [WIDE, ALIASED, Proto, *BY_NAME.values()]

    @pytest.mark.parametrize("name", NAMES)
    def test_a_table_and_its_field(self, orm: OrmDsl, name: str) -> None:
        """A table of this name, with a field of it, is written, asked and emptied."""
        model = self.model(schema_of(BY_NAME[name]))
        made = orm.create_and_verify(model, {"the key": "1", name: "one"})
        orm.create_and_verify(model, {"the key": "2", name: "two"})
        assert _keys(orm.query_models(model, {f"{name}__startswith": "o"}).data) == ["1"]
        assert _keys(orm.query_models(model, order_by=[f"-{name}"]).data) == ["2", "1"]
        if "unique" in orm.driver.capabilities:
            error = orm.create_model(model, {"the key": "3", name: "one"}).error
            assert isinstance(error, DuplicateKeyError)
            assert error.fields == (name,)
        for written in (
            orm.update_model(made, {name: "uno"}),
            orm.upsert_model(model, {"the key": "1", name: None}),
        ):
            assert written.success, written.error
        assert _keys(orm.query_models(model, {name: None}).data) == ["1"]
        assert orm.delete_model(made).success
        assert _keys(orm.all_models(model)) == ["2"]

    def test_tables_are_kept_apart(self, orm: OrmDsl) -> None:
        """Tables of all these names stand side by side, and each has its own row."""
        for name, own in BY_NAME.items():
            assert orm.create_model(self.model(schema_of(own)), {"the key": name, name: name}).success, name
        found = {
            name: [vars(row) for row in orm.all_models(self.model(schema_of(own)))]
            for name, own in BY_NAME.items()
        }
        assert found == {name: [{"the key": name, name: name}] for name in NAMES}

    def test_all_names_in_one_row(self, orm: OrmDsl) -> None:
        """Fields of all these names stand side by side, and each has its own value."""
        orm.create_and_verify(self.Wide, {"the key": "a", **{name: f"{name} a" for name in NAMES}})
        made = orm.create_and_verify(self.Wide, {"the key": "b", **{name: f"{name} b" for name in NAMES}})
        for name in NAMES:
            assert _keys(orm.query_models(self.Wide, {name: f"{name} b"}).data) == ["b"], name
        orm.query_and_verify_count(
            self.Wide, 1, {f"{name}__endswith": " a" for name in NAMES}, order_by=NAMES
        )
        orm.update_and_verify(made, {name: f"{name} c" for name in NAMES[1:]})

    @requires("aggregates")
    def test_names_in_aggregates(self, orm: OrmDsl) -> None:
        """A field of any name is aggregated and grouped by."""
        for key in ("a", "b"):
            orm.create_and_verify(self.Wide, {"the key": key, **{name: f"{name} {key}" for name in NAMES}})
        for name in NAMES:
            most = f"{name}__max"
            assert orm.aggregate(self.Wide, most) == {most: f"{name} b"}
            groups = orm.aggregate(self.Wide, "count", group_by=[name])
            assert groups == [{name: f"{name} {key}", "count": 1} for key in ("a", "b")]

    def test_columns_that_stores_use_themselves(self, orm: OrmDsl) -> None:
        """Fields that are stored under words of stores and of programs are told apart, and found."""
        row = {f"field_{place}": name for place, name in enumerate(RESERVED)}
        made = orm.create_and_verify(self.Aliased, {"number": 1, **row})
        orm.create_and_verify(self.Aliased, {"number": 2})
        for field, name in row.items():
            assert [each.number for each in orm.query_models(self.Aliased, {field: name}).data] == [1], name
        orm.update_and_verify(made, dict.fromkeys(row, "changed"))
        orm.query_and_verify_count(self.Aliased, 1, dict.fromkeys(row, "changed"))

    def test_a_column_that_javascript_uses_itself(self, orm: OrmDsl) -> None:
        """A column named `__proto__` is written, changed and found like another."""
        made = orm.create_and_verify(self.Proto, number=1, word="one")
        orm.create_and_verify(self.Proto, number=2, word="two")
        orm.query_and_verify_count(self.Proto, 1, word="one")
        orm.update_and_verify(made, word="changed")
        orm.query_and_verify_count(self.Proto, 1, word__startswith="c")


@requires("astral_names")
class AstralNames(Cases):
    """Characters beyond U+FFFF, such as emoji, are names like others."""

    Astral = stored(ASTRAL)

    def test_emoji_name_tables_and_fields(self, orm: OrmDsl) -> None:
        """A table and a field that are called by an emoji are written, asked and named in errors."""
        made = orm.create_and_verify(self.Astral, {"the key": "1", EMOJI: "one", "plain": "p"})
        if "unique" in orm.driver.capabilities:
            error = orm.expect_create_failure(self.Astral, DuplicateKeyError, {"the key": "2", EMOJI: "one"})
            assert error.fields == (EMOJI,)
        orm.update_and_verify(made, {EMOJI: "two"})
        orm.query_and_verify_count(self.Astral, 1, {EMOJI: "two"}, order_by=[f"-{EMOJI}"])


def _keys(rows: list[Model]) -> list[object]:
    return [vars(row)["the key"] for row in rows]
