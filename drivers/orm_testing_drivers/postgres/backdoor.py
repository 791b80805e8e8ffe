"""How the backdoor reads and names values of PostgreSQL: as psycopg has them, on purpose not by the drivers' types."""

import datetime
from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from orm_testing.kinds import Kind, member_of, stored_form
from orm_testing.schema import FieldSchema
from orm_testing_drivers.sql.store import Code


def _structured(field: FieldSchema, value: Any) -> Jsonb:
    return Jsonb(value, dumps=field.to_json)


ENCODE: Mapping[Kind, Code] = {
    "enum": lambda _, value: stored_form(value),
    "json": _structured,
}

DECODE: Mapping[Kind, Code] = {
    "enum": lambda field, value: member_of(field.python_type, value),
    "aware_datetime": lambda _, value: value.astimezone(datetime.UTC),
    "json": lambda field, value: field.from_json(value),
}
