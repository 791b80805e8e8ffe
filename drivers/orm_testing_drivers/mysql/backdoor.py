"""How the backdoor reads and names values of MariaDB and MySQL: on purpose not by the types that the drivers write with."""

import datetime
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from orm_testing.kinds import Kind, member_of, stored_form
from orm_testing_drivers.sql.store import Code

_MIDNIGHT = datetime.datetime(1, 1, 1)  # noqa: DTZ001  (a time has no zone)
_STEP = datetime.timedelta(microseconds=1)

ENCODE: Mapping[Kind, Code] = {
    "bool": lambda _, value: int(value),
    "uuid": lambda _, value: value.hex,
    "enum": lambda _, value: stored_form(value),
    "date": lambda _, value: value.isoformat(),
    "time": lambda _, value: value.isoformat("microseconds"),
    "datetime": lambda _, value: value.isoformat(" ", "microseconds"),
    "aware_datetime": lambda _, value: (
        value.astimezone(datetime.UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    ),
    "timedelta": lambda _, value: value // _STEP,
    "json": lambda field, value: field.to_json(value),
}

DECODE: Mapping[Kind, Code] = {
    "bool": lambda _, value: {0: False, 1: True}.get(value, value),
    "decimal": lambda _, value: _unfilled(value) if isinstance(value, Decimal) else value,
    "uuid": lambda _, value: UUID(hex=value),
    "enum": lambda field, value: member_of(field.python_type, value),
    "time": lambda _, value: (_MIDNIGHT + value).time(),
    "aware_datetime": lambda _, value: value.replace(tzinfo=datetime.UTC),
    "timedelta": lambda _, value: value * _STEP,
    "json": lambda field, value: field.from_json(value),
}


def _unfilled(value: Decimal) -> Decimal:
    digits = format(value, "f")
    return Decimal(digits.rstrip("0").rstrip(".") if "." in digits else digits)
