"""Isolation levels: what each lets through is measured, and has to be what the driver declares."""

from collections.abc import Mapping, Sequence

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.dsl.sessions import Worker
from orm_testing.dsl.transactions import LEVELS
from orm_testing.errors import ConfigurationError, ConflictError, UnsupportedError
from orm_testing.kit.support.anomalies import ANOMALIES
from orm_testing.kit.support.models import PlainCases
from orm_testing.kit.support.playing import shown
from orm_testing.marks import requires

QUICK = 0.1
"""How many seconds a step of a play may take before it is taken to wait for another session."""

PATIENT = (QUICK, 1.0, 5.0)
"""The same, where an anomaly is expected: on a slow day it may take several plays to show."""


def levels(orm: OrmDsl) -> Sequence[str]:
    """The levels that the driver has, weakest first."""
    offered: Sequence[str] = orm.driver.capabilities.get("isolation_levels", ())
    return offered


def declared(orm: OrmDsl) -> Mapping[str, Sequence[str]]:
    """By level, the anomalies that the driver says it lets through."""
    anomalies: Mapping[str, Sequence[str]] = orm.driver.capabilities.get("anomalies", {})
    return anomalies


class IsolationLevels(PlainCases):
    """A transaction is kept from others as far as its level says, and no further."""

    @requires("isolation_levels")
    def test_every_level_says_what_it_lets_through(self, orm: OrmDsl) -> None:
        """The levels are those of SQL, weakest first, and `anomalies` declares for each which of the ten it lets through."""
        offered = levels(orm)
        assert list(offered) == [level for level in LEVELS if level in offered]
        assert set(declared(orm)) == set(offered)
        named = {anomaly for anomalies in declared(orm).values() for anomaly in anomalies}
        assert named <= set(ANOMALIES)
        with orm.transaction(isolation=offered[0]):
            orm.create_and_verify(self.Person, id="a")

    @requires("isolation_levels", "sessions")
    @pytest.mark.parametrize("anomaly", ANOMALIES)
    def test_what_is_let_through_is_what_is_declared(self, orm: OrmDsl, anomaly: str) -> None:
        """Sessions that do step by step what leads to the anomaly come to it at the levels that declare it, and at no other."""
        claimed = {level for level in levels(orm) if anomaly in declared(orm).get(level, ())}

        def patient(level: str | None) -> Sequence[float]:
            return PATIENT if level in claimed else (QUICK,)

        assert shown(orm, self.Person, ANOMALIES[anomaly], levels(orm), patient) == claimed

    @requires("isolation_levels", "sessions")
    def test_a_level_holds_for_its_transaction_alone(self, orm: OrmDsl) -> None:
        """After a transaction with a level of its own, the session's next one has the store's again."""

        def let_through(*at: str | None) -> bool:
            return None in shown(orm, self.Person, ANOMALIES["P4"], at, lambda _: PATIENT[:2])

        usual = let_through(None)
        for level in {levels(orm)[0], levels(orm)[-1]}:
            assert let_through(level, None) == usual

    @requires("isolation_levels", "overlapping_transactions")
    def test_one_of_two_that_cannot_both_have_been_first_gives_way(self, orm: OrmDsl) -> None:
        """Two that each write what the other read cannot both commit, where that is kept off: one gets `ConflictError`."""
        strongest = levels(orm)[-1]
        orm.create_and_verify(self.Person, id="a", age=1)
        orm.create_and_verify(self.Person, id="b", age=1)

        def work(client: OrmDsl, worker: Worker) -> str:
            try:
                with client.transaction(isolation=strongest):
                    total = sum(person.age or 0 for person in client.all_models(self.Person))
                    worker.wait()
                    result = client.update_model(self.Person(id="ab"[worker.number]), age=10 + total)
                    if result.error is not None:
                        raise result.error
            except ConflictError:
                return "gave way"
            return "done"

        both = "G2-item" in declared(orm).get(strongest, ())
        assert sorted(orm.concurrently(2, work)) == (["done", "done"] if both else ["done", "gave way"])
        ages = sorted(person.age or 0 for person in orm.all_models(self.Person))
        assert ages == ([12, 12] if both else [1, 12])

    @requires("transactions")
    @pytest.mark.parametrize("level", LEVELS)
    def test_a_level_is_had_or_unsupported(self, orm: OrmDsl, level: str) -> None:
        """A level that the driver declares is to be had, and another one is never taken for it: `UnsupportedError`."""
        if level in levels(orm):
            with orm.transaction(isolation=level):
                orm.create_and_verify(self.Person, id="a")
            orm.get_and_verify_exists(self.Person, id="a")
            return
        with pytest.raises(UnsupportedError, match="has no isolation level") as caught:
            orm.transaction(isolation=level).__enter__()
        assert caught.value.capability == "isolation_levels"
        assert orm.create_and_verify(self.Person, id="a").id == "a"

    @requires("isolation_levels")
    def test_a_nested_transaction_has_the_level_of_the_outer(self, orm: OrmDsl) -> None:
        """A level is named where the outermost transaction begins; inside, naming one is the test's mistake."""
        strongest = levels(orm)[-1]
        with orm.transaction(isolation=strongest):
            with pytest.raises(ConfigurationError, match="in the isolation of the outer one"):
                orm.transaction(isolation=strongest).__enter__()
            with orm.transaction():
                orm.create_and_verify(self.Person, id="a")
        orm.get_and_verify_exists(self.Person, id="a")
