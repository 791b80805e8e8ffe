"""Transactions and sessions."""

from collections.abc import Sequence
from threading import Event
from typing import Any

from orm_testing.dsl.client import OrmDsl
from orm_testing.dsl.sessions import PATIENCE, Worker
from orm_testing.errors import AccessError
from orm_testing.kit.probes.probe import Elsewhere, Probe, Trial, answer, carry_out, refused
from orm_testing.operations import BeginOperation, CommitOperation, RollbackOperation

IMPATIENCE = 0.5
"""How many seconds a session may take where it is declared that it has to wait for another one."""


class Anomalies(Elsewhere):
    name = "anomalies"
    needs = ("isolation_levels",)
    elsewhere = "IsolationLevels"


class IsolationLevels(Probe):
    """A transaction of each level that is declared keeps what it wrote. Others are refused before a driver is asked."""

    name = "isolation_levels"
    needs = ("isolation_levels", "transactions")
    undeclared = ()

    def measured(self, trial: Trial, declared: Sequence[str]) -> Sequence[str]:
        return tuple(level for level in declared if self._works(trial, level))

    def _works(self, trial: Trial, level: str) -> bool:
        trial.carry_out(BeginOperation(level))
        key = trial.write().id
        trial.carry_out(CommitOperation())
        return trial.orm.model_exists(trial.Sample, id=key)


class OverlappingTransactions(Probe):
    name = "overlapping_transactions"
    needs = ("sessions", "transactions")

    def measured(self, trial: Trial, declared: Any) -> bool:
        done = Event()
        patience = PATIENCE / 2 if declared else IMPATIENCE

        def work(client: OrmDsl, worker: Worker) -> bool:
            if worker.number:
                worker.wait()
                worked = client.create_model(trial.Sample, id="of another").success
                worked = worked and not client.model_exists(trial.Sample, id="in a transaction")
                if worked:
                    done.set()
                return worked
            carry_out(client, BeginOperation())
            answer(client.create_model(trial.Sample, id="in a transaction"))
            worker.wait()
            meanwhile = done.wait(patience)
            carry_out(client, RollbackOperation())
            return meanwhile

        return trial.orm.concurrently(2, work)[0]


class Sessions(Probe):
    """What another session writes is there for this one. That two are in each other's way shows now and then only."""

    name = "sessions"
    needs = ("sessions",)

    def measured(self, trial: Trial, declared: Any) -> bool:
        made = trial.orm.concurrently(
            2, lambda client, worker: answer(client.create_model(trial.Sample, id=f"{worker.number}"))
        )
        return made == trial.orm.all_models(trial.Sample)


class Transactions(Probe):
    """Of three rows one is rolled back within a transaction that is committed, and one in a transaction of its own."""

    name = "transactions"

    def measured(self, trial: Trial, declared: Any) -> bool:
        trial.carry_out(BeginOperation())
        trial.write(id="kept")
        trial.carry_out(BeginOperation())
        trial.write(id="rolled back within")
        trial.carry_out(RollbackOperation())
        trial.carry_out(CommitOperation())
        trial.carry_out(BeginOperation())
        trial.write(id="rolled back")
        trial.carry_out(RollbackOperation())
        return [row.id for row in trial.orm.all_models(trial.Sample)] == ["kept"]


class Trio(Elsewhere):
    name = "trio"
    elsewhere = (
        "a driver that these cases reach is sync, and serves async tests from a thread, on trio as on asyncio"
    )


class Users(Probe):
    """A session that may only read reads, and writes nothing."""

    name = "users"
    needs = ("sessions",)

    def measured(self, trial: Trial, declared: Any) -> bool:
        key = trial.write().id
        reader = trial.orm.as_user(read_only=True)
        return reader.model_exists(trial.Sample, id=key) and refused(
            AccessError, lambda: answer(reader.create_model(trial.Sample, id="written"))
        )
