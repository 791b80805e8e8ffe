"""The SQLAlchemy type of each kind of field, where SQL databases agree on it; each adds the kinds that it has its own way with."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator, TypeEngine

from orm_testing.kinds import Kind, bare, member_of, stored_form
from orm_testing.schema import FieldSchema

Types = Mapping[Kind, Callable[[FieldSchema], TypeEngine[Any]]]

_MICROSECOND = datetime.timedelta(microseconds=1)


class Coded(TypeDecorator[Any]):
    """Values that are stored as `encode` makes them, and come back as `decode` does; `None` is NULL."""

    impl = sa.Text
    cache_ok = True

    def __init__(
        self, stored_as: TypeEngine[Any], encode: Callable[[Any], Any], decode: Callable[[Any], Any]
    ) -> None:
        super().__init__()
        self.impl = stored_as  # type: ignore[assignment]
        self.encode = encode
        self.decode = decode

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return None if value is None else self.encode(value)

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        return None if value is None else self.decode(value)


def text(field: FieldSchema) -> TypeEngine[Any]:
    return sa.String(field.max_length) if field.max_length else sa.Text()


def enumeration(field: FieldSchema) -> TypeEngine[Any]:
    """Members by their stored form, in a column of whole numbers or of text."""
    stored = [stored_form(member) for member in bare(field.python_type)]
    numbers = all(isinstance(form, int) for form in stored)
    return Coded(
        sa.BigInteger() if numbers else sa.String(max(len(form) for form in stored)),
        stored_form,
        lambda form: member_of(field.python_type, form),
    )


def microseconds(_: FieldSchema) -> TypeEngine[Any]:
    """A timedelta as a whole number of microseconds."""
    return Coded(
        sa.BigInteger(),
        lambda span: span // _MICROSECOND,
        lambda count: datetime.timedelta(microseconds=int(count)),
    )


COMMON: Types = {
    "bool": lambda _: sa.Boolean(),
    "int": lambda _: sa.BigInteger(),
    "float": lambda _: sa.Double(),
    "text": text,
    "bytes": lambda field: sa.LargeBinary(field.max_length),
    "uuid": lambda _: sa.Uuid(),
    "enum": enumeration,
    "date": lambda _: sa.Date(),
    "time": lambda _: sa.Time(),
    "datetime": lambda _: sa.DateTime(),
    "timedelta": microseconds,
}
