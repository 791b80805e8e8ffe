"""Every async driver is held to the kit."""

from orm_testing.kit import AsyncDriverKit


class TestKit(AsyncDriverKit):
    ENABLED_BACKENDS = ("sqlite_file", "postgres", "mysql")
