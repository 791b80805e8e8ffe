"""By boto3's client, on moto."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from benchmarks.by_hand.floor import ByHand, by_size


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
        return by_size([row for row in rows if row["size"] >= size])

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
