"""Limits: what a backend declares that its values can be is what they can be, to the last bit."""

import math
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from orm_testing.aggregates import EXACT
from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import ValueRangeError
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.everything import Everything
from orm_testing.kit.support.values import alike, as_held

MEGABYTE = 1024 * 1024
BEYOND = {
    "1E+400": 3,
    "-1E+400": 0,
    "1E-40": 2,
    "-1E-40": 1,
    "-0.5E-30": 1,
    "Infinity": 3,
    "-Infinity": 0,
    "NaN": 3,
}
"""Decimals that few stores hold, and how many of -1, 0 and 1 are less."""


class Limits(Cases):
    """A value within what is declared is kept; one beyond it is a `ValueRangeError`, and nothing is stored."""

    Everything = stored(Everything)

    def test_integers_have_the_bits_declared(self, orm: OrmDsl) -> None:
        """Integers of `integer_bits`, or of 300 where there is no bound, are kept, and what needs more is refused."""
        bits = orm.driver.capabilities.get("integer_bits")
        largest = 2 ** ((bits or 300) - 1) - 1
        orm.create_and_verify(self.Everything, id=1, number=largest)
        orm.create_and_verify(self.Everything, id=2, number=-largest - 1)
        assert [row.id for row in orm.query_and_verify_count(self.Everything, 2, order_by=["-number"])] == [
            1,
            2,
        ]
        orm.query_and_verify_count(self.Everything, 1, number=largest)
        for other in (largest - 1, largest + 1):
            orm.query_and_verify_count(self.Everything, 0, number=other)
            orm.query_and_verify_count(self.Everything, 2, number__ne=other)
        if bits is not None:
            orm.expect_create_failure(self.Everything, ValueRangeError, id=3, number=2**bits)
            orm.expect_create_failure(self.Everything, ValueRangeError, id=3, number=-(2**bits))

    def test_an_integer_is_never_rounded(self, orm: OrmDsl) -> None:
        """Whatever its size, an integer is kept to the last digit or refused."""
        for power in (53, 63, 64, 127, 128):
            for number in (2**power, 2**power + 1, -(2**power) - 1):
                result = orm.create_model(self.Everything, id=power, number=number)
                if result.error is None:
                    assert orm.get_and_verify_exists(self.Everything, id=power).number == number
                    orm.delete_and_verify(result.instance)
                else:
                    assert isinstance(result.error, ValueRangeError), result.error
                    orm.get_and_verify_not_exists(self.Everything, id=power)

    def test_decimals_have_the_digits_declared(self, orm: OrmDsl) -> None:
        """Decimals of `decimal_digits`, or of 60 where there is no bound, are kept, and those of more are refused."""
        digits = orm.driver.capabilities.get("decimal_digits")
        longest = "1234567890" * 10
        places = min(30, (digits or 60) // 2)
        kept = Decimal(longest[: digits or 60]).scaleb(-places, EXACT)
        orm.create_and_verify(self.Everything, id=1, exact=kept)
        orm.query_and_verify_count(self.Everything, 1, exact=kept)
        if digits is not None:
            beyond = Decimal(longest[: digits + 1]).scaleb(-places, EXACT)
            orm.expect_create_failure(self.Everything, ValueRangeError, id=2, exact=beyond)

    def test_decimals_have_the_places_declared(self, orm: OrmDsl) -> None:
        """The last of `decimal_places`, or of 60, is kept, as is the first digit that they leave; what is beyond is refused."""
        places = orm.driver.capabilities.get("decimal_places")
        digits = orm.driver.capabilities.get("decimal_digits") or 120
        before = 60 if places is None else digits - places
        least, power = Decimal(1).scaleb(-(places or 60)), Decimal(10) ** before
        orm.create_and_verify(self.Everything, id=1, exact=least)
        orm.create_and_verify(self.Everything, id=2, exact=power / 10)
        orm.query_and_verify_count(self.Everything, 1, exact=least)
        if places is not None:
            for beyond in (least / 10, power):
                orm.expect_create_failure(self.Everything, ValueRangeError, id=3, exact=beyond)

    @pytest.mark.parametrize(
        ("field", "values"),
        [
            ("number", [(2**70, 3), (-(2**70), 0)]),
            ("real", [(10**400, 3), (-(10**400), 0), (math.inf, 3), (-math.inf, 0), (math.nan, 3)]),
            ("exact", [(Decimal(text), below) for text, below in BEYOND.items()]),
            ("took", [(timedelta.max, 3), (timedelta.min, 0)]),
        ],
        ids=["integers", "floats", "decimals", "durations"],
    )
    def test_what_is_beyond_is_compared(
        self, orm: OrmDsl, field: str, values: Sequence[tuple[Any, int]]
    ) -> None:
        """A number that no row has, or none could have, equals none of them, and is more than those that are less."""
        unit: Any = timedelta(1) if field == "took" else 1
        for number in range(3):
            orm.create_and_verify(self.Everything, {"id": number, field: (number - 1) * unit})
        for value, below in values:
            less, more = [0, 1, 2][:below], [0, 1, 2][below:]
            found = {
                lookup: [row.id for row in orm.query_models(self.Everything, {f"{field}__{lookup}": asked}).data]
                for lookup, asked in {
                    "exact": value, "in": [value], "between": (value, value), "ne": value, "not_in": [value],
                    "gt": value, "gte": value, "lt": value, "lte": value,
                }.items()
            }  # fmt: skip
            assert found == {
                "exact": [], "in": [], "between": [], "ne": [0, 1, 2], "not_in": [0, 1, 2],
                "gt": more, "gte": more, "lt": less, "lte": less,
            }, value  # fmt: skip

    @pytest.mark.parametrize("text", ["1.10", "0.00", "100", "1E+3", "-0.000"])
    def test_a_decimal_keeps_its_scale_as_declared(self, orm: OrmDsl, text: str) -> None:
        """Where `decimal_scale` is declared, a Decimal comes back with its exponent; it is equal in any case."""
        value = Decimal(text)
        orm.create_and_verify(self.Everything, id=1, exact=value)
        found = orm.get_and_verify_exists(self.Everything, id=1).exact
        assert found == value
        if "decimal_scale" in orm.driver.capabilities:
            assert str(found) == text

    def test_a_zero_keeps_its_sign_as_declared(self, orm: OrmDsl) -> None:
        """`negative_zero` says whether -0.0 comes back with its sign."""
        orm.create_and_verify(self.Everything, id=1, real=-0.0)
        found = orm.get_and_verify_exists(self.Everything, id=1).real
        assert str(found) == ("-0.0" if "negative_zero" in orm.driver.capabilities else "0.0")
        orm.query_and_verify_count(self.Everything, 1, real=0.0)

    def test_times_have_the_precision_declared(self, orm: OrmDsl) -> None:
        """Each step of `datetime_precision` makes another time, in datetimes of both kinds, times and durations."""
        can = orm.driver.capabilities
        start = datetime(2024, 2, 29, 23, 59, 59)
        for number, microseconds in enumerate((0, 1, 2, 999, 1000, 999_999)):
            step = timedelta(microseconds=microseconds)
            at = (start + step).time()
            orm.create_and_verify(self.Everything, id=number, naive=start + step, at=at, took=step)
            found = orm.get_and_verify_exists(self.Everything, id=number)
            assert alike(found.naive, as_held(start + step, can), can)
            assert (found.at, found.took) == (at, step)
        orm.query_and_verify_count(self.Everything, 1, at=time(23, 59, 59, 1))
        orm.query_and_verify_count(self.Everything, 1, took=timedelta(microseconds=2))

    def test_bytes_of_a_megabyte(self, orm: OrmDsl) -> None:
        """A megabyte of bytes is kept, or refused where `max_item_bytes` is less, and what is a little less than that is kept."""
        most = orm.driver.capabilities.get("max_item_bytes")
        large = bytes(range(256)) * (MEGABYTE // 256)
        if most is None or most > 2 * MEGABYTE:
            orm.create_and_verify(self.Everything, id=1, raw=large)
            orm.query_and_verify_count(self.Everything, 1, raw=large)
            return
        orm.create_and_verify(self.Everything, id=1, raw=large[: most // 2])
        if most < MEGABYTE:
            orm.expect_create_failure(self.Everything, ValueRangeError, id=2, raw=large)

    def test_text_of_a_hundred_thousand_characters(self, orm: OrmDsl) -> None:
        """A long text is kept to its last character, which tells it from another."""
        text = "\u00e9x" * 50_000
        orm.create_and_verify(self.Everything, id=1, text=text)
        orm.create_and_verify(self.Everything, id=2, text=text[:-1])
        assert [row.id for row in orm.query_and_verify_count(self.Everything, 1, text=text)] == [1]
        assert [row.id for row in orm.query_and_verify_count(self.Everything, 1, text__endswith="xé")] == [2]
