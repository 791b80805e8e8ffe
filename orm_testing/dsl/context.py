"""What the verbs of one test know, and how they judge."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any

from orm_testing.clock import Clock
from orm_testing.driver import AsyncDriverInterface, DriverInterface
from orm_testing.dsl.known import Attached, Known
from orm_testing.errors import (
    ConfigurationError,
    OperationError,
    UnsupportedError,
    VerificationError,
    is_judgement,
)
from orm_testing.operations import Operation
from orm_testing.results import OperationResult, shown
from orm_testing.rows import RowMaker
from orm_testing.schema import is_described, not_listed, schema_of
from orm_testing.trace import Entry, Trace
from orm_testing.values import same

__tracebackhide__ = is_judgement


class Context:
    """One test on one backend: its models, its trace, and the driver's word on what identifies a row."""

    def __init__(
        self,
        driver: DriverInterface | AsyncDriverInterface,
        backend_name: str,
        models: Sequence[type[Any]],
        clock: Clock,
        check_name: Callable[[str], None] | None = None,
        *,
        parent: "Context | None" = None,
        alone: bool = True,
    ) -> None:
        self._check_name = check_name
        self.sessions: list[Context] = []
        """The contexts of further clients of the same test, each with a session of its own."""
        self.alone = alone
        """Whether nobody else writes while a verb runs, so that it can say of all other rows that they stay as they are."""
        self.new_number: Callable[[], int] = parent.new_number if parent else count(1).__next__
        self.driver = driver
        self.backend_name = backend_name
        self._prepared = Known(tuple(models))
        self.known = self._prepared
        self.clock = clock
        self.trace = Trace(driver.values_of)
        self.after: int = parent.trace.count if parent else 0
        """How many operations the test had run before this session of its began."""
        self.attachments: dict[Any, Attached] = parent.attachments if parent else {}
        self.answered: list[OperationResult[Any]] = []
        self.resets = 0
        self.depth = 0
        self.called = 0
        self.awaited = 0
        self.has_backdoor = driver.store is not None or "backdoor" in driver.capabilities
        self._keeps_scale = bool(driver.capabilities.get("decimal_scale"))

    @property
    def models(self) -> tuple[type[Any], ...]:
        """The models that verbs take now."""
        return self.known.models

    def models_with_tables(self) -> list[type[Any]]:
        """Those that have a table now, which is all but those whose table the test dropped."""
        return [model for model in self.known.models if model not in self.known.absent]

    def forget_evolutions(self) -> None:
        """The store is as it was prepared: so are the models."""
        self.known = self._prepared

    def is_backend(self, name: str) -> bool:
        """Whether this is the backend; `ConfigurationError` for a name that none has, whose branch would never run."""
        if name != self.backend_name and self._check_name is not None:
            self._check_name(name)
        return name == self.backend_name

    def started(self, operation: Operation) -> Entry:
        """Record an operation that is about to run, once its model is known to be the test's."""
        model_class = getattr(operation, "model_class", None)
        if model_class is not None:
            self.check_listed(model_class)
        return self.trace.record(operation)

    def check_listed(self, model_class: type[Any]) -> None:
        """Raise `ConfigurationError` for a model that the test does not list."""
        if model_class not in self.known.models:
            raise ConfigurationError(not_listed(model_class, self.models))

    def attached(self, model_class: type[Any], key: Mapping[str, Any]) -> Attached:
        """What the test, in any of its sessions, attached to this row."""
        place = (model_class, _hashed(key.values()))
        return self.attachments.setdefault(place, Attached(model_class, dict(key)))

    def unseen_failures(self) -> list[OperationResult[Any]]:
        """Failed results that the test was given and never looked at."""
        own = [result for result in self.answered if not result.looked_at]
        return own + [result for session in self.sessions for result in session.unseen_failures()]

    def number_of_operations(self) -> int:
        """How many operations the test ran, in all its sessions."""
        return self.trace.count + sum(session.number_of_operations() for session in self.sessions)

    def number_of_unawaited(self) -> int:
        """How many verbs the test called without `await`, in all its sessions."""
        return self.called - self.awaited + sum(each.number_of_unawaited() for each in self.sessions)

    def session(self, driver: DriverInterface | AsyncDriverInterface, *, alone: bool) -> "Context":
        """The context of a further client of this test, on a driver of its own."""
        session = Context(
            driver, self.backend_name, self.models, self.clock, self._check_name, parent=self, alone=alone
        )
        session.known = self.known
        self.sessions.append(session)
        return session

    def answer(self, result: OperationResult[Any]) -> OperationResult[Any]:
        """A result that goes to the user as it is; where it failed, somebody has to look at it."""
        if result.peek() is not None:
            result.looked_at = False
            self.answered.append(result)
        return result

    def value(self, result: OperationResult[Any]) -> Any:
        """The plain answer; the error is raised."""
        error = result.peek()
        if error is not None:
            raise error
        return result.data

    def succeeded(self, verb: str, result: OperationResult[Any]) -> Any:
        """The answer of an operation that the test says works; what the backend lacks is not a failed check."""
        error = result.peek()
        if isinstance(error, UnsupportedError):
            raise error
        if error is not None:
            raise self.failure(
                verb, f"{result.operation!r} failed: {type(error).__name__}: {error}", result
            ) from native(error)
        return result.data

    def same(self, one: Any, other: Any) -> bool:
        return same(one, other, scale=self._keeps_scale)

    def check_given(
        self,
        verb: str,
        result: OperationResult[Any],
        given: Mapping[str, Any],
        returned: Mapping[str, Any],
        key: Any,
    ) -> None:
        """Each field given equals the field returned."""
        scale = self._keeps_scale
        differing = [
            name
            for name, value in given.items()
            if (got := returned.get(name, _ABSENT)) is not value and not same(value, got, scale=scale)
        ]
        if not differing:
            return
        operation: Any = result.operation
        meant = self._as_the_model_reads(operation.model_class, given, returned)
        for name in differing:
            value, got = given[name], returned.get(name, _ABSENT)
            if isinstance(value, bool) or isinstance(got, bool) or not self.same(meant.get(name, value), got):
                raise self.mismatch(verb, result, key, name, "given", value, "returned", got)

    def check_stored(
        self,
        verb: str,
        result: OperationResult[Any],
        returned: Mapping[str, Any],
        stored: Sequence[Mapping[str, Any]],
        key: Any,
    ) -> None:
        """Every field returned equals the field stored, in exactly one row; times with a zone are in UTC."""
        if len(stored) != 1:
            what = "is not in the store" if not stored else f"is in the store {len(stored)} times"
            raise self.failure(verb, f"the row was returned, and {what}", result, key)
        row = stored[0]
        for name, value in returned.items():
            held = row.get(name, _ABSENT)
            if held is value:
                continue
            if not same(value, held, scale=self._keeps_scale) or (
                type(value) is datetime and value.utcoffset() != held.utcoffset()
            ):
                raise self.mismatch(verb, result, key, name, "returned", value, "stored", held)

    def check_untouched(
        self,
        verb: str,
        result: OperationResult[Any],
        was: Mapping[str, Any],
        changes: Mapping[str, Any],
        returned: Mapping[str, Any],
        key: Any,
    ) -> None:
        """The fields that an update did not name are as they were, but for what the model derives from those it did.

        Of models that are not pydantic's, none is known to be left alone.
        """
        operation: Any = result.operation
        if not is_described(operation.model_class):
            return
        fields = [field for field in schema_of(operation.model_class).fields if not field.auto_now]
        for name in (field.name for field in fields if field.name not in changes):
            if not self.same(was[name], returned[name]):
                meant = self._as_the_model_reads(operation.model_class, {**was, **changes}, returned)
                if not self.same(meant.get(name), returned[name]):
                    raise self.mismatch(verb, result, key, name, "before", was[name], "after", returned[name])

    def defaults(self, model_class: type[Any], data: Mapping[str, Any]) -> dict[str, Any]:
        """What the fields that `data` leaves out are in a whole new row; a default that is made anew is not known."""
        if not is_described(model_class):
            return {}
        known = [
            field.name
            for field in schema_of(model_class).fields
            if field.name not in data and not (field.generated or field.auto_now or field.auto_now_add)
        ]
        meant = self._as_the_model_reads(model_class, data, {})
        infos = model_class.model_fields
        return {name: meant[name] for name in known if name in meant and infos[name].default_factory is None}

    def _as_the_model_reads(
        self, model_class: type[Any], given: Mapping[str, Any], returned: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """What a pydantic model makes of given values (`"red"` of `Color.RED`, `None` of what the store fills).

        Other models take them as they are. Times are cut to the precision that the backend declares.
        """
        if not is_described(model_class):
            return given
        schema = schema_of(model_class)
        filled = [
            field.name
            for field in schema.fields
            if (field.generated or field.auto_now or field.auto_now_add) and given.get(field.name) is None
        ]
        try:
            instance = RowMaker(schema).new({**returned, **given}, self.clock)
        except OperationError:
            return given
        meant = {**instance.__dict__, **{name: returned.get(name) for name in filled}}
        if self.driver.capabilities.get("datetime_precision") == "millisecond":
            for name, value in meant.items():
                if isinstance(value, datetime):
                    meant[name] = value.replace(microsecond=value.microsecond // 1000 * 1000)
        return meant

    def difference(self, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> str:
        """The first rows that went and that came, a line each."""
        gone = [row for row in before if not any(self.same(row, other) for other in after)]
        new = [row for row in after if not any(self.same(row, other) for other in before)]
        return "".join(f"\n  {sign} {row!r}" for sign, rows in (("-", gone), ("+", new)) for row in rows[:5])

    def mismatch(
        self,
        verb: str,
        result: OperationResult[Any],
        key: Any,
        field: str,
        one: str,
        expected: Any,
        other: str,
        got: Any,
    ) -> VerificationError:
        kinds = (
            ""
            if type(expected) is type(got)
            else f"  (a {type(expected).__name__}, and a {type(got).__name__})"
        )
        problem = (
            f"the field {field!r} differs{kinds}\n  {one + ':':<10}{expected!r}\n  {other + ':':<10}{got!r}"
        )
        return self.failure(verb, problem, result, key)

    def failure(
        self,
        verb: str,
        problem: str,
        result: OperationResult[Any] | None = None,
        key: Any = None,
        model: Any = None,
    ) -> VerificationError:
        """The error of a failed check: verb, model, key, what is wrong, backend, and the statements that ran."""
        model = model or getattr(result.operation if result is not None else None, "model_class", None)
        of = f" {model.__name__}" if model else ""
        at = f" {dict(key)!r}" if isinstance(key, Mapping) else ""
        lines = [f"{verb}{of}{at} on {self.backend_name}: {problem}"]
        if result is not None and result.statements:
            lines += ["  statements that ran:", *shown(result.statements)]
        return VerificationError("\n".join(lines))


def native(error: OperationError) -> BaseException | None:
    """What a failed check shows as its cause: the native error behind the library's, without the way it took."""
    cause = error.__cause__
    return None if cause is None else cause.with_traceback(None)


class Rows:
    """Stored rows, found by their keys without looking at each."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self._rows = rows
        self._found: dict[tuple[str, ...], dict[Any, list[dict[str, Any]]]] = {}

    def having(self, key: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows with this key; values of a key can be hashed, or they could not be one."""
        names = tuple(key)
        if names not in self._found:
            index = self._found[names] = {}
            for row in self._rows:
                index.setdefault(_hashed(row.get(name) for name in names), []).append(row)
        return self._found[names].get(_hashed(key.values()), [])


def _hashed(values: Iterable[Any]) -> Any:
    return tuple((type(value), value) for value in values)


class _Absent:
    def __repr__(self) -> str:
        return "<no such field>"


_ABSENT = _Absent()
