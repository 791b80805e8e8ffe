"""Backends of one product each, so that the same tests run on every product that answers for a backend of the library."""

from orm_testing.backends import Backend, registry
from orm_testing_drivers.dynamodb.service import DynamoProduct
from orm_testing_drivers.mongodb.service import MongoProduct
from orm_testing_drivers.redis.service import RedisProduct
from orm_testing_drivers.s3.service import S3Product


def only(product, name, *, program=None):
    """The product as the library has it, had either as this program or as the stand-in."""
    away = ("find_stand_in",) if program else ("find_local", "find_wheel")
    ways = {way: lambda self: f"these tests have {name} only" for way in away}
    return type(name, (product,), {"name": name, "image": "", "local_programs": (program,), **ways})


Ferretdb = only(MongoProduct, "ferretdb", program="ferretdb")
Mongomock = only(MongoProduct, "mongomock")
DynamodbLocal = only(DynamoProduct, "dynamodb_local", program="dynamodb-local")
Dynalite = only(DynamoProduct, "dynalite", program="dynalite")
MotoDynamodb = only(DynamoProduct, "moto_dynamodb")
RedisServer = only(RedisProduct, "redis_server", program="redis-server")
Fakeredis = only(RedisProduct, "fakeredis")
Rclone = only(S3Product, "rclone", program="rclone")
MotoS3 = only(S3Product, "moto_s3")

PRODUCTS = {
    "mongodb": (Ferretdb, Mongomock),
    "dynamodb": (DynamodbLocal, Dynalite, MotoDynamodb),
    "redis": (RedisServer, Fakeredis),
    "s3": (Rclone, MotoS3),
}


def register():
    """Make a backend known for each product, by the product's name."""
    for backend, products in PRODUCTS.items():
        for product in products:
            registry.register(product.name, Backend(inherits=backend, service=product))
