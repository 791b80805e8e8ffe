"""`Layout`: where the objects of a model lie, and which key of a row the name of one tells.

namespace/model/KEY.json                     a row
namespace/model/KEY.files/NAME               an attachment of it
namespace/model/~unique/FIELDS/HASH.json     a claim: which row has a unique value
namespace/~numbers/model.json                the last key that the store made
"""

import datetime
import hashlib
import json
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal
from typing import Any

from orm_testing.errors import ValueRangeError
from orm_testing.kinds import Kind, bare, stored_form
from orm_testing.schema import FieldSchema, ModelSchema
from orm_testing_drivers.nosql.collection import Key
from orm_testing_drivers.nosql.ordered import ordered_text

MAX_NAME_BYTES = 1024
ROW = "json"
_FILES = "files/"
_ESCAPED = re.compile(rb"!([0-9a-f]{2})")
_PLAIN = frozenset("-_")
_CANONICAL = Context(prec=MAX_PREC, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[])
_STEP = datetime.timedelta(microseconds=1)


def escaped(text: str) -> str:
    """Letters, digits, `-` and `_` as they are, and each other byte as `!` and two digits: no dot, slash or tilde."""
    if text.isascii() and text.isalnum():
        return text
    return "".join([char if char.isalnum() or char in _PLAIN else _bytes_of(char) for char in text])


def _bytes_of(char: str) -> str:
    return "".join([f"!{byte:02x}" for byte in char.encode("utf-8", "surrogatepass")])


def unescaped(text: str) -> str:
    raw = _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode("utf-8"))
    return raw.decode("utf-8", "surrogatepass")


class Layout:
    """The names of one model's objects. Equal keys have one name, and different ones have two."""

    def __init__(self, schema: ModelSchema, beginning: str) -> None:
        self.schema = schema
        model = escaped(schema.table)
        self.rows = f"{beginning}{model}/"
        self.numbers = f"{beginning}~numbers/{model}.json"
        self._key_fields = [schema.by_name[name] for name in schema.key]

    def row(self, key: Key) -> str:
        return self.of_key(key) + ROW

    def of_key(self, key: Key) -> str:
        """How the names begin of a row and of its attachments, and of nothing else."""
        return self.rows + "".join([f"{escaped(text)}." for text in self._texts(key)])

    def starting(self, parts: Sequence[Any], text: str | None = None) -> str:
        """How the names of rows begin whose key has these first parts, and then a text that begins so."""
        names = [f"{escaped(part)}." for part in self._texts(parts)]
        return self.rows + "".join(names) + ("" if text is None else escaped(text))

    def key_in(self, name: str) -> Key | None:
        """The key of the row that has this name; None where it is no name of a row."""
        texts = name.removeprefix(self.rows).split(".")
        if texts.pop() != ROW or len(texts) != len(self._key_fields):
            return None
        try:
            return tuple([
                _READ[field.kind](field, unescaped(text))
                for field, text in zip(self._key_fields, texts, strict=True)
            ])  # fmt: skip
        except (ValueError, ArithmeticError):  # what others named so
            return None

    def file(self, key: Key, name: str) -> str:
        return self.of_key(key) + _FILES + escaped(name)

    def claims(self, row: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
        """By the fields, the name of the object that says who has their values; none for a group with a None."""
        return {
            names: self.claim(names, row)
            for names in self.schema.unique
            if all(row[name] is not None for name in names)
        }

    def claim(self, names: Sequence[str], row: Mapping[str, Any]) -> str:
        texts = [ordered_text(self.schema.by_name[name], row[name]) for name in names]
        told = hashlib.sha256(json.dumps(texts).encode("ascii")).hexdigest()[:40]
        return f"{self.rows}~unique/{'.'.join(map(escaped, names))}/{told}.json"

    def _texts(self, key: Sequence[Any]) -> list[str]:
        try:
            return [_TEXTS[field.kind](value) for field, value in zip(self._key_fields, key, strict=False)]
        except ValueError as error:  # Python writes no integer of more than 4300 digits
            raise ValueRangeError(
                f"{self.schema.name}: the key cannot be written as text: {error}",
                model=self.schema.name,
                fields=self.schema.key,
            ) from error

    def checked(self, name: str) -> str:
        """The name of what is to be written; `ValueRangeError` where S3 has none so long."""
        if not fits(name):
            raise ValueRangeError(
                f"{self.schema.name}: the name of an object has at most {MAX_NAME_BYTES} bytes, and this key makes one"
                f" of {len(name.encode('utf-8'))}",
                model=self.schema.name,
                fields=self.schema.key,
            )
        return name


def fits(name: str) -> bool:
    """Whether an object may have this name: to look for another one is to find nothing."""
    return len(name) * 4 <= MAX_NAME_BYTES or len(name.encode("utf-8")) <= MAX_NAME_BYTES


def bucket_of(namespace: str) -> str:
    """The name of the namespace's own bucket, which may have no underscores and 63 characters."""
    plain = namespace.replace("_", "-")
    if re.fullmatch(r"[a-z0-9_]{3,63}", namespace):
        return plain
    return f"orm-testing-{hashlib.sha256(namespace.encode('utf-8')).hexdigest()[:48]}"


def _utc(value: datetime.datetime) -> datetime.datetime:
    return value.astimezone(datetime.UTC).replace(tzinfo=None)


def _decimal(value: Decimal) -> str:
    return str(value.normalize(_CANONICAL) if value else Decimal(0))


def _member(field: FieldSchema, text: str) -> Any:
    for member in bare(field.python_type):
        if str(stored_form(member)) == text:
            return member
    raise ValueError(text)


_TEXTS: Mapping[Kind, Callable[[Any], str]] = {
    "bool": lambda value: "true" if value else "false",
    "int": str,
    "float": lambda value: repr(value + 0.0),
    "decimal": _decimal,
    "text": str,
    "bytes": bytes.hex,
    "uuid": str,
    "enum": lambda value: str(stored_form(value)),
    "date": datetime.date.isoformat,
    "time": lambda value: value.isoformat("microseconds"),
    "datetime": lambda value: value.isoformat("T", "microseconds"),
    "aware_datetime": lambda value: _utc(value).isoformat("T", "microseconds"),
    "timedelta": lambda value: str(value // _STEP),
}
"""One text for all values that are equal."""

_READ: Mapping[Kind, Callable[[FieldSchema, str], Any]] = {
    "bool": lambda _, text: text == "true",
    "int": lambda _, text: int(text),
    "float": lambda _, text: float(text),
    "decimal": lambda _, text: Decimal(text),
    "text": lambda _, text: text,
    "bytes": lambda _, text: bytes.fromhex(text),
    "uuid": lambda _, text: uuid.UUID(text),
    "enum": _member,
    "date": lambda _, text: datetime.date.fromisoformat(text),
    "time": lambda _, text: datetime.time.fromisoformat(text),
    "datetime": lambda _, text: datetime.datetime.fromisoformat(text),
    "aware_datetime": lambda _, text: datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC),
    "timedelta": lambda _, text: int(text) * _STEP,
}
