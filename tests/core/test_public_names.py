"""The public names: what the package brings, and nothing else."""

import subprocess
import sys

import pytest

import orm_testing


@pytest.mark.parametrize("name", orm_testing.__all__)
def test_each_public_name_is_there(name):
    """Every name in `__all__` can be had from the package."""
    assert getattr(orm_testing, name) is not None


def test_dir_lists_the_public_names_and_nothing_else():
    """`dir(orm_testing)` is what a user may import."""
    assert dir(orm_testing) == sorted(orm_testing.__all__)


def test_an_unknown_name_is_an_attribute_error():
    """What the package does not bring is missing as in any module."""
    with pytest.raises(AttributeError, match="no attribute 'OrmDls'"):
        _ = orm_testing.OrmDls


def test_importing_the_package_imports_nothing_heavy():
    """The package alone loads neither pydantic nor a database library; pytest starts as fast as without it."""
    heavy = ["pydantic", "sqlalchemy", "polyfactory", "hypothesis", "orm_testing.driver"]
    code = f"import sys, orm_testing; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
