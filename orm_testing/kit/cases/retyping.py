"""Retyping: what becomes of the values of a field that gets another type."""

import enum
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pydantic
import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import ValidationError
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.marks import requires
from orm_testing.model import Field, Model
from orm_testing.schema import schema_of


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Shade(enum.Enum):
    CRIMSON = "red"
    NAVY = "blue"


UUID_TEXT = "12345678-1234-5678-1234-567812345678"
LEAP = date(2024, 2, 29)
AWARE = pydantic.AwareDatetime

CHANGES: dict[str, tuple[Any, Any, Any, Any]] = {
    "int_text": (int, 5, str, "5"),
    "text_int": (str, "5", int, 5),
    "int_decimal": (int, 5, Decimal, Decimal(5)),
    "int_float": (int, 5, float, 5.0),
    "float_int": (float, 5.0, int, 5),
    "bool_text": (bool, True, str, "true"),
    "text_bool": (str, "false", bool, False),
    "bool_int": (bool, True, int, 1),
    "text_decimal": (str, "1.5", Decimal, Decimal("1.5")),
    "date_text": (date, LEAP, str, "2024-02-29"),
    "text_date": (str, "2024-02-29", date, LEAP),
    "date_datetime": (date, LEAP, datetime, datetime(2024, 2, 29)),
    "datetime_date": (datetime, datetime(2024, 2, 29), date, LEAP),
    "naive_aware": (datetime, datetime(2024, 2, 29, 1), AWARE, datetime(2024, 2, 29, 1, tzinfo=UTC)),
    "aware_naive": (AWARE, datetime(2024, 2, 29, 1, tzinfo=UTC), datetime, datetime(2024, 2, 29, 1)),
    "uuid_text": (UUID, UUID(UUID_TEXT), str, UUID_TEXT),
    "text_uuid": (str, UUID_TEXT, UUID, UUID(UUID_TEXT)),
    "text_bytes": (str, "é", bytes, "é".encode()),
    "bytes_text": (bytes, "é".encode(), str, "é"),
    "enum_text": (Colour, Colour.RED, str, "red"),
    "text_enum": (str, "red", Colour, Colour.RED),
    "enum_enum": (Colour, Colour.RED, Shade, Shade.CRIMSON),
    "int_timedelta": (int, 90, timedelta, timedelta(seconds=90)),
    "list_text": (list[int], [1, 2], str, "[1,2]"),
    "text_dict": (str, '{"a":1}', dict[str, int], {"a": 1}),
    "list_tuple": (list[int], [1, 2], tuple[int, int], (1, 2)),
}
"""By the name of a field: its type, a value, its next type, and what the value is then."""

LOSSES: dict[str, tuple[str, Any, Any]] = {
    "no number": ("text_int", "x", int),
    "a fraction": ("float_int", 5.5, int),
    "an hour": ("datetime_date", datetime(2024, 1, 1, 1), date),
    "no text": ("bytes_text", b"\xff", str),
    "no member": ("text_enum", "green", Colour),
    "no texts": ("list_text", [1, 2], list[str]),
}
"""A field, a value of it, and a type that has no place for the value."""


def _model(types: dict[str, Any]) -> type[Any]:
    fields: dict[str, Any] = {name: (annotation | None, None) for name, annotation in types.items()}
    key = (str, Field(primary_key=True, max_length=5))
    return pydantic.create_model("Item", __base__=Model, id=key, **fields)


Item = _model({name: was for name, (was, *_) in CHANGES.items()})
Retyped = _model({name: becomes for name, (_, _, becomes, _) in CHANGES.items()})


@requires("evolution")
class Retyping(Cases):
    """A value becomes the same value of another type, or the table stays as it was."""

    Item = stored(Item)

    def test_values_become_the_same_of_another_type(self, orm: OrmDsl) -> None:
        """A value becomes what the new type makes of it, None stays None, and new values can be stored."""
        retyped = self.model(schema_of(Retyped))
        orm.create_and_verify(self.Item, {name: value for name, (_, value, *_) in CHANGES.items()}, id="a")
        orm.create_and_verify(self.Item, id="b")
        orm.evolve(self.Item, retyped)
        one, none = orm.all_models(retyped)
        expected: dict[str, Any] = {name: (type(value), value) for name, (*_, value) in CHANGES.items()}
        assert {name: (type(getattr(one, name)), getattr(one, name)) for name in CHANGES} == expected
        assert {name: getattr(none, name) for name in CHANGES} == dict.fromkeys(CHANGES)
        orm.create_and_verify(retyped, {name: value for name, (*_, value) in CHANGES.items()}, id="c")

    def test_a_decimal_becomes_its_text(self, orm: OrmDsl) -> None:
        """A Decimal becomes the text of what the store had kept of it."""
        decimal, text = (_model({"text_decimal": each}) for each in (Decimal, str))
        old, new = self.model(schema_of(decimal)), self.model(schema_of(text))
        orm.evolve(self.Item, old)
        orm.create_and_verify(old, id="a", text_decimal=Decimal("1.50"))
        stored = orm.get_and_verify_exists(old, id="a").text_decimal
        orm.evolve(old, new)
        assert orm.get_and_verify_exists(new, id="a").text_decimal == str(stored)

    @pytest.mark.parametrize("loss", LOSSES)
    def test_no_value_is_lost(self, orm: OrmDsl, loss: str) -> None:
        """What the new type would not hold whole is a `ValidationError`, and the table is as it was."""
        field, value, becomes = LOSSES[loss]
        row = orm.create_and_verify(self.Item, {field: value}, id="a")
        before = orm.describe(self.Item)
        with pytest.raises(ValidationError) as caught:
            orm.evolve(self.Item, self.model(schema_of(_model({field: becomes}))))
        assert caught.value.fields == (field,)
        assert orm.describe(self.Item) == before
        assert getattr(orm.get_and_verify_exists(self.Item, id="a"), field) == value
        orm.delete_and_verify(row)
