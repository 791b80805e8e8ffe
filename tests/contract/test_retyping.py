"""Values of a field that gets another type become the same on every backend, or are refused."""

import enum
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pydantic
import pytest
from everywhere import BACKENDS

from orm_testing import Field, Model, MultiBackendTestBase, ValidationError, requires


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Shade(enum.Enum):
    CRIMSON = "red"
    NAVY = "blue"


class Item(Model):
    id: str = Field(primary_key=True, max_length=5)
    value: str | None = None


def item(annotation):
    return pydantic.create_model(
        "Item", __base__=Model, id=(str, Field(primary_key=True, max_length=5)), value=annotation
    )


UUID_TEXT = "12345678-1234-5678-1234-567812345678"
CHANGES = [
    (int, 5, str, "5"),
    (str, "5", int, 5),
    (int, 5, Decimal, Decimal(5)),
    (int, 5, float, 5.0),
    (float, 5.0, int, 5),
    (bool, True, str, "true"),
    (str, "false", bool, False),
    (bool, True, int, 1),
    (Decimal, Decimal("1.50"), str, None),
    (str, "1.5", Decimal, Decimal("1.5")),
    (date, date(2024, 2, 29), str, "2024-02-29"),
    (str, "2024-02-29", date, date(2024, 2, 29)),
    (date, date(2024, 2, 29), datetime, datetime(2024, 2, 29)),
    (datetime, datetime(2024, 2, 29), date, date(2024, 2, 29)),
    (datetime, datetime(2024, 2, 29, 1), pydantic.AwareDatetime, datetime(2024, 2, 29, 1, tzinfo=UTC)),
    (pydantic.AwareDatetime, datetime(2024, 2, 29, 1, tzinfo=UTC), datetime, datetime(2024, 2, 29, 1)),
    (UUID, UUID(UUID_TEXT), str, UUID_TEXT),
    (str, UUID_TEXT, UUID, UUID(UUID_TEXT)),
    (str, "é", bytes, "é".encode()),
    (bytes, "é".encode(), str, "é"),
    (Colour, Colour.RED, str, "red"),
    (str, "red", Colour, Colour.RED),
    (Colour, Colour.RED, Shade, Shade.CRIMSON),
    (int, 90, timedelta, timedelta(seconds=90)),
    (list[int], [1, 2], list[str], None),
    (list[int], [1, 2], str, "[1,2]"),
    (str, '{"a":1}', dict[str, int], {"a": 1}),
    (list[int], [1, 2], tuple[int, int], (1, 2)),
]


@requires("evolution")
class TestRetyping(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Item]

    @pytest.mark.parametrize(("was", "value", "becomes", "expected"), CHANGES)
    def test_values_become_what_the_new_type_makes_of_them(self, orm, was, value, becomes, expected):
        """A value of one type becomes the same value of another on every backend, and None stays None."""
        old, new = item((was | None, None)), item((becomes | None, None))
        orm.evolve(Item, old)
        orm.create_and_verify(old, id="a", value=value)
        stored = orm.get_and_verify_exists(old, id="a").value
        orm.create_and_verify(old, id="b", value=None)
        if becomes == list[str]:
            with pytest.raises(ValidationError, match="cannot hold"):
                orm.evolve(old, new)
            return
        orm.evolve(old, new)
        one, none = orm.all_models(new)
        assert one.value == (str(stored) if expected is None else expected)
        assert type(one.value) is (str if expected is None else type(expected))
        assert none.value is None
        orm.create_and_verify(new, id="c", value=one.value)

    @pytest.mark.parametrize(
        ("was", "value", "becomes"),
        [
            (str, "x", int),
            (float, 5.5, int),
            (datetime, datetime(2024, 1, 1, 1), date),
            (bytes, b"\xff", str),
            (str, "green", Colour),
        ],
    )
    def test_no_value_is_lost(self, orm, was, value, becomes):
        """What the new type would not hold whole is refused, and the table is as it was."""
        old, new = item((was, ...)), item((becomes, ...))
        orm.evolve(Item, old)
        row = orm.create_and_verify(old, id="a", value=value)
        with pytest.raises(ValidationError, match=r"Item\.value cannot hold .* of the row \{'id': 'a'\}"):
            orm.evolve(old, new)
        orm.delete_and_verify(row)
