"""A difference in words, and as a test to paste that fails as long as there is the difference."""

from collections.abc import Mapping
from typing import Any

from orm_testing.dsl.client import OrmDsl
from orm_testing.kit.exploring.playing import BEGINNING, Difference, Played, made_anew
from orm_testing.kit.exploring.source import Source
from orm_testing.kit.exploring.verbs import Verbs
from orm_testing.operations import BeginOperation, CommitOperation, RollbackOperation
from orm_testing.schema import SchemaSet, schema_of

_INDENT = "    "


def told(orm: OrmDsl, difference: Difference) -> str:
    """All that there is to say."""
    number = sum(played.operation is not None for played in difference.played)
    where = f" of {difference.model.__name__}" if difference.model is not None else ""
    lines = [
        f"{orm.get_backend_name()} differs from the in-memory driver after {number} operation{'' if number == 1 else 's'}: {_HEADLINES[difference.kind]}{where}",
        f"  expected: {_shown(difference.expected)}",
        f"  got:      {_shown(difference.got)}",
        "This test fails because of it:",
        "",
        as_test(orm, difference),
    ]
    return "\n".join(lines)


_HEADLINES = {
    "outcome": "the last one comes out differently",
    "answer": "the last one is answered differently",
    "stored": "other rows are stored",
    "raised": "on the last one the driver raises what is no answer",
}


def as_test(orm: OrmDsl, difference: Difference) -> str:
    """A module with one test."""
    source = Source()
    clock = "clock" in orm.driver.capabilities
    models = _concerned(orm.context.models, difference)
    verbs = Verbs(source, {model: _untellable(model, clock=clock) for model in models})
    body = _Body()
    timed = (each.auto_now or each.auto_now_add for model in models for each in schema_of(model).fields)
    if clock and any(timed):
        body.add(f"orm.clock.freeze({source.of(BEGINNING)})")
    ends = _ends(difference.played)
    for place, played in enumerate(difference.played):
        last = place == len(difference.played) - 1
        if isinstance(played.operation, BeginOperation):
            kept = ends.get(place) != "rollback"
            body.open("with orm.transaction():" if kept else "with orm.expect_rollback(ZeroDivisionError):")
        elif isinstance(played.operation, CommitOperation | RollbackOperation):
            if isinstance(played.operation, RollbackOperation):
                body.add("raise ZeroDivisionError")
            body.close()
        else:
            judged = last and difference.kind in ("outcome", "answer")
            for line in verbs.lines(played, judged=judged):
                body.add(*line)
    if difference.kind == "stored" and difference.model is not None:
        body.add(*verbs.stored(difference.model, difference.expected))
    named = ", ".join(map(source.name, models))
    lines = [
        "",
        "",
        f"@{source.module('pytest')}.mark.orm_backends({orm.get_backend_name()!r}, models=[{named}])",
        "def test_what_explore_found(orm):",
        *body.lines(verbs.used),
    ]
    notes = [
        f"# {name} stands where it cannot be imported from: bring it here." for name in sorted(source.local)
    ]
    return "\n".join([*source.imports(), *notes, *lines]) + "\n"


def _concerned(models: tuple[type[Any], ...], difference: Difference) -> list[type[Any]]:
    """The models that the steps name, and those to which they refer."""
    schemas = SchemaSet(models)
    named = {getattr(played.operation, "model_class", None) for played in difference.played}
    found = [schemas.of(model) for model in models if model in {*named, difference.model}]
    for schema in found:
        found += [parent for _, parent in schemas.parents(schema) if parent not in found]
    return [model for model in models if schemas.of(model) in found] or list(models)


class _Body:
    """Lines with their indentation."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str, str]] = []
        self._depth = 1
        self._fresh = False

    def add(self, text: str, name: str = "", ending: str = "") -> None:
        """A line; under a `name`, where that is used, goes what it evaluates to, with an `ending` of its own."""
        self._lines.append((self._depth, text, f"{name}\0{ending}" if name else ""))
        self._fresh = False

    def open(self, text: str) -> None:
        self.add(text)
        self._depth += 1
        self._fresh = True

    def close(self) -> None:
        if self._fresh:
            self.add("pass")
        self._depth -= 1

    def lines(self, used: set[str]) -> list[str]:
        if self._fresh:
            self.add("pass")
        made = []
        for depth, text, named in self._lines:
            name, _, ending = named.partition("\0")
            told = f"{name} = {text}{ending}" if name in used and name else text
            made.append(f"{_INDENT * depth}{told}")
        return made or [f"{_INDENT}pass"]


def _ends(played: tuple[Played, ...]) -> dict[int, str]:
    """By the place where a transaction begins how it ends, where it does."""
    begun: list[int] = []
    ends = {}
    for place, each in enumerate(played):
        if each.errors:
            continue
        if isinstance(each.operation, BeginOperation):
            begun.append(place)
        elif isinstance(each.operation, CommitOperation | RollbackOperation):
            ends[begun.pop()] = each.operation.verb
    return ends


def _untellable(model: type[Any], *, clock: bool) -> set[str]:
    """The fields whose values are others in each run."""
    schema = schema_of(model)
    times = (
        set() if clock else {field.name for field in schema.fields if field.auto_now or field.auto_now_add}
    )
    return {*made_anew(schema), *times}


def _shown(value: Any) -> str:
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    if isinstance(value, list):
        return f"{len(value)} rows" + "".join(f"\n    {row!r}" for row in value[:10]) if value else "no rows"
    return "no error" if value is None else repr(dict(value) if isinstance(value, Mapping) else value)
