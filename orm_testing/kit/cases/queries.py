"""Queries: which rows each lookup finds, of each type of value."""

from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import InvalidQueryError, MultipleResultsError, NotFoundError
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.everything import Everything
from orm_testing.kit.support.ranks import ASKED, EQUALITY, ORDER, ORDERED, RANKS, ROWS, Asked, of_rank
from orm_testing.marks import requires


class Queries(Cases):
    """A lookup finds the rows that it means, whatever the type of the field."""

    Everything = stored(Everything)

    def load(self, orm: OrmDsl) -> None:
        """Five rows: values of three ranks, one of them twice, and `None`."""
        for row in ROWS:
            orm.create_and_verify(self.Everything, row)

    @pytest.mark.parametrize("field", RANKS)
    def test_equality(self, orm: OrmDsl, field: str) -> None:
        """A value is found where it is equal and of the same type, and `None` where it was asked for by name."""
        assert self._found(orm, field, EQUALITY) == EQUALITY

    @pytest.mark.parametrize("field", ORDERED)
    def test_comparison(self, orm: OrmDsl, field: str) -> None:
        """Values are compared in the order of their type, to the very boundary, and `None` is never found."""
        assert self._found(orm, field, ORDER) == ORDER

    @pytest.mark.parametrize("field", RANKS)
    def test_absence(self, orm: OrmDsl, field: str) -> None:
        """`isnull` tells the rows with `None` from those with a value."""
        assert self._ids(orm, **{f"{field}__isnull": True}) == [5]
        assert self._ids(orm, **{f"{field}__isnull": False}) == [1, 2, 3, 4]

    def test_truth(self, orm: OrmDsl) -> None:
        """`False` is a value: neither `None` nor, among booleans, equal or greater than `True`."""
        found = {
            name: self._ids(orm, **{f"flag__{name}": value})
            for name, value in [("exact", False), ("ne", True), ("gt", False), ("lt", True), ("isnull", True)]
        }
        assert found == {"exact": [1], "ne": [1], "gt": [2], "lt": [1], "isnull": [3, 4, 5]}
        assert self._ids(orm, flag__in=[True, None]) == [2, 3, 4, 5]
        assert self._ids(orm, flag__not_in=[True]) == [1]

    @pytest.mark.parametrize("field", ORDERED)
    def test_order(self, orm: OrmDsl, field: str) -> None:
        """Rows come in the order of a field's type, upwards and downwards, with `None` last and ties by key."""
        assert self._ids(orm, order_by=[field]) == [1, 2, 4, 3, 5]
        assert self._ids(orm, order_by=[f"-{field}"]) == [3, 2, 4, 1, 5]

    @pytest.mark.parametrize("lookup", ASKED)
    def test_count_and_exists(self, orm: OrmDsl, lookup: str) -> None:
        """Rows are counted, and said to exist, by the conditions by which they are found."""
        for rank, expected in ASKED[lookup]:
            condition = {f"number__{lookup}": of_rank("number", rank)}
            assert (condition, orm.count_models(self.Everything, condition)) == (condition, len(expected))
            assert (condition, orm.model_exists(self.Everything, condition)) == (condition, bool(expected))

    def test_one_row_is_got_by_any_condition(self, orm: OrmDsl) -> None:
        """A get answers the one row that matches; of none and of several it says so."""
        assert orm.get_and_verify_exists(self.Everything, number__gt=2).number == of_rank("number", 5)
        with pytest.raises(NotFoundError):
            raise self._error_of_get(orm, number__gt=10)
        with pytest.raises(MultipleResultsError):
            raise self._error_of_get(orm, number=2)

    def test_first(self, orm: OrmDsl) -> None:
        """The first row is that of the order asked for, or None where none matches."""
        found = [orm.first(self.Everything, order_by=["-number"]), orm.first(self.Everything, number=2)]
        assert [row.id for row in found if row] == [3, 2]
        assert orm.first(self.Everything, number=3) is None

    def test_a_number_is_compared_with_another_kind_of_number(self, orm: OrmDsl) -> None:
        """An integer is compared with floats and decimals by value."""
        assert self._ids(orm, real__gt=0) == [2, 3, 4]
        assert self._ids(orm, exact__lt=9) == [1, 2, 4]
        assert self._ids(orm, exact=9) == [3]

    def test_what_is_no_value_of_a_structured_field_equals_none(self, orm: OrmDsl) -> None:
        """What would be written alike, but has other types, is another value: as a condition, and beside others."""
        for alike in ((1, 2), [True, 2], {1, 2}, [1.0, 2.0]):
            assert self._ids(orm, numbers=alike) == []
            assert self._ids(orm, numbers__ne=alike) == [1, 2, 3, 4]
            assert self._ids(orm, numbers__in=[alike, [0]]) == [3]
        assert self._ids(orm, home={"street": "a"}) == []
        assert self._ids(orm, thing__in=[1, True]) == [1, 2, 4]

    @pytest.mark.parametrize("number", [2**63, -(2**70), 10**40])
    def test_what_no_row_can_hold_is_not_there(self, orm: OrmDsl, number: int) -> None:
        """To ask for an integer of any size is a question like others."""
        assert self._ids(orm, number=number) == []
        assert self._ids(orm, number__in=[number, 2]) == [2, 4]
        assert self._ids(orm, number__ne=number) == [1, 2, 3, 4]
        assert self._ids(orm, number__lt=number) == ([1, 2, 3, 4] if number > 0 else [])

    @pytest.mark.parametrize(
        "query",
        [
            {"filters": {"nmuber": 1}}, {"filters": {"number__biggest": 1}}, {"filters": {"number": "1"}}, {"filters": {"number": True}},
            {"filters": {"text__gt": None}}, {"filters": {"number__contains": 1}}, {"filters": {"number__in": 1}},
            {"filters": {"number__in": "12"}}, {"filters": {"number__between": [1]}}, {"filters": {"number__isnull": 1}},
            {"filters": {"numbers__gt": [1]}}, {"filters": {"day": ROWS[0]["naive"]}}, {"filters": {"colour": "mauve"}},
            {"filters": {"aware": ROWS[0]["naive"]}}, {"filters": "number"}, {"order_by": ["nmuber"]}, {"order_by": ["tags"]}, {"order_by": [5]},
            {"limit": -1}, {"offset": -1}, {"limit": True}, {"limit": "1"}, {"limit": 1.5},
        ],
        ids=repr,
    )  # fmt: skip
    def test_a_wrong_query_is_refused(self, orm: OrmDsl, query: dict[str, Any]) -> None:
        """An unknown field or lookup, and a value that the field cannot have, is an `InvalidQueryError`."""
        orm.expect_query_failure(self.Everything, InvalidQueryError, **query)

    def test_a_wrong_condition_is_refused_of_every_verb(self, orm: OrmDsl) -> None:
        """To get, to count and to ask for existence by an unknown field or lookup is an `InvalidQueryError`."""
        for wrong in ({"nmuber": 1}, {"number__biggest": 1}):
            with pytest.raises(InvalidQueryError):
                raise self._error_of_get(orm, **wrong)
            with pytest.raises(InvalidQueryError):
                orm.count_models(self.Everything, wrong)
            with pytest.raises(InvalidQueryError):
                orm.model_exists(self.Everything, wrong)

    @requires("filtering", "ordering")
    @pytest.mark.parametrize("conditions", [{"id": 1}, {"number__gt": 2}, {"text__endswith": "a"}], ids=repr)
    def test_who_selects_is_told(self, orm: OrmDsl, conditions: dict[str, Any]) -> None:
        """Where selecting and ordering are the store's, no answer says that the client had to help; else it says with what."""
        result = orm.query_models(self.Everything, **conditions, order_by=["-number"], limit=5)
        assert result.success
        declared = orm.driver.capabilities
        if (declared["filtering"], declared["ordering"]) == ("store", "store"):
            assert result.served_by_store
        elif declared["filtering"] == "client":
            assert "filter" in result.client_work or set(conditions) == {"id"}

    def test_a_whole_key_is_the_store_s_to_find(self, orm: OrmDsl) -> None:
        """No backend reads all rows to get one by its key, unless it declares that it selects nothing by itself."""
        result = orm.get_model(self.Everything, id=1)
        assert result.success
        assert result.served_by_store or orm.driver.capabilities["filtering"] == "client"

    def _found(self, orm: OrmDsl, field: str, asked: Asked) -> Asked:
        return {
            lookup: [
                (rank, self._ids(orm, **{f"{field}__{lookup}": of_rank(field, rank)})) for rank, _ in cases
            ]
            for lookup, cases in asked.items()
        }

    def _ids(self, orm: OrmDsl, **query: Any) -> list[int]:
        result = orm.query_models(self.Everything, **query)
        if result.error is not None:
            raise result.error
        return [row.id for row in result.data]

    def _error_of_get(self, orm: OrmDsl, **conditions: Any) -> Exception:
        error = orm.get_model(self.Everything, conditions).error
        assert error is not None
        return error
