"""From the numbered errors of MariaDB and MySQL to the errors of the library."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

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

Structured = Mapping[str, tuple[str, str]]
"""MariaDB's name for the check of each JSON column, with the model's name and the field's."""

ROLLED_BACK = frozenset({1213, 1020})
"""A deadlock, and a row that changed under a snapshot: the server has undone the whole transaction."""

NO_SAVEPOINT = 1305

_KINDS: Mapping[type[OperationError], frozenset[int]] = {
    DuplicateKeyError: frozenset({1022, 1062, 1169, 1586, 1859}),
    ForeignKeyError: frozenset({1216, 1217, 1451, 1452, 1557, 1761, 1762}),
    CheckError: frozenset({3819, 4025, 1048, 1364, 1369, 1644}),
    ValueRangeError: frozenset({1153, 1264, 1265, 1292, 1366, 1367, 1406, 1411, 1690, 3140, 3157}),
    ConflictError: frozenset({1205, 3572} | ROLLED_BACK),
    AccessError: frozenset({1044, 1045, 1142, 1143, 1227, 1290, 1370, 1410, 1792, 1836}),
    UnavailableError: frozenset({1021, 1040, 1053, 1077, 1114, 1152, 1158, 1159, 1160, 1161, 1180, 1203, 1226, 1317}
    | {1927, 1969, 2002, 2003, 2005, 2006, 2013, 2014, 2055, 3024}),
}  # fmt: skip
_BY_NUMBER = {number: kind for kind, numbers in _KINDS.items() for number in numbers}


def structured(schemas: Iterable[ModelSchema]) -> Structured:
    return {
        f"{schema.table}.{field.column}": (schema.name, field.name)
        for schema in schemas
        for field in schema.fields
        if field.kind == "json"
    }


def number_of(error: BaseException | None) -> int:
    """The server's or the client's number for an error of a client library; 0 for another."""
    arguments: tuple[Any, ...] = error.args if error is not None else ()
    return arguments[0] if arguments and isinstance(arguments[0], int) else 0


def translated(error: BaseException, checks: Structured) -> OperationError | None:
    """The library's error, or None for what only a fault of ours can bring about."""
    module = type(error).__module__.partition(".")[0]
    if module not in ("pymysql", "asyncmy"):
        return None
    message = str(error.args[1]) if len(error.args) > 1 else str(error)
    kind = _BY_NUMBER.get(number_of(error))
    if kind is CheckError:
        broken = re.match(r"CONSTRAINT `(.+)` failed for ", message)
        if broken and broken[1] in checks:
            model, name = checks[broken[1]]
            refused = f"{model}.{name}: the store takes it for no JSON (a number that is none, or too deep a nesting)"
            return ValueRangeError(refused, model=model, fields=(name,))
    if kind is None:
        closed = type(error).__name__ == "InterfaceError"
        return UnavailableError(message or "the connection is closed") if closed else None
    return kind(message)
