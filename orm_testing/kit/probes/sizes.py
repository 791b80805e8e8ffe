"""How large things may be."""

from typing import Any

from orm_testing.errors import ValueRangeError
from orm_testing.kit.probes.probe import Bound, Probe, Trial, refused
from orm_testing.operations import BeginOperation, CommitOperation, RollbackOperation

SHARE = 9, 10
"""What part of a bound may be used by the text of a row or of a key, since the store counts what is around it as well."""


class _Bytes(Bound):
    """A bound in bytes of all of a thing: what is a tenth smaller is kept, and what alone has one more is refused."""

    def measured(self, trial: Trial, declared: Any) -> Any:
        if declared is None or declared > self.largest:
            return super().measured(trial, declared)
        part, whole = SHARE
        if self.holds(trial, declared * part // whole) and self.refuses(trial, declared):
            return declared
        return self.found(trial)


class MaxItemBytes(_Bytes):
    name = "max_item_bytes"
    largest = 2**20

    def holds(self, trial: Trial, size: int) -> bool:
        return trial.keeps(text="x" * size)


class MaxKeyBytes(_Bytes):
    name = "max_key_bytes"
    largest = 2**12

    def holds(self, trial: Trial, size: int) -> bool:
        return trial.keeps(id="x" * size)


class EmptyKey(Probe):
    name = "empty_key"

    def measured(self, trial: Trial, declared: Any) -> bool:
        return trial.keeps(id="")


class TransactionItems(Bound):
    name = "transaction_items"
    needs = ("transactions",)
    largest = 200

    def holds(self, trial: Trial, size: int) -> bool:
        trial.carry_out(BeginOperation())
        try:
            for _ in range(size):
                trial.write()
        except ValueRangeError:
            trial.carry_out(RollbackOperation())
            return False
        return not refused(ValueRangeError, lambda: trial.carry_out(CommitOperation()))
