"""SQLite: one shared in-memory database, or a file; sync, or async through aiosqlite."""

from orm_testing_drivers.sqlite.driver import (
    AsyncSqliteDriver,
    AsyncSqliteFileDriver,
    SqliteDriver,
    SqliteFileDriver,
)
from orm_testing_drivers.sqlite.store import SqliteFileStore, SqliteMemoryStore

__all__ = [
    "AsyncSqliteDriver",
    "AsyncSqliteFileDriver",
    "SqliteDriver",
    "SqliteFileDriver",
    "SqliteFileStore",
    "SqliteMemoryStore",
]
