"""How the rows of a model are laid out in documents.

A document has its key as `_id` (of several parts: a document of them, in the order of the model) and its columns by name;
None is a column that is absent. Beside a column `at` stand, each only where there is something to say:

- `_by:at`: the value as it is compared, of kinds that BSON holds otherwise or compares otherwise: dates to the microsecond,
  bytes by their bytes and not by their length, structured values by a digest of their canonical JSON;
- `_none:at` and `_nan:at`: 1 where it is None or NaN, so that the store puts it last;
- `_unique:u0`: several unique columns of which one may be None, as one text, since an index would take None for a value.

A column whose own name begins like one of these is escaped.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import bson

from orm_testing.errors import ValueRangeError
from orm_testing.schema import FieldSchema, ModelSchema
from orm_testing_drivers.mongodb.dialects import Dialect
from orm_testing_drivers.mongodb.names import BY, NAN, NONE, UNIQUE, column_name
from orm_testing_drivers.mongodb.values import DECODE, Code, Codec, is_nan, with_rest
from orm_testing_drivers.nosql.ordered import ordered_text

Document = dict[str, Any]

MAX_BYTES = 16 * 1024 * 1024

_GROWING = frozenset({"text", "bytes", "json", "decimal"})
_SIZED = frozenset({str, bytes})
_WITH_REST = frozenset({"datetime", "aware_datetime"})
"""Kinds whose value for people lacks something that stands beside it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one field stands: its value for people `at` one path, what it is compared `by` at another, or the same."""

    field: FieldSchema
    name: str
    at: str
    by: str
    none: str | None
    nan: str | None
    """The paths that say so where the field may be None, or NaN."""


@dataclass(frozen=True, slots=True)
class Unique:
    """Fields that are unique together, and the paths of the index that sees to it."""

    fields: tuple[str, ...]
    paths: tuple[str, ...]
    derived: bool = False
    """Whether the index is on a text made of the values, which stands beside them."""

    @property
    def sparse(self) -> bool:
        return self.derived or len(self.fields) == 1


class Layout:
    """Rows to documents and back, for one model on one product."""

    def __init__(self, schema: ModelSchema, dialect: Dialect) -> None:
        self.schema = schema
        self.dialect = dialect
        self.codec = Codec(dialect)
        self.places = {field.name: self._place(field) for field in schema.fields}
        self.uniques = [
            self._unique(number, names) for number, names in enumerate(schema.unique) if names != schema.key
        ]
        unique = {each.paths for each in self.uniques}
        paths = (tuple(self.places[name].by for name in names) for names in schema.indexes)
        self.indexes = [path for path in dict.fromkeys(paths) if path not in unique]
        """The paths of the indexes that make nothing unique."""
        key = [(self.places[name], self.codec.compare[schema.by_name[name].kind]) for name in schema.key]
        self._key = [(place.field.name, place.name, place.field, compare) for place, compare in key]
        self._own = [
            (name, place.name, place.field, self.codec.encode[place.field.kind])
            for name, place in self.places.items()
            if place.at == place.name
        ]
        self._derived = [(unique, unique.paths[0]) for unique in self.uniques if unique.derived]
        self._nullable = [(name, place.none) for name, place in self.places.items() if place.none]
        self._with_nan = [(name, place.nan) for name, place in self.places.items() if place.nan]
        self._compared = [
            (name, place.by, place.field, self.codec.beside[place.field.kind])
            for name, place in self.places.items()
            if place.by.startswith(BY)
        ]
        self._reads = [self._read(place) for place in self.places.values()]
        self._growing = tuple(field.name for field in schema.fields if field.kind in _GROWING)
        self._unsuspicious = MAX_BYTES // (8 * len(schema.fields))

    def key(self, row: Mapping[str, Any]) -> Any:
        """The `_id` of the row with these values; `ValueRangeError` where no row can have it."""
        if len(self._key) > 1:
            return {column: compare(field, row[name]) for name, column, field, compare in self._key}
        ((name, _, field, compare),) = self._key
        return compare(field, row[name])

    def document(self, row: Mapping[str, Any]) -> Document:
        made: Document = {"_id": self.key(row)}
        for name, column, field, encode in self._own:
            if (value := row[name]) is not None:
                made[column] = encode(field, value)
        made |= self._beside(row)
        if not self.dialect.checks_size and self._may_be_large(row):
            self._refuse_if_large(made)
        return made

    def check_size(self, row: Mapping[str, Any]) -> None:
        """Raise `ValueRangeError` for a row that would be too large, where the product would not say so."""
        if not self.dialect.checks_size and self._may_be_large(row):
            self.document(row)

    def changes(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Document, Document]:
        """What an update writes, and what it finds of a text that is made of several columns."""
        before, after = self._beside(old), self._beside(new)
        changed: Document = {path: None for path in before if path not in after}
        changed |= {path: value for path, value in after.items() if value != before.get(path)}
        found = {path: {"$eq": before.get(path)} for _, path in self._derived if path in changed}
        for name, column, field, encode in self._own:
            if (value := new[name]) is not old[name]:
                changed[column] = None if value is None else encode(field, value)
        update = {
            "$set": {path: value for path, value in changed.items() if value is not None},
            "$unset": {path: "" for path, value in changed.items() if value is None},
        }
        return {verb: paths for verb, paths in update.items() if paths}, found

    def row(self, document: Mapping[str, Any]) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for name, first, rest, field, decode, beside in self._reads:
            held = document.get(first)
            if rest and held is not None:
                held = held.get(rest)
            if held is not None and decode is not None:
                held = decode(field, held)
            if held is not None and beside is not None:
                held = with_rest(field, held, _found(document, beside))
            row[name] = held
        return row

    def _beside(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """All that is derived from the columns, by path."""
        made: dict[str, Any] = {}
        for name, path, field, code in self._compared:
            if (value := row[name]) is not None:
                made[path] = code(field, value)
        for name, path in self._nullable:
            if row[name] is None:
                made[path] = 1
        for name, path in self._with_nan:
            if (value := row[name]) is not None and is_nan(value):
                made[path] = 1
        for unique, path in self._derived:
            if (value := self.derived(unique, row)) is not None:
                made[path] = value
        return made

    def derived(self, unique: Unique, row: Mapping[str, Any]) -> str | None:
        """The values of columns that are unique together, as one text; None where one of them is None."""
        if any(row[name] is None for name in unique.fields):
            return None
        return json.dumps([ordered_text(self.schema.by_name[name], row[name]) for name in unique.fields])

    def indexed(self, unique: Unique, row: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """What the index holds of a row none of whose unique values is None, by path."""
        if unique.derived:
            return [(unique.paths[0], self.derived(unique, row))]
        fields = [self.schema.by_name[name] for name in unique.fields]
        values = [self.codec.compared(field, row[field.name]) for field in fields]
        return list(zip(unique.paths, values, strict=True))

    def _place(self, field: FieldSchema) -> Place:
        name = column_name(field.column)
        beside = field.kind in self.codec.beside
        own_key = "_id" if len(self.schema.key) == 1 else f"_id.{name}"
        counts_nan = field.kind in ("float", "decimal") and not beside
        by = own_key if field.primary_key else f"{BY}{name}" if beside else name
        return Place(
            field,
            name,
            at=own_key if field.primary_key and not beside else name,
            by=by,
            none=f"{NONE}{name}"
            if field.nullable and not field.primary_key and field.kind != "json"
            else None,
            nan=f"{NAN}{name}" if counts_nan and self.dialect.unfinite else None,
        )

    def _unique(self, number: int, names: Sequence[str]) -> Unique:
        fields = [self.schema.by_name[name] for name in names]
        if len(fields) > 1 and any(field.nullable for field in fields):
            return Unique(tuple(names), (f"{UNIQUE}u{number}",), derived=True)
        return Unique(tuple(names), tuple(self.places[name].by for name in names))

    def _read(self, place: Place) -> tuple[str, str, str, FieldSchema, Code | None, str | None]:
        first, _, rest = place.at.partition(".")
        kind = place.field.kind
        beside = place.by if kind in _WITH_REST and place.by != place.at else None
        return place.field.name, first, rest, place.field, DECODE.get(kind), beside

    def _may_be_large(self, row: Mapping[str, Any]) -> bool:
        """Whether it is worth to look: the columns that can be of any length are not all short."""
        for name in self._growing:
            value = row[name]
            if value is not None and (type(value) not in _SIZED or len(value) > self._unsuspicious):
                return True
        return False

    def _refuse_if_large(self, document: Document) -> None:
        size = len(bson.encode(document))
        if size > MAX_BYTES:
            raise ValueRangeError(
                f"{self.schema.name}: a row of {size} bytes is more than the {MAX_BYTES} of a document",
                model=self.schema.name,
            )


def _found(document: Mapping[str, Any], path: str) -> Any:
    first, _, rest = path.partition(".")
    held = document.get(first)
    return held.get(rest) if rest and isinstance(held, Mapping) else held
