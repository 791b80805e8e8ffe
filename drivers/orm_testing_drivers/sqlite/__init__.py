"""SQLite: one shared in-memory database, or a file; sync, or async through aiosqlite."""

from orm_testing_drivers.sqlite.driver import AsyncSqliteDriver, SqliteDriver
from orm_testing_drivers.sqlite.store import SqliteFileStore, SqliteMemoryStore

__all__ = ["AsyncSqliteDriver", "SqliteDriver", "SqliteFileStore", "SqliteMemoryStore"]
