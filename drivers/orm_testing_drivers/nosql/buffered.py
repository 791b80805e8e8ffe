"""`Buffered`: a collection as a transaction sees it, whose writes wait for its commit."""

from collections.abc import Sequence

from orm_testing.filters import Condition, Group
from orm_testing_drivers.nosql.collection import EVERYTHING, Collection, Key, Row, Selected, Selection
from orm_testing_drivers.nosql.pending import Pending
from orm_testing_drivers.nosql.selecting import finished


class Buffered(Collection):
    """Reads what the store has with what the transaction made of it; a taken key or unique value is told at once."""

    def __init__(self, stored: Collection, pending: Pending) -> None:
        super().__init__(stored.schema)
        self._stored = stored
        self._pending = pending

    def insert(self, row: Row) -> None:
        key = self.key_of(row)
        if self.find(key) is not None:
            raise self.taken(self.schema.key, row)
        self._check_unique(row)
        self._pending.write(self.schema, key, None, self.as_stored(row))

    def insert_many(self, rows: Sequence[Row]) -> None:
        self._pending.begin()
        try:
            for row in rows:
                self.insert(row)
        except BaseException:
            self._pending.rollback()
            raise
        self._pending.commit()

    def find(self, key: Key) -> Row | None:
        change = self._pending.find(self.schema, key)
        if change is None:
            return self._stored.find(key)
        return None if change.after is None else self.schema.copied(change.after)

    def change(self, old: Row, new: Row) -> bool:
        self._check_unique(new)
        self._pending.write(self.schema, self.key_of(old), old, self.as_stored(new))
        return True

    def put(self, row: Row) -> None:
        self._check_unique(row)
        key = self.key_of(row)
        self._pending.write(self.schema, key, self.find(key), self.as_stored(row))

    def remove(self, key: Key) -> bool:
        current = self.find(key)
        if current is not None:
            self._pending.write(self.schema, key, current, None)
        return current is not None

    def select(self, selection: Selection) -> Selected:
        """In no order, and all pages: rows that are written already may have changed places."""
        found = self._stored.select(Selection(selection.where))
        rest = selection.where if self._pending.wrote(self.schema) else found.rest
        return Selected(
            self._pending.over(self.schema, found.rows, EVERYTHING), rest, ordered=False, paged=False
        )

    def clear(self) -> None:
        for row in self.select(Selection()).rows:
            self._pending.write(self.schema, self.key_of(row), row, None)

    def next_keys(self, number: int) -> int:
        return self._stored.next_keys(number)

    def key_given(self, key: int) -> None:
        self._stored.key_given(key)

    def as_stored(self, row: Row) -> Row:
        return self._stored.as_stored(row)

    def _check_unique(self, row: Row) -> None:
        """Before the commit lets the store judge."""
        for names in self.schema.unique:
            if any(row[name] is None for name in names):
                continue
            conditions = (Condition(self.schema.by_name[name], "exact", row[name]) for name in names)
            selection = Selection(Group("all", tuple(conditions)))
            others, _ = finished(selection, self.select(selection))
            if any(self.key_of(other) != self.key_of(row) for other in others):
                raise self.taken(names, row)
