"""By which sorted set a selection is served, from where to where, and what is left to do after it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orm_testing.errors import ValueRangeError
from orm_testing.filters import Condition, Group
from orm_testing.schema import FieldSchema
from orm_testing_drivers.nosql.collection import Selection
from orm_testing_drivers.nosql.ordered import ordered_text
from orm_testing_drivers.redis.layout import END, Index, Layout, ended
from orm_testing_drivers.redis.values import text_bytes

LAST = b"\xff"
"""No member, and nothing that follows an end mark, begins so: it is no byte of UTF-8."""

Range = tuple[bytes, bytes]
"""Members from the first on, less than the second."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`ranges` are apart from each other and in the order in which they are walked."""

    index: Index
    ranges: Sequence[Range]
    rest: Group
    served: int
    ordered: bool
    backwards: bool


def planned(selection: Selection, layout: Layout) -> Plan:
    """The way that leaves the fewest conditions; among these one in the order that is wanted."""
    conditions = list(_flattened(selection.where))
    plans = [
        plan
        for index in (layout.by_key, *layout.indexes)
        if (plan := _by(index, conditions, selection, layout)) is not None
    ]
    return max(plans, key=lambda plan: (plan.served, plan.ordered))


def _flattened(where: Group) -> Iterable[Group | Condition]:
    for part in where.parts:
        if isinstance(part, Group) and part.joined == "all":
            yield from _flattened(part)
        else:
            yield part


def _by(
    index: Index, conditions: list[Group | Condition], selection: Selection, layout: Layout
) -> Plan | None:
    """The plan by this index; None where rows that are wanted may be missing from it."""
    start, fixed, served = b"", set[str](), set[int]()
    ranges: list[Range] = [(b"", LAST)]
    for field in index.fields:
        whole = index is layout.by_key and field is index.fields[-1]
        found = [
            (part, told)
            for part in conditions
            if isinstance(part, Condition)
            and part.field.name == field.name
            and (told := _ranges(part, start, whole)) is not None
        ]
        exact = next((each for each in found if each[0].lookup == "exact"), None)
        if exact is None:
            for part, told in found:
                ranges = _common(ranges, told)
                served.add(id(part))
            break
        ranges = exact[1]
        start = ranges[0][0]
        fixed.add(field.name)
        served.add(id(exact[0]))
    judged = {part.field.name for part in conditions if isinstance(part, Condition) and id(part) in served}
    if any(field.nullable and field.name not in judged for field in index.fields if not field.primary_key):
        return None
    rest = Group("all", tuple(part for part in conditions if id(part) not in served))
    ordered, backwards = _order(index, fixed, selection, layout)
    return Plan(index, ranges[::-1] if backwards else ranges, rest, len(served), ordered, backwards)


def _order(index: Index, fixed: set[str], selection: Selection, layout: Layout) -> tuple[bool, bool]:
    """Whether the index has the order that is wanted, and whether from its end."""
    flow = [name for name in index.names if name not in fixed]
    wanted = [(field.name, descends) for field, descends in selection.order if field.name not in fixed]
    if index.unique:
        wanted = wanted[: len(flow)]
    else:
        flow += [name for name in layout.schema.key if name not in index.names]
    ways = {descends for _, descends in wanted}
    if len(ways) > 1 or [name for name, _ in wanted] != flow[: len(wanted)]:
        return False, False
    return True, ways == {True}


def _ranges(condition: Condition, start: bytes, whole: bool) -> list[Range] | None:  # noqa: PLR0911  (one per lookup)
    """What the condition leaves of the members that begin so; None where an index cannot tell."""
    field, lookup, value = condition.field, condition.lookup, condition.value
    if lookup in ("in", "between"):
        texts = [_text(field, each) for each in value]
        if None in texts:
            return None
        points = [_point(text, start, whole) for text in texts if text is not None]
        if lookup == "between":
            return [(points[0][0], points[1][1])] if points[0][0] < points[1][1] else []
        return sorted(set(points))
    text = _text(field, value) if lookup in ("exact", "gt", "gte", "lt", "lte", "startswith") else None
    if text is None:
        return None
    first, beyond = _point(text, start, whole)
    if lookup == "startswith":
        first = start + (text_bytes(text) if whole else ended(text).removesuffix(END))
        return [(first, first + LAST)]
    if lookup == "exact":
        return [(first, beyond)]
    if lookup in ("gt", "gte"):
        return [(beyond if lookup == "gt" else first, start + LAST)]
    return [(start, first if lookup == "lt" else beyond)]


def _point(text: str, start: bytes, whole: bool) -> Range:
    """The members that have just this value; `whole` where nothing follows it."""
    if whole:
        raw = start + text_bytes(text)
        return raw, raw + b"\0"
    raw = start + ended(text)
    return raw, raw + LAST


def _common(ranges: list[Range], others: list[Range]) -> list[Range]:
    """What is in one of the ranges and in one of the others."""
    both = [(max(a, c), min(b, d)) for a, b in ranges for c, d in others]
    return sorted({(first, beyond) for first, beyond in both if first < beyond})


def _text(field: FieldSchema, value: Any) -> str | None:
    """The text by which an index has the value; None where it has none, since no value of the field is equal to it."""
    if value is None or field.kind == "json":
        return None
    try:
        if field.kind == "float" and float(value) != value and value == value:  # noqa: PLR0124  (NaN is served)
            return None
        return ordered_text(field, Decimal(value) if field.kind == "decimal" else value)
    except (ValueRangeError, OverflowError):
        return None
