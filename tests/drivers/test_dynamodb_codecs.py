"""Numbers, structured values and names of tables are themselves again, whatever they are."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orm_testing import Field, Model, ValueRangeError
from orm_testing.schema import schema_of
from orm_testing.values import same
from orm_testing_drivers.dynamodb.tables import Table
from orm_testing_drivers.dynamodb.values import document, float_number, number, plain


class Row(Model):
    id: str = Field(primary_key=True)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text("ab", max_size=2) | st.just("orm_testing"), inner)
    ),
    max_leaves=20,
)


@given(json_values)
def test_a_document_is_what_it_was(value):
    """Whatever JSON can say comes back equal and of the same types; equal values give equal attributes."""
    attribute = document(value)
    assert same(plain(attribute), value)
    assert document(value) == attribute


@given(st.decimals(allow_nan=False, allow_infinity=False) | st.integers())
def test_a_number_is_what_it_was(value):
    """A number that N can hold is its text exactly, and equal ones have the same text."""
    try:
        text = number(value)
    except ValueRangeError:
        digits = "".join(map(str, Decimal(value).as_tuple().digits)).strip("0")
        assert len(digits) > 38 or not -130 <= Decimal(value).adjusted() <= 125
        return
    assert Decimal(text) == value
    assert number(Decimal(text)) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_what_it_was(value):
    """A float that N can hold comes back the same."""
    try:
        assert float(float_number(value)) == value
    except ValueRangeError:
        assert not 1e-130 <= abs(value) < 1e126


def test_tables_have_names_that_differ():
    """Whatever a model's table is called, its table has a name that DynamoDB takes, and no other model's."""
    names = ["User", "user", "a.b", "a_b", "a b", "ä", ".20.", "a.20.b", "\U0001f600", "a-b"]
    models = [type(f"M{number}", (Row,), {"__tablename__": name}) for number, name in enumerate(names)]
    tables = {Table(schema_of(model), "orm_testing_x", 400_000).name for model in models}
    assert len(tables) == len(names)
    assert all(
        set(name) < set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
        for name in tables
    )
