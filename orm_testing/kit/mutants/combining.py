"""Faults of conditions together."""

from dataclasses import replace
from typing import Any

from orm_testing.filters import Condition, Group, all_of, any_of, none_of
from orm_testing.kit.cases.conditions import Conditions
from orm_testing.kit.mutants.selecting import Rewriting


class NoneOfIsIgnored(Rewriting):
    """`none_of` is taken for no condition."""

    themes = (Conditions,)

    def group(self, group: Group) -> Any:
        return all_of() if group.joined == "none" else group


class NoneOfIsNotAllOf(Rewriting):
    """`none_of` finds rows for which one of its parts does not hold."""

    themes = (Conditions,)

    def group(self, group: Group) -> Any:
        return none_of(all_of(*group.parts)) if group.joined == "none" else group


class NoneOfLeavesOutNone(Rewriting):
    """A condition within `none_of` is unknown for `None`, and so is its opposite, as in SQL."""

    themes = (Conditions,)

    def rewritten(self, part: Group | Condition) -> Any:
        if isinstance(part, Group) and part.joined == "none":
            fields = {
                inner.field.name
                for inner in _leaves(part)
                if inner.lookup != "isnull" and inner.value is not None
            }
            return all_of(super().rewritten(part), *({f"{name}__isnull": False} for name in sorted(fields)))
        return super().rewritten(part)


class AnyOfIsAllOf(Rewriting):
    """`any_of` finds rows for which all of its parts hold."""

    themes = (Conditions,)

    def group(self, group: Group) -> Any:
        return all_of(*group.parts) if group.joined == "any" else group


class AllOfIsAnyOf(Rewriting):
    """Of several conditions, one is enough."""

    themes = (Conditions,)

    def group(self, group: Group) -> Any:
        return any_of(*group.parts) if group.joined == "all" and group.parts else group


class AnyOfNothingMatchesAll(Rewriting):
    """`any_of` without parts finds every row."""

    themes = (Conditions,)

    def group(self, group: Group) -> Any:
        return all_of() if group.joined == "any" and not group.parts else group


class LooksAtTheFirstGroup(Rewriting):
    """Of several groups side by side, the first is looked at."""

    themes = (Conditions,)

    def group(self, group: Group) -> Any:
        groups = [part for part in group.parts if isinstance(part, Group)]
        return replace(group, parts=tuple(part for part in group.parts if part not in groups[1:]))


def _leaves(part: Group | Condition) -> list[Condition]:
    if isinstance(part, Condition):
        return [part]
    return [leaf for inner in part.parts for leaf in _leaves(inner)]
