"""The oracle: the in-memory driver, less what the driver beside it declares that it does not do."""

from collections.abc import Mapping, Sequence
from typing import Any

from orm_testing.capabilities import Capabilities
from orm_testing.errors import DuplicateKeyError, ForeignKeyError, OperationError
from orm_testing.inmemory import InMemoryDriver, Key, Row, Table
from orm_testing.operations import CreateOperation, UpdateOperation, UpsertOperation
from orm_testing.schema import ModelSchema

Refusal = tuple[type[OperationError], frozenset[str]]


class _Loose(Table):
    """The rows of a model whose unique fields nobody guards."""

    def put(self, key: Key, row: Row) -> None:
        self.rows[key] = row

    def _release(self, key: Key, row: Mapping[str, Any]) -> None:
        """Nothing was claimed."""


class Oracle(InMemoryDriver):
    """It enforces what the driver declares that it enforces."""

    def __init__(self, capabilities: Capabilities) -> None:
        self._enforces_unique = "unique" in capabilities
        self._enforces_references = "foreign_keys" in capabilities

    def prepare(self, models: Sequence[type[Any]]) -> None:
        super().prepare(models)
        if not self._enforces_unique:
            self.tables = {schema.model_class: _Loose(schema) for schema in self.schemas}

    def refusals(self, operation: Any) -> set[Refusal]:
        """Each constraint, as an error with its fields, that would refuse this write: a store may name any of them."""
        if not isinstance(operation, CreateOperation | UpsertOperation | UpdateOperation):
            return set()
        table = self.table(operation.model_class)
        schema = table.schema
        try:
            if isinstance(operation, UpdateOperation):
                current = table.rows[self._stored_key(table, operation.instance)]
                row = {**current, **table.make.changed(current, operation.changes, self.clock)}
            else:
                row = table.make.new(operation.data, self.clock).__dict__
        except OperationError:
            return set()
        key = table.key_of(row)
        found = set(self._claimed(table, row, key))
        if isinstance(operation, CreateOperation) and key in table.rows:
            found.add((DuplicateKeyError, frozenset(schema.key)))
        if self._enforces_references:
            for field, parent in self.schemas.parents(schema):
                value = row[field.name]
                own = parent is schema and (value,) == key
                if value is not None and not own and (value,) not in self.table(parent.model_class).rows:
                    found.add((ForeignKeyError, frozenset({field.name})))
        return found

    def _claimed(self, table: Table, row: Row, key: Key) -> list[Refusal]:
        if not self._enforces_unique:
            return []
        claims = [
            (names, taken.get(tuple(row[name] for name in names)))
            for names, taken in zip(table.schema.unique, table.uniques, strict=True)
            if all(row[name] is not None for name in names)
        ]
        return [
            (DuplicateKeyError, frozenset(names))
            for names, holder in claims
            if holder is not None and holder != key
        ]

    def _check_parents(self, schema: ModelSchema, row: Mapping[str, Any], own_key: Key) -> None:
        if self._enforces_references:
            super()._check_parents(schema, row, own_key)

    def _remove(self, table: Table, key: Key) -> None:
        if self._enforces_references:
            super()._remove(table, key)
        else:
            table.remove(key)
