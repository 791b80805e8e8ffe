"""`MockDriver`: a driver made of one function, for testing what stands above drivers."""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import Any

from orm_testing.capabilities import KNOWN, Capabilities
from orm_testing.driver import DriverInterface
from orm_testing.operations import Operation
from orm_testing.results import OperationResult


class MockDriver(DriverInterface):
    """Answers each operation with what `handler(operation)` returns or raises; `operations` keeps what was asked.

    `stored(model_class, key)` plays the backdoor; without it, rows are read with `QueryOperation`s to the handler.
    """

    capabilities = Capabilities(
        *(name for name in KNOWN if name != "backdoor" and not name.startswith(("datetime", "integer")))
    )

    def __init__(
        self,
        handler: Callable[[Operation], Any],
        stored: Callable[[type[Any], Mapping[str, Any] | None], list[dict[str, Any]]] | None = None,
    ) -> None:
        self.handler = handler
        self.stored = stored
        self.operations: list[Operation] = []

    def execute(self, operation: Operation) -> OperationResult[Any]:
        started = perf_counter()
        self.operations.append(operation)
        try:
            answer = self.handler(operation)
        except Exception as error:  # noqa: BLE001  (judged in `_raised`)
            return self._raised(operation, error, started)
        return self._result(operation, answer, started)

    def rows(self, model_class: type[Any], key: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        return super().rows(model_class, key) if self.stored is None else self.stored(model_class, key)

    def prepare(self, models: Sequence[type[Any]]) -> None:
        """Nothing to prepare: the handler is the system under test."""
