"""A small active-record ORM, as a project may have one of its own. It knows nothing of orm_testing."""

import sqlite3
from typing import ClassVar


class RecordNotFoundError(LookupError):
    """The record is not in the table."""


class Field:
    def __init__(self, default=None, *, primary_key=False, unique=False):
        self.default = default
        self.primary_key = primary_key
        self.unique = unique


class Record:
    """One row of the table that bears the name of its class."""

    backend: ClassVar[sqlite3.Connection | None] = None
    fields: ClassVar[dict[str, Field]] = {}

    def __init_subclass__(cls):
        cls.fields = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        cls.key = next(name for name, field in cls.fields.items() if field.primary_key)

    def __init__(self, **data):
        if unknown := data.keys() - self.fields.keys():
            raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}")
        for name, field in self.fields.items():
            setattr(self, name, data.get(name, field.default))

    def __repr__(self):
        return (
            f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"
        )

    @classmethod
    def create_table(cls):
        columns = ", ".join(
            f'"{name}"' + " PRIMARY KEY NOT NULL" * field.primary_key + " UNIQUE" * field.unique
            for name, field in cls.fields.items()
        )
        cls.backend.execute(f'CREATE TABLE "{cls.__name__}" ({columns})')

    @classmethod
    def create(cls, **data):
        record = cls(**data)
        places = ", ".join(f":{name}" for name in cls.fields)
        cls.backend.execute(f'INSERT INTO "{cls.__name__}" VALUES ({places})', vars(record))
        return record

    @classmethod
    def where(cls, **conditions):
        clauses = " AND ".join(f'"{name}" IS :{name}' for name in conditions) or "1"
        rows = cls.backend.execute(
            f'SELECT * FROM "{cls.__name__}" WHERE {clauses} ORDER BY "{cls.key}"', conditions
        )
        return [cls(**dict(zip(cls.fields, row, strict=True))) for row in rows]

    def save(self):
        changes = ", ".join(f'"{name}" = :{name}' for name in self.fields)
        self._change(f'UPDATE "{type(self).__name__}" SET {changes} WHERE "{self.key}" = :{self.key}')

    def delete(self):
        self._change(f'DELETE FROM "{type(self).__name__}" WHERE "{self.key}" = :{self.key}')

    def _change(self, statement):
        if self.backend.execute(statement, vars(self)).rowcount == 0:
            raise RecordNotFoundError(f"{self!r} is not in the table")
