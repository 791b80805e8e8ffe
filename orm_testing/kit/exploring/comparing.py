"""When two answers are the same: equal in value and in type, as far as the backend declares that it keeps what it is given."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import VerificationError, is_judgement
from orm_testing.values import same

__tracebackhide__ = is_judgement


def alike(one: Any, other: Any, capabilities: Mapping[str, Any]) -> bool:
    """Whether two values of a field are the same."""
    if type(one) is float and type(other) is float and "negative_zero" in capabilities and one == 0 == other:
        return math.copysign(1, one) == math.copysign(1, other)
    if type(one) is datetime and type(other) is datetime and one.utcoffset() != other.utcoffset():
        return False
    return same(one, other, scale="decimal_scale" in capabilities)


def rows_alike(one: Mapping[str, Any], other: Mapping[str, Any], capabilities: Mapping[str, Any]) -> bool:
    return one.keys() == other.keys() and all(
        value is other[name] or alike(value, other[name], capabilities) for name, value in one.items()
    )


def answers_alike(one: Any, other: Any, capabilities: Mapping[str, Any]) -> bool:
    """Whether two answers, in which rows are mappings, are the same."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return rows_alike(one, other, capabilities)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(
            answers_alike(*pair, capabilities) for pair in zip(one, other, strict=True)
        )
    return same(one, other)


def aggregates_alike(one: Any, other: Any) -> bool:
    """The same for the answers of aggregates: which of two equal numbers stands for both is nobody's word."""
    return len(one) == len(other) and all(
        mine.keys() == yours.keys()
        and all(same(value, yours[name], scale=False) for name, value in mine.items())
        for mine, yours in zip(one, other, strict=True)
    )


def within(value: Any, capabilities: Mapping[str, Any]) -> bool:
    """Whether the backend can answer with a number of this size."""
    bits, digits = capabilities.get("integer_bits"), capabilities.get("decimal_digits")
    if type(value) is int and bits is not None:
        return bool(-(2 ** (bits - 1)) <= value < 2 ** (bits - 1))
    if type(value) is Decimal and digits is not None and value.is_finite():
        return bool(len(value.as_tuple().digits) <= digits)
    return True


def expect_same(orm: OrmDsl, got: Any, expected: Any) -> None:
    """Fail unless an answer is what is expected: the tests that `explore` prints say so.

    A row is expected as a mapping by field name, and may be given as an instance; fields that are not named may be anything.
    """
    got = _plain(orm, got, expected)
    capabilities = orm.driver.capabilities
    if not answers_alike(got, expected, capabilities):
        raise VerificationError(
            f"{orm.get_backend_name()} differs from what is expected\n  expected: {expected!r}\n  got:      {got!r}"
        )


def _plain(orm: OrmDsl, got: Any, expected: Any) -> Any:
    if isinstance(expected, Mapping):
        row = got if isinstance(got, Mapping) else orm.driver.values_of(got)
        return {name: row[name] for name in row if name in expected}
    if isinstance(expected, Sequence) and isinstance(got, list) and len(got) == len(expected):
        return [_plain(orm, one, other) for one, other in zip(got, expected, strict=True)]
    return got
