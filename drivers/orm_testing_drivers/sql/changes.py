"""A table before and after an evolution: what becomes of its columns and references, by their names in the store."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from orm_testing.evolution import Evolution

Reference = tuple[tuple[str, ...], str, tuple[str, ...], str]


class TableChange:
    """The table of one evolution as the old model has it and as the new one does; it asks the store nothing."""

    def __init__(self, evolution: Evolution, was: sa.Table, table: sa.Table, dialect: sa.Dialect) -> None:
        self._evolution = evolution
        self._was, self._table = was, table
        self._dialect = dialect

    def was_column(self, now: str) -> sa.Column[Any]:
        """The old column of a field of the new model."""
        return self._was.c[self._evolution.origin[now]]

    def type_of(self, column: sa.Column[Any]) -> str:
        """The type as the product's statements say it."""
        return str(column.type.compile(dialect=self._dialect))

    def is_retyped(self, column: sa.Column[Any]) -> bool:
        """Whether a column of the new table was there with another type."""
        origin = self._evolution.origin
        return column.key in origin and self.type_of(column) != self.type_of(self.was_column(column.key))

    def references(self) -> dict[Reference, sa.ForeignKeyConstraint]:
        """The references that the new model has, as `described` says them, with the constraints that make them."""
        return {
            (
                tuple(str(element.parent.name) for element in key.elements),
                str(key.referred_table.name),
                tuple(str(element.column.name) for element in key.elements),
                _rule(key.ondelete),
            ): key
            for key in self._table.foreign_key_constraints
        }

    def as_now(self, key: Any) -> Reference:
        """A live reference by the names that its columns are to have; one that refers to the table itself, likewise."""
        names = {
            str(self._was.c[was].name): str(self._table.c[now].name)
            for was, now in self._evolution.became.items()
        }
        columns, table, referred, rule = described(key)
        itself = table == self._table.name
        return (
            tuple(names.get(name, "") for name in columns),
            table,
            tuple(names.get(name, "") for name in referred) if itself else referred,
            rule,
        )

    def old_columns(self, names: Sequence[str]) -> tuple[str, ...]:
        """The columns of fields of the old model."""
        return tuple(str(self._was.c[name].name) for name in names)

    def became(self, names: Sequence[str]) -> tuple[str | None, ...]:
        """The new columns of fields of the old model; None for those that it loses."""
        became = self._evolution.became
        return tuple(str(self._table.c[became[name]].name) if name in became else None for name in names)

    def groups(self, groups: Sequence[Sequence[str]]) -> set[tuple[str, ...]]:
        """The columns of groups of fields of the new model."""
        return {tuple(str(self._table.c[name].name) for name in names) for names in groups}

    def keyed(self) -> list[list[str]]:
        """The columns of the references that were."""
        return [
            [str(element.parent.name) for element in key.elements]
            for key in self._was.foreign_key_constraints
        ]


def described(key: Any) -> Reference:
    """A reference as the inspector reports it: its columns, the table and columns referred to, and what a deletion does."""
    rule = _rule(key["options"].get("ondelete"))
    return tuple(key["constrained_columns"]), str(key["referred_table"]), tuple(key["referred_columns"]), rule


def _rule(ondelete: str | None) -> str:
    """MariaDB and MySQL say nothing of RESTRICT, which is what they do."""
    return (ondelete or "RESTRICT").upper()
