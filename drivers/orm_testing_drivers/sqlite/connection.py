"""A connection to SQLite as the stores and drivers need it, whoever opens it."""

import sqlite3
from contextlib import suppress
from decimal import Decimal
from typing import Any, ClassVar

from orm_testing.aggregates import EXACT

DECIMAL = "orm_decimal"
"""The collation that orders decimals, which are stored as text, by value: NaN after all numbers."""

TOTAL = "orm_total"
"""The aggregate that adds whole numbers and decimals exactly, and answers in text."""

BUSY_SECONDS = 2.0


class Connection(sqlite3.Connection):
    """With foreign keys enforced, every statement on its own unless BEGIN was said, and our collation and sum."""

    options: ClassVar[dict[str, Any]] = {
        "timeout": BUSY_SECONDS,
        "isolation_level": None,
        "check_same_thread": False,
    }

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **{**self.options, **options})
        self.execute("PRAGMA foreign_keys=ON")
        self.execute("PRAGMA synchronous=OFF")
        self.create_collation(DECIMAL, _compared)
        self.create_aggregate(TOTAL, 1, _Total)  # type: ignore[arg-type]

    @property
    def closed(self) -> bool:
        with suppress(sqlite3.ProgrammingError):
            self.total_changes  # noqa: B018  (asking is what tells)
            return False
        return True


def _compared(one: str, other: str) -> int:
    mine, yours = Decimal(one), Decimal(other)
    if mine.is_nan() or yours.is_nan():
        return mine.is_nan() - yours.is_nan()
    return (mine > yours) - (mine < yours)


class _Total:
    def __init__(self) -> None:
        self.sum: Decimal | None = None

    def step(self, value: Any) -> None:
        if value is not None:
            added = Decimal(value)
            self.sum = added if self.sum is None else EXACT.add(self.sum, added)

    def finalize(self) -> str | None:
        return None if self.sum is None else str(self.sum)
