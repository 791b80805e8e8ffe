"""The backends on which tests of the contract run, in one place."""

KEYED = (
    "ferretdb", "mongomock", "dynamodb_local", "dynalite", "moto_dynamodb", "redis_server", "fakeredis", "rclone", "moto_s3",
)  # fmt: skip
"""One backend per product: see `products.py`."""

BACKENDS = ("inmemory", "sqlite", "sqlite_file", "postgres", "mysql", *KEYED)
