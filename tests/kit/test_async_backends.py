"""The async drivers are held to the kit; that of SQLite on a file, where it can do all that it can in memory, and more."""

from orm_testing.kit import AsyncDriverKit


class TestKit(AsyncDriverKit):
    ENABLED_BACKENDS = ("sqlite_file", "postgres", "mysql")
