"""The contract of a driver: what it may answer, and what becomes of everything else."""

import asyncio

import pytest

from orm_testing import (
    AggregateOperation,
    AsyncDriverInterface,
    BeginOperation,
    Capabilities,
    ClearOperation,
    CommitOperation,
    ConfigurationError,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DriverContractError,
    DriverInterface,
    ExistsOperation,
    Field,
    GetOperation,
    InMemoryDriver,
    Model,
    NotFoundError,
    OperationResult,
    QueryOperation,
    RollbackOperation,
    UnavailableError,
    UnsupportedError,
    UpdateOperation,
    UpsertOperation,
)


class User(Model):
    id: str = Field(primary_key=True)


class Other(Model):
    id: str = Field(primary_key=True)


ANN = User(id="ann")
CREATE, MANY = CreateOperation(User, {"id": "ann"}), CreateManyOperation(User, [{"id": "ann"}])
GET, QUERY, COUNT, EXISTS = (
    kind(User) for kind in (GetOperation, QueryOperation, CountOperation, ExistsOperation)
)
UPDATE, DELETE = UpdateOperation(User, ANN, {}), DeleteOperation(User, ANN)
UPSERT, AGGREGATE, CLEAR = (
    UpsertOperation(User, {"id": "ann"}),
    AggregateOperation(User, ["count"]),
    ClearOperation(),
)
ALL = [
    CREATE, MANY, GET, UPDATE, DELETE, UPSERT, QUERY, COUNT, EXISTS, AGGREGATE, CLEAR,
    BeginOperation(), CommitOperation(), RollbackOperation(),
]  # fmt: skip


class NativeError(Exception):
    """An error of the system under test."""


def synchronous(reply, **attributes):
    """Carries an operation out on a driver whose every method gives the reply."""

    def perform(operation):
        method = {f"execute_{operation.verb}": lambda self, _: reply()}
        driver = type(
            "Mine", (DriverInterface,), {"capabilities": InMemoryDriver.capabilities, **method, **attributes}
        )
        return driver().execute(operation)

    return perform


def asynchronous(reply, **attributes):
    """The same, on the asynchronous twin."""

    def perform(operation):
        async def method(self, _):
            return reply()

        methods = {"capabilities": InMemoryDriver.capabilities, f"execute_{operation.verb}": method}
        return asyncio.run(
            type("Mine", (AsyncDriverInterface,), {**methods, **attributes})().execute(operation)
        )

    return perform


both = pytest.mark.parametrize("kind", [synchronous, asynchronous])


def raising(error):
    def reply():
        raise error

    return reply


@both
@pytest.mark.parametrize(
    ("operation", "answer", "wanted"),
    [
        (CREATE, None, "Return the instance"),
        (CREATE, "ann", "Return the instance"),
        (CREATE, Other(id="ann"), "Return the instance"),
        (CREATE, User, "Return the instance"),
        (CREATE, {"id": "ann"}, "Return the instance"),
        (GET, [ANN], "Return the instance"),
        (UPDATE, True, "Return the instance"),
        (UPSERT, None, "Return the instance"),
        (MANY, ANN, "Return a list of instances"),
        (MANY, None, "Return a list of instances"),
        (QUERY, (ANN,), "Return a list of instances"),
        (QUERY, [ANN, "bob"], "Return a list of instances"),
        (QUERY, [Other(id="x")], "Return a list of instances"),
        (COUNT, True, "Return a number"),
        (COUNT, "3", "Return a number"),
        (COUNT, 3.0, "Return a number"),
        (COUNT, None, "Return a number"),
        (EXISTS, 1, "Return True or False"),
        (EXISTS, None, "Return True or False"),
        (AGGREGATE, {"count": 1}, "Return a list of dicts"),
        (AGGREGATE, [1], "Return a list of dicts"),
        (DELETE, True, "Return nothing"),
        (DELETE, ANN, "Return nothing"),
        (CLEAR, 5, "Return nothing"),
        (BeginOperation(), "begun", "Return nothing"),
        (CREATE, OperationResult(True), "Return the instance"),
        (CREATE, OperationResult(True, "ann"), "Return the instance"),
        (COUNT, OperationResult(True, True), "Return a number"),
        (QUERY, OperationResult(True, ANN), "Return a list of instances"),
    ],
)
def test_a_wrong_answer_is_the_drivers_fault(kind, operation, answer, wanted):
    """An answer of the wrong type is a `DriverContractError` that names the method and says what to return."""
    with pytest.raises(DriverContractError, match=wanted) as caught:
        kind(lambda: answer)(operation)
    assert f"Mine.execute_{operation.verb} answered" in str(caught.value)
    assert repr(operation) in str(caught.value)


@both
@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        (CREATE, ANN), (MANY, [ANN]), (MANY, []), (GET, ANN), (UPDATE, ANN), (UPSERT, ANN), (QUERY, []), (COUNT, 0),
        (EXISTS, False), (AGGREGATE, [{"count": 0}]), (DELETE, None), (CLEAR, None), (CommitOperation(), None),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "wrap", [lambda it: it, lambda it: OperationResult(True, it)], ids=["plain", "result"]
)
def test_a_right_answer_becomes_a_result(kind, operation, answer, wrap):
    """A plain answer and an `OperationResult` become the same result, with operation, backend and time filled."""
    result = kind(lambda: wrap(answer), backend_name="mine", statements=[("SELECT 1", ())])(operation)
    assert not result.looked_at
    assert result.data is answer
    assert result.instance is (answer if operation.answers == "instance" else None)
    assert (result.operation, result.backend) == (operation, "mine")
    assert (result.duration > 0, result.statements) == (True, [("SELECT 1", ())])
    assert result.success
    assert result.error is None


@both
def test_a_result_may_carry_its_answer_as_instance(kind):
    """`OperationResult(True, instance=user)` is an answer as `data=user` is."""
    result = kind(lambda: OperationResult(True, instance=ANN))(CREATE)
    assert result.instance is ANN
    assert result.data is ANN


@both
@pytest.mark.parametrize("how", [raising, lambda error: lambda: OperationResult(False, None, error)])
def test_a_failure_of_the_store_is_a_result(kind, how):
    """An error of the tree, raised or in a result, fails the result, which nobody has looked at yet."""
    error = NotFoundError("gone")
    result = kind(how(error), backend_name="mine")(GET)
    assert not result.looked_at
    assert result.error is error
    assert (result.data, result.backend, result.operation) == (None, "mine", GET)
    assert not result


@both
@pytest.mark.parametrize("how", [raising, lambda error: lambda: OperationResult(False, None, error)])
def test_a_native_error_is_translated_and_stays_the_cause(kind, how):
    """`translate_error` turns a native error into one of the tree, whose `__cause__` is the native one."""
    native = NativeError("connection refused")
    translate = {"translate_error": lambda self, error: UnavailableError(f"lost: {error}")}
    error = kind(how(native), **translate)(GET).error
    assert type(error) is UnavailableError
    assert str(error) == "lost: connection refused"
    assert error.__cause__ is native


@both
@pytest.mark.parametrize("error", [NativeError("what"), KeyError("x"), AssertionError("no"), StopIteration()])
def test_a_foreign_error_is_the_drivers_fault(kind, error):
    """An error that the driver does not translate is a `DriverContractError`, with that error as its cause."""
    with pytest.raises(DriverContractError, match=r"execute_get raised \w+.*translate_error") as caught:
        kind(raising(error))(GET)
    assert caught.value.__cause__ is not None


@both
@pytest.mark.parametrize("error", ["it failed", None, NativeError("x"), {"code": 5}])
def test_a_failed_result_needs_an_error_of_the_tree(kind, error):
    """A failed result whose error is no `OperationError` is the driver's fault, and says what to give it."""
    with pytest.raises(
        DriverContractError, match=r"execute_get answered a failed .* give it an OperationError"
    ):
        kind(lambda: OperationResult(False, None, error))(GET)


@both
def test_a_configuration_error_is_raised_as_it_is(kind):
    """What is wrong with the set-up is no failure of the store."""
    with pytest.raises(ConfigurationError, match="no such extra") as caught:
        kind(raising(ConfigurationError("no such extra")))(GET)
    assert type(caught.value) is ConfigurationError


@pytest.mark.parametrize("base", [DriverInterface, AsyncDriverInterface])
@pytest.mark.parametrize("operation", ALL, ids=lambda operation: operation.verb)
def test_what_is_not_written_is_unsupported(base, operation):
    """A driver without the method for an operation answers `UnsupportedError`, and not with a crash."""
    outcome = type("Mine", (base,), {"capabilities": InMemoryDriver.capabilities})().execute(operation)
    result = asyncio.run(outcome) if base is AsyncDriverInterface else outcome
    assert isinstance(result.error, UnsupportedError)
    assert result.error.capability in {operation.verb, operation.needs}
    assert f"execute_{operation.verb}" in str(result.error)


@both
@pytest.mark.parametrize("operation", [MANY, AGGREGATE, BeginOperation(), RollbackOperation()])
def test_an_operation_beyond_the_declared_capabilities_is_not_tried(kind, operation):
    """Without the capability the driver's method is not called, and the error says which mark the test needs."""
    reply = raising(AssertionError("called"))
    error = kind(reply, capabilities=Capabilities("unique"), backend_name="small")(operation).error
    assert isinstance(error, UnsupportedError)
    assert error.capability == operation.needs
    assert f"small lacks the capability {operation.needs!r}" in str(error)
    assert f"@requires({operation.needs!r})" in str(error)


def test_an_async_driver_whose_method_is_not_async_is_told_so():
    """A plain method on an async driver is a fault of the driver."""

    class Mine(AsyncDriverInterface):
        def execute_get(self, operation):
            return ANN

    with pytest.raises(DriverContractError, match="await"):
        asyncio.run(Mine().execute(GET))
