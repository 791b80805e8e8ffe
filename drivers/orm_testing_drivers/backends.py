"""The backends of this package. Nothing heavy is imported here: pytest reads this module to learn the names."""

from orm_testing.backends import Backend

sqlite = Backend(
    driver="orm_testing_drivers.sqlite:SqliteDriver",
    async_driver="orm_testing_drivers.sqlite:AsyncSqliteDriver",
    store="orm_testing_drivers.sqlite:SqliteMemoryStore",
)

sqlite_file = Backend(
    driver="orm_testing_drivers.sqlite:SqliteFileDriver",
    async_driver="orm_testing_drivers.sqlite:AsyncSqliteFileDriver",
    store="orm_testing_drivers.sqlite:SqliteFileStore",
)

postgres = Backend(
    driver="orm_testing_drivers.postgres.driver:PostgresDriver",
    async_driver="orm_testing_drivers.postgres.driver:AsyncPostgresDriver",
    store="orm_testing_drivers.postgres.store:PostgresStore",
    service="orm_testing_drivers.postgres.service:PostgresProduct",
    aliases=("postgresql",),
    extra="postgres",
)

mysql = Backend(
    driver="orm_testing_drivers.mysql.driver:MysqlDriver",
    async_driver="orm_testing_drivers.mysql.driver:AsyncMysqlDriver",
    store="orm_testing_drivers.mysql.store:MysqlStore",
    service="orm_testing_drivers.mysql.service:MysqlProduct",
    aliases=("mariadb",),
    extra="mysql",
)
