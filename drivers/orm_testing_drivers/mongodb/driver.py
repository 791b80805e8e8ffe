"""`MongoDriver`: MongoDB through pymongo, on MongoDB itself, on FerretDB, or on mongomock in this process.

Known differences from the contract, on every product:

- references are not enforced (`foreign_keys` is absent), there is no schema to create, describe or evolve, there are no
  users, and a transaction has no isolation level;
- async tests are served from a thread;
- an integer has 64 bits (`integer_bits`), and so has a timedelta, in microseconds: `ValueRangeError`;
- a document has 16 MB (`max_item_bytes`), bytes count up to threefold in it, structured values nest 90 deep (`structure_depth`): more is a
  `ValueRangeError`;
- text is UTF-8, without lone surrogates: `ValueRangeError`;
- BSON's dates end with the millisecond: the whole moment stands beside them, as a number of microseconds, and by that the
  store compares and sorts; a `time` is text, since BSON has nothing for it;
- structured values are documents; they are compared by a digest of their canonical JSON that stands beside them;
- a document that another client wrote without what stands beside is read, but its dates, bytes and structured values are
  not found by conditions, and its None is sorted first; values of several fields, of which one may be None, are unique among
  documents of the driver's alone, and to change these values of such a document is a `ConflictError`;
- sums and averages of Decimals, which the server would round, and groups by floats or Decimals are made from the rows
  here (`client_work`), and so is what is compared with a value that the store cannot hold;
- the sum of floats is the store's, whose last digit may differ from Python's.

On MongoDB itself, of which no server could be had where this was written:

- a Decimal is a Decimal128, of 34 digits (`decimal_digits`);
- transactions are there on a replica set alone; they are buffered here and written as one of the server's own when they commit;
- without a replica set, `create_many` takes back what it wrote when a row is refused, and others may see it meanwhile; where
  the server is lost in the midst of it, rows may stay.

On FerretDB 1.24, besides:

- no transactions; `create_many` as without a replica set;
- floats are finite, and zero has no sign (`float_nan`, `float_infinity`, `negative_zero` are absent);
- a Decimal is text of any length, with ordered text beside it;
- all aggregates but the count of rows are made from the rows here: two sums in one `$group` come out wrong;
- an update is not atomic (`conditional_writes` is absent): the sessions of one store take turns, but a client of the test's own
  does not wait for them.

On mongomock 4.3, besides:

- no transactions; `create_many` as without a replica set;
- a Decimal is a Decimal128, which mongomock cannot compare, and among floats it cannot sort NaN: ordered text stands beside
  both, and their extremes are found here;
- an update that a unique index refuses is not undone where the key has several parts: it is looked for before;
- a document is looked for by its key among all others, one by one; the sessions of one store take turns (`conditional_writes`
  is absent);
- nothing goes over a wire: a server is never refused or lost.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from pymongo import ReadPreference, WriteConcern
from pymongo.read_concern import ReadConcern

from orm_testing.capabilities import Capabilities
from orm_testing.errors import OperationError
from orm_testing.schema import ModelSchema
from orm_testing_drivers.mongodb.collection import MongoCollection
from orm_testing_drivers.mongodb.dialects import MONGODB_ITSELF, REPLICA_SET, dialect_of
from orm_testing_drivers.mongodb.errors import translated
from orm_testing_drivers.mongodb.layout import MAX_BYTES
from orm_testing_drivers.mongodb.names import collection_name
from orm_testing_drivers.mongodb.store import MongoStore
from orm_testing_drivers.mongodb.structured import DEEPEST
from orm_testing_drivers.nosql.driver import KeyedDriver
from orm_testing_drivers.nosql.pending import Change

_DECIMAL128_DIGITS = 34


class MongoDriver(KeyedDriver):
    capabilities = Capabilities(
        "aggregates", "autoincrement", "backdoor", "bulk", "clock", "overlapping_transactions", "sessions",
        "transactions", "trio", "unique",
        "astral_names", "conditional_writes", "decimal_scale", "empty_key", "float_infinity", "float_nan", "negative_zero",
        "null_character_in_text",
        datetime_precision="microsecond", decimal_digits=_DECIMAL128_DIGITS, filtering="store", float_magnitude=None,
        integer_bits=64, max_item_bytes=MAX_BYTES, max_key_bytes=None, ordering="store",
        structure_depth=DEEPEST, transaction_items=None,
    )  # fmt: skip

    store: MongoStore

    @classmethod
    def capabilities_on(cls, product: str) -> Capabilities:
        """On MongoDB of which no more is known, what a replica set can: those that we start are of that kind."""
        dialect = dialect_of(product)
        can = cls.capabilities
        if product != MONGODB_ITSELF and REPLICA_SET not in product:
            can = can.without("transactions", "overlapping_transactions", "transaction_items")
        if not dialect.atomic:
            can = can.without("conditional_writes")
        if not dialect.unfinite:
            can = can.without("float_infinity", "float_nan", "negative_zero")
        return can if dialect.decimal128 else can | {"decimal_digits": None}

    def open(self) -> None:
        self._open_on(MongoStore)
        self.client = self.store.client(self._heard)
        self._closing.callback(self.client.close)
        self._named = self.store.collections(self.client, self._heard)

    def collection(self, schema: ModelSchema) -> MongoCollection:
        layout = self.store.layouts[collection_name(schema.table)]
        transaction = self._transaction if "transactions" in self.capabilities else None
        return MongoCollection(layout, self._named, self.store.alone, self.store.wrote, transaction)

    def apply(self, changes: Sequence[Change]) -> None:
        with self._transaction() as session:
            for write in (MongoCollection.give_up, MongoCollection.take):
                for change in changes:
                    collection = self._collections[change.schema]
                    assert isinstance(collection, MongoCollection)
                    write(collection, change, session)

    def translate_error(self, error: Exception) -> OperationError | None:
        return translated(error)

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        """A transaction of the server's own: committed at the end, aborted by an error."""
        concerns = (ReadConcern("snapshot"), WriteConcern("majority"), ReadPreference.PRIMARY)
        with self.client.start_session() as session, session.start_transaction(*concerns):
            yield session
