"""What a store says of its own tables: `TableDescription` and its parts, to be compared and kept as snapshots."""

from dataclasses import MISSING, dataclass, fields
from typing import Any


class _Shown:
    """Shows what differs from the defaults, and each part of a tuple of parts on a line of its own."""

    __slots__ = ()

    def __repr__(self) -> str:
        return _shown(self)


@dataclass(frozen=True, slots=True, repr=False)
class ColumnDescription(_Shown):
    """One column; `type` and `default` are in the store's own words."""

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    comment: str | None = None
    autoincrement: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class IndexDescription(_Shown):
    """One index, other than those by which the store keeps keys and unique constraints."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class ForeignKeyDescription(_Shown):
    """Columns that refer to those of another table; `on_delete` as models say it, or `no_action`."""

    columns: tuple[str, ...]
    table: str
    referred: tuple[str, ...]
    on_delete: str = "restrict"


@dataclass(frozen=True, slots=True, repr=False)
class TableDescription(_Shown):
    """A table as the live store reports it: columns in the store's order, all else sorted."""

    name: str
    columns: tuple[ColumnDescription, ...]
    primary_key: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[IndexDescription, ...] = ()
    foreign_keys: tuple[ForeignKeyDescription, ...] = ()
    comment: str | None = None

    def column(self, name: str) -> ColumnDescription | None:
        """The column of this name, where there is one."""
        return next((column for column in self.columns if column.name == name), None)


def _shown(part: Any) -> str:
    values = [
        (field.name, getattr(part, field.name))
        for field in fields(part)
        if field.default is MISSING or getattr(part, field.name) != field.default
    ]
    words = [f"{name}={_of_value(value)}" for name, value in values]
    if isinstance(part, TableDescription):
        return f"TableDescription({''.join(f'{_NEXT}{word},' for word in words)}\n)"
    return f"{type(part).__name__}({', '.join(words)})"


_NEXT = "\n    "


def _of_value(value: Any) -> str:
    if isinstance(value, tuple) and value and isinstance(value[0], _Shown):
        return f"({''.join(f'{_NEXT}    {each!r},' for each in value)}{_NEXT})"
    return repr(value)
