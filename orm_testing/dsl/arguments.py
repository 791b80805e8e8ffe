"""What a caller wrote, as the operations take it; the same for both clients."""

from collections.abc import Mapping, Sequence
from typing import Any

from orm_testing.errors import ConfigurationError


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
    """`filters=` and keywords together: all conditions hold."""
    if not filters:
        return dict(lookups)
    if not lookups:
        return dict(filters) if isinstance(filters, Mapping) else filters
    if isinstance(filters, Mapping):
        return {**filters, **lookups}
    return [filters, dict(lookups)]


def order_of(order_by: str | Sequence[str]) -> tuple[str, ...]:
    return (order_by,) if isinstance(order_by, str) else tuple(order_by)
