"""What the products can that answer for MongoDB: each is known by how its fingerprint begins."""

from dataclasses import dataclass

MONGODB_ITSELF = "MongoDB"
REPLICA_SET = "replica set"
"""How a fingerprint says that the server has transactions."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How documents and questions have to be written for one product."""

    decimal128: bool = True
    """Whether it holds a Decimal128 at all; else a Decimal is text."""

    orders_decimals: bool = True
    """Whether it compares Decimal128 by value; else ordered text stands beside it."""

    unfinite: bool = True
    """Whether it holds floats that are infinite or NaN, and the sign of zero."""

    sorts_nan: bool = True
    """Whether it can sort floats among which is NaN; else ordered text stands beside them."""

    nested_arrays: bool = True
    groups: bool = True
    """Whether `$group` can do more than count."""

    text_end: str = r"\z"
    """What means the very end of a text in a regular expression."""

    atomic: bool = True
    """Whether each of its requests is done as a whole, whoever else asks."""

    takes_back: bool = True
    """Whether an update that a unique index refuses changes nothing, also where the key has several parts."""

    checks_size: bool = True
    """Whether it refuses a document that is too large, also one that grows by an update."""


MONGODB = Dialect()
FERRETDB = Dialect(
    decimal128=False,
    orders_decimals=False,
    unfinite=False,
    nested_arrays=False,
    groups=False,
    atomic=False,
    checks_size=False,
)
MONGOMOCK = Dialect(
    orders_decimals=False,
    sorts_nan=False,
    text_end=r"\Z",
    atomic=False,
    takes_back=False,
    checks_size=False,
)


def dialect_of(product: str) -> Dialect:
    """The dialect of a product, by its fingerprint or how that begins."""
    name = product.partition(" ")[0].lower()
    return {"ferretdb": FERRETDB, "mongomock": MONGOMOCK}.get(name, MONGODB)
