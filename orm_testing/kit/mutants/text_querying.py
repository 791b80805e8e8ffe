"""Faults of queries of text."""

from typing import Any

from orm_testing.filters import Condition, all_of, any_of
from orm_testing.kit.cases.hostile_values import HostileValues
from orm_testing.kit.cases.text_queries import TextQueries
from orm_testing.kit.mutants.selecting import Rewriting, Wildcards, written


class EndswithMatchesEverything(Rewriting):
    """`endswith` finds every text, whatever its end."""

    themes = (TextQueries, HostileValues)

    def condition(self, condition: Condition) -> Any:
        return {} if condition.lookup in ("endswith", "iendswith") else written(condition)


class StartswithIsContains(Rewriting):
    """`startswith` finds the text anywhere."""

    themes = (TextQueries,)

    def condition(self, condition: Condition) -> Any:
        return written(condition, lookup="contains" if condition.lookup == "startswith" else None)


class TakesPerCentForAWildcard(Wildcards):
    """`%` in text that is looked for stands for anything."""

    themes = (TextQueries, HostileValues)
    sign = "%"


class TakesUnderscoreForAWildcard(Wildcards):
    """`_` in text that is looked for stands for anything."""

    themes = (TextQueries,)
    sign = "_"


class TakesStarForAWildcard(Wildcards):
    """`*` in text that is looked for stands for anything."""

    themes = (TextQueries, HostileValues)
    sign = "*"


class TakesDotForAWildcard(Wildcards):
    """`.` in text that is looked for stands for anything."""

    themes = (TextQueries,)
    sign = "."


class EqualityFoldsCase(Rewriting):
    """Text is equal to text that differs in case."""

    themes = (TextQueries,)

    def condition(self, condition: Condition) -> Any:
        if condition.lookup == "exact" and condition.field.kind == "text" and condition.value:
            return all_of(*(written(condition, lookup=lookup) for lookup in ("istartswith", "iendswith")))
        return written(condition)


class ContainsFoldsCase(Rewriting):
    """`contains`, `startswith` and `endswith` do not mind case."""

    themes = (TextQueries,)

    def condition(self, condition: Condition) -> Any:
        looks = condition.lookup in ("contains", "startswith", "endswith")
        return written(condition, lookup=f"i{condition.lookup}" if looks else None)


class IFormsMindCase(Rewriting):
    """`icontains`, `istartswith` and `iendswith` mind case."""

    themes = (TextQueries,)

    def condition(self, condition: Condition) -> Any:
        looks = condition.lookup in ("icontains", "istartswith", "iendswith")
        return written(condition, lookup=condition.lookup[1:] if looks else None)


class IFormsFoldEveryLetter(Rewriting):
    """The lookups with `i` fold the case of letters beyond ASCII too."""

    themes = (TextQueries,)

    def condition(self, condition: Condition) -> Any:
        if condition.lookup not in ("icontains", "istartswith", "iendswith"):
            return written(condition)
        forms = {condition.value, condition.value.lower(), condition.value.upper()}
        return any_of(*(written(condition, value=form) for form in sorted(forms)))


class EmptyTextIsInNoText(Rewriting):
    """Text does not contain, begin or end with the empty text."""

    themes = (TextQueries,)

    def condition(self, condition: Condition) -> Any:
        looks = condition.lookup.endswith(("contains", "with"))
        return any_of() if looks and not condition.value else written(condition)
