"""What a caller wrote, as the operations take it; the same for both clients."""

from collections.abc import Iterator, KeysView, Mapping, Sequence, ValuesView
from typing import Any

from orm_testing.errors import ConfigurationError
from orm_testing.filters import Group

_ONCE = (Iterator, KeysView, ValuesView)


def data_of(data: Mapping[str, Any] | None, fields: Mapping[str, Any]) -> dict[str, Any]:
    """`data=` and keywords together; `data=` is the way for a field that bears an option's name."""
    if data is None:
        return dict(fields)
    if not isinstance(data, Mapping):
        raise ConfigurationError(
            f"data= is a mapping of fields to values, not {data!r}. A field that is named `data` goes through it:"
            f" data={{'data': {data!r}}}."
        )
    return {**data, **fields}


def filters_of(filters: Any, lookups: Mapping[str, Any]) -> Any:
    """`filters=` and keywords together: all conditions hold. What can be iterated only once is kept as a list."""
    filters, kept = _kept(filters), _kept(lookups)
    if not filters:
        return kept
    if not kept:
        return filters
    if isinstance(filters, dict) and not filters.keys() & kept.keys():
        return filters | kept
    return [filters, kept]


def _kept(filters: Any) -> Any:
    if isinstance(filters, Mapping):
        return {name: list(value) if isinstance(value, _ONCE) else value for name, value in filters.items()}
    if isinstance(filters, Group):
        return Group(filters.joined, tuple(map(_kept, filters.parts)))
    return list(map(_kept, filters)) if isinstance(filters, list | tuple) else filters


def order_of(order_by: str | Sequence[str] | None) -> tuple[str, ...]:
    return (order_by,) if isinstance(order_by, str) else tuple(order_by or ())
