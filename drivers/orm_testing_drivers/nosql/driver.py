"""`KeyedDriver`: a driver on a store that finds rows by their keys, for every product that is not asked in SQL.

Known differences from the contract, beside those that each product adds:

- references are not enforced (`foreign_keys` is absent), and there is no schema to create, describe or evolve;
- a transaction, where there are any, is buffered here and taken by the store as a whole when it commits; each of its
  reads is of what is committed then, and only a row that changed after the transaction wrote it is a conflict.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import Any

from orm_testing.aggregates import aggregated, grouping, parse_aggregates
from orm_testing.driver import DriverInterface, Rights
from orm_testing.errors import (
    ConfigurationError,
    ConflictError,
    MultipleResultsError,
    NotFoundError,
    UnsupportedError,
)
from orm_testing.filters import Condition, Group, check_page, in_order, parse, parse_order
from orm_testing.operations import (
    AggregateOperation,
    BeginOperation,
    ClearOperation,
    CommitOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    ExistsOperation,
    GetOperation,
    Operation,
    QueryOperation,
    RollbackOperation,
    UpdateOperation,
    UpsertOperation,
    shown,
)
from orm_testing.results import OperationResult
from orm_testing.rows import RowMaker
from orm_testing.schema import ModelSchema, SchemaSet
from orm_testing.store import Store
from orm_testing_drivers.nosql.buffered import Buffered
from orm_testing_drivers.nosql.collection import Collection, Row, Selection
from orm_testing_drivers.nosql.pending import Change, Pending
from orm_testing_drivers.nosql.selecting import exact_key, finished
from orm_testing_drivers.nosql.store import KeyedStore

_ATTEMPTS = 100
"""How often an update begins anew: of a few sessions that write one row, one that has bad luck loses many times in a row."""

_MOST_ROWS = 2**31 - 1
"""No store has more, and not every one takes larger numbers for a page."""


class KeyedDriver(DriverInterface):
    """Reads and writes through one `Collection` per model, which is all that a product adds for most operations."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        self.pending = Pending()

    @abstractmethod
    def collection(self, schema: ModelSchema) -> Collection:
        """The rows of this model, through the client that `open` made."""

    def apply(self, changes: Sequence[Change]) -> None:
        """Write what a transaction did, all or nothing; `ConflictError` where a row is not as `before` says any more."""
        raise UnsupportedError(f"{self.backend_name} has no transactions", capability="transactions")

    def _open_on(self, kind: type[KeyedStore]) -> None:
        """How an `open` begins whose store has to be of this kind: it settles what the driver can on the product."""
        store: Store | None = self.store
        if not isinstance(store, kind):
            raise ConfigurationError(
                f"{type(self).__name__} needs a {kind.__name__}, and has {store!r}. Register its backend with one:"
                f" register_backend(…, store=…, driver={type(self).__name__})."
            )
        self.capabilities = self.capabilities_on(store.fingerprint())

    def close(self) -> None:
        self._closing.close()

    def prepare(self, models: Sequence[type[Any]]) -> None:
        self.schemas = SchemaSet(tuple(models))
        self._makers = {schema: RowMaker(schema) for schema in self.schemas}
        self._collections = {schema: self.collection(schema) for schema in self.schemas}
        self._buffered = {
            schema: Buffered(collection, self.pending) for schema, collection in self._collections.items()
        }
        self._keeps = {
            schema: [field.name for field in schema.fields if field.auto_now_add] for schema in self.schemas
        }

    def session(self, rights: Rights = "all") -> "KeyedDriver":
        if rights != "all":
            raise UnsupportedError(f"{self.backend_name} has no users", capability="users")
        session = type(self)()
        session.backend_name, session.clock, session.store = self.backend_name, self.clock, self.store
        session.setup_backend([schema.model_class for schema in self.schemas])
        return session

    def execute(self, operation: Operation) -> OperationResult[Any]:
        self.statements, self.client_work = [], ()
        return super().execute(operation)

    def execute_create(self, operation: CreateOperation) -> Any:
        schema, collection = self._of(operation)
        instance = self._makers[schema].new(operation.data, self.clock)
        self._number(collection, [instance.__dict__])
        collection.insert(instance.__dict__)
        return instance

    def execute_create_many(self, operation: CreateManyOperation) -> Any:
        schema, collection = self._of(operation)
        made = [self._makers[schema].new(row, self.clock) for row in operation.rows]
        if not made:
            return made
        rows = [instance.__dict__ for instance in made]
        self._number(collection, rows)
        self._check_apart(collection, rows)
        collection.insert_many(rows)
        return made

    def execute_get(self, operation: GetOperation) -> Any:
        schema, collection = self._of(operation)
        where = parse(operation.filters, schema)
        key = exact_key(where, schema)
        if key is not None:
            row = collection.find(key)
            rows = [] if row is None else [row]
        else:
            rows = self._select(collection, Selection(where, limit=2))
        if len(rows) != 1:
            kind = MultipleResultsError if rows else NotFoundError
            number = f"{len(rows)} or more rows" if rows else "no row"
            raise kind(f"{number} of {schema.name} match {shown(operation.filters)}", model=schema.name)
        return schema.instance(rows[0])

    def execute_update(self, operation: UpdateOperation) -> Any:
        schema, collection = self._of(operation)
        key = collection.key_of(self.key_of(operation.instance))
        for _ in range(_ATTEMPTS):
            current = collection.find(key)
            if current is None:
                raise self._not_found(schema, operation.instance)
            row = {**current, **self._makers[schema].changed(current, operation.changes, self.clock)}
            if collection.change(current, schema.copied(row)):
                return schema.instance(row)
        raise ConflictError(f"others write {schema.name} {key!r} all the time", model=schema.name)

    def execute_delete(self, operation: DeleteOperation) -> Any:
        schema, collection = self._of(operation)
        key = collection.key_of(self.key_of(operation.instance))
        if not collection.remove(key):
            raise self._not_found(schema, operation.instance)

    def execute_upsert(self, operation: UpsertOperation) -> Any:
        schema, collection = self._of(operation)
        maker = self._makers[schema]
        instance = maker.new(operation.data, self.clock)
        if any(operation.data.get(name) is None for name in self._keeps[schema]):
            key = collection.key_of(instance.__dict__)
            current = None if None in key else collection.find(key)
            if current is not None:
                instance = maker.new(operation.data, self.clock, kept=current)
        self._number(collection, [instance.__dict__])
        collection.put(instance.__dict__)
        return instance

    def execute_query(self, operation: QueryOperation) -> Any:
        schema, collection = self._of(operation)
        where = parse(operation.filters, schema)
        check_page(operation.limit, operation.offset, schema)
        order = parse_order(operation.order_by, schema)
        if operation.limit == 0:
            return []
        limit = None if operation.limit is None else min(operation.limit, _MOST_ROWS)
        selection = Selection(where, order, limit, min(operation.offset, _MOST_ROWS))
        return [schema.instance(row) for row in self._select(collection, selection)]

    def execute_count(self, operation: CountOperation) -> Any:
        schema, collection = self._of(operation)
        where = parse(operation.filters, schema)
        counted = collection.count(where)
        return len(self._select(collection, Selection(where))) if counted is None else counted

    def execute_exists(self, operation: ExistsOperation) -> Any:
        schema, collection = self._of(operation)
        where = parse(operation.filters, schema)
        key = exact_key(where, schema)
        if key is not None:
            return collection.find(key) is not None
        return bool(self._select(collection, Selection(where, limit=1)))

    def execute_aggregate(self, operation: AggregateOperation) -> Any:
        schema, collection = self._of(operation)
        where = parse(operation.filters, schema)
        aggregates = parse_aggregates(operation.aggregates, schema)
        fields = grouping(operation.group_by, schema)
        answer = collection.aggregate(where, aggregates, fields)
        if answer is None:
            answer = aggregated(self._select(collection, Selection(where)), aggregates, fields)
            self.client_work = (*self.client_work, "aggregate")
        return answer

    def execute_clear(self, operation: ClearOperation) -> Any:
        for schema in self.schemas:
            self._rows_of(schema).clear()

    def execute_begin(self, operation: BeginOperation) -> Any:
        self.pending.begin()

    def execute_commit(self, operation: CommitOperation) -> Any:
        changes = self.pending.commit()
        if changes:
            self.apply(changes)

    def execute_rollback(self, operation: RollbackOperation) -> Any:
        self.pending.rollback()

    def rows(self, model_class: type[Any], key: Mapping[str, Any] | None = None) -> list[Row]:
        """Inside a transaction, with what it buffers: the store knows nothing of that yet."""
        if not self.pending:
            return super().rows(model_class, key)
        schema = self.schemas.of(model_class)
        where = Group(
            "all",
            tuple(Condition(schema.by_name[name], "exact", value) for name, value in (key or {}).items()),
        )
        rows = self.pending.over(schema, self.committed_rows(model_class, key), where)
        return in_order(rows, [(schema.by_name[name], False) for name in schema.key])

    def count_rows(self, model_class: type[Any]) -> int:
        return len(self.rows(model_class)) if self.pending else super().count_rows(model_class)

    def leaks(self) -> list[str]:
        number = self.pending.abandon()
        left = [f"{number} transaction{'s were' if number > 1 else ' was'} left open"] if number else []
        return super().leaks() + left

    def reset(self) -> None:
        self.pending.abandon()
        super().reset()

    def _heard(self, request: str, parameters: Any) -> None:
        """For a hook of the product's client, which tells of each request before it is sent."""
        if isinstance(self.statements, list):
            self.statements.append((request, parameters))

    def _of(self, operation: Any) -> tuple[ModelSchema, Collection]:
        schema = self.schemas.of(operation.model_class)
        return schema, self._rows_of(schema)

    def _rows_of(self, schema: ModelSchema) -> Collection:
        return (self._buffered if self.pending else self._collections)[schema]

    def _select(self, collection: Collection, selection: Selection) -> list[Row]:
        rows, work = finished(selection, collection.select(selection))
        self.client_work = tuple(dict.fromkeys((*self.client_work, *work)))
        return rows

    def _number(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Give rows without a key of the kind that the store makes theirs."""
        generated = collection.schema.generated
        if generated is None or generated.kind != "int":
            return
        without = [row for row in rows if row[generated.name] is None]
        given = [row[generated.name] for row in rows if row[generated.name] is not None]
        if given:
            collection.key_given(max(given))
        if without:
            first = collection.next_keys(len(without))
            for number, row in enumerate(without):
                row[generated.name] = first + number

    def _check_apart(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Rows of one operation must not be in each other's way; what is stored already is the store's to say."""
        unique = collection.schema.unique if "unique" in self.capabilities else ()
        for names in (collection.schema.key, *unique):
            values = [tuple([row[name] for name in names]) for row in rows]
            if len(set(values)) == len(values):
                continue
            seen = set()
            for row, value in zip(rows, values, strict=True):
                if None not in value and value in seen:
                    raise collection.taken(names, row)
                seen.add(value)

    def _not_found(self, schema: ModelSchema, instance: Any) -> NotFoundError:
        return NotFoundError(
            f"no {schema.name} has the key {shown(dict(self.key_of(instance)))}", model=schema.name
        )
