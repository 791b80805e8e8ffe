"""`DriverBase`: what sync and async drivers are alike, apart from how they wait; and how their answers are judged."""

from collections.abc import Mapping
from time import perf_counter
from typing import Any, ClassVar

from orm_testing.capabilities import Capabilities
from orm_testing.clock import Clock
from orm_testing.descriptions import TableDescription
from orm_testing.errors import ConfigurationError, DriverContractError, OperationError, UnsupportedError
from orm_testing.operations import Operation
from orm_testing.results import OperationResult, Statement
from orm_testing.schema import is_described, schema_of
from orm_testing.store import Store

CONTRACT_VERSION = 1


class DriverBase:
    """What both kinds of driver are, apart from how they wait."""

    capabilities: Capabilities = Capabilities()
    """What the backend can do, readable from the class. Values that only the live product knows are set in `open`."""

    @classmethod
    def capabilities_on(cls, product: str) -> Capabilities:  # noqa: ARG003
        """What the backend can do on a product whose fingerprint begins so: for drivers of several that differ.

        Such a driver declares on its class what the best of them can, and settles it in `open` by asking this.
        """
        return cls.capabilities

    contract_version: ClassVar[int] = CONTRACT_VERSION
    """The version of this contract that the driver was written for."""

    backend_name: str = ""
    """The name in `ENABLED_BACKENDS` under which this driver was made; the registry sets it."""

    store: Store | None = None
    """The opened store, where the backend was registered with one; the registry sets it."""

    clock: Clock
    """The test's clock, for drivers with the capability `clock`."""

    statements: list[Statement] | tuple[()] = ()
    """The native statements of the operation in hand: a driver that can tell puts a new list here per operation."""

    client_work: tuple[str, ...] = ()
    """What the driver did in the operation in hand because its store cannot: set anew per operation, as `statements`."""

    @classmethod
    def unavailable_reason(cls) -> str | None:
        """Why this machine cannot have the backend at all, or None where it can. Asked once per run."""
        return None

    def get_backend_name(self) -> str:
        """The name in `ENABLED_BACKENDS`."""
        return self.backend_name

    def fingerprint(self) -> str:
        """Product and version, asked of the live store."""
        return self.store.fingerprint() if self.store else f"{type(self).__name__}, which does not say"

    def key_of(self, instance: Any) -> Mapping[str, Any]:
        """The fields by which a row is known again. Override it for models that are not pydantic's."""
        return schema_of(type(instance)).key_of(instance)

    def values_of(self, instance: Any) -> Mapping[str, Any]:
        """All stored fields of an instance, as copies. Override it for models that are not pydantic's."""
        if not is_described(type(instance)):
            raise DriverContractError(
                f"{type(self).__name__} drives {type(instance).__name__}, which is no pydantic model: write `key_of`"
                " and `values_of`, which say what identifies a row and what is stored of it."
            )
        return schema_of(type(instance)).values_of(instance)

    def translate_error(self, error: Exception) -> OperationError | None:
        """The library's error for a native one, or None for what is no failure of the store but a fault of the driver."""
        return None

    def leaks(self) -> list[str]:
        """What the last test left behind that a reset does not remove, one sentence each."""
        return self.store.leaks() if self.store else []

    def _store_to_reset(self) -> Store:
        if self.store is None:
            raise ConfigurationError(
                f"{type(self).__name__} writes no `reset`, so each test has a new one, and none can be emptied in mid-test."
            )
        return self.store

    def _result(self, operation: Operation, answer: Any, started: float) -> OperationResult[Any]:
        if isinstance(answer, OperationResult):
            return self._completed(operation, answer, started)
        instance = None
        expected = operation.answers
        if expected == "instance":
            if not isinstance(answer, operation.model_class):  # type: ignore[attr-defined]
                raise self._broken(operation, answer)
            instance = answer
        elif expected != "nothing":
            if not _is_answer(expected, answer, operation):
                raise self._broken(operation, answer)
        elif answer is not None:
            raise self._broken(operation, answer)
        return OperationResult(
            True,
            answer,
            None,
            instance,
            operation=operation,
            backend=self.backend_name,
            duration=perf_counter() - started,
            statements=self.statements,
            client_work=self.client_work,
        )

    def _completed(
        self, operation: Operation, result: OperationResult[Any], started: float
    ) -> OperationResult[Any]:
        error = result.peek()
        if result.success:
            answer = result.data if result.instance is None else result.instance
            if operation.answers == "nothing":
                answer = None
            completed = self._result(operation, answer, started)
            completed.data = answer if result.data is None else result.data
            completed.statements = result.statements or self.statements
            return completed
        if not isinstance(error, OperationError):
            translated = self.translate_error(error) if isinstance(error, Exception) else None
            if translated is None:
                raise DriverContractError(
                    f"{type(self).__name__}.execute_{operation.verb} answered a failed OperationResult whose error is"
                    f" {error!r}; give it an OperationError, such as NotFoundError or DuplicateKeyError."
                )
            translated.__cause__ = error
            error = translated
        return self._failure(operation, error, started)

    def _failure(self, operation: Operation, error: OperationError, started: float) -> OperationResult[Any]:
        return OperationResult(
            False,
            None,
            error,
            operation=operation,
            backend=self.backend_name,
            duration=perf_counter() - started,
            statements=self.statements,
            client_work=self.client_work,
        )

    def _raised(self, operation: Operation, error: Exception, started: float) -> OperationResult[Any]:
        if isinstance(error, ConfigurationError):
            raise error
        if isinstance(error, OperationError):
            return self._failure(operation, error, started)
        translated = self.translate_error(error)
        if translated is None:
            raise DriverContractError(
                f"{type(self).__name__}.execute_{operation.verb} raised {type(error).__name__}: {error}. It is not an"
                " error of the library, and `translate_error` does not know it: the driver is at fault, not the store."
            ) from error
        translated.__cause__ = error
        return self._failure(operation, translated, started)

    def _broken(self, operation: Operation, answer: Any) -> DriverContractError:
        wanted = {
            "instance": "the instance",
            "instances": "a list of instances",
            "rows": "a list of dicts",
            "int": "a number",
            "bool": "True or False",
            "text": "text",
            "bytes": "bytes",
            "description": "a TableDescription",
            "nothing": "nothing",
        }[operation.answers]
        return DriverContractError(
            f"{type(self).__name__}.execute_{operation.verb} answered {answer!r} to {operation!r}."
            f" Return {wanted}, return an OperationResult, or raise."
        )

    def _check_capable(self, operation: Operation) -> None:
        if operation.needs is not None and operation.needs not in self.capabilities:
            raise UnsupportedError(
                f"{self.backend_name or type(self).__name__} lacks the capability {operation.needs!r}, which"
                f" {operation!r} needs. Mark the test @requires({operation.needs!r}).",
                capability=operation.needs,
            )

    def _unsupported(self, operation: Operation) -> UnsupportedError:
        return UnsupportedError(
            f"{type(self).__name__} has no execute_{operation.verb}.",
            capability=operation.needs or operation.verb,
        )


def _is_answer(expected: str, answer: Any, operation: Operation) -> bool:
    if expected == "int":
        return isinstance(answer, int) and not isinstance(answer, bool)
    if expected == "bool":
        return isinstance(answer, bool)
    if expected == "text":
        return isinstance(answer, str)
    if expected == "bytes":
        return isinstance(answer, bytes)
    if expected == "description":
        return isinstance(answer, TableDescription)
    kind = dict if expected == "rows" else operation.model_class  # type: ignore[attr-defined]
    return isinstance(answer, list) and all(isinstance(each, kind) for each in answer)
