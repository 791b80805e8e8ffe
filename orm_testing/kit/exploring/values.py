"""What a field may hold, as strategies of Hypothesis: simple values, those that stores get wrong, and any at all.

All are values that the driver declares it can hold, so that what it declares is no difference. Each field has a handful of
values per example, which steps share: so keys collide, references hit, and conditions match.
"""

import datetime
import decimal
import enum
import math
import typing
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

import pydantic
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from hypothesis import strategies as st

from orm_testing.errors import ConfigurationError
from orm_testing.kinds import bare
from orm_testing.kit.exploring.structures import candidates
from orm_testing.kit.support.values import VALUES, as_held, held
from orm_testing.model import AutoNow, AutoNowAdd, Comment, Index, PrimaryKey, References, Unique
from orm_testing.schema import FieldSchema, ModelSchema
from orm_testing.values import same

Strategy = st.SearchStrategy[Any]
Capable = Mapping[str, Any]

_HANDFUL = 3
_LONGEST = 60
"""Of text and bytes in a value: longer ones are for the cases that are about size."""
_OURS = (PrimaryKey, Unique, Index, AutoNow, AutoNowAdd, References, Comment)
_BITS = 100
"""How wide integers are drawn where they have no bound."""

_TABLE: Mapping[str, str] = {
    "bool": "flag", "int": "number", "float": "real", "decimal": "exact", "text": "text", "bytes": "raw", "uuid": "uid",
    "date": "day", "time": "at", "datetime": "naive", "aware_datetime": "aware", "timedelta": "took",
}  # fmt: skip
"""By kind the field of the kit's table of values that has it."""

_SIMPLE: Mapping[str, Sequence[Any]] = {
    "bool": (False, True),
    "int": (0, 1, 2, 3, 10, -1),
    "float": (0.0, 1.0, 0.5, -1.5, 10.0),
    "decimal": tuple(map(decimal.Decimal, ("0", "1", "1.10", "1.1", "-2.5", "10"))),
    "text": ("a", "b", "A", "ab", "aB", "", "%", "_", "a%b", "é", "É", "\\", "*", "~", "\U0001f600"),
    "bytes": (b"a", b"b", b"", b"\x00", b"\xff"),
    "uuid": tuple(uuid.UUID(int=number) for number in (1, 2, 2**127)),
    "date": (datetime.date(2024, 2, 29), datetime.date(2024, 3, 1)),
    "time": (datetime.time(1, 2, 3), datetime.time(1, 2, 3, 4)),
    "datetime": (datetime.datetime(2024, 2, 29), datetime.datetime(2024, 2, 29, 1, 2, 3, 4000)),  # noqa: DTZ001
    "aware_datetime": (
        datetime.datetime(2024, 2, 29, tzinfo=datetime.UTC),
        datetime.datetime(2024, 2, 29, 1, 2, 3, 4000, tzinfo=datetime.UTC),
    ),
    "timedelta": (datetime.timedelta(), datetime.timedelta(1), datetime.timedelta(microseconds=-1)),
}
_WORDS = (
    "a@example.com",
    "b@example.com",
    "https://example.com/",
    "1",
    "12",
    "A1",
    "abcdef",
    "ABCDEF",
    "a-b",
)
"""Text for types that take not any."""


class Values:
    """The values of the fields of some models, on a driver of these capabilities; `given` are a caller's own, by `"User.email"`."""

    def __init__(self, capabilities: Capable, given: Mapping[str, Sequence[Any]]) -> None:
        self._capabilities = capabilities
        self._given = given
        self._made: dict[tuple[type[Any], str], Strategy] = {}

    def of(self, schema: ModelSchema, field: FieldSchema) -> Strategy:
        """A value of the field, never None, of those that the example shares; seldom another one."""
        place = (schema.model_class, field.name)
        if place not in self._made:
            any_value = self._any(schema, field)
            handful = [st.shared(any_value, key=(*place, number)) for number in range(_HANDFUL)]
            few = field.kind in ("bool", "enum")
            self._made[place] = any_value if few else st.one_of(*handful, *handful, any_value)
        return self._made[place]

    def simplest(self, schema: ModelSchema, field: FieldSchema) -> list[Any]:
        """The simplest values of a field that may hold any of its type, the simplest first."""
        plain = bare(field.python_type) in _BARE and f"{schema.name}.{field.name}" not in self._given
        simple = self._simple(field, ())[:_HANDFUL] if plain else []
        return [
            value for value in simple if value or "empty_key" in self._capabilities or not field.primary_key
        ]

    def _any(self, schema: ModelSchema, field: FieldSchema) -> Strategy:
        named = f"{schema.name}.{field.name}"
        if named in self._given:
            return st.sampled_from(list(self._given[named]))
        identifies = field.primary_key or field.references is not None or _is_unique(schema, field)
        info = schema.model_class.model_fields[field.name]
        marks = [mark for mark in info.metadata if not isinstance(mark, _OURS) and mark not in _OURS]
        fits = self._fitting(Annotated[(info.annotation, *marks)] if marks else info.annotation, field)

        def can_be(value: Any) -> bool:
            if identifies and value in ("", b"") and "empty_key" not in self._capabilities:
                return False
            return not (identifies and isinstance(value, float) and math.isnan(value)) and fits(value)

        simple, tricky = self._simple(field, marks), self._tricky(field)
        branches = [
            st.sampled_from(fitting)
            for pool in (simple, tricky)
            if (fitting := [v for v in pool if can_be(v)])
        ]
        if not branches:
            raise ConfigurationError(
                f"explore knows no value for {named}; give some: explore(…, values={{{named!r}: […]}})."
            )
        if not marks and field.kind in _ANY and bare(field.python_type) in _BARE:
            branches.append(_ANY[field.kind](self._capabilities).filter(can_be))
        return st.one_of(*branches)

    def _fitting(self, annotation: Any, field: FieldSchema) -> Callable[[Any], bool]:
        adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(
            annotation, config=None if _has_config(annotation) else {"arbitrary_types_allowed": True}
        )
        bits = self._capabilities.get("integer_bits") or _BITS

        def fits(value: Any) -> bool:
            if type(value) is int and not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
                return False
            if value is None or not held(value, self._capabilities):
                return False
            if not same(as_held(value, self._capabilities), value):
                return False
            if field.kind == "json":
                return field.could_be(value)
            try:
                return same(adapter.validate_python(value), value)
            except pydantic.ValidationError:
                return False

        return fits

    def _simple(self, field: FieldSchema, marks: Sequence[Any]) -> list[Any]:
        plain = bare(field.python_type)
        if typing.get_origin(plain) is typing.Literal:
            return list(typing.get_args(plain))
        if isinstance(plain, type) and issubclass(plain, enum.Enum):
            return _members(plain)
        if field.kind == "json":
            return candidates(plain)
        simple = [as_held(value, self._capabilities) for value in _SIMPLE[field.kind]]
        return [*simple, *_bounded(field.kind, marks)]

    def _tricky(self, field: FieldSchema) -> list[Any]:
        named = VALUES.get(_TABLE.get(field.kind, ""), {})
        short = [v for v in named.values() if not isinstance(v, str | bytes) or len(v) <= _LONGEST]
        return [as_held(value, self._capabilities) for value in short if held(value, self._capabilities)]


def _is_unique(schema: ModelSchema, field: FieldSchema) -> bool:
    return any(field.name in group for group in schema.unique)


def _has_config(annotation: Any) -> bool:
    plain = bare(annotation)
    return hasattr(plain, "model_fields") or hasattr(plain, "__dataclass_fields__")


def _members(kind: type[enum.Enum]) -> list[Any]:
    if not issubclass(kind, enum.Flag):
        return list(kind)
    everything = kind(0)
    for member in kind:
        everything |= member
    return [*kind, kind(0), everything]


def _bounded(kind: str, marks: Sequence[Any]) -> list[Any]:
    """Values at the bounds that the field declares."""
    if kind == "text":
        lengths = [mark.max_length for mark in marks if isinstance(mark, MaxLen)]
        lengths += [mark.min_length for mark in marks if isinstance(mark, MinLen)]
        return [*_WORDS, *(letter * length for length in lengths for letter in "xyz")] if marks else [*_WORDS]
    bounds = [
        getattr(mark, name)
        for mark in marks
        for bound, name in ((Ge, "ge"), (Gt, "gt"), (Le, "le"), (Lt, "lt"))
        if isinstance(mark, bound)
    ]
    if kind not in ("int", "float", "decimal"):
        return bounds
    number = {"int": int, "float": float, "decimal": decimal.Decimal}[kind]
    return [number(bound) + step for bound in bounds for step in (0, 1, -1)]


def _integers(capabilities: Capable) -> Strategy:
    bits = capabilities.get("integer_bits") or _BITS
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _texts(capabilities: Capable) -> Strategy:
    surrogates: Any = () if "lone_surrogates_in_text" in capabilities else ("Cs",)
    null = "" if "null_character_in_text" in capabilities else "\x00"
    return st.text(st.characters(exclude_categories=surrogates, exclude_characters=null), max_size=4)


def _datetimes(capabilities: Capable, zones: Strategy) -> Strategy:
    return st.datetimes(timezones=zones).map(lambda value: as_held(value.replace(fold=0), capabilities))


_ANY: Mapping[str, Callable[[Capable], Strategy]] = {
    "int": _integers,
    "float": lambda _: st.floats(allow_nan=False, allow_infinity=False),
    "decimal": lambda _: st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=4),
    "text": _texts,
    "bytes": lambda _: st.binary(max_size=6),
    "uuid": lambda _: st.uuids(),
    "date": lambda _: st.dates(),
    "time": lambda _: st.times().map(lambda value: value.replace(fold=0)),
    "datetime": lambda capabilities: _datetimes(capabilities, st.none()),
    "aware_datetime": lambda capabilities: _datetimes(capabilities, st.just(datetime.UTC)),
    "timedelta": lambda _: st.timedeltas(datetime.timedelta(-10_000), datetime.timedelta(10_000)),
}
_BARE = frozenset(
    {
        int, float, decimal.Decimal, str, bytes, uuid.UUID, datetime.date, datetime.time, datetime.datetime,
        pydantic.NaiveDatetime, pydantic.AwareDatetime, datetime.timedelta,
    }
)  # fmt: skip
"""The types of which any value will do."""
