"""Errors of MongoDB's protocol are told in the library's words, and what failed left nothing behind."""

import signal
from datetime import datetime

import mongodb_servers
import pytest
from bson.errors import InvalidDocument
from mongodb_servers import both
from pymongo import errors as native

from orm_testing import (
    AccessError,
    AggregateOperation,
    CheckError,
    ClearOperation,
    ConfigurationError,
    ConflictError,
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
    SchemaSet,
    UnavailableError,
    UpdateOperation,
    UpsertOperation,
    ValueRangeError,
)
from orm_testing.backends import make_store
from orm_testing.services.server import Server
from orm_testing_drivers.mongodb.errors import translated
from orm_testing_drivers.mongodb.service import MongoProduct

pytestmark = pytest.mark.external_services


class Item(Model):
    tenant: str = Field(primary_key=True)
    id: int = Field(primary_key=True)
    name: str | None = Field(None, unique=True)
    city: str | None = None
    since: datetime | None = None

    __unique__ = (("city", "since"), ("tenant", "city"))


def item(number, **values):
    return {"tenant": "t", "id": number, **values}


def done(driver, operation):
    result = driver.execute(operation)
    assert result.success, result.error
    return result.data


def duplicate(driver, operation):
    error = driver.execute(operation).error
    assert isinstance(error, DuplicateKeyError), error
    return error.fields


@both
def test_a_refused_write_names_its_fields_and_changes_nothing(on_backend, product):
    """The first constraint in the model's order, for each verb, also of several columns of which one may be None."""
    driver = on_backend(product, Item)
    day = datetime(2024, 1, 1, 0, 0, 0, 1)
    one = done(driver, CreateOperation(Item, item(1, name="a", city="x", since=day)))
    two = done(driver, CreateOperation(Item, item(2, name="b", city="y")))
    before = driver.rows(Item)
    for values, fields in [
        ({"name": "a"}, ("name",)),
        ({"name": "a", "city": "x", "since": day}, ("name",)),
        ({"city": "x", "since": day}, ("city", "since")),
        ({"city": "x"}, ("tenant", "city")),
    ]:
        assert duplicate(driver, CreateOperation(Item, item(3, **values))) == fields
        assert duplicate(driver, UpdateOperation(Item, two, values)) == fields
        assert duplicate(driver, UpsertOperation(Item, item(2, **values))) == fields
        assert duplicate(driver, UpsertOperation(Item, item(3, **values))) == fields
        assert duplicate(driver, CreateManyOperation(Item, [item(4), item(5, **values), item(6)])) == fields
        assert driver.rows(Item) == before
    assert duplicate(driver, CreateOperation(Item, item(1, name="a"))) == ("tenant", "id")
    done(driver, CreateOperation(Item, item(7, since=day)))
    done(driver, CreateOperation(Item, item(8, since=day)))
    done(driver, UpdateOperation(Item, one, {"since": datetime(2024, 1, 1)}))
    done(driver, UpdateOperation(Item, one, {"since": None}))
    done(driver, CreateOperation(Item, {"tenant": "u", "id": 1, "city": "x", "since": day}))


@both
def test_create_many_takes_back_only_what_it_wrote(on_backend, product):
    """The rows that were there stay, whichever row is refused."""
    driver = on_backend(product, Item)
    for number, name in ((5, "theirs"), (6, "also")):
        done(driver, CreateOperation(Item, item(number, name=name)))
    for refused in ((0,), (1,), (249,), (99, 100, 200)):
        rows = [item(100 + number, city=str(number)) for number in range(250)]
        rows[refused[0]] = item(5)
        for other in refused[1:]:
            rows[other] = item(6) if other == 200 else item(7, name="theirs")
        assert duplicate(driver, CreateManyOperation(Item, rows)) == ("tenant", "id")
        assert [row["name"] for row in driver.rows(Item)] == ["theirs", "also"]
    error = driver.execute(CreateManyOperation(Item, [item(1), item(2, name="\ud800")])).error
    assert isinstance(error, ValueRangeError)
    assert len(driver.rows(Item)) == 2


def test_a_row_that_came_and_went_is_a_duplicate_all_the_same(on_backend):
    """Where the row in the way is gone when it is looked for, the server's word stands, without fields."""
    driver = on_backend("mongomock", Item)
    collection = driver._collections[driver.schemas.of(Item)]

    class Racing:
        def __getattr__(self, name):
            return getattr(documents, name)

        def replace_one(self, *values, **options):
            seen.append(values)
            raise native.DuplicateKeyError("E11000", 11000, {})

    seen = []
    documents, collection._documents = collection._documents, Racing()
    assert duplicate(driver, UpsertOperation(Item, item(1))) == ()
    assert len(seen) == 2


EVERY = [
    CreateOperation(Item, item(1)),
    CreateManyOperation(Item, [item(1), item(2)]),
    GetOperation(Item, {"id": 1}),
    UpdateOperation(Item, Item(tenant="t", id=1), {"city": "x"}),
    UpsertOperation(Item, item(1)),
    DeleteOperation(Item, Item(tenant="t", id=1)),
    QueryOperation(Item, {}),
    CountOperation(Item, {}),
    ExistsOperation(Item, {}),
    AggregateOperation(Item, ("count",), {}, []),
    ClearOperation(),
]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["gone", "silent"])
def test_a_lost_server_is_unavailable(on_backend, tmp_path, how):
    """Every verb, the backdoor and a reset say so, within the time that the URL allows; nothing is not found."""
    with mongodb_servers.serving(tmp_path) as (process, url):
        hasty = f"{url}&serverSelectionTimeoutMS=200&socketTimeoutMS=700&connectTimeoutMS=700"
        store = make_store("mongodb")
        store.server = Server("mongodb", "given", hasty, "FerretDB v1.24.0", "orm_testing_lost")
        store.open(tmp_path)
        store.prepare(SchemaSet((Item,)))
        driver = on_backend("mongodb", Item, store=store)
        done(driver, CreateOperation(Item, item(9)))
        process.send_signal(how)
        if how == signal.SIGKILL:
            process.wait()
        for operation in EVERY:
            error = driver.execute(operation).error
            assert isinstance(error, UnavailableError), operation
            assert isinstance(error.__cause__, native.PyMongoError)
        for work in (lambda: driver.rows(Item), driver.reset, driver.store.mark, store.close):
            with pytest.raises(UnavailableError):
                work()


def test_a_wrong_password_is_no_absence(on_backend, tmp_path):
    """The product refuses to be asked so; a driver on such a URL says that access is denied."""
    with mongodb_servers.serving(tmp_path) as (_, url):
        wrong = url.replace("pass", "past")
        with pytest.raises(ConfigurationError, match=r"what answers there will not do: .*[Aa]uthentication"):
            MongoProduct().ask(wrong, 5)
        server = Server("mongodb", "given", wrong, "FerretDB v1.24.0", "orm_testing_wrong")
        with pytest.raises(AccessError):
            on_backend("mongodb", Item, server=server)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (native.DuplicateKeyError("E11000", 11000), DuplicateKeyError),
        (native.OperationFailure("UNIQUE constraint failed: index 'u0' (2067)", 1), DuplicateKeyError),
        (native.BulkWriteError({"writeErrors": [{"index": 0, "code": 11000}]}), DuplicateKeyError),
        (native.BulkWriteError({"writeErrors": [{"index": 0, "code": 121}]}), CheckError),
        (native.OperationFailure("not authorized", 13), AccessError),
        (native.OperationFailure("Authentication failed", 18), AccessError),
        (native.WriteError("Document failed validation", 121), CheckError),
        (native.OperationFailure("WriteConflict", 112), ConflictError),
        (native.OperationFailure("LockTimeout", 24), ConflictError),
        (native.OperationFailure("Request rate is large", 16500), UnavailableError),
        (native.OperationFailure("IngressRequestRateLimitExceeded", 462), UnavailableError),
        (native.NotPrimaryError("not primary", {"code": 10107}), UnavailableError),
        (native.ServerSelectionTimeoutError("nobody"), UnavailableError),
        (native.NetworkTimeout("slow"), UnavailableError),
        (native.ExecutionTimeout("slow", 50), UnavailableError),
        (native.WriteError("Resulting document after update is larger", 17419), ValueRangeError),
        (native.DocumentTooLarge("too large"), ValueRangeError),
        (InvalidDocument("cannot encode"), ValueRangeError),
        (OverflowError("MongoDB can only handle up to 8-byte ints"), ValueRangeError),
        (native.OperationFailure("Unrecognized pipeline stage", 40324), None),
        (native.InvalidOperation("Cannot use MongoClient after close"), None),
        (KeyError("a fault of the driver"), None),
    ],
    ids=lambda value: (
        getattr(value, "__name__", None) or f"{type(value).__name__}-{getattr(value, 'code', '')}"
    ),
)
def test_native_errors_have_a_name_here(error, kind):
    """A throttled, a refused and a lost request are told apart; what is not known is the driver's fault."""
    assert type(translated(error)) is (kind or type(None))
