"""Structures: lists, dicts, sets and models within models, which share nothing with what the test holds."""

from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import OperationError, ValidationError, ValueRangeError
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.everything import Address, Everything
from orm_testing.kit.support.values import EAST, nested


class Structures(Cases):
    """What a structure holds comes back in its types and its order, as a copy; what could not is refused before it is stored."""

    Everything = stored(Everything)

    def test_returned_objects_are_copies(self, orm: OrmDsl) -> None:
        """Changing what went in, or what came back, changes nothing in the store."""
        tags = {"a": [1]}
        made = orm.create_and_verify(self.Everything, id=1, tags=tags)
        tags["a"].append(2)
        assert made.tags == {"a": [1]}
        for row in (made, *self._read_in_every_way(orm)):
            assert row.tags == {"a": [1]}
            row.tags["a"].append(3)
        assert orm.get_and_verify_exists(self.Everything, id=1).tags == {"a": [1]}

    def test_what_an_update_wrote_is_a_copy(self, orm: OrmDsl) -> None:
        """The same holds of updates, upserts and models within models."""
        home, numbers = Address(street="a", names=[frozenset("x")]), [1]
        row = orm.create_and_verify(self.Everything, id=1)
        row = orm.update_and_verify(row, home=home, numbers=numbers)
        home.names.append(frozenset("y"))
        numbers.append(2)
        assert row.home is not None
        row.home.street = "b"
        found = orm.get_and_verify_exists(self.Everything, id=1)
        assert (found.home, found.numbers) == (Address(street="a", names=[frozenset("x")]), [1])
        orm.upsert_and_verify(self.Everything, id=1, numbers=numbers)
        numbers.append(3)
        assert orm.get_and_verify_exists(self.Everything, id=1).numbers == [1, 2]

    def test_a_structure_thirty_deep(self, orm: OrmDsl) -> None:
        """Lists and dicts within each other come back, and are found by themselves."""
        deep = nested(30)
        orm.create_and_verify(self.Everything, id=1, thing=deep, tags={"deep": nested(28)})
        assert orm.get_and_verify_exists(self.Everything, id=1).thing == deep
        orm.query_and_verify_count(self.Everything, 1, thing=deep)
        orm.query_and_verify_count(self.Everything, 0, thing=nested(29))

    def test_a_structure_is_as_deep_as_declared(self, orm: OrmDsl) -> None:
        """A structure of `structure_depth`, or fifty deep, is kept to its bottom; what is deeper is refused, and is not there."""
        most = orm.driver.capabilities.get("structure_depth")
        deep = nested(most or 50)
        orm.create_and_verify(self.Everything, id=1, thing=deep)
        orm.query_and_verify_count(self.Everything, 1, thing=deep)
        deeper = nested((most or 50) + 1)
        if most is not None:
            orm.expect_create_failure(self.Everything, ValueRangeError, id=2, thing=deeper)
        orm.query_and_verify_count(self.Everything, 0, thing=deeper)
        orm.query_and_verify_count(self.Everything, 1, thing__ne=deeper)

    def test_a_structure_of_many_parts(self, orm: OrmDsl) -> None:
        """A list of a thousand numbers and a dict of a thousand keys are kept whole, the list in its order."""
        numbers = [(number * 7919) % 1000 for number in range(1000)]
        tags = {f"key {number}": number for number in numbers}
        orm.create_and_verify(self.Everything, id=1, numbers=numbers, tags=tags)
        found = orm.get_and_verify_exists(self.Everything, id=1)
        assert (found.numbers, found.tags) == (numbers, tags)

    def test_sets_are_found_whatever_their_order(self, orm: OrmDsl) -> None:
        """Two sets that are equal are equal in the store, also when an update has read and written the row."""
        words = [f"w{number}" for number in range(40)]
        row = orm.create_and_verify(
            self.Everything,
            id=1,
            members={8, 0},
            home=Address(street="", names=[frozenset(words), frozenset("ab")]),
        )
        orm.update_and_verify(row, number=1)
        words.reverse()
        again = Address(street="", names=[frozenset(words), frozenset("ba")])
        orm.query_and_verify_count(self.Everything, 1, members={0, 8}, home=again)

    def test_dicts_are_found_whatever_their_order(self, orm: OrmDsl) -> None:
        """Two dicts that are equal are equal in the store; two lists in different order are not."""
        orm.create_and_verify(self.Everything, id=1, tags={"b": 1, "a": [1, 2]})
        orm.query_and_verify_count(self.Everything, 1, tags={"a": [1, 2], "b": 1})
        orm.query_and_verify_count(self.Everything, 0, tags={"a": [2, 1], "b": 1})

    @pytest.mark.parametrize(
        "value",
        [
            {"at": datetime(2024, 1, 1, tzinfo=UTC)},
            {"pair": (1, 2)},
            {"raw": b"a"},
            {"set": {1, 2}},
            {1: "a key that is no text"},
        ],
        ids=["datetime", "tuple", "bytes", "set", "key"],
    )
    def test_what_json_would_change_is_refused(self, orm: OrmDsl, value: Any) -> None:
        """What would come back from an untyped structure as something else is a `ValidationError` that names the field."""
        error = orm.expect_create_failure(self.Everything, ValidationError, id=1, tags=value)
        assert error.fields[:1] == ("tags",)

    def test_what_has_no_form_in_a_store_is_refused(self, orm: OrmDsl) -> None:
        """An object of no known type is an error of the operation, not of the driver, and nothing is stored."""
        orm.expect_create_failure(self.Everything, OperationError, id=1, thing=object())

    def test_aware_times_are_the_same_instant_in_utc(self, orm: OrmDsl) -> None:
        """Whatever zone goes in, the same instant comes back in UTC, and is found from any zone."""
        at = datetime(2024, 6, 1, 12, tzinfo=EAST)
        row = orm.create_and_verify(self.Everything, id=1, aware=at)
        assert row.aware == at
        assert row.aware is not None
        assert row.aware.tzinfo is UTC
        for zone in (UTC, timezone(timedelta(hours=-11))):
            [found] = orm.query_and_verify_count(self.Everything, 1, aware=at.astimezone(zone))
            assert found.aware is not None
            assert found.aware.utcoffset() == timedelta()
        orm.query_and_verify_count(self.Everything, 0, aware=at.replace(tzinfo=UTC))

    def test_naive_and_aware_times_do_not_mix(self, orm: OrmDsl) -> None:
        """A time with a zone where none belongs, or without one where one does, is a `ValidationError` that names the field."""
        error = orm.expect_create_failure(
            self.Everything, ValidationError, id=1, naive=datetime(2024, 1, 1, tzinfo=UTC)
        )
        assert error.fields == ("naive",)
        assert "declare AwareDatetime" in str(error)
        orm.expect_create_failure(self.Everything, ValidationError, id=1, aware=datetime(2024, 1, 1))
        orm.expect_create_failure(self.Everything, ValidationError, id=1, at=time(1, tzinfo=UTC))

    def test_an_instant_beyond_utc_is_refused(self, orm: OrmDsl) -> None:
        """A time whose instant in UTC is before the year 1 or after 9999 is a `ValidationError` that names the field."""
        for at in (
            datetime.min.replace(tzinfo=EAST),
            datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
        ):
            error = orm.expect_create_failure(self.Everything, ValidationError, id=1, aware=at)
            assert error.fields == ("aware",)

    def _read_in_every_way(self, orm: OrmDsl) -> list[Any]:
        again = orm.upsert_and_verify(self.Everything, id=1, tags={"a": [1]})
        read = [
            orm.get_and_verify_exists(self.Everything, id=1),
            *orm.query_and_verify_count(self.Everything, 1, id=1),
            *orm.all_models(self.Everything),
            orm.first(self.Everything),
        ]
        return [again, *read]
