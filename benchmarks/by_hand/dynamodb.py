"""By boto3's client, on moto."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from benchmarks.by_hand.floor import ByHand, by_size, data


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
        return by_size([_from_item(item) for page in pages for item in page["Items"]])

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
