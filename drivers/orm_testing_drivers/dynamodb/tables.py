"""`Table`: how the rows of one model lie in a table of DynamoDB, told from the model's schema."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orm_testing.errors import ConfigurationError, ValueRangeError
from orm_testing.schema import FieldSchema, ModelSchema
from orm_testing_drivers.dynamodb.values import Attribute, Codec, item_size, size_of
from orm_testing_drivers.nosql.collection import Key, Row
from orm_testing_drivers.nosql.ordered import ordered_text

MAX_HASH_BYTES = 2048
MAX_SORT_BYTES = 1024
_MAX_NAME = 255
_MAX_INDEXES = 20
_JOINED = "orm_testing_sort_key"
_OTHERS = re.compile(r"[^A-Za-z0-9_-]")
_PARTS_OF_A_KEY = 2


@dataclass(frozen=True, slots=True)
class Index:
    """A global secondary index: rows that have a value of `hash`, and of `sort` where there is one, found by it."""

    name: str
    hash: FieldSchema
    sort: FieldSchema | None


class Table:
    """One model's table: the first part of the key is its partition key, the second its sort key.

    Of three and more parts, all but the first are joined in an attribute of ours, in their order.
    """

    def __init__(self, schema: ModelSchema, namespace: str, largest_item: int) -> None:
        self.schema = schema
        self._largest_item = largest_item
        self.name = table_name(namespace, schema.table)
        fields = schema.by_name
        self.hash = fields[schema.key[0]]
        self.sort = fields[schema.key[1]] if len(schema.key) == _PARTS_OF_A_KEY else None
        self.joined = tuple(fields[name] for name in schema.key[1:]) if self.sort is None else ()
        self.sort_column = self.sort.column if self.sort else self._free() if self.joined else None
        self.indexes = self._indexes()
        keyed = {self.hash, self.sort}.union(*({index.hash, index.sort} for index in self.indexes))
        self.codecs = {field.name: Codec(field, in_key=field in keyed) for field in schema.fields}
        self._columns = [(field.name, field.column, self.codecs[field.name]) for field in schema.fields]
        self._indexed = {field for index in self.indexes for field in (index.hash, index.sort) if field}

    def key(self, key: Key) -> dict[str, Attribute]:
        """The key as DynamoDB wants it; `ValueRangeError` where no row can have it."""
        made = {self.hash.column: self.codecs[self.hash.name].attribute(key[0])}
        self._check(made[self.hash.column], MAX_HASH_BYTES, self.hash)
        if self.sort is not None:
            made[self.sort.column] = self.codecs[self.sort.name].attribute(key[1])
            self._check(made[self.sort.column], MAX_SORT_BYTES, self.sort)
        elif self.sort_column is not None:
            made[self.sort_column] = self.joined_attribute(key[1:])
        return made

    def joined_attribute(self, values: Sequence[Any]) -> Attribute:
        """The first of the joined parts of a key, or all of them; `ValueRangeError` where no key begins so."""
        for field, value in zip(self.joined, values, strict=False):
            self.codecs[field.name].attribute(value)
        made = {"S": joined_text(self.joined, values)}
        self._check(made, MAX_SORT_BYTES, self.joined[0])
        return made

    def item(self, row: Mapping[str, Any]) -> dict[str, Attribute]:
        """A row as it is stored, without what is None; `ValueRangeError` where it cannot be stored."""
        item = {}
        for name, column, codec in self._columns:
            if row[name] is not None:
                try:
                    item[column] = codec.attribute(row[name])
                except ValueRangeError as error:
                    error.model = self.schema.name
                    raise
        item.update(self.key(tuple([row[name] for name in self.schema.key])))
        for field in self._indexed:
            if field.column in item:
                self._check(item[field.column], self._room(field), field)
        size = item_size(item)
        if size > self._largest_item:
            raise ValueRangeError(
                f"{self.schema.name}: the row takes {size:,} bytes, and an item of DynamoDB {self._largest_item:,} at most",
                model=self.schema.name,
            )
        return item

    def row(self, item: Mapping[str, Attribute]) -> Row:
        """A row from its item."""
        return {
            name: None if (held := item.get(column)) is None or "NULL" in held else codec.value(held)
            for name, column, codec in self._columns
        }

    def fitting(self, field: FieldSchema, value: Any, room: int) -> Attribute:
        """A value for a key of so many bytes; `ValueRangeError` where it cannot stand in one."""
        made = self.codecs[field.name].attribute(value)
        self._check(made, room, field)
        return made

    def definition(self) -> dict[str, Any]:
        """What CreateTable wants."""
        keys = [(self.hash.column, self.hash), (self.sort_column, self.sort)]
        named = {column: _type(self, field) for column, field in keys if column is not None}
        for index in self.indexes:
            for field in (index.hash, index.sort):
                if field is not None:
                    named[field.column] = _type(self, field)
        definition = {
            "TableName": self.name,
            "KeySchema": _keys(self.hash.column, self.sort_column),
            "AttributeDefinitions": [
                {"AttributeName": column, "AttributeType": kind} for column, kind in named.items()
            ],
            "BillingMode": "PAY_PER_REQUEST",
        }
        if self.indexes:
            definition["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": index.name,
                    "KeySchema": _keys(index.hash.column, index.sort.column if index.sort else None),
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index in self.indexes
            ]
        return definition

    def _indexes(self) -> tuple[Index, ...]:
        """Of the indexes that the model declares those that DynamoDB can have, as many as a table may have."""
        indexes: dict[tuple[FieldSchema, FieldSchema | None], Index] = {}
        for names in self.schema.indexes:
            fields = [self.schema.by_name[name] for name in names]
            sort = next((field for field in fields[1:] if field is not fields[0]), None)
            if all(field is None or field.kind != "json" for field in (fields[0], sort)):
                indexes.setdefault((fields[0], sort), Index(f"index_{len(indexes) + 1}", fields[0], sort))
        return tuple(indexes.values())[:_MAX_INDEXES]

    def _room(self, field: FieldSchema) -> int:
        sorts = any(index.sort is field for index in self.indexes)
        return MAX_SORT_BYTES if sorts else MAX_HASH_BYTES

    def _check(self, attribute: Attribute, room: int, field: FieldSchema) -> None:
        size = size_of(attribute)
        if 0 < size <= room:
            return
        of_a_key = "a key of a table or an index of DynamoDB"
        why = (
            f"has {size:,} bytes, and {of_a_key} at most {room:,}"
            if size
            else f"is empty, and {of_a_key} is not"
        )
        raise ValueRangeError(
            f"{self.schema.name}.{field.name} {why}",
            model=self.schema.name,
            fields=(field.name,),
        )

    def _free(self) -> str:
        name = _JOINED
        while any(field.column == name for field in self.schema.fields):
            name += "_"
        return name


def table_name(namespace: str, table: str) -> str:
    """The name of a model's table in the namespace, another one for each; `ConfigurationError` where it is too long."""
    name = f"{namespace}.{_OTHERS.sub(lambda found: f'.{ord(found[0]):x}.', table)}"
    if len(name) > _MAX_NAME:
        raise ConfigurationError(
            f"the table {table!r} would be called {name}, which has {len(name)} characters; DynamoDB takes {_MAX_NAME}."
            " Give the model a shorter __tablename__."
        )
    return name


def joined_text(fields: Sequence[FieldSchema], values: Sequence[Any]) -> str:
    """Several values as one text, which is in the order of the first, then of the second, and so on."""
    return "".join(
        ordered_text(field, value).replace("\0", "\0\2") + "\0\1"
        for field, value in zip(fields, values, strict=False)
    )


def _type(table: Table, field: FieldSchema | None) -> str:
    return table.codecs[field.name].type if field is not None else "S"


def _keys(first: str, second: str | None) -> list[dict[str, str]]:
    keys = [{"AttributeName": first, "KeyType": "HASH"}]
    return keys if second is None else [*keys, {"AttributeName": second, "KeyType": "RANGE"}]
