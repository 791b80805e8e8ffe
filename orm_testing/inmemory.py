"""The in-memory driver: the contract in executable form, and the oracle that other drivers are compared with.

Differences from the contract: none.
"""

from collections.abc import Mapping, Sequence
from platform import python_version
from typing import Any

from orm_testing.aggregates import aggregated, grouping, parse_aggregates
from orm_testing.capabilities import Capabilities
from orm_testing.driver import DriverInterface
from orm_testing.errors import (
    DuplicateKeyError,
    ForeignKeyError,
    MultipleResultsError,
    NotFoundError,
)
from orm_testing.filters import Condition, in_order, matches, parse, select_rows
from orm_testing.operations import (
    AggregateOperation,
    AttachmentOperation,
    AttachOperation,
    BeginOperation,
    ClearOperation,
    CommitOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DetachOperation,
    ExistsOperation,
    GetOperation,
    QueryOperation,
    RollbackOperation,
    UpdateOperation,
    UpsertOperation,
    shown,
)
from orm_testing.rows import RowMaker
from orm_testing.schema import FieldSchema, ModelSchema, SchemaSet

Row = dict[str, Any]
Key = tuple[Any, ...]


class Table:
    """The rows of one model by key. A stored row is never changed in place, so that a shallow copy is a snapshot."""

    __slots__ = ("files", "generates", "keyed", "make", "rows", "schema", "sequence", "uniques")

    def __init__(self, schema: ModelSchema) -> None:
        self.schema = schema
        self.make = RowMaker(schema)
        self.keyed = schema.key[0] if len(schema.key) == 1 else None
        self.rows: dict[Key, Row] = {}
        self.files: dict[tuple[Key, str], bytes] = {}
        self.uniques: tuple[dict[Key, Key], ...] = tuple({} for _ in schema.unique)
        self.sequence = 0
        generated = schema.generated
        self.generates = generated.name if generated is not None and generated.kind == "int" else None

    def key_of(self, row: Mapping[str, Any]) -> Key:
        if self.keyed is not None:
            return (row[self.keyed],)
        return tuple([row[name] for name in self.schema.key])

    def put(self, key: Key, row: Row) -> None:
        """Store a row in the place of the one with its key; `DuplicateKeyError` where another has a unique value."""
        replaced = self.rows.get(key)
        claims: list[tuple[dict[Key, Key], Key]] = []
        for names, taken in zip(self.schema.unique, self.uniques, strict=True):
            value = tuple([row[name] for name in names])
            if None not in value:
                if taken.get(value, key) != key:
                    raise duplicate(self.schema, names, value)
                claims.append((taken, value))
        if replaced is not None:
            self._release(key, replaced)
        for taken, value in claims:
            taken[value] = key
        self.rows[key] = row

    def remove(self, key: Key) -> None:
        self._release(key, self.rows.pop(key))
        for place in [place for place in self.files if place[0] == key]:
            del self.files[place]

    def _release(self, key: Key, row: Row) -> None:
        for names, taken in zip(self.schema.unique, self.uniques, strict=True):
            value = tuple([row[name] for name in names])
            if taken.get(value) == key:
                del taken[value]

    def snapshot(self) -> Any:
        return dict(self.rows), tuple(dict(taken) for taken in self.uniques), dict(self.files)

    def restore(self, snapshot: Any) -> None:
        rows, uniques, files = snapshot
        self.rows = dict(rows)
        self.files = dict(files)
        self.uniques = tuple(dict(taken) for taken in uniques)


class InMemoryDriver(DriverInterface):
    """Rows in dictionaries of this process. Derive a broken one from it to see your tests fail."""

    capabilities = Capabilities(
        "aggregates", "attachments", "autoincrement", "backdoor", "bulk", "clock", "foreign_keys", "transactions", "trio", "unique",
        "astral_names", "decimal_scale", "float_infinity", "float_nan", "null_character_in_text", "lone_surrogates_in_text",
        "empty_key", "negative_zero",
        datetime_precision="microsecond", integer_bits=None, filtering="store", ordering="store",
    )  # fmt: skip

    def prepare(self, models: Sequence[type[Any]]) -> None:
        self.schemas = SchemaSet(tuple(models))
        self.tables = {schema.model_class: Table(schema) for schema in self.schemas}
        self._transactions: list[Any] = []
        self._marked: Any = None
        self._sequences: dict[type[Any], int] = {}

    def execute_create(self, operation: CreateOperation) -> Any:
        table = self.table(operation.model_class)
        return self._created(table, table.make.new(operation.data, self.clock))

    def execute_create_many(self, operation: CreateManyOperation) -> Any:
        before = self._snapshot()
        try:
            return [
                self.execute_create(CreateOperation(operation.model_class, row)) for row in operation.rows
            ]
        except Exception:
            self._restore(before)
            raise

    def execute_get(self, operation: GetOperation) -> Any:
        schema = self.schemas.of(operation.model_class)
        rows = self._matching(operation.model_class, operation.filters)
        if len(rows) != 1:
            kind = MultipleResultsError if rows else NotFoundError
            raise kind(
                f"{len(rows)} rows of {schema.name} match {shown(operation.filters)}", model=schema.name
            )
        return schema.instance(schema.copied(rows[0]))

    def execute_update(self, operation: UpdateOperation) -> Any:
        table = self.table(operation.model_class)
        key = self._stored_key(table, operation.instance)
        current = table.rows[key]
        row = {**current, **table.schema.copied(table.make.changed(current, operation.changes, self.clock))}
        self._check_parents(table.schema, row, own_key=key)
        table.put(key, row)
        return table.schema.instance(table.schema.copied(row))

    def execute_delete(self, operation: DeleteOperation) -> Any:
        table = self.table(operation.model_class)
        key = self._stored_key(table, operation.instance)
        before = self._snapshot() if self.schemas.children(table.schema) else None
        try:
            self._remove(table, key)
        except Exception:
            self._restore(before)
            raise

    def execute_upsert(self, operation: UpsertOperation) -> Any:
        table = self.table(operation.model_class)
        instance = table.make.new(operation.data, self.clock)
        key = table.key_of(instance.__dict__)
        current = table.rows.get(key)
        if current is None:
            return self._created(table, instance)
        instance = table.make.new(operation.data, self.clock, kept=current)
        self._check_parents(table.schema, instance.__dict__, own_key=key)
        table.put(key, table.schema.copied(instance.__dict__))
        return instance

    def execute_query(self, operation: QueryOperation) -> Any:
        table = self.table(operation.model_class)
        found = select_rows(table.rows.values(), operation)
        return [table.schema.instance(table.schema.copied(row)) for row in found]

    def execute_count(self, operation: CountOperation) -> Any:
        return len(self._matching(operation.model_class, operation.filters))

    def execute_exists(self, operation: ExistsOperation) -> Any:
        return bool(self._matching(operation.model_class, operation.filters))

    def execute_aggregate(self, operation: AggregateOperation) -> Any:
        schema = self.schemas.of(operation.model_class)
        aggregates = parse_aggregates(operation.aggregates, schema)
        fields = grouping(operation.group_by, schema)
        return aggregated(self._matching(operation.model_class, operation.filters), aggregates, fields)

    def execute_attach(self, operation: AttachOperation) -> Any:
        table = self.table(operation.model_class)
        table.files[self._stored_key(table, operation.instance), operation.name] = operation.content

    def execute_attachment(self, operation: AttachmentOperation) -> Any:
        return self._files_with(operation)[1]

    def execute_detach(self, operation: DetachOperation) -> Any:
        table = self.table(operation.model_class)
        place, _ = self._files_with(operation)
        del table.files[place]

    def execute_clear(self, operation: ClearOperation) -> Any:
        for table in self.tables.values():
            self._empty(table)

    def execute_begin(self, operation: BeginOperation) -> Any:
        self._transactions.append(self._snapshot())

    def execute_commit(self, operation: CommitOperation) -> Any:
        self._transactions.pop()

    def execute_rollback(self, operation: RollbackOperation) -> Any:
        self._restore(self._transactions.pop())

    def rows(self, model_class: type[Any], key: Mapping[str, Any] | None = None) -> list[Row]:
        table = self.table(model_class)
        if key is None:
            found = in_order(
                list(table.rows.values()), [(table.schema.by_name[name], False) for name in table.schema.key]
            )
        elif key.keys() == set(table.schema.key):
            row = table.rows.get(table.key_of(key))
            found = [] if row is None else [row]
        else:
            found = [
                row for row in table.rows.values() if all(row[name] == value for name, value in key.items())
            ]
        return [table.schema.copied(row) for row in found]

    def attachment_of(self, model_class: type[Any], key: Mapping[str, Any], name: str) -> bytes | None:
        table = self.table(model_class)
        return table.files.get((table.key_of(key), name))

    def count_rows(self, model_class: type[Any]) -> int:
        return len(self.table(model_class).rows)

    def reset(self) -> None:
        self._transactions.clear()
        for model, table in self.tables.items():
            self._empty(table)
            table.sequence = self._sequences.get(model, 0)
        if self._marked is not None:
            self._restore(self._marked)

    def mark(self) -> bool:
        self._marked = self._snapshot()
        self._sequences = {model: table.sequence for model, table in self.tables.items()}
        return True

    def unmark(self) -> None:
        self._marked = None
        self._sequences = {}

    def leaks(self) -> list[str]:
        count = len(self._transactions)
        return [f"{count} transaction{'s were' if count > 1 else ' was'} left open"] if count else []

    def fingerprint(self) -> str:
        return f"dictionaries of CPython {python_version()}"

    def table(self, model_class: type[Any]) -> Table:
        """The rows of a model, for drivers derived from this one; `ConfigurationError` where no test lists it."""
        found = self.tables.get(model_class)
        return found if found is not None else self.tables[self.schemas.of(model_class).model_class]

    def _created(self, table: Table, instance: Any) -> Any:
        values = instance.__dict__
        if table.generates and values[table.generates] is None:
            values[table.generates] = table.sequence + 1
        key = table.key_of(values)
        if key in table.rows:
            raise duplicate(table.schema, table.schema.key, key)
        self._check_parents(table.schema, values, own_key=key)
        table.put(key, table.schema.copied(values))
        if table.generates:
            table.sequence = max(table.sequence, values[table.generates])
        return instance

    def _matching(self, model_class: type[Any], filters: Any) -> list[Row]:
        table = self.table(model_class)
        where = parse(filters, table.schema)
        exact = {
            part.field.name: part.value
            for part in where.parts
            if isinstance(part, Condition) and part.lookup == "exact"
        }
        if len(where.parts) == len(exact) and exact.keys() == set(table.schema.key):
            row = table.rows.get(table.key_of(exact))
            return [] if row is None else [row]
        return [row for row in table.rows.values() if matches(where, row)]

    def _stored_key(self, table: Table, instance: Any) -> Key:
        key = table.key_of(self.key_of(instance))
        if key not in table.rows:
            raise NotFoundError(
                f"no {table.schema.name} has the key {shown(self.key_of(instance))}", model=table.schema.name
            )
        return key

    def _files_with(self, operation: AttachmentOperation | DetachOperation) -> tuple[tuple[Key, str], bytes]:
        table = self.table(operation.model_class)
        place = self._stored_key(table, operation.instance), operation.name
        if place not in table.files:
            name = table.schema.name
            raise NotFoundError(f"{name} {place[0]!r} has no attachment {operation.name!r}", model=name)
        return place, table.files[place]

    def _check_parents(self, schema: ModelSchema, row: Mapping[str, Any], own_key: Key) -> None:
        for field, parent in self.schemas.parents(schema):
            value = row[field.name]
            if value is None or (parent is schema and (value,) == own_key):
                continue
            if (value,) not in self.tables[parent.model_class].rows:
                raise ForeignKeyError(
                    f"{schema.name}.{field.name} refers to {parent.name} {value!r}, which is not there",
                    model=schema.name,
                    fields=(field.name,),
                )

    def _remove(self, table: Table, key: Key) -> None:
        table.remove(key)
        for schema, field in self.schemas.children(table.schema):
            children = self.tables[schema.model_class]
            for child_key, row in list(children.rows.items()):
                if row[field.name] == key[0] and child_key in children.rows:
                    self._parent_gone(children, child_key, row, field)

    def _parent_gone(self, children: Table, key: Key, row: Row, field: FieldSchema) -> None:
        if field.on_delete == "cascade":
            self._remove(children, key)
        elif field.on_delete == "set_null":
            children.put(key, {**row, field.name: None})
        else:
            name = children.schema.name
            raise ForeignKeyError(
                f"{name} {key!r} refers to the row by {field.name!r}", model=name, fields=(field.name,)
            )

    def _empty(self, table: Table) -> None:
        table.rows.clear()
        table.files.clear()
        for taken in table.uniques:
            taken.clear()

    def _snapshot(self) -> dict[type[Any], Any]:
        return {model: table.snapshot() for model, table in self.tables.items()}

    def _restore(self, snapshot: dict[type[Any], Any] | None) -> None:
        for model, state in (snapshot or {}).items():
            self.tables[model].restore(state)


def duplicate(schema: ModelSchema, names: Sequence[str], value: Key) -> DuplicateKeyError:
    """The error for a key or unique value that is taken."""
    values = ", ".join(f"{name}={shown(part)}" for name, part in zip(names, value, strict=True))
    return DuplicateKeyError(
        f"{schema.name} has a row with {values} already", model=schema.name, fields=names
    )
