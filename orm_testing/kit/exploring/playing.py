"""`Game`: plays an example on the driver and on the oracle, step by step, and raises `Difference` where they differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from orm_testing.clock import Clock
from orm_testing.dsl.client import OrmDsl
from orm_testing.dsl.steps import Verb
from orm_testing.errors import (
    DuplicateKeyError,
    ForeignKeyError,
    InvalidQueryError,
    NotFoundError,
    OperationError,
    UnsupportedError,
    ValidationError,
)
from orm_testing.kit.exploring.comparing import aggregates_alike, answers_alike, rows_alike, within
from orm_testing.kit.exploring.oracle import Oracle, Refusal
from orm_testing.kit.exploring.steps import Known, Pause, Step, depth_after, resolved
from orm_testing.operations import (
    AggregateOperation,
    CreateManyOperation,
    CreateOperation,
    Operation,
    RollbackOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.results import OperationResult
from orm_testing.schema import ModelSchema, schema_of
from orm_testing.values import same

BEGINNING = datetime(2024, 2, 29, 23, 59, 59, 123000, tzinfo=UTC)
"""What the clock shows at the beginning of each example."""

_CONSTRAINTS = (ValidationError, DuplicateKeyError, ForeignKeyError)
_MOST_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Played:
    """A step that was played: what the oracle answered, and the errors that would be as good as its own."""

    step: Step
    operation: Operation | None
    answer: Any = None
    errors: tuple[type[OperationError], ...] = ()
    fields: tuple[frozenset[str], ...] = ()


class Difference(Exception):  # noqa: N818  (it is what is looked for)
    """The driver and the oracle came to differ in the last of the steps that were played.

    `kind` says in what: in the outcome, in the answer, in what is stored of `model`, or in that the driver raised.
    """

    def __init__(
        self,
        kind: Literal["outcome", "answer", "stored", "raised"],
        played: Sequence[Played],
        expected: Any,
        got: Any,
        model: type[Any] | None = None,
    ) -> None:
        super().__init__(kind)
        self.kind = kind
        self.played = tuple(played)
        self.expected = expected
        self.got = got
        self.model = model

    @property
    def steps(self) -> list[Step]:
        """The example as far as it was played, without what was passed over."""
        return [played.step for played in self.played]


class Game:
    """One driver beside the oracle."""

    def __init__(self, orm: OrmDsl, models: Sequence[type[Any]]) -> None:
        self._orm = orm
        self._driver = orm.driver
        self._capabilities = orm.driver.capabilities
        self._models = models
        self._oracle = Oracle(self._capabilities)
        self._oracle.prepare(models)
        self._anew = {model: made_anew(schema_of(model)) for model in models}
        self._played: list[Played] = []
        self._depth = 0
        self._known = Known()

    def play(self, steps: Sequence[Step | None]) -> None:
        """Play an example from its beginning; a step that has no sense where it stands is passed over."""
        self._begin()
        for step in steps:
            depth = depth_after(self._depth, step) if step is not None else None
            if step is not None and depth is not None and depth <= _MOST_DEPTH:
                self._take(step)
        self._compare_stores()
        if self._depth:
            while self._depth:
                self._take(RollbackOperation())
            self._compare_stores()

    def end(self) -> None:
        """Leave the driver as a test finds it."""
        self._driver.clock = self._orm.clock
        self._orm.reset()

    def _begin(self) -> None:
        self._orm.reset()
        self._oracle.reset()
        clock = Clock()
        clock.freeze(BEGINNING)
        self._driver.clock = self._oracle.clock = clock
        self._known = Known()
        self._depth = 0
        self._played = []

    def _take(self, step: Step) -> None:
        if isinstance(step, Pause):
            self._oracle.clock.advance(seconds=step.seconds)
            self._played.append(Played(step, None))
            return
        operation = resolved(step, self._known)
        result = self._answer(step, operation)
        error = result.error
        if isinstance(error, UnsupportedError) and error.capability not in self._capabilities:
            return
        refusals = self._oracle.refusals(operation)
        theirs = self._oracle.execute(self._adopted(operation, result))
        self._note(step, operation, theirs, refusals)
        if error is None and theirs.error is None:
            self._compare_answers(operation, result, theirs)
            self._learn(operation, result)
            self._depth = depth_after(self._depth, step) or 0
        elif (
            error is None
            or theirs.error is None
            or not _as_good(self._played[-1], theirs.error, error, refusals)
        ):
            raise Difference("outcome", self._played, theirs.error, error)

    def _answer(self, step: Step, operation: Operation) -> OperationResult[Any]:
        try:
            return self._orm.run(_asked(operation))
        except Exception as raised:
            theirs = self._oracle.execute(operation)
            self._note(step, operation, theirs, set())
            raise Difference("raised", self._played, theirs.error, raised) from raised

    def _note(
        self, step: Step, operation: Operation, theirs: OperationResult[Any], refusals: set[Refusal]
    ) -> None:
        error = theirs.peek()
        if error is None:
            self._played.append(Played(step, operation, self._plain(operation, theirs.data, self._oracle)))
            return
        errors = {type(error), *(kind for kind, _ in refusals)}
        if isinstance(operation, CreateManyOperation) and type(error) in _CONSTRAINTS:
            errors = set(_CONSTRAINTS)
        if isinstance(operation, UpdateOperation) and isinstance(error, NotFoundError):
            errors.add(ValidationError)
        fields = {names for kind, names in refusals if kind is not ValidationError}
        ordered = tuple(sorted(errors, key=lambda kind: kind.__name__))
        self._played.append(Played(step, operation, None, ordered, tuple(sorted(fields, key=sorted))))

    def _adopted(self, operation: Any, result: OperationResult[Any]) -> Operation:
        """The operation for the oracle, which is given what only the driver could know: keys that its store made, and such."""
        if result.peek() is not None:
            return operation  # type: ignore[no-any-return]
        if isinstance(operation, CreateOperation | UpsertOperation):
            data = {
                **operation.data,
                **self._known_to_driver(operation.model_class, operation.data, result.instance),
            }
            return replace(operation, data=data)
        if isinstance(operation, CreateManyOperation) and len(result.data) == len(operation.rows):
            pairs = zip(operation.rows, result.data, strict=True)
            rows = [{**row, **self._known_to_driver(operation.model_class, row, made)} for row, made in pairs]
            return replace(operation, rows=rows)
        if isinstance(operation, UpdateOperation) and "clock" not in self._capabilities:
            made = self._driver.values_of(result.instance)
            times = {
                field.name: made[field.name]
                for field in schema_of(operation.model_class).fields
                if field.auto_now and operation.changes.get(field.name) is None and field.name in made
            }
            return replace(operation, changes={**operation.changes, **times})
        return operation  # type: ignore[no-any-return]

    def _known_to_driver(self, model: type[Any], data: Mapping[str, Any], instance: Any) -> dict[str, Any]:
        made = self._driver.values_of(instance)
        schema = schema_of(model)
        names = [name for name in self._anew[model] if name not in data]
        if schema.generated is not None and data.get(schema.generated.name) is None:
            names.append(schema.generated.name)
        if "clock" not in self._capabilities:
            names += [
                field.name
                for field in schema.fields
                if (field.auto_now or field.auto_now_add) and data.get(field.name) is None
            ]
        return {name: made[name] for name in names if name in made}

    def _learn(self, operation: Any, result: OperationResult[Any]) -> None:
        if isinstance(operation, CreateOperation | UpsertOperation):
            self._known.note(schema_of(operation.model_class), result.instance)
        elif isinstance(operation, CreateManyOperation):
            for instance in result.data:
                self._known.note(schema_of(operation.model_class), instance)

    def _compare_answers(
        self, operation: Operation, result: OperationResult[Any], theirs: OperationResult[Any]
    ) -> None:
        got = self._plain(operation, result.data, self._driver)
        expected = self._played[-1].answer
        if isinstance(operation, AggregateOperation):
            numbers = (value for row in expected for value in row.values())
            if aggregates_alike(got, expected) or not all(
                within(each, self._capabilities) for each in numbers
            ):
                return
        elif answers_alike(got, expected, self._capabilities):
            return
        raise Difference("answer", self._played, expected, got)

    def _plain(self, operation: Operation, answer: Any, driver: Any) -> Any:
        if operation.answers == "instance":
            return dict(driver.values_of(answer))
        if operation.answers == "instances":
            return [dict(driver.values_of(each)) for each in answer]
        return answer

    def _compare_stores(self) -> None:
        """What the backdoor finds is what the oracle holds, whatever the order."""
        for model in self._models:
            schema = schema_of(model)
            got, expected = self._driver.rows(model), self._oracle.rows(model)
            keyed = {_key(schema, row): row for row in got}
            known = {_key(schema, row): row for row in expected}
            if (
                len(got) != len(expected)
                or keyed.keys() != known.keys()
                or not all(rows_alike(row, known[key], self._capabilities) for key, row in keyed.items())
            ):
                raise Difference("stored", self._played, expected, got, model)


def _asked(operation: Operation) -> Verb[OperationResult[Any]]:
    result: OperationResult[Any] = yield operation
    return result


def _key(schema: ModelSchema, row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple((type(row[name]), row[name]) for name in schema.key)


def _as_good(played: Played, expected: OperationError, error: OperationError, refusals: set[Refusal]) -> bool:
    """Whether the driver's error is one that the contract lets it choose."""
    if type(error) not in played.errors:
        return False
    if refusals and not isinstance(error, ValidationError):
        return (type(error), frozenset(error.fields)) in refusals
    if type(error) is type(expected) and isinstance(error, ValidationError | InvalidQueryError):
        return bool(set(error.fields) & set(expected.fields)) or not expected.fields
    return True


def made_anew(schema: ModelSchema) -> list[str]:
    """The fields whose default is another one each time."""
    infos = {name: info for name, info in schema.model_class.model_fields.items() if info.default_factory}
    return [
        name
        for name, info in infos.items()
        if info.default_factory_takes_validated_data or not _repeats(info.default_factory)
    ]


def _repeats(factory: Any) -> bool:
    return same(factory(), factory())
