"""`DynamoDriver`: rows as items of DynamoDB, through boto3.

Known differences from the contract, beside those of `KeyedDriver`:

- async tests are served from a thread, since boto3 has no asyncio;
- a number has 38 digits, between 1E-130 and 1E+126 (`decimal_digits`, `integer_bits`, `float_magnitude`, `float_least`);
  neither NaN nor infinity is one, zero has no sign (`negative_zero` is absent), and a Decimal comes back equal but without
  its trailing zeros (`decimal_scale` is absent);
- a key, or a value of an indexed field, is neither empty nor larger than 2048 bytes, 1024 where it sorts (`empty_key`,
  `max_key_bytes`), and a row not larger than 400 KB, in moto 405,000 bytes (`max_item_bytes`): `ValueRangeError`;
- the store judges conditions but for `endswith` and those that fold case, and puts in order by its key alone: the rest is
  done here, and told (`filtering`, `ordering`);
- a read of the table is consistent, and one by a global secondary index is not on DynamoDB itself, which is therefore read
  by its tables alone; DynamoDB Local, dynalite and moto are asked by the index;
- of a conditional write that had to be sent again nobody can tell who was first, itself or another: `ConflictError`;
- unique values are items of ours in a table of their own, and a write of another client knows nothing of them;
- a transaction writes 100 items at most (`transaction_items`), its unique values among them, and nothing before it commits;
- `create_many` of more than that is several transactions, which others see one by one, and a failure undoes;
- dynalite has no transactions: there `transactions` and `unique` are absent, and `create_many` writes row by row, and
  takes back what it wrote where a row fails;
- dynalite and moto compare lists and maps wrongly, which is therefore done here, and they do not tell that another session
  changed one meanwhile; dynalite compares text beyond U+D7FF as UTF-16, which is therefore done here too;
- moto refuses to change a row where its size before and after is more than 405,000 bytes together: `ValueRangeError`.
"""

from collections.abc import Sequence
from typing import Any

from orm_testing.capabilities import Capabilities
from orm_testing.errors import OperationError
from orm_testing.schema import ModelSchema
from orm_testing_drivers.aws.client import client
from orm_testing_drivers.dynamodb.collection import DynamoCollection
from orm_testing_drivers.dynamodb.errors import translated
from orm_testing_drivers.dynamodb.products import Traits, traits_of
from orm_testing_drivers.dynamodb.store import DynamoStore
from orm_testing_drivers.dynamodb.tables import MAX_HASH_BYTES, Table
from orm_testing_drivers.dynamodb.values import DIGITS, LARGEST_FLOAT, LEAST_FLOAT
from orm_testing_drivers.dynamodb.writing import MOST_ITEMS, Values, check_room, in_one_go
from orm_testing_drivers.nosql.driver import KeyedDriver
from orm_testing_drivers.nosql.pending import Change


class DynamoDriver(KeyedDriver):
    capabilities = Capabilities(
        "aggregates", "astral_names", "autoincrement", "backdoor", "bulk", "clock", "conditional_writes", "null_character_in_text",
        "overlapping_transactions", "sessions", "transactions", "trio", "unique",
        datetime_precision="microsecond", decimal_digits=DIGITS, filtering="partly", float_magnitude=LARGEST_FLOAT,
        float_least=LEAST_FLOAT, integer_bits=127, max_item_bytes=Traits().largest_item, max_key_bytes=MAX_HASH_BYTES,
        ordering="partly", transaction_items=MOST_ITEMS,
    )  # fmt: skip
    store: DynamoStore

    @classmethod
    def capabilities_on(cls, product: str) -> Capabilities:
        traits = traits_of(product)
        declared = cls.capabilities | {"max_item_bytes": traits.largest_item}
        if traits.transactions:
            return declared
        return declared.without("overlapping_transactions", "transactions", "transaction_items", "unique")

    def open(self) -> None:
        self._open_on(DynamoStore)
        self._traits = traits_of(self.store.fingerprint())
        self._client = client("dynamodb", self.store.endpoint, heard=self._heard, parameter_validation=False)
        self._closing.callback(self._client.close)

    def collection(self, schema: ModelSchema) -> DynamoCollection:
        table = Table(schema, self.store.namespace, self._traits.largest_item)
        return DynamoCollection(table, self.store.namespace, self._client, self._traits)

    def apply(self, changes: Sequence[Change]) -> None:
        values = Values(self.store.namespace)
        actions = [self._of_change(change).writing(change, values) for change in changes]
        actions += values.actions()
        check_room(actions)
        in_one_go(self._client, actions)

    def translate_error(self, error: Exception) -> OperationError | None:
        return translated(error)

    def _of_change(self, change: Change) -> DynamoCollection:
        collection = self._collections[change.schema]
        assert isinstance(collection, DynamoCollection)
        return collection

    def _heard(self, request: str, parameters: Any) -> None:
        self.store.heard(request, parameters)
        super()._heard(request, parameters)
