"""How values are stored: numbers as N, truth as BOOL, bytes as B, structured values as M and L, the rest as S."""

import datetime
import json
import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orm_testing.errors import ValueRangeError
from orm_testing.kinds import Kind, bare, member_of, stored_form
from orm_testing.schema import FieldSchema

Attribute = dict[str, Any]
"""A value as DynamoDB's protocol has it: its type and its content."""

DIGITS = 38
LARGEST_EXPONENT = 125
SMALLEST_EXPONENT = -130
LARGEST_FLOAT = math.nextafter(1e126, 0)
LEAST_FLOAT = 1e-130
DEEPEST = 31
"""How deep maps and lists may stand in each other."""

WRAPPED = "orm_testing"
"""The one key of a map that holds, as JSON text, a structured value which cannot be held as it is."""

_STEP = datetime.timedelta(microseconds=1)
_PLAIN_INTEGERS = 10**DIGITS
_PLAIN_FLOATS = (1e-5, 1e16)


def number(value: Decimal | int) -> str:
    """The text of a number, the same for equal numbers; `ValueRangeError` where N cannot hold it exactly."""
    if isinstance(value, int) and -_PLAIN_INTEGERS < value < _PLAIN_INTEGERS:
        return str(value)
    exact = Decimal(value)
    if not exact.is_finite():
        raise ValueRangeError(f"{value} is no number that DynamoDB knows")
    if not exact:
        return "0"
    sign, digits, exponent = exact.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    rounded = text.rstrip("0")
    if len(rounded) > DIGITS or not SMALLEST_EXPONENT <= exact.adjusted() <= LARGEST_EXPONENT:
        raise ValueRangeError(
            f"a number of DynamoDB has at most {DIGITS} digits, between 1E{SMALLEST_EXPONENT} and 1E{LARGEST_EXPONENT + 1}:"
            f" one with {len(rounded)} digits in the magnitude 1E{exact.adjusted()} cannot be stored"
        )
    assert isinstance(exponent, int)
    return format(Decimal((sign, tuple(map(int, rounded)), exponent + len(text) - len(rounded))), "f")


def float_number(value: float) -> str:
    """The text of the shortest number that is this float."""
    low, high = _PLAIN_FLOATS
    if value == 0 or low <= abs(value) < high:
        text = repr(value).removesuffix(".0")
        return "0" if text == "-0" else text
    return number(Decimal(repr(float(value))))


@dataclass(frozen=True, slots=True)
class Code:
    """How values of a kind are written and read: `to` and `back` take and give the content, `type` is its type."""

    type: str
    to: Callable[[Any], Any]
    back: Callable[[Any], Any]


def _aware(value: datetime.datetime) -> str:
    return value.astimezone(datetime.UTC).replace(tzinfo=None).isoformat("T", "microseconds") + "Z"


_CODES: Mapping[Kind, Code] = {
    "bool": Code("BOOL", bool, bool),
    "int": Code("N", number, lambda content: int(Decimal(content))),
    "float": Code("N", float_number, float),
    "decimal": Code("N", number, Decimal),
    "text": Code("S", str, str),
    "bytes": Code("B", bytes, bytes),
    "uuid": Code("S", str, uuid.UUID),
    "date": Code("S", datetime.date.isoformat, datetime.date.fromisoformat),
    "time": Code("S", lambda value: value.isoformat("microseconds"), datetime.time.fromisoformat),
    "datetime": Code(
        "S", lambda value: value.isoformat("T", "microseconds"), datetime.datetime.fromisoformat
    ),
    "aware_datetime": Code("S", _aware, datetime.datetime.fromisoformat),
    "timedelta": Code("N", lambda value: number(value // _STEP), lambda content: int(content) * _STEP),
}
_TRUTH_IN_KEYS = Code("S", lambda value: "true" if value else "false", lambda content: content == "true")
"""A key cannot be a BOOL."""


def code_of(field: FieldSchema, *, in_key: bool = False) -> Code:
    """How values of this field are written; `in_key` where they stand in a key of the table or of an index."""
    if field.kind == "bool" and in_key:
        return _TRUTH_IN_KEYS
    if field.kind == "enum":
        return _enum(field)
    if field.kind == "json":
        return Code("", lambda value: document(json.loads(field.to_json(value))), _reader(field))
    return _CODES[field.kind]


def _enum(field: FieldSchema) -> Code:
    def read(content: str) -> Any:
        return member_of(field.python_type, int(content) if numbers else content)

    members: Any = list(bare(field.python_type))
    numbers = all(isinstance(stored_form(member), int) for member in members)
    if numbers:
        return Code("N", lambda member: number(stored_form(member)), read)
    return Code("S", stored_form, read)


def _reader(field: FieldSchema) -> Callable[[Attribute], Any]:
    return lambda content: field.from_json(json.dumps(plain(content), ensure_ascii=False))


class Codec:
    """One field's values, to and from attributes."""

    __slots__ = ("_back", "_to", "field", "type")

    def __init__(self, field: FieldSchema, *, in_key: bool = False) -> None:
        self.field = field
        code = code_of(field, in_key=in_key)
        self.type, self._to, self._back = code.type, code.to, code.back

    def attribute(self, value: Any) -> Attribute:
        """A value that is not None; `ValueRangeError` where it cannot be stored."""
        try:
            content = self._to(value)
            if isinstance(content, str):
                content.encode()
        except UnicodeEncodeError as error:
            raise ValueRangeError(
                f"{self.field.name}: text of DynamoDB is UTF-8, which has no lone surrogates",
                fields=(self.field.name,),
            ) from error
        except ValueRangeError as error:
            if error.fields:
                raise
            raise ValueRangeError(
                f"{self.field.name}: {error}", fields=(self.field.name,)
            ) from error.__cause__
        return {self.type: content} if self.type else content

    def value(self, attribute: Attribute) -> Any:
        """What `attribute` made the attribute of."""
        if not self.type:
            return self._back(attribute)
        return self._back(attribute[self.type])


def document(value: Any, depth: int = 1) -> Attribute:
    """A structured value, as JSON has it: as M, L, S, N, BOOL and NULL, and exactly.

    N knows neither NaN nor infinity, nor whether 1 is a whole number: what it would lose is held as JSON text, in a map
    with the one key `orm_testing`.
    """
    if isinstance(value, list | dict):
        return _container(value, depth)
    if value is None or isinstance(value, bool):
        return {"NULL": True} if value is None else {"BOOL": value}
    if isinstance(value, str):
        value.encode()
        return {"S": value}
    return _number_in_document(value)


def _container(value: Any, depth: int) -> Attribute:
    inside = value.values() if isinstance(value, dict) else value
    if depth >= DEEPEST and any(isinstance(each, dict | list) for each in inside):
        return _wrapped(value)
    if isinstance(value, list):
        return {"L": [document(each, depth + 1) for each in value]}
    if "" in value or value.keys() == {WRAPPED}:
        return _wrapped(value)
    for key in value:
        key.encode()
    return {"M": {key: document(each, depth + 1) for key, each in value.items()}}


def plain(attribute: Attribute) -> Any:
    """The structured value that `document` made the attribute of."""
    ((kind, content),) = attribute.items()
    if kind == "N":
        exact = Decimal(content)
        return int(exact) if exact == exact.to_integral_value() else float(content)
    if kind == "M":
        if content.keys() == {WRAPPED}:
            return json.loads(content[WRAPPED]["S"])
        return {key: plain(each) for key, each in content.items()}
    if kind == "L":
        return [plain(each) for each in content]
    return None if kind == "NULL" else content


def _number_in_document(value: float) -> Attribute:
    if isinstance(value, float) and (not math.isfinite(value) or value.is_integer()):
        return _wrapped(value)
    try:
        return {"N": float_number(value) if isinstance(value, float) else number(value)}
    except ValueRangeError:
        return _wrapped(value)


def _wrapped(value: Any) -> Attribute:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    text.encode()
    return {"M": {WRAPPED: {"S": text}}}


_CONTAINER = 3


def size_of(attribute: Attribute) -> int:
    """How many bytes DynamoDB counts for a value; for a number never too few."""
    ((kind, content),) = attribute.items()
    if kind == "S":
        return len(content.encode())
    if kind == "N":
        return len(content) // 2 + 2 if len(content) <= 2 * DIGITS else DIGITS // 2 + 2
    if kind == "B":
        return len(content)
    if kind == "L":
        return _CONTAINER + sum(1 + size_of(each) for each in content)
    if kind == "M":
        return _CONTAINER + sum(1 + len(key.encode()) + size_of(each) for key, each in content.items())
    return 1


def item_size(item: Mapping[str, Attribute]) -> int:
    return sum(len(name.encode()) + size_of(each) for name, each in item.items())
