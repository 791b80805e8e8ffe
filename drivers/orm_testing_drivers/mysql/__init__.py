"""MariaDB and MySQL: sync through PyMySQL, async through asyncmy."""

from orm_testing_drivers.mysql.driver import AsyncMysqlDriver, MysqlDriver
from orm_testing_drivers.mysql.store import MysqlStore

__all__ = ["AsyncMysqlDriver", "MysqlDriver", "MysqlStore"]
