"""By redis-py's interface, which fakeredis has."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from benchmarks.by_hand.floor import ByHand, by_size, data


class Redis(ByHand):
    """Hashes, and a sorted set of their keys, which is kept with them."""

    def __init__(self) -> None:
        import fakeredis

        self.client: Any = fakeredis.FakeRedis(decode_responses=True)
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
            "for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do\n"
            "  rows[#rows + 1] = redis.call('HMGET', id, unpack(ARGV))\n"
            "end\n"
            "return rows"
        )

    def clear(self) -> None:
        self.client.flushall()

    def insert(self, row: Mapping[str, Any]) -> None:
        words = [word for pair in _hash(row).items() for word in pair]
        assert self._insert(keys=[f"note:{row['id']}", "notes"], args=words) == 1

    def find(self, key: str) -> dict[str, Any]:
        values = self.client.hmget(f"note:{key}", _FIELDS)
        assert values[0] is not None
        return _from_hash(values)

    def change(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        assert self._change(keys=[f"note:{old['id']}"], args=[old["title"], new["title"]]) == 1

    def remove(self, key: str) -> None:
        with self.client.pipeline(transaction=True) as pipeline:
            deleted, _ = pipeline.delete(f"note:{key}").zrem("notes", f"note:{key}").execute()
        assert deleted == 1

    def put(self, row: Mapping[str, Any]) -> None:
        name = f"note:{row['id']}"
        with self.client.pipeline(transaction=True) as pipeline:
            pipeline.delete(name).hset(name, mapping=_hash(row)).zadd("notes", {name: 0}).execute()

    def large(self, size: int) -> list[dict[str, Any]]:
        rows = [_from_hash(row) for row in self._all(keys=["notes"], args=_FIELDS)]
        return by_size([row for row in rows if row["size"] >= size])

    def insert_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Refused where a key is taken, or is while we look."""
        names = [f"note:{row['id']}" for row in rows]
        with self.client.pipeline(transaction=True) as pipeline:
            pipeline.watch(*names)
            assert not pipeline.exists(*names)
            pipeline.multi()
            for name, row in zip(names, rows, strict=True):
                pipeline.hset(name, mapping=_hash(row))
            pipeline.zadd("notes", dict.fromkeys(names, 0))
            pipeline.execute()

    def fill(self) -> None:
        with self.client.pipeline(transaction=True) as pipeline:
            for prefix in "abc":
                for number in range(3):
                    row = data(number)
                    pipeline.hset(f"{prefix}:{number}", mapping=_hash(row))
                    pipeline.zadd(f"{prefix}:keys", {row["id"]: 0})
                    pipeline.hset(f"{prefix}:titles", row["title"], row["id"])
            pipeline.execute()

    def anew(self) -> None:
        """A prefix needs no making."""
        for prefix in "abc":
            self.client.delete(*self.client.scan_iter(f"{prefix}:*"))


_FIELDS = ("id", "title", "size", "at")


def _hash(row: Mapping[str, Any]) -> dict[str, str]:
    made = {"id": row["id"], "title": row["title"], "size": str(row["size"])}
    return made if row["at"] is None else {**made, "at": row["at"].isoformat()}


def _from_hash(values: Sequence[str]) -> dict[str, Any]:
    key, title, size, at = values
    return {"id": key, "title": title, "size": int(size), "at": at and datetime.fromisoformat(at)}
