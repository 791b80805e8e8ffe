"""`Pending`: the writes of a transaction of a store that takes them all at once, when it commits."""

from collections.abc import Iterable
from dataclasses import dataclass

from orm_testing.filters import Group, matches
from orm_testing.schema import ModelSchema
from orm_testing_drivers.nosql.collection import Key, Row


@dataclass(frozen=True, slots=True)
class Change:
    """What a transaction makes of one row: `before` is the row as the store had it, `after` as it is to be; None is no row."""

    schema: ModelSchema
    key: Key
    before: Row | None
    after: Row | None


class Pending:
    """What the open transactions, the innermost last, would make of the store."""

    def __init__(self) -> None:
        self._levels: list[dict[tuple[ModelSchema, Key], Change]] = []

    def __bool__(self) -> bool:
        return bool(self._levels)

    def begin(self) -> None:
        self._levels.append(dict(self._levels[-1]) if self._levels else {})

    def rollback(self) -> None:
        self._levels.pop()

    def commit(self) -> list[Change]:
        """End the innermost transaction; the changes that the store is to make now, which are none inside another one."""
        done = self._levels.pop()
        if self._levels:
            self._levels[-1] = done
            return []
        return [change for change in done.values() if change.before is not None or change.after is not None]

    def abandon(self) -> int:
        """End all transactions; how many there were."""
        number = len(self._levels)
        self._levels.clear()
        return number

    def find(self, schema: ModelSchema, key: Key) -> Change | None:
        """What became of the row, where a transaction wrote it."""
        return self._levels[-1].get((schema, key))

    def write(self, schema: ModelSchema, key: Key, before: Row | None, after: Row | None) -> None:
        """`before` counts where no transaction wrote the row yet."""
        known = self.find(schema, key)
        if known is None:
            known = Change(schema, key, _copied(schema, before), None)
        self._levels[-1][schema, key] = Change(schema, key, known.before, _copied(schema, after))

    def wrote(self, schema: ModelSchema) -> bool:
        """Whether a transaction wrote rows of this model."""
        return any(of is schema for of, _ in self._levels[-1])

    def over(self, schema: ModelSchema, rows: Iterable[Row], where: Group) -> list[Row]:
        """The rows of the store that match, with what the transactions made of them."""
        written = {key: change.after for (of, key), change in self._levels[-1].items() if of is schema}
        kept = [row for row in rows if tuple([row[name] for name in schema.key]) not in written]
        return kept + [
            schema.copied(row) for row in written.values() if row is not None and matches(where, row)
        ]


def _copied(schema: ModelSchema, row: Row | None) -> Row | None:
    """A row that nobody who has the other one can change."""
    return None if row is None else schema.copied(row)
