"""Faults of a driver's life: of clearing, resetting, closing, and of what it says of itself and of what is stored."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from orm_testing.kit.cases.backdoor import Backdoor
from orm_testing.kit.cases.lifecycle import Lifecycle, Loaded
from orm_testing.kit.cases.twins import OneTwin, OtherTwin
from orm_testing.kit.mutants.living import Knowing
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result
from orm_testing.operations import (
    ClearOperation,
    CreateOperation,
    DeleteOperation,
    GetOperation,
    Operation,
)
from orm_testing.schema import schema_of

Row = dict[str, Any]


class ClearLeavesOneModel(Knowing):
    """A clear leaves the rows of the last model."""

    themes = (Lifecycle,)

    def execute(self, operation: Operation) -> Result:
        if not isinstance(operation, ClearOperation):
            return super().execute(operation)
        kept = self.rows(self.models[-1])
        result = super().execute(operation)
        self.put_back(self.models[-1], kept)
        return result


class ResetDoesNothing(Mutant):
    """A reset leaves everything as it is."""

    themes = (Lifecycle, Loaded)

    def reset(self) -> None:
        """Nothing is done."""


class ResetLeavesOneModel(Knowing):
    """A reset leaves the rows of the first model."""

    themes = (Lifecycle, OneTwin, OtherTwin)

    def reset(self) -> None:
        try:
            kept = self.rows(self.models[0])
        except Exception:  # noqa: BLE001  (there may be no table)
            kept = []
        super().reset()
        self.put_back(self.models[0], kept)


class ResetLeavesEverySecondRow(Knowing):
    """A reset leaves rows of a model that had several."""

    themes = (Lifecycle,)

    def reset(self) -> None:
        try:
            kept = {model: self.rows(model)[1::2] for model in self.models}
        except Exception:  # noqa: BLE001  (there may be no table)
            kept = {}
        super().reset()
        for model, rows in kept.items():
            self.put_back(model, rows)


class ResetCountsOn(Knowing):
    """After a reset the store goes on counting keys where it was."""

    themes = (Lifecycle,)
    needs = ("autoincrement",)
    counted = False

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            self.counted = True
        return super().execute(operation)

    def reset(self) -> None:
        super().reset()
        counted, self.counted = self.counted, False
        for model in self.models if counted else ():
            made = schema_of(model).generated
            if made is not None and made.kind == "int":
                result = super().execute(CreateOperation(model, {}))
                if result.peek() is None:
                    super().execute(DeleteOperation(model, result.instance))


class LosesWhatWasLoaded(Mutant):
    """What a class loads is not put back for its next test, although it said so."""

    themes = (Loaded,)

    def mark(self) -> bool:
        return True


class LeavesLoadedRowsChanged(Knowing):
    """A row that was loaded comes back as the last test left it."""

    themes = (Loaded,)
    marked = False

    def mark(self) -> bool:
        self.marked = super().mark()
        return self.marked

    def unmark(self) -> None:
        self.marked = False
        super().unmark()

    def reset(self) -> None:
        changed = {model: self.rows(model) for model in self.models} if self.marked else {}
        super().reset()
        for model, rows in changed.items():
            schema = schema_of(model)
            there = [schema.key_of(schema.instance(row)) for row in self.rows(model)]
            self.put_back(model, [row for row in rows if schema.key_of(schema.instance(row)) in there])


class ForgetsToClose(Mutant):
    """A session that is closed keeps its connections."""

    themes = (Lifecycle,)
    needs = ("sessions",)

    def close(self) -> None:
        """Nothing is given back."""


class ClosingUndoes(Mutant):
    """A driver that is closed removes the rows that it created."""

    themes = (Lifecycle,)
    needs = ("sessions",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CreateOperation) and result.peek() is None:
            vars(self).setdefault("made", []).append(result.instance)
        return result

    def close(self) -> None:
        made: list[Any] = vars(self).get("made", [])
        for instance in made:
            super().execute(DeleteOperation(instance.__class__, instance))
        super().close()


class SeesOnlyItsOwn(Mutant):
    """A driver finds no row that another session created."""

    themes = (Lifecycle,)
    needs = ("sessions",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        made = vars(self).setdefault("made", [])
        if isinstance(operation, CreateOperation) and result.peek() is None:
            made.append(dict(self.key_of(result.instance)))
        if isinstance(operation, GetOperation) and result.peek() is None:
            key = dict(self.key_of(result.instance))
            if key not in made:
                return super().execute(GetOperation(operation.model_class, _elsewhere(key)))
        return result


class TellsNoFingerprint(Mutant):
    """It does not say what it is."""

    themes = (Lifecycle,)

    def fingerprint(self) -> str:
        return ""


class TellsAnotherFingerprintEachTime(Mutant):
    """Its fingerprint carries a number that counts on."""

    themes = (Lifecycle,)

    def fingerprint(self) -> str:
        return f"{super().fingerprint()} ({next(vars(self).setdefault('asked', count(1)))})"


class MakesUpItsFingerprint(Mutant):
    """Its fingerprint is that of the driver, and not of what it drives."""

    themes = (Lifecycle,)

    def fingerprint(self) -> str:
        return f"{type(self).__name__} at {id(self)}"


class BackdoorIsLate(Mutant):
    """The backdoor tells the rows of a model that it told before, as long as there are as many."""

    themes = (Backdoor,)
    needs = ("backdoor",)

    def rows(self, model_class: type[Any], key: Mapping[str, Any] | None = None) -> list[Row]:
        now = super().rows(model_class, key)
        if key:
            return now
        before = vars(self).setdefault("told", {}).get(model_class, [])
        if len(before) != len(now):
            vars(self)["told"][model_class] = before = now
        return list(before)


class BackdoorIgnoresTheKey(Mutant):
    """The backdoor tells all rows, whichever it is asked for."""

    themes = (Backdoor,)
    needs = ("backdoor",)

    def rows(self, model_class: type[Any], key: Mapping[str, Any] | None = None) -> list[Row]:
        return super().rows(model_class)


class BackdoorSeesTheFirstAlone(Mutant):
    """The backdoor tells the first row only."""

    themes = (Backdoor,)
    needs = ("backdoor",)

    def rows(self, model_class: type[Any], key: Mapping[str, Any] | None = None) -> list[Row]:
        return super().rows(model_class, key)[:1]


class BackdoorCountsToOne(Mutant):
    """The backdoor counts no further than one."""

    themes = (Backdoor,)
    needs = ("backdoor",)

    def count_rows(self, model_class: type[Any]) -> int:
        return min(1, super().count_rows(model_class))


def _elsewhere(key: Mapping[str, Any]) -> dict[str, Any]:
    """A key of the same kind that no row has."""
    return {name: f"{value} elsewhere" if isinstance(value, str) else value for name, value in key.items()}
