"""`Known`: the models of a test as they are now, where a test changes the schema; and `Attached`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from orm_testing.schema import Successors, succeeded


@dataclass(frozen=True, slots=True)
class Known:
    """`models` are those that verbs take; of them, `absent` have no table now; `successors` took the place of others."""

    models: tuple[type[Any], ...]
    absent: frozenset[type[Any]] = frozenset()
    successors: Successors = field(default_factory=dict)

    def with_tables(self, models: Iterable[type[Any]]) -> "Known":
        return replace(self, absent=self.absent - frozenset(models))

    def without_tables(self, models: Iterable[type[Any]]) -> "Known":
        return replace(self, absent=self.absent | frozenset(models))

    def evolved(self, old: type[Any], new: type[Any]) -> "Known":
        """With `new` in the place of `old`, which is no model of the test any more."""
        models = tuple(new if model is old else model for model in self.models)
        return replace(self, models=models, successors=succeeded(self.successors, old, new))


@dataclass(frozen=True, slots=True)
class Attached:
    """The names by which a test attached anything to one row, gone again or not."""

    model_class: type[Any]
    key: Mapping[str, Any]
    names: set[str] = field(default_factory=set)
