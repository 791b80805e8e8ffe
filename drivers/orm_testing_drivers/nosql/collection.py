"""`Collection`: the rows of one model in one store, as the product's own client reaches them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from orm_testing.aggregates import Aggregate
from orm_testing.errors import DuplicateKeyError, UnsupportedError
from orm_testing.filters import Group
from orm_testing.operations import shown
from orm_testing.schema import FieldSchema, ModelSchema

Row = dict[str, Any]
"""A row by field name, with values as the model has them."""

Key = tuple[Any, ...]
"""The values of a row's key, in the order of the model's key."""

EVERYTHING = Group("all", ())


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows are wanted: parsed conditions, the order with the key last, and the page."""

    where: Group = EVERYTHING
    order: Sequence[tuple[FieldSchema, bool]] = ()
    limit: int | None = None
    offset: int = 0


@dataclass(slots=True)
class Selected:
    """What the store made of a selection: `rest` are the conditions that it could not judge.

    Where any are left, or where the rows are not in order, the store must not have cut the page.
    """

    rows: list[Row]
    rest: Group = field(default=EVERYTHING)
    ordered: bool = True
    paged: bool = True


class Collection(ABC):
    """One model's rows. Each method takes the fewest requests that the product needs for it.

    What the product raises goes up as it is, for the driver's `translate_error`, unless the method says otherwise.
    A row that is handed in is not kept; one that is handed out is the caller's.
    """

    def __init__(self, schema: ModelSchema) -> None:
        self.schema = schema

    def key_of(self, row: Mapping[str, Any]) -> Key:
        return tuple([row[name] for name in self.schema.key])

    @abstractmethod
    def insert(self, row: Row) -> None:
        """Store a new row; `DuplicateKeyError`, with the fields and nothing changed, where its key or a unique value is taken."""

    @abstractmethod
    def insert_many(self, rows: Sequence[Row]) -> None:
        """Store all of these new rows or none, in the product's own batches; otherwise as `insert`."""

    @abstractmethod
    def find(self, key: Key) -> Row | None:
        """The row with this key."""

    @abstractmethod
    def change(self, old: Row, new: Row) -> bool:
        """Put `new` in the place of `old`, which has the same key; False where that is not there as it was.

        A product that can write fields one by one may write those that differ, and need not mind the others.
        """

    @abstractmethod
    def put(self, row: Row) -> None:
        """Store a row, whether or not there is one with its key; `DuplicateKeyError` for a unique value that another has."""

    @abstractmethod
    def remove(self, key: Key) -> bool:
        """Remove the row with this key; False where there is none."""

    @abstractmethod
    def select(self, selection: Selection) -> Selected:
        """The rows of a selection, as far as the product can tell them; every page of an answer is followed."""

    def count(self, where: Group) -> int | None:
        """How many rows match; None where the product cannot tell without handing them out."""
        return None

    def aggregate(
        self, where: Group, aggregates: Sequence[Aggregate], fields: Sequence[FieldSchema]
    ) -> list[Row] | None:
        """A dict per group, in order, with the aggregates and the fields to group by; None where the product cannot."""
        return None

    @abstractmethod
    def clear(self) -> None:
        """Remove every row."""

    def next_keys(self, number: int) -> int:
        """Take this many whole numbers for keys that the store is to make; the first of them."""
        raise UnsupportedError(
            f"{self.schema.name}: the store makes no integer keys", capability="autoincrement"
        )

    def key_given(self, key: int) -> None:  # noqa: B027  (a store that makes no keys need not mind)
        """A test gave a key of the kind that the store makes: it is not to be made again."""

    def as_stored(self, row: Row) -> Row:
        """The row as it would come back; `ValueRangeError` where it could not be stored."""
        return row

    def taken(self, names: Sequence[str], row: Mapping[str, Any]) -> DuplicateKeyError:
        """The error for a key or unique value that another row has."""
        values = ", ".join(f"{name}={shown(row[name])}" for name in names)
        return DuplicateKeyError(
            f"{self.schema.name} has a row with {values} already", model=self.schema.name, fields=names
        )
