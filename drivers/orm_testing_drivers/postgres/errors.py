"""From errors of psycopg to the errors of the library, by SQLSTATE."""

import re
from collections.abc import Iterable, Mapping

import psycopg

from orm_testing.errors import (
    AccessError,
    CheckError,
    ConflictError,
    DuplicateKeyError,
    ForeignKeyError,
    OperationError,
    UnavailableError,
    ValueRangeError,
)
from orm_testing.schema import ModelSchema

Columns = Mapping[tuple[str, str], tuple[str, str]]
"""By table and column, the names of model and field."""

_KINDS: Mapping[str, type[OperationError]] = {
    "23505": DuplicateKeyError,
    "23503": ForeignKeyError,
    "23001": ForeignKeyError,
    "40001": ConflictError,
    "40P01": ConflictError,
    "55P03": ConflictError,
    "42501": AccessError,
    "25006": AccessError,
    "57014": UnavailableError,
    "57P01": UnavailableError,
    "57P02": UnavailableError,
    "57P03": UnavailableError,
    "57P05": UnavailableError,
    "25P03": UnavailableError,
    "25P04": UnavailableError,
}
_CLASSES: Mapping[str, type[OperationError]] = {
    "08": UnavailableError,
    "22": ValueRangeError,
    "23": CheckError,
    "44": CheckError,
    "53": UnavailableError,
    "54": ValueRangeError,
    "58": UnavailableError,
}
_KEY = re.compile(r"\((.*?)\)=\(")


def columns_of(schemas: Iterable[ModelSchema]) -> Columns:
    return {
        (schema.table, field.column): (schema.name, field.name)
        for schema in schemas
        for field in schema.fields
    }


def translated(error: BaseException, columns: Columns) -> OperationError | None:
    """The library's error, or None for what only a fault of ours can bring about."""
    if not isinstance(error, psycopg.Error):
        return None
    code = error.sqlstate
    if code is None:
        return _without_code(error)
    kind = _KINDS.get(code) or _CLASSES.get(code[:2])
    if kind is None:
        return None
    about = [columns[place] for place in _named(error) if place in columns]
    return kind(str(error), model=about[0][0] if about else None, fields=[field for _, field in about])


def _without_code(error: psycopg.Error) -> OperationError | None:
    """What psycopg says itself: of values that cannot be sent, or of a connection that is no more."""
    if isinstance(error, psycopg.DataError):
        return ValueRangeError(f"PostgreSQL cannot hold the value: {error}")
    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return UnavailableError(str(error))
    return None


def _named(error: psycopg.Error) -> list[tuple[str, str]]:
    """The columns that the server names."""
    table = error.diag.table_name
    if table is None:
        return []
    if error.diag.column_name is not None:
        return [(table, error.diag.column_name)]
    key = _KEY.search(error.diag.message_detail or "")
    return [(table, name.strip().strip('"').replace('""', '"')) for name in key[1].split(",")] if key else []
