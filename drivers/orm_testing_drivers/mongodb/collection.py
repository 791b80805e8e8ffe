"""`MongoCollection`: the rows of one model, through pymongo or what plays it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from pymongo import ReturnDocument
from pymongo.errors import BulkWriteError, OperationFailure

from orm_testing.aggregates import Aggregate
from orm_testing.errors import ConflictError, ValueRangeError
from orm_testing.filters import Group
from orm_testing.schema import FieldSchema
from orm_testing.values import same
from orm_testing_drivers.mongodb import pipeline
from orm_testing_drivers.mongodb.errors import is_duplicate
from orm_testing_drivers.mongodb.filters import sorting, split
from orm_testing_drivers.mongodb.layout import Document, Layout
from orm_testing_drivers.mongodb.names import KEYS, collection_name
from orm_testing_drivers.nosql.collection import Collection, Key, Row, Selected, Selection
from orm_testing_drivers.nosql.pending import Change

T = TypeVar("T")

_MOST_SORTED = 32
"""By how many paths a server sorts; where there are more, the driver does."""

_IN_ONE_ANSWER = 10_000
"""How many documents a server may put into one answer, where they have room in it; FerretDB takes the room at once."""


class MongoCollection(Collection):
    """Answers in one request wherever the product can, and says which fields were taken by asking once more."""

    def __init__(
        self,
        layout: Layout,
        database: Callable[[str], Any],
        alone: AbstractContextManager[Any],
        wrote: Callable[[str], None],
        transaction: Callable[[], AbstractContextManager[Any]] | None,
    ) -> None:
        super().__init__(layout.schema)
        self.layout = layout
        self.name = collection_name(layout.schema.table)
        self._documents = database(self.name)
        self._keys = database(KEYS)
        self._alone = alone
        self._wrote = wrote
        self._transaction = transaction
        self._looks_first = not layout.dialect.takes_back and len(self.schema.key) > 1

    def insert(self, row: Row) -> None:
        document = self.layout.document(row)
        self._wrote(self.name)
        with self._alone:
            try:
                self._documents.insert_one(document)
            except OperationFailure as error:
                if not is_duplicate(error):
                    raise
                raise self.taken(self._met(row, new=True) or self._said(error), row) from error

    def insert_many(self, rows: Sequence[Row]) -> None:
        documents = [self.layout.document(row) for row in rows]
        self._wrote(self.name)
        try:
            if self._transaction is None:
                self._insert_or_take_back(documents)
            else:
                with self._transaction() as session:
                    self._documents.insert_many(documents, session=session)
        except OperationFailure as error:
            if not is_duplicate(error):
                raise
            row = rows[_refused(error)[0]]
            with self._alone:
                met = self._met(row, new=True)
            raise self.taken(met or self._said(error), row) from error

    def find(self, key: Key) -> Row | None:
        try:
            wanted = self._id(key)
        except ValueRangeError:
            return None
        with self._alone:
            document = self._documents.find_one({"_id": wanted})
        return None if document is None else self.layout.row(document)

    def change(self, old: Row, new: Row) -> bool:
        update, found = self.layout.changes(old, new)
        if not update:
            return True
        one = {"_id": self.layout.key(old), **found}
        self.layout.check_size(new)
        written = self._write(lambda documents: documents.update_one(one, update), new)
        return bool(written.matched_count)

    def put(self, row: Row) -> None:
        document = self.layout.document(row)
        one = {"_id": document["_id"]}
        self._write(lambda documents: documents.replace_one(one, document, upsert=True), row, tries=2)

    def remove(self, key: Key) -> bool:
        try:
            wanted = self._id(key)
        except ValueRangeError:
            return False
        self._wrote(self.name)
        with self._alone:
            return bool(self._documents.delete_one({"_id": wanted}).deleted_count)

    def select(self, selection: Selection) -> Selected:
        query, rest = split(selection.where, self.layout)
        options: dict[str, Any] = {"batch_size": _IN_ONE_ANSWER}
        order = sorting(selection.order, self.layout)
        ordered = len(order) <= _MOST_SORTED
        if order and ordered:
            options["sort"] = order
        paged = ordered and not rest.parts
        if paged:
            options["skip"] = selection.offset
            options["limit"] = selection.limit or 0
        with self._alone:
            found = [self.layout.row(document) for document in self._documents.find(query, **options)]
        return Selected(found, rest, ordered=ordered, paged=paged)

    def count(self, where: Group) -> int | None:
        query, rest = split(where, self.layout)
        if rest.parts:
            return None
        with self._alone:
            return int(self._documents.count_documents(query))

    def aggregate(
        self, where: Group, aggregates: Sequence[Aggregate], fields: Sequence[FieldSchema]
    ) -> list[Row] | None:
        query, rest = split(where, self.layout)
        if rest.parts or not pipeline.can(aggregates, fields, self.layout):
            return None
        stages = [{"$match": query}, {"$group": pipeline.grouped(aggregates, fields, self.layout)}]
        with self._alone:
            answers = list(self._documents.aggregate(stages))
        return pipeline.rows(answers, aggregates, fields)

    def clear(self) -> None:
        self._wrote(self.name)
        with self._alone:
            self._documents.delete_many({})

    def next_keys(self, number: int) -> int:
        self._wrote(KEYS)
        with self._alone:
            last = self._keys.find_one_and_update(
                {"_id": self.name},
                {"$inc": {"last": number}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return int(last["last"]) - number + 1

    def key_given(self, key: int) -> None:
        if not 0 < key < 1 << 63:
            return
        self._wrote(KEYS)
        with self._alone:
            self._keys.update_one({"_id": self.name}, {"$max": {"last": key}}, upsert=True)

    def as_stored(self, row: Row) -> Row:
        return self.layout.row(self.layout.document(row))

    def give_up(self, change: Change, session: Any) -> None:
        """Remove a row that a transaction removes, or whose unique values another row of it may take.

        `ConflictError` where it is not as it was.
        """
        one = {"_id": self._id(change.key)}
        held = self._documents.find_one(one, session=session)
        if not same(None if held is None else self.layout.row(held), change.before):
            raise ConflictError(
                f"another session wrote {self.schema.name} {change.key!r}", model=self.schema.name
            )
        if change.before is not None and self._frees(change.before, change.after):
            self._wrote(self.name)
            self._documents.delete_one(one, session=session)

    def take(self, change: Change, session: Any) -> None:
        """Write a row of a transaction, all of whose rows have given up what they had."""
        if change.after is None:
            return
        one, document = {"_id": self._id(change.key)}, self.layout.document(change.after)
        self._wrote(self.name)
        try:
            self._documents.replace_one(one, document, upsert=True, session=session)
        except OperationFailure as error:
            if not is_duplicate(error):
                raise
            raise self.taken(self._said(error), change.after) from error

    def _id(self, key: Key) -> Any:
        return self.layout.key(dict(zip(self.schema.key, key, strict=True)))

    def _frees(self, before: Row, after: Row | None) -> bool:
        names = {name for unique in self.layout.uniques for name in unique.fields}
        return after is None or any(before[name] != after[name] for name in names)

    def _insert_or_take_back(self, documents: Sequence[Document]) -> None:
        """Try them all: then those that were not refused are ours, whereas FerretDB goes on after the first that was."""
        with self._alone:
            try:
                self._documents.insert_many(documents, ordered=False)
            except BulkWriteError as error:
                refused = set(_refused(error))
                ours = [each["_id"] for number, each in enumerate(documents) if number not in refused]
                if ours:
                    self._documents.delete_many({"_id": {"$in": ours}})
                raise

    def _write(self, work: Callable[[Any], T], row: Row, *, tries: int = 1) -> T:
        """Write a row that may be there already; a second try is for an upsert, which another session's may overtake."""
        self._wrote(self.name)
        while True:
            tries -= 1
            with self._alone:
                if self._looks_first and (met := self._met(row, new=False)):
                    raise self.taken(met, row)
                try:
                    return work(self._documents)
                except OperationFailure as error:
                    if not is_duplicate(error):
                        raise
                    met = self._met(row, new=False)
                    if not met and tries:
                        continue  # another one put the row there, between the server's look and its insert
                    raise self.taken(met or self._said(error), row) from error

    def _met(self, row: Row, *, new: bool) -> Sequence[str]:
        """The constraint that the row meets, the first in the model's order: the store says another one, or none at all."""
        key = self.layout.key(row)
        if new and self._documents.find_one({"_id": key}) is not None:
            return self.schema.key
        for unique in self.layout.uniques:
            if any(row[name] is None for name in unique.fields):
                continue
            wanted = [{path: {"$eq": value}} for path, value in self.layout.indexed(unique, row)]
            if self._documents.find_one({"$and": [*wanted, {"_id": {"$ne": key}}]}) is not None:
                return unique.fields
        return ()

    def _said(self, error: OperationFailure) -> Sequence[str]:
        """The fields whose constraint the server names, where it does."""
        paths = (error.details or {}).get("keyPattern", {}).keys()
        return next((each.fields for each in self.layout.uniques if paths and set(each.paths) == paths), ())


def _refused(error: OperationFailure) -> list[int]:
    """Which of several documents the server refused."""
    refused = error.details["writeErrors"] if isinstance(error, BulkWriteError) else []
    return sorted(each["index"] for each in refused) or [0]
