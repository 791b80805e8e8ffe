"""`Probe`: what one capability is, how it shows, and what was seen of it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any, ClassVar

from orm_testing.capabilities import KNOWN
from orm_testing.dsl.client import OrmDsl
from orm_testing.dsl.steps import Verb
from orm_testing.errors import ConfigurationError, OperationError, UnavailableError, ValueRangeError
from orm_testing.kit.support import samples
from orm_testing.operations import Operation
from orm_testing.results import OperationResult

FAILED: Any = object()
"""What was seen of a value where its probe failed: it is equal to nothing that a driver may declare."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a probe saw: whether the backend can, or the value that it has; and what came where it cannot."""

    value: Any
    why: str = ""

    def __str__(self) -> str:
        if self.why:
            return self.why if self.value is FAILED else f"{self.value!r}, since {self.why}"
        return repr(self.value)


class Trial:
    """One test's client, and the classes that are stored for the models that capabilities are probed on."""

    def __init__(self, orm: OrmDsl, becoming: Callable[[type[Any]], type[Any]]) -> None:
        self.orm = orm
        self.driver = orm.driver
        self.Sample, self.Tally, self.Owner, self.Owned, self.Shape, self.Reshaped, self.Place = (
            becoming(model)
            for model in (
                samples.Sample, samples.Tally, samples.Owner, samples.Owned, samples.Shape, samples.Reshaped, samples.Place,
            )
        )  # fmt: skip
        self._number = count(1)

    def carry_out(self, operation: Operation) -> Any:
        """What the driver itself answers to an operation; what it refuses is raised."""
        return carry_out(self.orm, operation)

    def write(self, **values: Any) -> Any:
        """A new row with these values, as it was answered."""
        return answer(self.orm.create_model(self.Sample, {"id": f"{next(self._number)}", **values}))

    def came_back(self, **values: Any) -> Any:
        """A new row with these values, as it is found by its key."""
        return answer(self.orm.get_model(self.Sample, id=self.write(**values).id))

    def keeps(self, **values: Any) -> bool:
        """Whether a row with these values is stored, equal; False where they are out of range."""
        try:
            found = self.came_back(**values)
        except ValueRangeError:
            return False
        return all(getattr(found, name) == value for name, value in values.items())

    @contextmanager
    def declaring(self, name: str) -> Generator[None, None, None]:
        """For so long the driver declares a capability, so that it is asked for what it needs."""
        declared = self.driver.capabilities
        if name not in declared:
            self.driver.capabilities = declared | {name: True}
        try:
            yield
        finally:
            self.driver.capabilities = declared


class Probe(ABC):
    """One capability: its name, and one or two operations by which it shows."""

    name: ClassVar[str]

    needs: ClassVar[Sequence[str]] = ()
    """The capabilities without which there is nothing to probe; its own name among them where its absence cannot show."""

    elsewhere: ClassVar[str] = ""
    """The theme of the kit that proves it, or why none can; empty where the probe does."""

    undeclared: ClassVar[Any] = False
    """What is taken to hold where a driver does not declare it."""

    @property
    def sentence(self) -> str:
        """What it is."""
        return KNOWN[self.name]

    def seen(self, trial: Trial, declared: Any) -> Seen:
        """What the driver does, whatever it declares: told that it declares `declared`, which says where to look."""
        with trial.declaring(self.name):
            try:
                return Seen(self.measured(trial, declared))
            except UnavailableError:
                raise
            except (OperationError, ConfigurationError) as error:
                cannot = False if self.undeclared is False else FAILED
                return Seen(cannot, f"{type(error).__name__}: {error}")

    @abstractmethod
    def measured(self, trial: Trial, declared: Any) -> Any:
        """Whether the backend can, or the value that it has. An error of the library says that it cannot."""


class Elsewhere(Probe):
    """A capability that is not probed here."""

    def measured(self, trial: Trial, declared: Any) -> Any:
        raise ConfigurationError(f"{self.name!r} is not probed: {self.elsewhere}")


class Bound(Probe):
    """The largest that something can be, or None where nothing that is asked for is too large.

    Where the backend is as it declares, two operations show it: the bound is kept, and what is next is refused. Else the
    bound is looked for.
    """

    undeclared: ClassVar[Any] = None
    largest: ClassVar[int]
    """What nobody asks for more than: a bound beyond it is not told from none."""

    @abstractmethod
    def holds(self, trial: Trial, size: int) -> bool:
        """Whether something of this size is kept."""

    def refuses(self, trial: Trial, size: int) -> bool:
        """Whether what is larger than this size is refused."""
        return not self.holds(trial, size + 1)

    def measured(self, trial: Trial, declared: Any) -> Any:
        if declared is None or declared > self.largest:
            return declared if self.holds(trial, self.largest) else self.found(trial)
        if self.holds(trial, declared) and self.refuses(trial, declared):
            return declared
        return self.found(trial)

    def found(self, trial: Trial) -> int | None:
        """The bound, looked for by halves."""
        if self.holds(trial, self.largest):
            return None
        low, high = 0, self.largest
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.holds(trial, middle) else (low, middle)
        return low


def carry_out(client: OrmDsl, operation: Operation) -> Any:
    """What the client's driver answers to an operation, which is reported among those of the test."""

    def verb() -> Verb[OperationResult[Any]]:
        result: OperationResult[Any] = yield operation
        return result

    return answer(client.run(verb()))


def answer(result: OperationResult[Any]) -> Any:
    """What came of an operation; its error is raised."""
    error = result.error
    if error is not None:
        raise error
    return result.data


def refused(kind: type[OperationError], work: Callable[[], object]) -> bool:
    """Whether this fails in this way; another error is raised."""
    try:
        work()
    except kind:
        return True
    return False
