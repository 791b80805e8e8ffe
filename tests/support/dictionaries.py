"""`DictDriver`: a `KeyedDriver` on dictionaries, which serves as much of a selection as a test wants it to."""

from orm_testing import Capabilities
from orm_testing.errors import ConflictError
from orm_testing.filters import in_order, matches
from orm_testing.store import Store
from orm_testing.values import copied_row
from orm_testing_drivers.nosql.collection import Collection, Selected
from orm_testing_drivers.nosql.driver import KeyedDriver
from orm_testing_drivers.nosql.selecting import divided


class DictCollection(Collection):
    """`able` are the lookups that it can judge; it sorts and cuts pages where `sorts` is true and nothing is left."""

    able = frozenset()
    sorts = False

    def __init__(self, schema, held):
        super().__init__(schema)
        self.held = held

    def taken_by(self, row, but=()):
        """The names of a unique group that another row has the values of."""
        for names in self.schema.unique:
            value = [row[name] for name in names]
            others = [other for key, other in self.held.items() if key != self.key_of(row) and key not in but]
            if None not in value and any([other[name] for name in names] == value for other in others):
                return names
        return None

    def insert(self, row):
        if self.key_of(row) in self.held:
            raise self.taken(self.schema.key, row)
        self.put(row)

    def insert_many(self, rows):
        before = dict(self.held)
        try:
            for row in rows:
                self.insert(row)
        except Exception:
            self.held.clear()
            self.held.update(before)
            raise

    def find(self, key):
        found = self.held.get(key)
        return None if found is None else copied_row(found)

    def change(self, old, new):
        if self.held.get(self.key_of(old)) != old:
            return False
        self.put(new)
        return True

    def put(self, row):
        names = self.taken_by(row)
        if names:
            raise self.taken(names, row)
        self.held[self.key_of(row)] = copied_row(row)

    def remove(self, key):
        return self.held.pop(key, None) is not None

    def select(self, selection):
        served, rest = divided(selection.where, lambda condition: condition.lookup in self.able)
        rows = [copied_row(row) for row in self.held.values() if matches(served, row)]
        if rest.parts or not self.sorts:
            return Selected(rows, rest, ordered=False, paged=False)
        rows = in_order(rows, selection.order)[selection.offset :][: selection.limit]
        return Selected(rows, rest)

    def clear(self):
        self.held.clear()


class DictStore(Store):
    """All rows, by schema and key."""

    def __init__(self):
        self.held = {}

    def open(self, directory):
        pass

    def close(self):
        pass

    def prepare(self, schemas):
        self.held = {schema: {} for schema in schemas}

    def reset(self):
        for rows in self.held.values():
            rows.clear()

    def mark(self):
        return False

    def unmark(self):
        pass

    def rows(self, schema, key, connection=None):
        rows = [copied_row(row) for row in self.held[schema].values()]
        found = [row for row in rows if all(row[name] == value for name, value in (key or {}).items())]
        return in_order(found, [(schema.by_name[name], False) for name in schema.key])

    def count(self, schema, connection=None):
        return len(self.held[schema])

    def connect(self):
        raise NotImplementedError

    def fingerprint(self):
        return "dictionaries"


class DictDriver(KeyedDriver):
    capabilities = Capabilities("aggregates", "bulk", "clock", "sessions", "transactions", "unique")
    collection_class = DictCollection

    def collection(self, schema):
        return self.collection_class(schema, self.store.held[schema])

    def apply(self, changes):
        before = {schema: dict(rows) for schema, rows in self.store.held.items()}
        try:
            for change in changes:
                if self._collections[change.schema].held.pop(change.key, None) != change.before:
                    raise ConflictError(f"{change.key!r} is not as it was")  # noqa: TRY301
            for change in changes:
                if change.after is not None:
                    self._collections[change.schema].insert(change.after)
        except Exception:
            for schema, rows in before.items():
                self.store.held[schema].clear()
                self.store.held[schema].update(rows)
            raise
