"""Text that is in the order of the values it stands for."""

import datetime
import enum
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orm_testing import Field, Model
from orm_testing.errors import ValueRangeError
from orm_testing.filters import order_key
from orm_testing.schema import schema_of
from orm_testing_drivers.nosql.ordered import ordered_int, ordered_text


class Size(enum.Enum):
    SMALL = 1
    NONE = -5
    LARGE = 20


class Sample(Model):
    id: int = Field(primary_key=True)
    flag: bool
    real: float
    price: Decimal
    text: str
    raw: bytes
    uuid: UUID
    size: Size
    day: datetime.date
    clock: datetime.time
    naive: datetime.datetime
    span: datetime.timedelta


VALUES = {
    "id": st.integers(),
    "flag": st.booleans(),
    "real": st.floats(),
    "price": st.decimals(allow_nan=False) | st.just(Decimal("NaN")),
    "text": st.text(),
    "raw": st.binary(),
    "uuid": st.uuids(),
    "size": st.sampled_from(Size),
    "day": st.dates(),
    "clock": st.times(),
    "naive": st.datetimes(),
    "span": st.timedeltas(),
}


@pytest.mark.parametrize("name", VALUES)
@given(data=st.data())
def test_text_is_in_order_and_equal_where_the_values_are(name, data):
    """Whatever two values of a field are, their texts compare as they do."""
    field = schema_of(Sample).by_name[name]
    one, other = data.draw(VALUES[name]), data.draw(VALUES[name])
    mine, yours = order_key(one), order_key(other)
    left, right = ordered_text(field, one), ordered_text(field, other)
    assert (left < right, left == right) == (mine < yours, mine == yours)


def test_a_number_too_long_is_refused():
    """Its length would not fit before it."""
    with pytest.raises(ValueRangeError, match="too long"):
        ordered_int(10**4299 * 10**5700)
