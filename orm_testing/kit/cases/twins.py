"""Twins: two models of one name with different fields, each in tests of its own."""

from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.model import Field, Model


class Twin(Model):
    """One of two models of this name."""

    id: str = Field(primary_key=True)
    name: str = "one"


class OneTwin(Cases):
    """Two models of one name with different fields do not meet: this is the first of them."""

    Twin = stored(Twin)

    @pytest.mark.parametrize("time", [1, 2])
    def test_it_finds_nothing_of_the_other(self, orm: OrmDsl, time: int) -> None:
        """The store has no row of either, and rows of this model can be written."""
        assert orm.driver.rows(self.Twin) == []
        assert orm.all_models(self.Twin) == []
        assert orm.create_and_verify(self.Twin, id="1").name == "one"
        assert orm.count_models(self.Twin, id="2") == 0


def _other() -> type[Any]:
    class Twin(Model):
        """The other, whose key is a number."""

        id: int = Field(primary_key=True)
        size: int = 2

    return Twin


class OtherTwin(Cases):
    """Two models of one name with different fields do not meet: this is the second of them."""

    Twin = stored(_other())

    @pytest.mark.parametrize("time", [1, 2])
    def test_it_finds_nothing_of_the_other(self, orm: OrmDsl, time: int) -> None:
        """The store has no row of either, and rows of this model can be written."""
        assert orm.driver.rows(self.Twin) == []
        assert orm.all_models(self.Twin) == []
        assert orm.create_and_verify(self.Twin, id=1).size == 2
        assert orm.count_models(self.Twin, id=2) == 0
