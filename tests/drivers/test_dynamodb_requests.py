"""How many requests each verb takes: the fewest that a client of DynamoDB needs for the same."""

from datetime import datetime

import pytest

from orm_testing import (
    AggregateOperation,
    BeginOperation,
    ClearOperation,
    CommitOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DuplicateKeyError,
    ExistsOperation,
    Field,
    GetOperation,
    Model,
    QueryOperation,
    RollbackOperation,
    UpdateOperation,
    UpsertOperation,
    ValueRangeError,
)

PRODUCTS = ("dynamodb_local", "dynalite", "moto_dynamodb")
WITH_TRANSACTIONS = ("dynamodb_local", "moto_dynamodb")


class Plain(Model):
    id: str = Field(primary_key=True)
    name: str = "x"
    made: datetime | None = Field(None, auto_now_add=True)


class User(Model):
    id: str = Field(primary_key=True)
    email: str | None = Field(None, unique=True)
    name: str = "x"


class Counted(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    name: str = "x"


@pytest.fixture
def counted(on_backend):
    """A driver on this product, and the requests that its client puts on the wire since it was last asked."""

    def make(product):
        driver = on_backend(product, Plain, User, Counted)
        sent = []

        def note(request, **_):
            sent.append(request.headers["X-Amz-Target"].decode().partition(".")[2])

        driver._client.meta.events.register_first("before-send.dynamodb", note)

        def asked(operation, error=None):
            sent.clear()
            result = driver.execute(operation)
            assert type(result.error) is (error or type(None)), result
            assert [name for name, _ in result.statements] == sent
            return list(sent)

        return driver, asked

    return make


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_model_without_unique_fields_takes_one_request_each(counted, product):
    """An update reads the row first, to validate it; an upsert does where the row's time of creation is kept."""
    _, asked = counted(product)
    one = Plain(id="1")
    assert asked(CreateOperation(Plain, {"id": "1"})) == ["PutItem"]
    assert asked(CreateOperation(Plain, {"id": "1"}), DuplicateKeyError) == ["PutItem"]
    assert asked(GetOperation(Plain, {"id": "1"})) == ["GetItem"]
    assert asked(ExistsOperation(Plain, {"id": "1"})) == ["GetItem"]
    assert asked(GetOperation(Plain, {"name": "x"})) == ["Scan"]
    assert asked(ExistsOperation(Plain, {"id": "1", "name": "x"})) == ["Query"]
    assert asked(UpdateOperation(Plain, one, {"name": "y"})) == ["GetItem", "UpdateItem"]
    assert asked(UpdateOperation(Plain, one, {"name": "y"})) == ["GetItem"]
    assert asked(UpsertOperation(Plain, {"id": "1"})) == ["GetItem", "PutItem"]
    assert asked(UpsertOperation(Plain, {"id": "1", "made": datetime(2024, 1, 1)})) == ["PutItem"]
    assert asked(QueryOperation(Plain, {})) == ["Scan"]
    assert asked(CountOperation(Plain, {"name__startswith": "x"})) == ["Scan"]
    assert asked(AggregateOperation(Plain, ("count",))) == ["Scan"]
    assert asked(DeleteOperation(Plain, one)) == ["DeleteItem"]
    assert asked(ClearOperation()) == ["Scan"] * 3
    assert asked(CreateOperation(Counted, {})) == ["UpdateItem", "PutItem"]
    assert asked(CreateOperation(Counted, {"id": 7})) == ["UpdateItem", "PutItem"]


@pytest.mark.parametrize("product", WITH_TRANSACTIONS)
def test_unique_values_are_written_with_their_row(counted, product):
    """In one request; only what replaces or removes a row has to read the values that it gives up."""
    driver, asked = counted(product)
    one = User(id="1", email="a")
    assert asked(CreateOperation(User, {"id": "1", "email": "a"})) == ["TransactWriteItems"]
    assert asked(CreateOperation(User, {"id": "2", "email": "a"}), DuplicateKeyError) == [
        "TransactWriteItems"
    ]
    assert asked(UpdateOperation(User, one, {"name": "y"})) == ["GetItem", "UpdateItem"]
    assert asked(UpdateOperation(User, one, {"email": "b"})) == ["GetItem", "TransactWriteItems"]
    assert asked(UpsertOperation(User, {"id": "1", "email": "c"})) == ["GetItem", "TransactWriteItems"]
    assert asked(DeleteOperation(User, one)) == ["GetItem", "TransactWriteItems"]
    driver.store.told = True
    assert [
        item
        for item in driver.store.connect().scan(TableName=driver.store.namespace)["Items"]
        if "unique" in item["orm_testing"]["S"]
    ] == []


def test_a_transaction_is_one_request(counted):
    """Nothing is sent before the commit, but what has to be read; a rollback sends nothing."""
    _, asked = counted("dynamodb_local")
    assert asked(BeginOperation()) == []
    assert asked(CreateOperation(Plain, {"id": "1"})) == ["GetItem"]
    assert asked(UpdateOperation(Plain, Plain(id="1"), {"name": "y"})) == []
    assert asked(CommitOperation()) == ["TransactWriteItems"]
    assert asked(BeginOperation()) == []
    assert asked(DeleteOperation(Plain, Plain(id="1"))) == ["GetItem"]
    assert asked(RollbackOperation()) == []


@pytest.mark.parametrize(
    ("product", "plain", "unique"),
    [
        ("dynamodb_local", ["TransactWriteItems"] * 3, ["TransactWriteItems"] * 5),
        ("moto_dynamodb", ["BatchGetItem"] * 3 + ["BatchWriteItem"] * 10, ["BatchGetItem"] * 5 + ["BatchWriteItem"] * 20),
        ("dynalite", ["PutItem"] * 250, ["PutItem"] * 250),
    ],
)  # fmt: skip
def test_many_rows_take_the_products_own_batches(counted, product, plain, unique):
    """A transaction takes 100 items, a batch 25; dynalite has no batches with conditions, and takes row after row."""
    _, asked = counted(product)
    numbers = range(250)
    assert asked(CreateManyOperation(Plain, [{"id": str(number)} for number in numbers])) == plain
    rows = [{"id": str(number), "email": str(number)} for number in numbers]
    assert asked(CreateManyOperation(User, rows)) == unique


@pytest.mark.parametrize("product", PRODUCTS)
def test_many_rows_are_all_or_none(counted, product):
    """One key that is taken, behind what the first requests wrote, and none of the others is there."""
    driver, asked = counted(product)
    asked(CreateOperation(Plain, {"id": "240", "name": "first"}))
    asked(CreateManyOperation(Plain, [{"id": str(number)} for number in range(250)]), DuplicateKeyError)
    assert [(row["id"], row["name"]) for row in driver.rows(Plain)] == [("240", "first")]


@pytest.mark.parametrize("product", WITH_TRANSACTIONS)
def test_many_unique_rows_are_all_or_none(counted, product):
    """A unique value that is taken names its field, and those of the others are free again."""
    driver, asked = counted(product)
    asked(CreateOperation(User, {"id": "x", "email": "240"}))
    rows = [{"id": str(number), "email": str(number)} for number in range(250)]
    result = driver.execute(CreateManyOperation(User, rows))
    assert isinstance(result.error, DuplicateKeyError)
    assert result.error.fields == ("email",)
    assert [row["id"] for row in driver.rows(User)] == ["x"]
    asked(CreateManyOperation(User, rows[:240]))


def test_a_transaction_writes_a_hundred_items_and_no_more(counted):
    """Unique values among them; a larger one is refused, says the limit, and writes nothing."""
    driver, asked = counted("dynamodb_local")
    assert driver.capabilities["transaction_items"] == 100
    asked(BeginOperation())
    asked(CreateManyOperation(User, [{"id": str(number), "email": str(number)} for number in range(50)]))
    assert asked(CommitOperation()) == ["TransactWriteItems"]
    asked(BeginOperation())
    asked(CreateManyOperation(Plain, [{"id": str(number)} for number in range(99)]))
    asked(UpdateOperation(User, User(id="1"), {"email": "new"}))
    assert asked(CommitOperation(), ValueRangeError) == []
    assert driver.rows(Plain) == []
