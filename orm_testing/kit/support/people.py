"""Rows of `Everything` of whose fields several matter at once: for conditions that nest, orders, pages and aggregates."""

from decimal import Decimal
from typing import Any

from orm_testing.kit.support.everything import Colour

_NAMES = ("id", "text", "number", "colour", "real", "exact", "flag")

PEOPLE: list[dict[str, Any]] = [
    dict(zip(_NAMES, row, strict=True))
    for row in [
        (1, "Ann", 30, Colour.RED, 1.5, Decimal("1.10"), True),
        (2, "Bob", 20, Colour.RED, 2.5, Decimal("2.25"), False),
        (3, "ann", 30, Colour.BLUE, None, Decimal("0.10"), True),
        (4, None, 20, Colour.BLUE, -1.0, None, None),
        (5, "Bob", None, Colour.RED, 0.25, Decimal("10.00"), None),
        (6, None, None, None, None, None, None),
        (7, "Cid", 20, None, 4.0, Decimal("0.05"), False),
        (8, "Ann", 10, Colour.BLUE, 8.0, Decimal("-3.50"), True),
        (9, "", 0, None, 0.0, Decimal(0), False),
    ]
]
