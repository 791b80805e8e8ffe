"""`RedisDriver`: rows as hashes of Redis, through redis-py.

Known differences from the contract, beside those of `KeyedDriver`:

- a query is served by the store where the key or an index has its first conditions: equality, `in`, ranges and
  `startswith`; other conditions are judged here, and so are orders that no index has (`filtering`, `ordering`);
- aggregates are computed here;
- a value, and a key, has at most 512 MB (`max_item_bytes`, `max_key_bytes`); an integer at most 4300 digits;
- a key that a test gives moves the counter that makes keys, up to 63 bits;
- a client of the test's own that writes a row's hash has to keep the row's indexes itself;
- what a full server does not take (`OOM`) is `UnavailableError`; what another client wrote in the place of a row, and is no
  hash, is `ConflictError`, except that a delete removes it;
- a cluster is refused: a transaction writes to keys of several slots;
- async tests are served from a thread.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from orm_testing.capabilities import Capabilities
from orm_testing.errors import ConflictError, OperationError
from orm_testing.operations import ClearOperation
from orm_testing.schema import ModelSchema
from orm_testing_drivers.nosql.driver import KeyedDriver
from orm_testing_drivers.nosql.pending import Change
from orm_testing_drivers.redis.collection import Demand, RedisCollection, Refused, Writing
from orm_testing_drivers.redis.errors import translated
from orm_testing_drivers.redis.store import RedisStore
from orm_testing_drivers.redis.values import MAX_BYTES


class RedisDriver(KeyedDriver):
    """Works on Redis, on Valkey and on fakeredis alike."""

    capabilities = Capabilities(
        "aggregates", "autoincrement", "backdoor", "bulk", "clock", "overlapping_transactions", "sessions", "transactions", "trio", "unique",
        "astral_names", "conditional_writes", "decimal_scale", "empty_key", "float_infinity", "float_nan", "negative_zero",
        "null_character_in_text", "lone_surrogates_in_text",
        datetime_precision="microsecond", integer_bits=None, decimal_digits=None, float_magnitude=None,
        filtering="partly", ordering="partly", max_item_bytes=MAX_BYTES, max_key_bytes=MAX_BYTES, transaction_items=None,
    )  # fmt: skip
    store: RedisStore

    def open(self) -> None:
        self._open_on(RedisStore)
        self._made: dict[ModelSchema, RedisCollection] = {}
        self._client = self.store.client(self._heard)
        self._closing.callback(self._client.close)

    def collection(self, schema: ModelSchema) -> RedisCollection:
        made = RedisCollection(schema, self.store.layout(schema), self._client, self.store)
        self._made[schema] = made
        return made

    def execute_clear(self, operation: ClearOperation) -> Any:
        """All models at once."""
        if self.pending:
            return super().execute_clear(operation)
        layouts = [self.store.layout(schema) for schema in self.schemas]
        return self.store.remove_rows(layouts, self._client, counters=False)

    def apply(self, changes: Sequence[Change]) -> None:
        by_schema: dict[ModelSchema, list[Demand]] = {}
        for change in changes:
            demand = "new" if change.before is None else "same"
            made = Demand(demand, change.key, change.after, change.before)
            by_schema.setdefault(change.schema, []).append(made)
        self.store.touched = True
        while (refused := self._written(by_schema)) is not None:
            late, held = refused.change, None
            if refused.why == "changed" and late.before is not None and late.held is None:
                held = refused.collection.spelt(late.key, late.before)
            if held is None:
                raise self._refusal(refused)
            demands = by_schema[refused.collection.schema]
            demands[demands.index(late)] = replace(late, held=held)

    def _written(self, by_schema: Mapping[ModelSchema, Sequence[Demand]]) -> Refused | None:
        writing = Writing()
        for schema, demands in by_schema.items():
            writing.add(self._made[schema], demands)
        return writing.run(self._client)

    def _refusal(self, refused: Refused) -> Exception:
        if refused.why == "taken" and tuple(refused.taken) != tuple(refused.collection.schema.key):
            return refused.duplicate()
        name = refused.collection.schema.name
        return ConflictError(
            f"another session wrote {name} {refused.change.key!r} during the transaction", model=name
        )

    def reset(self) -> None:
        for collection in self._made.values():
            collection.forget()
        super().reset()

    def translate_error(self, error: Exception) -> OperationError | None:
        return translated(error)
