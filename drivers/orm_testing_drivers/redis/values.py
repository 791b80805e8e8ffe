"""Values as the driver writes them into a hash: the text that people write there, and bytes as they are."""

import datetime
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from orm_testing.errors import ValueRangeError
from orm_testing.kinds import Kind, member_of, stored_form
from orm_testing.schema import FieldSchema

MAX_BYTES = 512 * 1024 * 1024
"""What Redis takes for a value or a key at most, unless its `proto-max-bulk-len` says otherwise."""

_STEP = datetime.timedelta(microseconds=1)
_Encode = Callable[[FieldSchema, Any], bytes]
_Decode = Callable[[FieldSchema, bytes], Any]


def text_bytes(text: str) -> bytes:
    """Text with any code points, halves of surrogate pairs included; its bytes are in the order of the code points."""
    return text.encode("utf-8", "surrogatepass")


def bytes_text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


def encode(field: FieldSchema, value: Any) -> bytes:
    """The bytes of a value that is not None; `ValueRangeError` for what cannot be written."""
    try:
        raw = _ENCODE[field.kind](field, value)
    except ValueError as error:  # Python writes no integer of more than 4300 digits
        raise ValueRangeError(
            f"{field.name} cannot be written as text: {error}", fields=(field.name,)
        ) from error
    if len(raw) > MAX_BYTES:
        raise ValueRangeError(
            f"{field.name} takes {len(raw)} bytes, and Redis holds no more than {MAX_BYTES} in a value",
            fields=(field.name,),
        )
    return raw


def decode(field: FieldSchema, raw: bytes) -> Any:
    """The value of these bytes; `ValueRangeError` where another client wrote what the field cannot have."""
    try:
        return _DECODE[field.kind](field, raw)
    except (ValueError, ArithmeticError, KeyError) as error:
        shown = raw if len(raw) < _SHOWN else raw[:_SHOWN] + b"..."
        raise ValueRangeError(
            f"{field.name} holds {shown!r}, which is no {field.kind}: {error}", fields=(field.name,)
        ) from error


_SHOWN = 100


def _enum_bytes(_: FieldSchema, member: Any) -> bytes:
    stored = stored_form(member)
    return text_bytes(stored) if isinstance(stored, str) else str(int(stored)).encode()


def _enum_member(field: FieldSchema, raw: bytes) -> Any:
    text = bytes_text(raw)
    try:
        return member_of(field.python_type, text)
    except (ValueError, KeyError):
        return member_of(field.python_type, int(text))


_ENCODE: Mapping[Kind, _Encode] = {
    "bool": lambda _, value: b"1" if value else b"0",
    "int": lambda _, value: int.__repr__(value).encode(),
    "float": lambda _, value: float.__repr__(value).encode(),
    "decimal": lambda _, value: str(value).encode(),
    "text": lambda _, value: text_bytes(value),
    "bytes": lambda _, value: value,
    "uuid": lambda _, value: str(value).encode(),
    "enum": _enum_bytes,
    "date": lambda _, value: value.isoformat().encode(),
    "time": lambda _, value: value.isoformat().encode(),
    "datetime": lambda _, value: value.isoformat().encode(),
    "aware_datetime": lambda _, value: value.astimezone(datetime.UTC).isoformat().encode(),
    "timedelta": lambda _, value: str(value // _STEP).encode(),
    "json": lambda field, value: text_bytes(field.to_json(value)),
}

_DECODE: Mapping[Kind, _Decode] = {
    "bool": lambda _, raw: {b"1": True, b"0": False}[raw],
    "int": lambda _, raw: int(raw),
    "float": lambda _, raw: float(raw),
    "decimal": lambda _, raw: Decimal(raw.decode("ascii")),
    "text": lambda _, raw: bytes_text(raw),
    "bytes": lambda _, raw: raw,
    "uuid": lambda _, raw: uuid.UUID(raw.decode("ascii")),
    "enum": _enum_member,
    "date": lambda _, raw: datetime.date.fromisoformat(raw.decode("ascii")),
    "time": lambda _, raw: datetime.time.fromisoformat(raw.decode("ascii")),
    "datetime": lambda _, raw: datetime.datetime.fromisoformat(raw.decode("ascii")),
    "aware_datetime": lambda _, raw: datetime.datetime.fromisoformat(raw.decode("ascii")),
    "timedelta": lambda _, raw: int(raw) * _STEP,
    "json": lambda field, raw: field.from_json(bytes_text(raw)),
}
