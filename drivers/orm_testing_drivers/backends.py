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

mongodb = Backend(
    driver="orm_testing_drivers.mongodb.driver:MongoDriver",
    store="orm_testing_drivers.mongodb.store:MongoStore",
    service="orm_testing_drivers.mongodb.service:MongoProduct",
    aliases=("mongo",),
    extra="mongodb",
)

dynamodb = Backend(
    driver="orm_testing_drivers.dynamodb.driver:DynamoDriver",
    store="orm_testing_drivers.dynamodb.store:DynamoStore",
    service="orm_testing_drivers.dynamodb.service:DynamoProduct",
    extra="dynamodb",
)

redis = Backend(
    driver="orm_testing_drivers.redis.driver:RedisDriver",
    store="orm_testing_drivers.redis.store:RedisStore",
    service="orm_testing_drivers.redis.service:RedisProduct",
    extra="redis",
)

s3 = Backend(
    driver="orm_testing_drivers.s3.driver:S3Driver",
    store="orm_testing_drivers.s3.store:S3Store",
    service="orm_testing_drivers.s3.service:S3Product",
    extra="s3",
)
