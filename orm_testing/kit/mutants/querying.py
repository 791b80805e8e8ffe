"""Faults of lookups."""

from typing import Any

from orm_testing.filters import Condition, all_of, any_of
from orm_testing.kit.cases.conditions import Conditions
from orm_testing.kit.cases.limits import Limits
from orm_testing.kit.cases.queries import Queries
from orm_testing.kit.mutants.selecting import Rewriting, written


class InOfNothingMatchesAll(Rewriting):
    """`in` of no values finds every row."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        return {} if condition.lookup == "in" and not condition.value else written(condition)


class NotInOfNothingMatchesNone(Rewriting):
    """`not_in` of no values finds no row."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        return any_of() if condition.lookup == "not_in" and not condition.value else written(condition)


class InForgetsNone(Rewriting):
    """`in` does not find `None` among its values."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        if condition.lookup != "in":
            return written(condition)
        return written(condition, value=[value for value in condition.value if value is not None])


class NotInOfNoneMatchesNothing(Rewriting):
    """`not_in` finds nothing where `None` is among its values, as in SQL."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        return any_of() if condition.lookup == "not_in" and None in condition.value else written(condition)


class LooksAtTheFirstOfSeveralValues(Rewriting):
    """`in` finds rows with the first of its values."""

    themes = (Queries, Conditions)

    def condition(self, condition: Condition) -> Any:
        return (
            written(condition, value=condition.value[:1]) if condition.lookup == "in" else written(condition)
        )


class NeMatchesNone(Rewriting):
    """`ne` finds rows with `None`."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        if condition.lookup == "ne" and condition.value is not None:
            return any_of(written(condition), written(condition, lookup="isnull", value=True))
        return written(condition)


class NotInMatchesNone(Rewriting):
    """`not_in` finds rows with `None`."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        if condition.lookup == "not_in":
            return any_of(written(condition), written(condition, lookup="isnull", value=True))
        return written(condition)


class LessThanMatchesNone(Rewriting):
    """`None` is less than everything."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        if condition.lookup in ("lt", "lte"):
            return any_of(written(condition), written(condition, lookup="isnull", value=True))
        return written(condition)


class IsnullIgnoresItsValue(Rewriting):
    """`isnull=False` finds rows with `None`, as `isnull=True` does."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        return written(condition, value=True) if condition.lookup == "isnull" else written(condition)


class GteIsGt(Rewriting):
    """`gte` does not find its boundary."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        return written(condition, lookup="gt" if condition.lookup == "gte" else None)


class LteIsLt(Rewriting):
    """`lte` does not find its boundary."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        return written(condition, lookup="lt" if condition.lookup == "lte" else None)


class GtIsGte(Rewriting):
    """`gt` finds its boundary."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        return written(condition, lookup="gte" if condition.lookup == "gt" else None)


class LtIsLteOfTimes(Rewriting):
    """`lt` finds its boundary, where the field holds times."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        times = condition.field.kind in ("datetime", "aware_datetime")
        return written(condition, lookup="lte" if times and condition.lookup == "lt" else None)


class BetweenExcludesItsEnd(Rewriting):
    """`between` finds its lower boundary and not its upper one."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        if condition.lookup != "between":
            return written(condition)
        low, high = condition.value
        return all_of(
            written(condition, lookup="gte", value=low), written(condition, lookup="lt", value=high)
        )


class BetweenTakesEitherOrder(Rewriting):
    """`between` puts its boundaries in order by itself."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        if condition.lookup != "between":
            return written(condition)
        return any_of(written(condition), written(condition, value=condition.value[::-1]))


class TakesTrueForOne(Rewriting):
    """Among values of any type, `True` equals `1`."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        if condition.field.kind == "json" and condition.lookup == "exact" and condition.value in (0, 1):
            return written(condition, lookup="in", value=[bool(condition.value), int(condition.value)])
        return written(condition)


class TakesATupleForAList(Rewriting):
    """A tuple equals a list of the same parts."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        value = condition.value
        if (
            condition.lookup in ("exact", "ne")
            and condition.field.name == "numbers"
            and isinstance(value, tuple)
        ):
            return written(condition, value=list(value))
        return written(condition)


class ClipsWhatItAsksFor(Rewriting):
    """An integer of more than 64 bits is compared as the nearest of 64."""

    themes = (Limits, Queries)

    def condition(self, condition: Condition) -> Any:
        if condition.field.kind == "int" and type(condition.value) is int:
            return written(condition, value=max(-(2**63), min(2**63 - 1, condition.value)))
        return written(condition)


class ComparesNumbersAsText(Rewriting):
    """Integers are compared as their digits are."""

    themes = (Queries,)

    def condition(self, condition: Condition) -> Any:
        if condition.field.kind == "int" and condition.lookup == "gt" and condition.field.name != "id":
            above = [number for number in range(-20, 40) if str(number) > str(condition.value)]
            return written(condition, lookup="in", value=above)
        return written(condition)
