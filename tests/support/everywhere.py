"""The backends on which tests of the contract run, in one place."""

import os

KEYED = (
    "ferretdb", "mongomock", "dynamodb_local", "dynalite", "moto_dynamodb", "redis_server", "fakeredis", "rclone", "moto_s3",
)  # fmt: skip
"""One backend per product: see `products.py`."""

BY_NAME = tuple(
    name
    for name in ("mongodb", "dynamodb", "redis", "s3")
    if name in os.environ.get("ORM_TESTING_BACKENDS", "").split(",")
)
"""The same by the library's own names, for who asks for one: `ORM_TESTING_BACKENDS=redis orm-testing fidelity redis tests/contract`."""

BACKENDS = ("inmemory", "sqlite", "sqlite_file", "postgres", "mysql", *KEYED, *BY_NAME)
