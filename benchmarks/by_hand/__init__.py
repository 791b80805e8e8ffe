"""What a careful person writes with the client of each product: a model's rows, for the same contract as the verbs'."""

from collections.abc import Mapping

from benchmarks.by_hand.dynamodb import Dynamo
from benchmarks.by_hand.floor import THREE, ByHand, Note, data
from benchmarks.by_hand.mongodb import Mongo
from benchmarks.by_hand.redis import Redis
from benchmarks.by_hand.s3 import S3

__all__ = ["BY_HAND", "THREE", "ByHand", "Note", "data"]

BY_HAND: Mapping[str, type[ByHand]] = {"mongodb": Mongo, "dynamodb": Dynamo, "redis": Redis, "s3": S3}
