"""A comparison in words, for the terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from orm_testing.parity.comparison import Comparison, Outcome, Parting

_ROWS_SHOWN = 3


def told(comparison: Comparison, names: tuple[str, str]) -> list[str]:
    """All differences, by kind, and then how much was compared."""
    return [
        *_capabilities(comparison, names),
        *_outcomes(comparison, names),
        *_partings(comparison, names),
        *_strayed(comparison, names),
        *_sum(comparison),
    ]


def _capabilities(comparison: Comparison, names: tuple[str, str]) -> Iterator[str]:
    if comparison.capabilities:
        yield f"{_number(len(comparison.capabilities), 'capability', 'capabilities')} declared differently:"
    for name, one, other in comparison.capabilities:
        yield f"  {name}: {one} on {names[0]}, {other} on {names[1]}"


def _outcomes(comparison: Comparison, names: tuple[str, str]) -> Iterator[str]:
    if comparison.outcomes:
        yield f"{_number(len(comparison.outcomes), 'test')} ended differently:"
    groups: dict[tuple[str, ...], list[str]] = {}
    for test, one, other in comparison.outcomes:
        groups.setdefault(_together(one, other, names), []).append(test)
    for lines, tests in groups.items():
        yield from (f"  {test}" for test in tests)
        yield from (f"    {line}" for line in lines)


def _together(one: Outcome, other: Outcome, names: tuple[str, str]) -> tuple[str, ...]:
    return f"{names[0]}: {one}", f"{names[1]}: {other}"


def _partings(comparison: Comparison, names: tuple[str, str]) -> Iterator[str]:
    if comparison.partings:
        yield f"{_number(len(comparison.partings), 'test')} answered differently, first here:"
    for parting in comparison.partings:
        yield f"  {parting.test}"
        yield f"    operation {parting.number}: {parting.asked[0]}"
        for name, lines in zip(names, _answers(parting), strict=True):
            yield f"    {name}: {lines[0]}"
            yield from (f"      {line}" for line in lines[1:])


def _answers(parting: Parting) -> list[list[str]]:
    one, other = ([*answer["answered"]] for answer in parting.answers)
    if one[0] != other[0] or len(one) == 1:
        return [_shortened(answer) for answer in parting.answers]
    place = next(place for place in range(len(one)) if one[place] != other[place])
    return [[f"row {place} of {len(rows) - 1}: {rows[place]}"] for rows in (one, other)]


def _shortened(answer: Mapping[str, Any]) -> list[str]:
    headline, *rows = answer["answered"]
    said = f": {answer['said']}" if answer["said"] else ""
    more = [f"… {len(rows) - _ROWS_SHOWN} more"] if len(rows) > _ROWS_SHOWN else []
    return [f"{headline}{said}", *rows[:_ROWS_SHOWN], *more]


def _strayed(comparison: Comparison, names: tuple[str, str]) -> Iterator[str]:
    if comparison.strayed:
        number = _number(len(comparison.strayed), "test")
        yield f"{number} asked for different things, and could be compared only so far:"
    for parting in comparison.strayed:
        yield f"  {parting.test}"
        for name, asked in zip(names, parting.asked, strict=True):
            yield f"    operation {parting.number} on {name}: {asked}"


def _sum(comparison: Comparison) -> Iterator[str]:
    looked = f"{_number(comparison.operations, 'operation')} of {_number(comparison.tests, 'test')} compared"
    parts: Sequence[tuple[int, str, str]] = (
        (len(comparison.capabilities), "capability", "capabilities"),
        (len(comparison.outcomes), "outcome", "outcomes"),
        (len(comparison.partings), "answer", "answers"),
    )
    differing = ", ".join(_number(*part) for part in parts if part[0])
    yield f"{looked}: {f'different are {differing}' if differing else 'no difference'}."
    if comparison.apart:
        yield f"Not compared: {_number(comparison.apart, 'operation')} of sessions at the same time, and after them."
    if comparison.after:
        yield f"Not compared: {_number(comparison.after, 'operation')} after tests had parted, or too far back."


def _number(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"
