"""What a careful person writes with the client of each product: a model's rows, for the same contract as the verbs'."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from orm_testing import Field, Model


class Note(Model):
    id: str = Field(primary_key=True)
    title: str
    size: int = Field(ge=0, default=0)
    at: datetime | None = None


THREE = tuple(
    type(
        f"Note{number}",
        (Model,),
        {
            "__annotations__": {"id": str, "title": str, "size": int},
            "__module__": __name__,
            "id": Field(primary_key=True),
            "title": Field(unique=True),
            "size": 0,
        },
    )
    for number in range(3)
)
"""Each with an index of its own, where a product has any."""
AT = datetime(2026, 1, 2, 3, 4, 5, 678000)


def data(number: int) -> dict[str, Any]:
    return {"id": f"n{number}", "title": f"title {number}", "size": number % 100, "at": AT}


class ByHand(ABC):
    """Every value is validated by the model on its way in and out; what is absent or taken is noticed."""

    @abstractmethod
    def clear(self) -> None: ...

    @abstractmethod
    def insert(self, row: Mapping[str, Any]) -> None: ...

    @abstractmethod
    def find(self, key: str) -> dict[str, Any]: ...

    @abstractmethod
    def change(self, old: dict[str, Any], new: dict[str, Any]) -> None: ...

    @abstractmethod
    def remove(self, key: str) -> None: ...

    @abstractmethod
    def put(self, row: Mapping[str, Any]) -> None: ...

    @abstractmethod
    def large(self, size: int) -> list[dict[str, Any]]:
        """The rows of at least this size, by size and key."""

    @abstractmethod
    def insert_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """By the client's own batch call."""

    @abstractmethod
    def fill(self) -> None:
        """Three rows of each of three models."""

    @abstractmethod
    def anew(self) -> None:
        """Delete what the three models are kept in, and make it again."""

    def create(self, number: int) -> None:
        self.insert(Note.model_validate(data(number)).__dict__)

    def get(self, number: int) -> None:
        assert Note.model_validate(self.find(f"n{number}")).size == number % 100

    def update(self, number: int) -> None:
        old = self.find(f"n{number}")
        self.change(old, Note.model_validate({**old, "title": "new"}).__dict__)

    def delete(self, number: int) -> None:
        self.remove(f"n{number}")

    def upsert(self, number: int) -> None:
        self.put(Note.model_validate(data(number)).__dict__)

    def query(self, number: int) -> None:
        del number
        assert len([Note.model_validate(row) for row in self.large(45)]) == 5

    def create_many(self, number: int) -> None:
        self.insert_many([Note.model_validate(data(each)).__dict__ for each in range(number)])


class Mongo(ByHand):
    def __init__(self) -> None:
        import mongomock

        self.database = mongomock.MongoClient().by_hand
        self.notes = self.database.notes

    def clear(self) -> None:
        self.notes.delete_many({})

    def insert(self, row: Mapping[str, Any]) -> None:
        self.notes.insert_one({"_id": row["id"], "title": row["title"], "size": row["size"], "at": row["at"]})

    def find(self, key: str) -> dict[str, Any]:
        return _with_id(self.notes.find_one({"_id": key}))

    def change(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        unchanged = {"_id": old["id"], "title": old["title"]}
        assert self.notes.update_one(unchanged, {"$set": {"title": new["title"]}}).matched_count == 1

    def remove(self, key: str) -> None:
        assert self.notes.delete_one({"_id": key}).deleted_count == 1

    def put(self, row: Mapping[str, Any]) -> None:
        self.notes.replace_one({"_id": row["id"]}, _without_id(row), upsert=True)

    def large(self, size: int) -> list[dict[str, Any]]:
        return [
            _with_id(each)
            for each in self.notes.find({"size": {"$gte": size}}, sort=[("size", 1), ("_id", 1)])
        ]

    def insert_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.notes.insert_many([{"_id": row["id"], **_without_id(row)} for row in rows])

    def fill(self) -> None:
        for name in "abc":
            self.database[name].insert_many([{"_id": number, "title": str(number)} for number in range(3)])

    def anew(self) -> None:
        for name in "abc":
            self.database.drop_collection(name)
            self.database.create_collection(name).create_index("title", unique=True)


def _with_id(document: dict[str, Any]) -> dict[str, Any]:
    return {"id": document.pop("_id"), **document}


def _without_id(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


class Dynamo(ByHand):
    table = "by_hand"
    three = ("anew_a", "anew_b", "anew_c")

    def __init__(self) -> None:
        from orm_testing_drivers.aws.client import client

        self.client = client("dynamodb", "")
        for name in (self.table, *self.three):
            self._make(name)

    def _make(self, name: str) -> None:
        self.client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def clear(self) -> None:
        self.client.delete_table(TableName=self.table)
        self._make(self.table)

    def insert(self, row: Mapping[str, Any]) -> None:
        self.client.put_item(
            TableName=self.table, Item=_item(row), ConditionExpression="attribute_not_exists(id)"
        )

    def find(self, key: str) -> dict[str, Any]:
        return _from_item(
            self.client.get_item(TableName=self.table, Key={"id": {"S": key}}, ConsistentRead=True)["Item"]
        )

    def change(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self.client.update_item(
            TableName=self.table,
            Key={"id": {"S": old["id"]}},
            UpdateExpression="SET title = :new",
            ConditionExpression="attribute_exists(id) AND title = :old",
            ExpressionAttributeValues={":new": {"S": new["title"]}, ":old": {"S": old["title"]}},
        )

    def remove(self, key: str) -> None:
        self.client.delete_item(
            TableName=self.table, Key={"id": {"S": key}}, ConditionExpression="attribute_exists(id)"
        )

    def put(self, row: Mapping[str, Any]) -> None:
        self.client.put_item(TableName=self.table, Item=_item(row))

    def large(self, size: int) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.table,
            FilterExpression="#size >= :size",
            ExpressionAttributeNames={"#size": "size"},
            ExpressionAttributeValues={":size": {"N": str(size)}},
            ConsistentRead=True,
        )
        return _sorted([_from_item(item) for page in pages for item in page["Items"]])

    def insert_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        puts = [{"PutRequest": {"Item": _item(row)}} for row in rows]
        for start in range(0, len(puts), 25):
            left = self.client.batch_write_item(RequestItems={self.table: puts[start : start + 25]})
            assert not left["UnprocessedItems"]

    def fill(self) -> None:
        for name in self.three:
            for number in range(3):
                self.client.put_item(TableName=name, Item=_item(data(number)))

    def anew(self) -> None:
        for name in self.three:
            self.client.delete_table(TableName=name)
            self._make(name)


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": {"S": row["id"]},
        "title": {"S": row["title"]},
        "size": {"N": str(row["size"])},
        "at": {"S": row["at"].isoformat()},
    }


def _from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": item["id"]["S"],
        "title": item["title"]["S"],
        "size": int(item["size"]["N"]),
        "at": datetime.fromisoformat(item["at"]["S"]),
    }


def _sorted(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["size"], row["id"]))


class Redis(ByHand):
    """Hashes, and a sorted set of their keys, which is kept with them."""

    def __init__(self) -> None:
        import fakeredis

        self.client = fakeredis.FakeRedis(decode_responses=True)
        self._insert = self.client.register_script(
            "if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end\n"
            "redis.call('HSET', KEYS[1], unpack(ARGV)) redis.call('ZADD', KEYS[2], 0, KEYS[1]) return 1"
        )
        self._change = self.client.register_script(
            "if redis.call('HGET', KEYS[1], 'title') ~= ARGV[1] then return 0 end\n"
            "redis.call('HSET', KEYS[1], 'title', ARGV[2]) return 1"
        )
        self._all = self.client.register_script(
            "local rows = {}\n"
            "for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do rows[#rows + 1] = redis.call('HMGET', id, unpack(ARGV)) end\n"
            "return rows"
        )

    def clear(self) -> None:
        self.client.flushall()

    def insert(self, row: Mapping[str, Any]) -> None:
        words = [word for pair in _hash(row).items() for word in pair]
        assert self._insert(keys=[f"note:{row['id']}", "notes"], args=words) == 1

    def find(self, key: str) -> dict[str, Any]:
        return _from_hash(self.client.hmget(f"note:{key}", _FIELDS))

    def change(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        assert self._change(keys=[f"note:{old['id']}"], args=[old["title"], new["title"]]) == 1

    def remove(self, key: str) -> None:
        with self.client.pipeline(transaction=True) as pipeline:
            deleted, _ = pipeline.delete(f"note:{key}").zrem("notes", f"note:{key}").execute()
        assert deleted == 1

    def put(self, row: Mapping[str, Any]) -> None:
        name = f"note:{row['id']}"
        with self.client.pipeline(transaction=True) as pipeline:
            pipeline.hset(name, mapping=_hash(row)).zadd("notes", {name: 0}).execute()

    def large(self, size: int) -> list[dict[str, Any]]:
        rows = [_from_hash(row) for row in self._all(keys=["notes"], args=_FIELDS)]
        return _sorted([row for row in rows if row["size"] >= size])

    def insert_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        with self.client.pipeline(transaction=True) as pipeline:
            for row in rows:
                pipeline.hset(f"note:{row['id']}", mapping=_hash(row))
            pipeline.zadd("notes", {f"note:{row['id']}": 0 for row in rows})
            pipeline.execute()

    def fill(self) -> None:
        with self.client.pipeline(transaction=True) as pipeline:
            for prefix in "abc":
                for number in range(3):
                    pipeline.hset(f"{prefix}:{number}", mapping=_hash(data(number)))
            pipeline.execute()

    def anew(self) -> None:
        """A prefix needs no making."""
        for prefix in "abc":
            self.client.delete(*self.client.scan_iter(f"{prefix}:*"))


_FIELDS = ("id", "title", "size", "at")


def _hash(row: Mapping[str, Any]) -> dict[str, str]:
    return {"id": row["id"], "title": row["title"], "size": str(row["size"]), "at": row["at"].isoformat()}


def _from_hash(values: Sequence[str]) -> dict[str, Any]:
    key, title, size, at = values
    return {"id": key, "title": title, "size": int(size), "at": datetime.fromisoformat(at)}


class S3(ByHand):
    bucket = "by-hand"
    other = "by-hand-anew"
    nine = tuple(f"{model}/{number}.json" for model in "abc" for number in range(3))

    def __init__(self) -> None:
        from orm_testing_drivers.s3.buckets import client

        self.client = client("")
        self.client.create_bucket(Bucket=self.bucket)
        self.client.create_bucket(Bucket=self.other)

    def clear(self) -> None:
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            names = [{"Key": found["Key"]} for found in page.get("Contents", ())]
            if names:
                self.client.delete_objects(Bucket=self.bucket, Delete={"Objects": names})

    def insert(self, row: Mapping[str, Any]) -> None:
        self._put(row, IfNoneMatch="*")

    def find(self, key: str) -> dict[str, Any]:
        found = self.client.get_object(Bucket=self.bucket, Key=f"notes/{key}/row.json")
        self._tag = found["ETag"]
        row = json.loads(found["Body"].read())
        return {**row, "at": datetime.fromisoformat(row["at"])}

    def change(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        self._put(new, IfMatch=self._tag)

    def remove(self, key: str) -> None:
        """What is attached to the row goes with it."""
        listed = self.client.list_objects_v2(Bucket=self.bucket, Prefix=f"notes/{key}/")
        row, *attached = sorted(listed["Contents"], key=lambda found: not found["Key"].endswith("/row.json"))
        self.client.delete_object(Bucket=self.bucket, Key=row["Key"], IfMatch=row["ETag"])
        assert not attached

    def put(self, row: Mapping[str, Any]) -> None:
        self._put(row)

    def large(self, size: int) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix="notes/")
        names = [found["Key"] for page in pages for found in page.get("Contents", ())]
        rows = [self.find(name.removeprefix("notes/").removesuffix("/row.json")) for name in names]
        return _sorted([row for row in rows if row["size"] >= size])

    def insert_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """S3 has no batch that writes."""
        for row in rows:
            self._put(row, IfNoneMatch="*")

    def fill(self) -> None:
        for name in self.nine:
            self.client.put_object(Bucket=self.other, Key=name, Body=b"{}")

    def anew(self) -> None:
        objects = [{"Key": name} for name in self.nine]
        self.client.delete_objects(Bucket=self.other, Delete={"Objects": objects})
        self.client.delete_bucket(Bucket=self.other)
        self.client.create_bucket(Bucket=self.other)

    def _put(self, row: Mapping[str, Any], **condition: str) -> None:
        body = json.dumps({**row, "at": row["at"].isoformat()}).encode()
        self.client.put_object(
            Bucket=self.bucket,
            Key=f"notes/{row['id']}/row.json",
            Body=body,
            ContentType="application/json",
            **condition,
        )


BY_HAND: Mapping[str, type[ByHand]] = {"mongodb": Mongo, "dynamodb": Dynamo, "redis": Redis, "s3": S3}
