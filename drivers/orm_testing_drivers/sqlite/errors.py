"""From errors of Python's sqlite3 to the errors of the library."""

import sqlite3
from collections.abc import Iterable, Mapping

from orm_testing.errors import (
    CheckError,
    ConflictError,
    DuplicateKeyError,
    ForeignKeyError,
    OperationError,
    UnavailableError,
    ValueRangeError,
)
from orm_testing.schema import ModelSchema

Constraints = Mapping[str, tuple[str, tuple[str, ...]]]
"""SQLite's message for each constraint of the models, with the model's name and the fields."""

_DUPLICATE = frozenset(
    {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID}
)
BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_RANGE = frozenset({sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH})
_GONE = frozenset(
    {
        sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_READONLY,
    }
)  # fmt: skip


def constraints_of(schemas: Iterable[ModelSchema]) -> Constraints:
    found = {}
    for schema in schemas:
        for names in (schema.key, *schema.unique):
            columns = ", ".join(f"{schema.table}.{schema.by_name[name].column}" for name in names)
            found[f"UNIQUE constraint failed: {columns}"] = (schema.name, names)
        for field in schema.fields:
            message = f"NOT NULL constraint failed: {schema.table}.{field.column}"
            found[message] = (schema.name, (field.name,))
    return found


def translated(error: BaseException, constraints: Constraints) -> OperationError | None:
    """The library's error, or None for what only a fault of ours can bring about."""
    if not isinstance(error, sqlite3.Error):
        return None
    message = str(error)
    code = getattr(error, "sqlite_errorcode", 0)
    model, fields = constraints.get(message, (None, ()))
    if "closed database" in message or "no active connection" in message:
        return UnavailableError(message)
    if code in _DUPLICATE:
        return DuplicateKeyError(message, model=model, fields=fields)
    if message == "FOREIGN KEY constraint failed":
        return ForeignKeyError(message)
    for codes, kind in (
        (frozenset({sqlite3.SQLITE_CONSTRAINT}), CheckError),
        (BUSY, ConflictError),
        (_RANGE, ValueRangeError),
        (_GONE, UnavailableError),
    ):
        if code & 0xFF in codes:
            return kind(message, model=model, fields=fields)
    return None
