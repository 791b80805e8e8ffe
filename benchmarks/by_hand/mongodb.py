"""By pymongo's interface, which mongomock has."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo.errors import BulkWriteError

from benchmarks.by_hand.floor import ByHand


class Mongo(ByHand):
    def __init__(self) -> None:
        import mongomock

        self.database: Any = mongomock.MongoClient().by_hand
        self.notes: Any = self.database.notes

    def clear(self) -> None:
        self.notes.delete_many({})

    def insert(self, row: Mapping[str, Any]) -> None:
        self.notes.insert_one(_document(row))

    def find(self, key: str) -> dict[str, Any]:
        document = self.notes.find_one({"_id": key})
        assert document is not None
        return _row(document)

    def change(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        unchanged = {"_id": old["id"], "title": old["title"]}
        assert self.notes.update_one(unchanged, {"$set": {"title": new["title"]}}).matched_count == 1

    def remove(self, key: str) -> None:
        assert self.notes.delete_one({"_id": key}).deleted_count == 1

    def put(self, row: Mapping[str, Any]) -> None:
        self.notes.replace_one({"_id": row["id"]}, _document(row), upsert=True)

    def large(self, size: int) -> list[dict[str, Any]]:
        found = self.notes.find({"size": {"$gte": size}}, sort=[("size", 1), ("_id", 1)])
        return [_row(document) for document in found]

    def insert_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """All or none, without a transaction: what was not refused is taken back."""
        documents = [_document(row) for row in rows]
        try:
            self.notes.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            refused = {each["index"] for each in error.details["writeErrors"]}
            ours = [each["_id"] for number, each in enumerate(documents) if number not in refused]
            self.notes.delete_many({"_id": {"$in": ours}})
            raise

    def fill(self) -> None:
        for name in "abc":
            self.database[name].insert_many([{"_id": number, "title": str(number)} for number in range(3)])

    def anew(self) -> None:
        for name in "abc":
            self.database.drop_collection(name)
            self.database.create_collection(name).create_index("title", unique=True)


_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)


def _document(row: Mapping[str, Any]) -> dict[str, Any]:
    """A date of BSON ends with the millisecond: the whole moment stands beside it."""
    made = {name: value for name, value in row.items() if value is not None}
    made["_id"] = made.pop("id")
    if row["at"] is not None:
        made["at"] = row["at"].replace(microsecond=row["at"].microsecond // 1000 * 1000)
        made["at_micros"] = (row["at"] - _EPOCH) // _MICROSECOND
    return made


def _row(document: Mapping[str, Any]) -> dict[str, Any]:
    micros = document.get("at_micros")
    return {
        "id": document["_id"],
        "title": document["title"],
        "size": document["size"],
        "at": None if micros is None else _EPOCH + micros * _MICROSECOND,
    }
