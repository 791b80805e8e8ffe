"""What becomes of rows."""

from datetime import UTC, datetime
from typing import Any

from orm_testing.dsl.client import OrmDsl
from orm_testing.dsl.sessions import Worker
from orm_testing.errors import DuplicateKeyError, ForeignKeyError
from orm_testing.kit.probes.probe import Probe, Trial, answer, refused
from orm_testing.operations import (
    AggregateOperation,
    AttachmentOperation,
    AttachOperation,
    CreateManyOperation,
)

LONG_AGO = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC).replace(tzinfo=None)


class Aggregates(Probe):
    name = "aggregates"

    def measured(self, trial: Trial, declared: Any) -> bool:
        for number, text in ((1, "a"), (3, "a"), (5, "b")):
            trial.write(number=number, text=text)
        wanted = ["count", "number__sum", "number__avg", "number__min", "number__max"]
        groups = trial.carry_out(AggregateOperation(trial.Sample, wanted, {}, ["text"]))
        found = [[group[name] for name in ("text", *wanted)] for group in groups]
        return found == [["a", 2, 4, 2.0, 1, 3], ["b", 1, 5, 5.0, 5, 5]]


class Attachments(Probe):
    name = "attachments"

    def measured(self, trial: Trial, declared: Any) -> bool:
        row = trial.write()
        trial.carry_out(AttachOperation(trial.Sample, row, "photo", b"\xff\x00"))
        return bool(trial.carry_out(AttachmentOperation(trial.Sample, row, "photo")) == b"\xff\x00")


class Autoincrement(Probe):
    name = "autoincrement"

    def measured(self, trial: Trial, declared: Any) -> bool:
        made = [answer(trial.orm.create_model(trial.Tally, name=name)).id for name in "ab"]
        return all(isinstance(key, int) for key in made) and made[0] < made[1]


class Backdoor(Probe):
    """It reads while the driver carries out nothing."""

    name = "backdoor"

    def measured(self, trial: Trial, declared: Any) -> bool:
        driver, key = trial.driver, trial.write(text="stored").id
        carried_out: list[Any] = []
        own = driver.execute

        def execute(operation: Any) -> Any:
            carried_out.append(operation)
            return own(operation)

        driver.execute = execute  # type: ignore[method-assign]
        try:
            rows = driver.rows(trial.Sample, {"id": key})
        finally:
            del driver.execute
        return [row["text"] for row in rows] == ["stored"] and not carried_out


class Bulk(Probe):
    """Two rows are made, and then none of two of which one is there."""

    name = "bulk"

    def measured(self, trial: Trial, declared: Any) -> bool:
        trial.carry_out(CreateManyOperation(trial.Sample, [{"id": "a"}, {"id": "b"}]))
        one_is_there = CreateManyOperation(trial.Sample, [{"id": "c"}, {"id": "a"}])
        taken = refused(DuplicateKeyError, lambda: trial.carry_out(one_is_there))
        return taken and [row.id for row in trial.orm.all_models(trial.Sample)] == ["a", "b"]


class Clock(Probe):
    name = "clock"

    def measured(self, trial: Trial, declared: Any) -> bool:
        trial.orm.clock.freeze(LONG_AGO)
        return bool(trial.came_back().made_at == LONG_AGO)


class ConditionalWrites(Probe):
    """Of sessions that make the same row at the same time one does, time and again. That none fails to shows nothing."""

    name = "conditional_writes"
    needs = ("conditional_writes", "sessions")
    rounds = 3
    workers = 4

    def measured(self, trial: Trial, declared: Any) -> bool:
        return all(self._made(trial, f"{key}") == 1 for key in range(self.rounds))

    def _made(self, trial: Trial, key: str) -> int:
        def work(client: OrmDsl, _: Worker) -> bool:
            return client.create_model(trial.Sample, id=key).success

        return sum(trial.orm.concurrently(self.workers, work))


class ForeignKeys(Probe):
    """What refers to nothing is refused, and what goes with its owner goes."""

    name = "foreign_keys"

    def measured(self, trial: Trial, declared: Any) -> bool:
        orm = trial.orm
        if not refused(
            ForeignKeyError, lambda: answer(orm.create_model(trial.Owned, id="a", owner="nobody"))
        ):
            return False
        owner = answer(orm.create_model(trial.Owner, id="somebody"))
        answer(orm.create_model(trial.Owned, id="a", owner="somebody"))
        answer(orm.delete_model(owner))
        return orm.count_models(trial.Owned) == 0


class Unique(Probe):
    name = "unique"

    def measured(self, trial: Trial, declared: Any) -> bool:
        trial.write(unique="a")
        return refused(DuplicateKeyError, lambda: trial.write(unique="a"))
