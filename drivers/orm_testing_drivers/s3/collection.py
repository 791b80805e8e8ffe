"""`S3Collection`: the rows of one model, an object each."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from orm_testing.filters import Condition, Group, in_order, matches
from orm_testing.schema import ModelSchema
from orm_testing_drivers.nosql.collection import Collection, Key, Row, Selected, Selection
from orm_testing_drivers.nosql.selecting import divided
from orm_testing_drivers.s3.claims import Claims
from orm_testing_drivers.s3.layout import Layout
from orm_testing_drivers.s3.numbers import Numbers
from orm_testing_drivers.s3.objects import Objects
from orm_testing_drivers.s3.values import decoded, encoded


class S3Collection(Collection):
    """What is written where a row was read before is written over just what was read."""

    def __init__(self, schema: ModelSchema, layout: Layout, objects: Objects, numbers: Numbers) -> None:
        super().__init__(schema)
        self.layout = layout
        self.objects = objects
        self._numbers = numbers
        self._claims = Claims(layout, objects, self.taken)
        self._read: str | None = None

    def insert(self, row: Row) -> None:
        self._insert([(row, *self._object(row))])

    def insert_many(self, rows: Sequence[Row]) -> None:
        named = [(row, *self._object(row)) for row in rows]
        with self.objects.surveyed(self.layout.rows):
            self._insert(named)

    def _insert(self, named: Sequence[tuple[Row, str, bytes]]) -> None:
        """One after the other; what was made is removed again where one fails."""
        with self._claims.undone() as made:
            for row, name, body in named:
                made.extend(self._claims.make(row, name))
                if not self.objects.put_new(name, body):
                    raise self.taken(self.schema.key, row)
                made.append(name)

    def find(self, key: Key) -> Row | None:
        found = self._found(key)
        return None if found is None else found[0]

    def change(self, old: Row, new: Row) -> bool:
        assert self._read is not None, "a row is read before it is changed"
        return self._replaced(new, old, self._read)

    def put(self, row: Row) -> None:
        """Without unique values one request; with them, the row is read before, and what it claimed is given up."""
        if not self.schema.unique:
            self.objects.put(*self._object(row))
            return
        done = False
        while not done:
            done = self._replaced(row, *(self._found(self.key_of(row)) or (None, "")))

    def _replaced(self, row: Row, old: Row | None, tag: str) -> bool:
        """Put the row in the place of the old one that has this ETag, or where there is none; False where that is not so."""
        name, body = self._object(row)
        gone, coming = self._claims.difference(old, row) if old else ([], None)
        with self._claims.undone() as made:
            made.extend(self._claims.make(row, name, coming))
            done = self.objects.put_over(name, body, tag) if old else self.objects.put_new(name, body)
        self._claims.give_up(gone if done else made)
        return done is not None

    def remove(self, key: Key) -> bool:
        """A row's attachments go with it, and what it claimed. Where it was changed meanwhile, it is looked at again."""
        beginning, name = self.layout.of_key(key), self.layout.row(key)
        while True:
            with_it = dict(self.objects.names(beginning))
            tag = with_it.pop(name, None)
            found = self._found(key) if tag is not None and self.schema.unique else None
            if tag is None or (self.schema.unique and found is None):
                return False
            if found is not None:
                tag = found[1]
                with_it |= dict.fromkeys(self.layout.claims(found[0]).values(), "")
            if self.objects.remove(name, tag):
                self.objects.remove_all(list(with_it))
                return True

    def select(self, selection: Selection) -> Selected:
        """By listing, where the keys have to be known first: an object that the conditions on keys rule out is not read."""
        named = self._named(selection.where)
        if named is not None:
            rest = self._less(selection.where, named[1])
            if rest.parts:
                return Selected(named[0], rest, paged=False)
            return Selected(named[0][selection.offset :][: selection.limit])
        beginning, served = self._beginning(selection.where)
        rest = self._less(selection.where, served)
        keys = [self.layout.key_in(name) for name, _ in self.objects.names(beginning, deep=False)]
        known = [dict(zip(self.schema.key, key, strict=True)) for key in keys if key is not None]
        on_keys, on_rows = divided(rest, lambda condition: condition.field.name in self.schema.key)
        known = [row for row in known if matches(on_keys, row)]
        paged = not on_rows.parts and all(field.name in self.schema.key for field, _ in selection.order)
        if paged:
            known = in_order(known, selection.order)[selection.offset :][: selection.limit]
        names = [self.layout.row(self.key_of(row)) for row in known]
        rows = [decoded(self.schema, body) for body in self.objects.contents(names)]
        return Selected(rows, rest, ordered=False, paged=paged)

    def count(self, where: Group) -> int | None:
        beginning, served = self._beginning(where)
        if len(served) != len(where.parts):
            return None
        names = self.objects.names(beginning, deep=False)
        return sum(self.layout.key_in(name) is not None for name, _ in names)

    def clear(self) -> None:
        self.objects.remove_all([name for name, _ in self.objects.names(self.layout.rows)])

    def next_keys(self, number: int) -> int:
        return self._numbers.take(self.layout.numbers, number)

    def key_given(self, key: int) -> None:
        self._numbers.reach(self.layout.numbers, key)

    def _object(self, row: Mapping[str, Any]) -> tuple[str, bytes]:
        return self.layout.checked(self.layout.row(self.key_of(row))), encoded(self.schema, row)

    def _found(self, key: Key) -> tuple[Row, str] | None:
        found = self.objects.get(self.layout.row(key))
        if found is None:
            return None
        self._read = found[1]
        return decoded(self.schema, found[0]), found[1]

    def _named(self, where: Group) -> tuple[list[Row], Sequence[Any]] | None:
        """The row that conditions name by its key or by a unique value, and these; None where they name none."""
        exact = {
            part.field.name: part
            for part in where.parts
            if isinstance(part, Condition) and part.lookup == "exact" and part.value is not None
        }
        values = {name: part.value for name, part in exact.items()}
        for names in (self.schema.key, *self.schema.unique):
            if not exact.keys() >= set(names):
                continue
            key: Key | None = None
            if names == self.schema.key:
                key = self.key_of(values)
            elif (claim := self.objects.get(self.layout.claim(names, values))) is not None:
                key = self.layout.key_in(json.loads(claim[0])["row"])
            row = None if key is None else self.find(key)
            served = [exact[name] for name in names]
            return [row] if row is not None and all(matches(part, row) for part in served) else [], served
        return None

    def _less(self, where: Group, served: Sequence[Any]) -> Group:
        """The conditions but those that are served."""
        return Group("all", tuple(part for part in where.parts if part not in served))

    def _beginning(self, where: Group) -> tuple[str, list[Any]]:
        """How the names begin of all rows that match, and the conditions that say no more than this."""
        conditions = {
            (part.field.name, part.lookup): part for part in where.parts if isinstance(part, Condition)
        }
        parts: list[Any] = []
        served: list[Any] = []
        for name in self.schema.key:
            exact = conditions.get((name, "exact"))
            if exact is not None and exact.value is not None:
                parts.append(exact.value)
                served.append(exact)
                continue
            starting = conditions.get((name, "startswith"))
            if starting is None:
                break
            return self.layout.starting(parts, starting.value), [*served, starting]
        return self.layout.starting(parts), served
