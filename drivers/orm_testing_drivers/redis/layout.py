"""`Layout`: under which names of Redis the rows of a model lie, and how they are found.

A row is a hash. Its key ends in the row's `id`: its key as text that is in order where the keys are. All ids are the
members of one sorted set; each index is another, whose members are the values, each with an end mark, and then the id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orm_testing.errors import ValueRangeError
from orm_testing.schema import FieldSchema, ModelSchema
from orm_testing_drivers.nosql.ordered import ordered_text
from orm_testing_drivers.redis.values import MAX_BYTES, text_bytes

END = b"\0\1"
"""Ends a value among others. It is less than whatever can follow the same characters in a longer value."""


def ended(text: str) -> bytes:
    """A value so that its bytes are in the order of the values, whatever follows."""
    return text_bytes(text).replace(b"\0", b"\0\xff") + END


def quoted(name: str) -> str:
    """A name without the characters that part the names of keys."""
    return name.replace("%", "%25").replace(":", "%3A").replace("+", "%2B")


@dataclass(frozen=True, slots=True)
class Index:
    """A sorted set by which rows are found. That of the ids themselves has no `entries`."""

    fields: tuple[FieldSchema, ...]
    unique: bool
    key: bytes
    entries: bytes = b""
    """The key of a hash: by its id, what each row has in the index."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple([field.name for field in self.fields])

    def entry(self, row: Mapping[str, Any]) -> bytes | None:
        """What the row has in the index before its id; None where one of the values is None."""
        values = [row[field.name] for field in self.fields]
        if None in values:
            return None
        texts = [ordered_text(field, value) for field, value in zip(self.fields, values, strict=True)]
        return b"".join([ended(text) for text in texts])


class Layout:
    """The names of one model's keys in a namespace."""

    def __init__(self, namespace: str, schema: ModelSchema) -> None:
        self.schema = schema
        self.columns = [text_bytes(field.column) for field in schema.fields]
        prefix = f"{namespace}:{quoted(schema.table)}"
        self.rows = text_bytes(f"{prefix}:row:")
        self.counter = text_bytes(f"{prefix}:counter")
        key = tuple([schema.by_name[name] for name in schema.key])
        self.by_key = Index(key, True, text_bytes(f"{prefix}:keys"))
        groups = dict.fromkeys((*schema.unique, *schema.indexes))
        self.indexes: list[Index] = []
        for names in groups:
            fields = tuple([schema.by_name[name] for name in names])
            if names == schema.key or any(field.kind == "json" for field in fields):
                continue
            columns = "+".join(quoted(field.column) for field in fields)
            places = [text_bytes(f"{prefix}:{kind}:{columns}") for kind in ("index", "entries")]
            self.indexes.append(Index(fields, names in schema.unique, places[0], places[1]))

    def id_of(self, key: Sequence[Any]) -> bytes:
        texts = [ordered_text(field, value) for field, value in zip(self.by_key.fields, key, strict=True)]
        made = b"".join([ended(text) for text in texts[:-1]]) + text_bytes(texts[-1])
        if len(made) + len(self.rows) > MAX_BYTES:
            raise ValueRangeError(
                f"the key takes {len(made)} bytes, and Redis has no names longer than {MAX_BYTES}",
                model=self.schema.name,
                fields=self.schema.key,
            )
        return made

    def own_keys(self) -> list[bytes]:
        """All keys but those of rows; the counter comes second."""
        places = [place for index in self.indexes for place in (index.key, index.entries)]
        return [self.by_key.key, self.counter, *places]
