"""PostgreSQL through psycopg 3, sync and async, in databases of our own on a server."""

from orm_testing_drivers.postgres.driver import AsyncPostgresDriver, PostgresDriver
from orm_testing_drivers.postgres.store import PostgresStore

__all__ = ["AsyncPostgresDriver", "PostgresDriver", "PostgresStore"]
