"""`RedisCollection`: the rows of one model as hashes. Each method is one request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orm_testing.filters import Group
from orm_testing.schema import ModelSchema
from orm_testing.values import same
from orm_testing_drivers.nosql.collection import Collection, Key, Row, Selected, Selection
from orm_testing_drivers.redis.layout import Layout
from orm_testing_drivers.redis.planning import Plan, planned
from orm_testing_drivers.redis.scripts import ADD, CHANGE, NUMBER, PUT, REMOVE, WALK, WRITE, Script
from orm_testing_drivers.redis.values import decode, encode

_LARGEST_COUNT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Demand:
    """A change of one row on a condition: that it is `new`, is `there`, is the `same` as `before`, or `any`."""

    demand: str
    key: Key
    after: Row | None
    before: Row | None = None
    held: Sequence[bytes | None] | None = None
    """`before` as it lies in the store, where that is not how the driver writes it."""


@dataclass(slots=True)
class Refused:
    """Why a write changed nothing: a row is `gone` or `changed`, or has a key or a unique value that is `taken`."""

    why: str
    collection: "RedisCollection"
    change: Demand
    taken: Sequence[str]

    def duplicate(self) -> Exception:
        assert self.change.after is not None
        return self.collection.taken(self.taken, self.change.after)


@dataclass(slots=True)
class Writing:
    """One call of the script that writes: changes of any collections, all of them or none."""

    keys: list[bytes] = field(default_factory=list)
    arguments: list[Any] = field(default_factory=list)
    changes: list[tuple["RedisCollection", Sequence[Demand]]] = field(default_factory=list)

    def add(self, collection: "RedisCollection", changes: Sequence[Demand]) -> None:
        """Also encodes: `ValueRangeError` for what cannot be written."""
        layout = collection.layout
        self.changes.append((collection, changes))
        self.keys += (layout.by_key.key, layout.counter)
        self.arguments += (
            layout.rows,
            collection.counted(changes),
            len(layout.columns),
            *layout.columns,
            len(layout.indexes),
        )
        for index in layout.indexes:
            self.keys += (index.key, index.entries)
            self.arguments.append(b"1" if index.unique else b"0")
        self.arguments.append(len(changes))
        for change in changes:
            made = layout.id_of(change.key)
            self.keys.append(layout.rows + made)
            self.arguments += (made, change.demand)
            if change.before is not None:
                self._values(change.held or collection.encoded(change.before))
            if change.after is None:
                self.arguments.append(b"")
                continue
            self._values(collection.encoded(change.after))
            self._values([index.entry(change.after) for index in layout.indexes])

    def run(self, client: Any) -> Refused | None:
        """None where it is done."""
        answer = WRITE.run(client, self.keys, [len(self.changes), *self.arguments])
        why = answer[0].decode()
        if why == "done":
            return None
        collection, changes = self.changes[answer[1] - 1]
        schema, number = collection.schema, answer[3]
        taken = collection.layout.indexes[number - 1].names if number else schema.key
        return Refused(why, collection, changes[answer[2] - 1], taken)

    def _values(self, values: Sequence[bytes | None]) -> None:
        self.arguments.append(b"".join([b"0" if value is None else b"1" for value in values]))
        self.arguments += [value for value in values if value is not None]


class RedisCollection(Collection):
    """`store` is told that something may have been written, before it is."""

    def __init__(self, schema: ModelSchema, layout: Layout, client: Any, store: Any) -> None:
        super().__init__(schema)
        self.layout = layout
        self._client = client
        self._store = store
        self._given = 0
        generated = schema.generated
        self._counts = generated is not None and generated.kind == "int"
        self._plain = not layout.indexes and not self._counts

    def insert(self, row: Row) -> None:
        if not self._plain:
            self.insert_many([row])
        elif not self._run(ADD, self.key_of(row), self._words(row)[0]):
            raise self.taken(self.schema.key, row)

    def insert_many(self, rows: Sequence[Row]) -> None:
        self._write([Demand("new", self.key_of(row), row) for row in rows])

    def find(self, key: Key) -> Row | None:
        found = self._client.hmget(self.layout.rows + self.layout.id_of(key), self.layout.columns)
        return self._decoded(found)

    def change(self, old: Row, new: Row) -> bool:
        if self._changed(old, new):
            return True
        held = self.spelt(self.key_of(old), old)
        return held is not None and self._changed(old, new, held)

    def spelt(self, key: Key, row: Row) -> Sequence[bytes | None] | None:
        """What lies there, where it reads as the row: another client may have written the values in words of its own."""
        held: list[bytes | None] = self._client.hmget(
            self.layout.rows + self.layout.id_of(key), self.layout.columns
        )
        return held if same(self._decoded(held), row) else None

    def _changed(self, old: Row, new: Row, held: Sequence[bytes | None] | None = None) -> bool:
        """`held` is what `old` is compared as, where the driver writes that otherwise."""
        if not self._plain:
            return self._write([Demand("same", self.key_of(old), new, old, held)])
        columns: list[bytes] = []
        before: list[bytes] = []
        present: list[bytes] = []
        absent: list[bytes] = []
        for number, (column, each) in enumerate(zip(self.layout.columns, self.schema.fields, strict=True)):
            was, now = old[each.name], new[each.name]
            if was is now and not each.primary_key:
                continue
            columns.append(column)
            raw = held[number] if held else None if was is None else encode(each, was)
            before.append(b"" if raw is None else b"=" + raw)
            if now is None:
                absent.append(column)
            elif not each.primary_key:
                present += (column, encode(each, now))
        words = [len(columns), *columns, *before, len(present), *present, *absent]
        return self._run(CHANGE, self.key_of(old), words)

    def put(self, row: Row) -> None:
        if not self._plain:
            self._write([Demand("any", self.key_of(row), row)])
            return
        present, absent = self._words(row)
        self._run(PUT, self.key_of(row), [len(present), *present, *absent])

    def remove(self, key: Key) -> bool:
        return self._run(REMOVE, key) if self._plain else self._write([Demand("there", key, None)])

    def select(self, selection: Selection) -> Selected:
        plan = planned(selection, self.layout)
        paged = plan.ordered and not plan.rest.parts
        offset, limit = (selection.offset, selection.limit) if paged else (0, None)
        if not plan.ranges:
            return Selected([], plan.rest, plan.ordered, paged)
        found = WALK.run(
            self._client,
            [plan.index.key],
            [
                self.layout.rows,
                0 if plan.index is self.layout.by_key else len(plan.index.fields),
                b"1" if plan.backwards else b"0",
                offset,
                -1 if limit is None else limit,
                len(self.layout.columns),
                *self.layout.columns,
                *_bounds(plan),
            ],
        )
        rows = [row for values in found if (row := self._decoded(values)) is not None]
        return Selected(rows, plan.rest, plan.ordered, paged)

    def count(self, where: Group) -> int | None:
        plan = planned(Selection(where), self.layout)
        if plan.rest.parts or len(plan.ranges) > 1:
            return None
        if not plan.ranges:
            return 0
        return int(self._client.zlexcount(plan.index.key, *_bounds(plan)))

    def clear(self) -> None:
        self._store.remove_rows([self.layout], self._client, counters=False)

    def next_keys(self, number: int) -> int:
        self._store.touched = True
        given, self._given = self._given, 0
        if given:
            last = int(NUMBER.run(self._client, [self.layout.counter], [given, number]))
        else:
            last = int(self._client.incrby(self.layout.counter, number))
        return last - number + 1

    def key_given(self, key: int) -> None:
        """Said to the store with the row; kept for the case that a transaction makes a key before it writes that row."""
        if 0 < key <= _LARGEST_COUNT:
            self._given = max(self._given, key)

    def forget(self) -> None:
        """The test is over: no key was given."""
        self._given = 0

    def as_stored(self, row: Row) -> Row:
        stored = self._decoded(self.encoded(row))
        assert stored is not None
        self.layout.id_of(self.key_of(row))
        for index in self.layout.indexes:
            index.entry(row)
        return stored

    def encoded(self, row: Mapping[str, Any]) -> list[bytes | None]:
        return [
            None if row[each.name] is None else encode(each, row[each.name]) for each in self.schema.fields
        ]

    def counted(self, changes: Sequence[Demand]) -> bytes:
        """The largest key among new rows, in digits, where the store makes keys and must not make this one again."""
        if not self._counts:
            return b""
        keys = [change.key[0] for change in changes if change.after is not None]
        given = [key for key in keys if 0 < key <= _LARGEST_COUNT]
        return str(max(given)).encode() if given else b""

    def _words(self, row: Row) -> tuple[list[bytes], list[bytes]]:
        """The columns of a row that have a value, each with it, and those that have none."""
        present: list[bytes] = []
        absent: list[bytes] = []
        for column, value in zip(self.layout.columns, self.encoded(row), strict=True):
            if value is None:
                absent.append(column)
            else:
                present += (column, value)
        return present, absent

    def _run(self, script: Script, key: Key, arguments: Sequence[Any] = ()) -> bool:
        """Write one row of a model without indexes."""
        layout = self.layout
        made = layout.id_of(key)
        self._store.touched = True
        return bool(script.run(self._client, [layout.rows + made, layout.by_key.key], [made, *arguments]))

    def _write(self, changes: Sequence[Demand]) -> bool:
        self._given = 0
        writing = Writing()
        writing.add(self, changes)
        self._store.touched = True
        refused = writing.run(self._client)
        if refused is not None and refused.why == "taken":
            raise refused.duplicate()
        return refused is None

    def _decoded(self, values: Sequence[bytes | None]) -> Row | None:
        """None where there is no row: one without its key is none."""
        row = {
            each.name: None if raw is None else decode(each, raw)
            for each, raw in zip(self.schema.fields, values, strict=True)
        }
        return None if row[self.schema.key[0]] is None else row


def _bounds(plan: Plan) -> list[bytes]:
    return [bound for first, beyond in plan.ranges for bound in (b"[" + first, b"(" + beyond)]
