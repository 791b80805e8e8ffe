"""One model's table with the statements that do not change, built once."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from orm_testing.rows import RowMaker
from orm_testing.schema import ModelSchema

Row = dict[str, Any]


class ModelTable:
    """A model, its table, and statements whose parameters are values by field name; the key's are `by_key`'s."""

    def __init__(self, schema: ModelSchema, table: sa.Table) -> None:
        self.schema = schema
        self.table = table
        self.make = RowMaker(schema)
        self.names = tuple(field.name for field in schema.fields)
        self.columns = [table.c[name] for name in self.names]
        self.sequenced = schema.generated is not None and schema.generated.kind == "int"
        self._has_key = sa.and_(
            *(table.c[name] == sa.bindparam(f"key {name}", type_=table.c[name].type) for name in schema.key)
        )
        self.select = sa.select(*self.columns)
        self.select_one = self.select.where(self._has_key)
        self.insert = table.insert()
        self.delete_one = table.delete().where(self._has_key)
        self._updates: dict[tuple[str, ...], sa.Update] = {}

    def update_one(self, names: tuple[str, ...]) -> sa.Update:
        found = self._updates.get(names)
        if found is None:
            values = {name: sa.bindparam(name, type_=self.table.c[name].type) for name in names}
            found = self._updates[names] = self.table.update().where(self._has_key).values(values)
        return found

    def by_key(self, values: Mapping[str, Any]) -> Row:
        """The parameters that find the row with the key among these values."""
        return {f"key {name}": values[name] for name in self.schema.key}

    def row(self, stored: Any) -> Row:
        return dict(zip(self.names, stored, strict=True))

    def instance(self, stored: Any) -> Any:
        return self.schema.instance(self.row(stored))

    def values(self, instance: Any) -> Row:
        """What is stored of an instance that the model made."""
        held = instance.__dict__
        return {name: held[name] for name in self.names}
