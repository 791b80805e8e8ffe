"""Descriptions of tables: values that are compared and kept as snapshots."""

import dataclasses

import pytest

from orm_testing import (
    ColumnDescription,
    DriverContractError,
    ForeignKeyDescription,
    IndexDescription,
    MockDriver,
    TableDescription,
)
from orm_testing.operations import DdlOperation, DescribeOperation

TABLE = TableDescription(
    "users",
    (
        ColumnDescription("id", "BIGINT", nullable=False, autoincrement=True),
        ColumnDescription("boss", "BIGINT"),
    ),
    primary_key=("id",),
    unique=(("id", "boss"),),
    indexes=(IndexDescription("by_boss", ("boss",)),),
    foreign_keys=(ForeignKeyDescription(("boss",), "users", ("id",), "set_null"),),
    comment="people",
)
SHOWN = """TableDescription(
    name='users',
    columns=(
        ColumnDescription(name='id', type='BIGINT', nullable=False, autoincrement=True),
        ColumnDescription(name='boss', type='BIGINT'),
    ),
    primary_key=('id',),
    unique=(('id', 'boss'),),
    indexes=(
        IndexDescription(name='by_boss', columns=('boss',)),
    ),
    foreign_keys=(
        ForeignKeyDescription(columns=('boss',), table='users', referred=('id',), on_delete='set_null'),
    ),
    comment='people',
)"""


def test_the_repr_has_a_line_for_each_part():
    """A snapshot shows one column, index or reference per line, and only what is not the default."""
    assert repr(TABLE) == SHOWN


def test_the_repr_makes_an_equal_one():
    """Evaluated, the repr gives an equal description."""
    assert eval(repr(TABLE)) == TABLE
    empty = TableDescription("t", ())
    assert eval(repr(empty)) == empty


def test_descriptions_are_frozen_and_compared_by_value():
    """One that differs in any part is another, and none can be changed."""
    assert dataclasses.replace(TABLE) == TABLE
    assert dataclasses.replace(TABLE, comment=None) != TABLE
    with pytest.raises(dataclasses.FrozenInstanceError):
        TABLE.name = "other"


def test_a_column_is_found_by_its_name():
    """The column of a name, or None."""
    assert TABLE.column("boss") == TABLE.columns[1]
    assert TABLE.column("boos") is None


@pytest.mark.parametrize(
    ("operation", "answer", "wanted"),
    [(DescribeOperation(int), "a table", "a TableDescription"), (DdlOperation(int), None, "text")],
)
def test_a_driver_that_answers_otherwise_is_at_fault(operation, answer, wanted):
    """`describe` is answered with a description, `ddl` with text."""
    with pytest.raises(DriverContractError, match=f"Return {wanted}"):
        MockDriver(lambda _: answer).execute(operation)
