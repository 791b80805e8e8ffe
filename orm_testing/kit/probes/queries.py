"""Who does the work of a query: its result tells."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from orm_testing.kit.probes.probe import Probe, Trial, answer

CONDITIONS: Sequence[Mapping[str, Any]] = (
    {"id__startswith": "b"},
    {"unique": "ub"},
    {"indexed__gt": 1},
    {"number__in": [2, 3]},
    {"text": "tb"},
    {"text__endswith": "b"},
    {"text__icontains": "B"},
)
"""Of which each finds one row of two."""

ORDERS: Sequence[Sequence[str]] = (["id"], ["-id"], ["indexed"], ["-number", "text"], ["text"])


def _rows(trial: Trial) -> None:
    for number, letter in ((1, "a"), (2, "b")):
        trial.write(id=letter, unique=f"u{letter}", indexed=number, number=number, text=f"t{letter}")


def _who(by_the_client: Iterable[bool]) -> str:
    told = set(by_the_client)
    if len(told) > 1:
        return "partly"
    return "client" if told == {True} else "store"


class Filtering(Probe):
    """It is the client's work where the store does not even find a row by its key."""

    name = "filtering"
    undeclared = "store"

    def measured(self, trial: Trial, declared: Any) -> str:
        _rows(trial)
        if self._by_the_client(trial, {"id": "b"}):
            return "client"
        return _who([self._by_the_client(trial, conditions) for conditions in CONDITIONS])

    def _by_the_client(self, trial: Trial, conditions: Mapping[str, Any]) -> bool:
        result = trial.orm.query_models(trial.Sample, conditions)
        assert [row.id for row in answer(result)] == ["b"], conditions
        return "filter" in result.client_work


class Ordering(Probe):
    """Rows are put in order by several fields, and those that share the first part of a key by the second one."""

    name = "ordering"
    undeclared = "store"

    def measured(self, trial: Trial, declared: Any) -> str:
        _rows(trial)
        for number in (1, 2):
            answer(trial.orm.create_model(trial.Place, room="r", number=number))
        told = [self._by_the_client(trial, order) for order in ORDERS]
        return _who([*told, self._within_a_key(trial)])

    def _within_a_key(self, trial: Trial) -> bool:
        result = trial.orm.query_models(trial.Place, room="r", order_by=["-number"], limit=2)
        assert [row.number for row in answer(result)] == [2, 1]
        return not result.served_by_store

    def _by_the_client(self, trial: Trial, order: Sequence[str]) -> bool:
        result = trial.orm.query_models(trial.Sample, order_by=order, limit=2)
        assert [row.id for row in answer(result)] == (["b", "a"] if order[0].startswith("-") else ["a", "b"])
        return not result.served_by_store
