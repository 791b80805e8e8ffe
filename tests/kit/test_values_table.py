"""The table of values has every type of value that the library has."""

from typing import get_args

import pytest

from orm_testing.filters import order_key
from orm_testing.kinds import Kind
from orm_testing.kit.support.everything import Everything
from orm_testing.kit.support.ranks import ASKED, ORDERED, RANKS, STRUCTURED
from orm_testing.kit.support.values import SAMPLES, VALUES, as_held, held
from orm_testing.schema import schema_of

FIELDS = schema_of(Everything).by_name
EVERYTHING_CAN = {
    "float_infinity": True, "float_nan": True, "null_character_in_text": True, "lone_surrogates_in_text": True,
    "negative_zero": True,
}  # fmt: skip


def test_each_kind_of_value_is_in_the_table():
    """A kind that `orm_testing.kinds` knows is that of a field with values in the table, and has a rank among the queries."""
    assert {FIELDS[field].kind for field in VALUES} == set(get_args(Kind))
    assert {FIELDS[field].kind for field in RANKS} | {"bool"} == set(get_args(Kind))


def test_each_field_is_in_the_table():
    """All fields of `Everything` but its key have values."""
    assert [*VALUES] == [name for name in FIELDS if name != "id"]


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_each_value_is_one_of_its_field(sample):
    """The model takes the value as it is, so that what a store makes of it is the store's doing."""
    made = Everything.model_validate({"id": 1, sample.field: sample.value})
    assert type(getattr(made, sample.field)) is type(sample.value)
    assert held(sample.value, EVERYTHING_CAN)
    as_held(sample.value, EVERYTHING_CAN)


@pytest.mark.parametrize("field", RANKS)
def test_ranks_differ_and_stand_in_order(field):
    """Seven values, each of them once; where the field has an order, in it."""
    values = RANKS[field]
    assert len(values) == 7
    assert len({repr(value) for value in values}) == 7
    if field in ORDERED:
        keys = [order_key(value) for value in values]
        assert keys == sorted(keys)


def test_what_ranks_find_is_what_they_mean():
    """The expectations of the queries, which are written by hand, agree with plain numbers in the place of values."""
    held_by = {1: 1, 2: 3, 3: 5, 4: 3}
    tests = {
        "gt": lambda held, rank: held > rank, "gte": lambda held, rank: held >= rank, "lt": lambda held, rank: held < rank,
        "lte": lambda held, rank: held <= rank, "between": lambda held, ranks: ranks[0] <= held <= ranks[1],
        "ne": lambda held, rank: held != rank, "not_in": lambda held, ranks: held not in ranks,
    }  # fmt: skip
    for lookup, cases in ASKED.items():
        for rank, found in cases:
            if lookup in tests:
                assert found == [key for key, held_rank in held_by.items() if tests[lookup](held_rank, rank)]
    assert not set(ORDERED) & set(STRUCTURED)
