"""PostgreSQL's own columns, and the kinds that it has its own way with."""

import datetime
import re
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeEngine, UserDefinedType

from orm_testing.errors import ValueRangeError
from orm_testing.kinds import bare, member_of, stored_form
from orm_testing.schema import FieldSchema
from orm_testing_drivers.sql.types import COMMON, Coded, Types

BY_CODE_POINT = "C"
"""The collation by which text is compared by code point, whatever the database's own is."""

_PLACES = 16383
_EXPONENT = re.compile(r"[0-9][eE][-+]?[0-9]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?[eE][-+]?[0-9]+')


class Jsonb(UserDefinedType[str]):
    """JSONB that is sent and comes back as text."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "JSONB"


def jsonb(text: str) -> str:
    """JSON whose floats are still such when PostgreSQL has written them out: `1e+16` would come back as an integer."""
    return _TOKEN.sub(_written_out, text) if _EXPONENT.search(text) else text


def _written_out(token: "re.Match[str]") -> str:
    if token[0].startswith('"'):
        return token[0]
    number = format(Decimal(token[0]), "f")
    return number if "." in number else f"{number}.0"


def _text(field: FieldSchema) -> TypeEngine[Any]:
    if field.max_length:
        return sa.String(field.max_length, collation=BY_CODE_POINT)
    return sa.Text(collation=BY_CODE_POINT)


def _enumeration(field: FieldSchema) -> TypeEngine[Any]:
    stored = [stored_form(member) for member in bare(field.python_type)]
    if all(isinstance(form, int) for form in stored):
        return COMMON["enum"](field)
    column = sa.String(max(len(form) for form in stored), collation=BY_CODE_POINT)
    return Coded(column, stored_form, lambda form: member_of(field.python_type, form))


def _numeric(field: FieldSchema) -> TypeEngine[Any]:
    """PostgreSQL would round what has more places than it keeps."""

    def encode(value: Decimal) -> Decimal:
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -_PLACES:
            raise ValueRangeError(
                f"{field.name}: NUMERIC has {_PLACES} places after the point", fields=(field.name,)
            )
        return value

    return Coded(sa.Numeric(), encode, _as_given)


def _as_given(value: Any) -> Any:
    return value


TYPES: Types = {
    **COMMON,
    "text": _text,
    "enum": _enumeration,
    "decimal": _numeric,
    "aware_datetime": lambda _: Coded(
        sa.DateTime(timezone=True), _as_given, lambda value: value.astimezone(datetime.UTC)
    ),
    "timedelta": lambda _: sa.Interval(),
    "json": lambda field: Coded(Jsonb(), lambda value: jsonb(field.to_json(value)), field.from_json),
}
