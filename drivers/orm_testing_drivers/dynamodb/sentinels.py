"""Unique values, of which DynamoDB knows none but the key: an item of ours stands for each that is taken."""

import hashlib
from collections.abc import Mapping
from typing import Any

from orm_testing_drivers.dynamodb.tables import Table, joined_text
from orm_testing_drivers.dynamodb.values import Attribute

KEY = "orm_testing"
"""The key of the items that are no rows, in the table that bears the namespace's name."""

OWNER = "row"
NUMBER = "number"
Names = tuple[str, ...]


def sentinels(table: Table, row: Mapping[str, Any] | None) -> dict[str, Names]:
    """By their keys, the sentinels of a row's unique values, with the fields that each stands for."""
    if row is None:
        return {}
    found = {}
    for names in table.schema.unique:
        if all(row[name] is not None for name in names):
            fields = [table.schema.by_name[name] for name in names]
            value = joined_text(fields, [row[name] for name in names])
            found[f"unique {_digest(table.schema.table, *names, value)}"] = names
    return found


def owner(table: Table, row: Mapping[str, Any]) -> str:
    """What tells the row that a sentinel belongs to."""
    fields = [table.schema.by_name[name] for name in table.schema.key]
    return _digest(table.schema.table, joined_text(fields, [row[field.name] for field in fields]))


def counter(table: Table) -> dict[str, Attribute]:
    """The key of the item that counts the keys which the store makes for a model."""
    return {KEY: {"S": f"keys of {table.schema.table}"}}


def definition(namespace: str) -> dict[str, Any]:
    """What CreateTable wants for the table of what is no row."""
    return {
        "TableName": namespace,
        "KeySchema": [{"AttributeName": KEY, "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": KEY, "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }


def _digest(*parts: str) -> str:
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()
