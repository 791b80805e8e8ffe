"""Capabilities: declared, asked for, combined."""

import pytest

from orm_testing import Capabilities, ConfigurationError
from orm_testing.capabilities import check_known


def test_a_name_declares_and_a_value_says_how_much():
    """A bare name is declared as True, a keyword with its value, and what is not declared is absent."""
    declared = Capabilities("transactions", datetime_precision="millisecond")
    assert dict(declared) == {"transactions": True, "datetime_precision": "millisecond"}
    assert "transactions" in declared
    assert "foreign_keys" not in declared
    assert len(declared) == 2
    with pytest.raises(KeyError):
        declared["foreign_keys"]


def test_or_takes_the_right_hand_values():
    """`A | B` holds the names of both, with the values of B, and leaves A as it was."""
    left = Capabilities("unique", datetime_precision="microsecond")
    both = left | Capabilities("bulk", datetime_precision="millisecond")
    assert dict(both) == {"unique": True, "bulk": True, "datetime_precision": "millisecond"}
    assert dict(left) == {"unique": True, "datetime_precision": "microsecond"}


def test_without_takes_names_away():
    """`without` gives a declaration that lacks the names, and leaves the first one whole."""
    whole = Capabilities("unique", "bulk")
    assert set(whole.without("bulk")) == {"unique"}
    assert set(whole) == {"unique", "bulk"}


@pytest.mark.parametrize(
    "declare",
    [
        lambda: Capabilities("transaction"),
        lambda: Capabilities(transaction=True),
        lambda: Capabilities() | {"transaction": True},
        lambda: Capabilities("transactions").without("transaction"),
        lambda: check_known("transaction"),
    ],
)
def test_an_unknown_name_is_an_error_that_names_the_nearest(declare):
    """Wherever a capability is named, a misspelt one is a `ConfigurationError` that suggests the right one."""
    with pytest.raises(ConfigurationError, match=r"'transaction' is not .* Did you mean 'transactions'\?"):
        declare()


def test_the_repr_makes_an_equal_declaration():
    """The repr of a declaration, evaluated, declares the same."""
    declared = Capabilities("unique", integer_bits=None)
    assert dict(eval(repr(declared))) == dict(declared)
