"""Operations: frozen values that say what is wanted. No SQL, no I/O, no backend in them.

The `repr` of an operation is the plain verb that would make it. `verb` names the driver's method
(`execute_create`), `needs` the capability without which no driver is asked, `answers` what the driver returns.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from keyword import iskeyword
from typing import Any, ClassVar, Literal

Answer = Literal["instance", "instances", "rows", "int", "bool", "text", "bytes", "description", "nothing"]
_SHOWN_BYTES = 64


def _call(verb: str, *positional: str, data: Mapping[str, Any] | None = None, **named: Any) -> str:
    words = [word for word in positional if word]
    for name in data or {}:
        if not _is_keyword(name):
            words.append(f"data={shown(dict(data or {}))}")
            break
    else:
        words += [f"{name}={shown(value)}" for name, value in (data or {}).items()]
    words += [f"{name}={shown(value)}" for name, value in named.items()]
    return f"orm.{verb}({', '.join(words)})"


def shown(value: Any) -> str:
    """Its `repr`; of what has none, such as a number of too many digits, what it is. A report never fails for it."""
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001  (of anybody's class)
        return f"<{type(value).__name__} that cannot be shown: {error}>"


def shown_bytes(content: bytes) -> str:
    """Bytes as a report shows them: many by their number and the beginning of their hash."""
    if len(content) <= _SHOWN_BYTES:
        return repr(content)
    return f"<{len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()[:12]}…>"


_VERB_WORDS = frozenset({"data", "filters", "order_by", "limit", "offset", "group_by"})


def _is_keyword(name: Any) -> bool:
    """Whether a field can be named as a keyword of a verb."""
    return isinstance(name, str) and name.isidentifier() and not iskeyword(name) and name not in _VERB_WORDS


@dataclass(frozen=True, slots=True, repr=False)
class Operation:
    """What every operation is; `needs` and `answers` are read by the driver's `execute`."""

    verb: ClassVar[str]
    needs: ClassVar[str | None] = None
    answers: ClassVar[Answer] = "nothing"


@dataclass(frozen=True, slots=True, repr=False)
class CreateOperation(Operation):
    """One new row."""

    verb = "create"
    answers = "instance"
    model_class: type[Any]
    data: Mapping[str, Any]

    def __repr__(self) -> str:
        return _call("create_model", self.model_class.__name__, data=self.data)


@dataclass(frozen=True, slots=True, repr=False)
class CreateManyOperation(Operation):
    """Several new rows, all or none."""

    verb = "create_many"
    needs = "bulk"
    answers = "instances"
    model_class: type[Any]
    rows: Sequence[Mapping[str, Any]]

    def __repr__(self) -> str:
        return _call(
            "create_many_and_verify", self.model_class.__name__, repr([dict(row) for row in self.rows])
        )


@dataclass(frozen=True, slots=True, repr=False)
class GetOperation(Operation):
    """The one row that matches: `NotFoundError` for none, `MultipleResultsError` for several."""

    verb = "get"
    answers = "instance"
    model_class: type[Any]
    filters: Any = field(default_factory=dict)

    def __repr__(self) -> str:
        return _filtered("get_model", self.model_class, self.filters)


@dataclass(frozen=True, slots=True, repr=False)
class UpdateOperation(Operation):
    """The named changes, to the row that has the instance's key."""

    verb = "update"
    answers = "instance"
    model_class: type[Any]
    instance: Any
    changes: Mapping[str, Any]

    def __repr__(self) -> str:
        return _call("update_model", repr(self.instance), data=self.changes)


@dataclass(frozen=True, slots=True, repr=False)
class DeleteOperation(Operation):
    """The row that has the instance's key goes."""

    verb = "delete"
    model_class: type[Any]
    instance: Any

    def __repr__(self) -> str:
        return _call("delete_model", repr(self.instance))


@dataclass(frozen=True, slots=True, repr=False)
class UpsertOperation(Operation):
    """The whole row: created, or put in the place of the one with its key."""

    verb = "upsert"
    answers = "instance"
    model_class: type[Any]
    data: Mapping[str, Any]

    def __repr__(self) -> str:
        return _call("upsert_model", self.model_class.__name__, data=self.data)


@dataclass(frozen=True, slots=True, repr=False)
class QueryOperation(Operation):
    """The rows that match, in order; `limit=None` is all of them, `limit=0` none."""

    verb = "query"
    answers = "instances"
    model_class: type[Any]
    filters: Any = field(default_factory=dict)
    order_by: Sequence[str] = ()
    limit: int | None = None
    offset: int = 0

    def __repr__(self) -> str:
        more = {
            name: value
            for name, value, default in (
                ("order_by", list(self.order_by), []),
                ("limit", self.limit, None),
                ("offset", self.offset, 0),
            )
            if value != default
        }
        return _filtered("query_models", self.model_class, self.filters, **more)


@dataclass(frozen=True, slots=True, repr=False)
class CountOperation(Operation):
    """How many rows match."""

    verb = "count"
    answers = "int"
    model_class: type[Any]
    filters: Any = field(default_factory=dict)

    def __repr__(self) -> str:
        return _filtered("count_models", self.model_class, self.filters)


@dataclass(frozen=True, slots=True, repr=False)
class ExistsOperation(Operation):
    """Whether any row matches."""

    verb = "exists"
    answers = "bool"
    model_class: type[Any]
    filters: Any = field(default_factory=dict)

    def __repr__(self) -> str:
        return _filtered("model_exists", self.model_class, self.filters)


@dataclass(frozen=True, slots=True, repr=False)
class AggregateOperation(Operation):
    """One answer per group: `aggregates` are `"count"`, `"age__sum"`, `"age__avg"`, `"age__min"`, `"age__max"`."""

    verb = "aggregate"
    needs = "aggregates"
    answers = "rows"
    model_class: type[Any]
    aggregates: Sequence[str]
    filters: Any = field(default_factory=dict)
    group_by: Sequence[str] = ()

    def __repr__(self) -> str:
        words = [repr(aggregate) for aggregate in self.aggregates]
        return _filtered(
            "aggregate",
            self.model_class,
            self.filters,
            *words,
            **({"group_by": list(self.group_by)} if self.group_by else {}),
        )


@dataclass(frozen=True, slots=True, repr=False)
class AttachOperation(Operation):
    """Bytes under a name, to the row that has the instance's key; in the place of what has that name."""

    verb = "attach"
    needs = "attachments"
    model_class: type[Any]
    instance: Any
    name: str
    content: bytes

    def __repr__(self) -> str:
        return _call("attach", repr(self.instance), repr(self.name), shown_bytes(self.content))


@dataclass(frozen=True, slots=True, repr=False)
class AttachmentOperation(Operation):
    """The bytes that the row has under a name; `NotFoundError` where it has none, or is not there."""

    verb = "attachment"
    needs = "attachments"
    answers = "bytes"
    model_class: type[Any]
    instance: Any
    name: str

    def __repr__(self) -> str:
        return _call("attachment", repr(self.instance), repr(self.name))


@dataclass(frozen=True, slots=True, repr=False)
class DetachOperation(Operation):
    """What the row has under a name goes."""

    verb = "detach"
    needs = "attachments"
    model_class: type[Any]
    instance: Any
    name: str

    def __repr__(self) -> str:
        return _call("detach", repr(self.instance), repr(self.name))


@dataclass(frozen=True, slots=True, repr=False)
class ClearOperation(Operation):
    """Every row of every model of the test goes."""

    verb = "clear"

    def __repr__(self) -> str:
        return "orm.clear_storage()"


@dataclass(frozen=True, slots=True, repr=False)
class CreateSchemaOperation(Operation):
    """The tables of these models, which are absent, are made."""

    verb = "create_schema"
    needs = "schema"
    model_classes: Sequence[type[Any]]

    def __repr__(self) -> str:
        return _call("create_schema", *(model.__name__ for model in self.model_classes))


@dataclass(frozen=True, slots=True, repr=False)
class DropSchemaOperation(Operation):
    """The tables of these models go, with their rows."""

    verb = "drop_schema"
    needs = "schema"
    model_classes: Sequence[type[Any]]

    def __repr__(self) -> str:
        return _call("drop_schema", *(model.__name__ for model in self.model_classes))


@dataclass(frozen=True, slots=True, repr=False)
class SchemaExistsOperation(Operation):
    """Whether the model has its table."""

    verb = "schema_exists"
    needs = "schema"
    answers = "bool"
    model_class: type[Any]

    def __repr__(self) -> str:
        return _call("schema_exists", self.model_class.__name__)


@dataclass(frozen=True, slots=True, repr=False)
class DescribeOperation(Operation):
    """The model's table as the live store reports it."""

    verb = "describe"
    needs = "schema"
    answers = "description"
    model_class: type[Any]

    def __repr__(self) -> str:
        return _call("describe", self.model_class.__name__)


@dataclass(frozen=True, slots=True, repr=False)
class DdlOperation(Operation):
    """The statements that make the model's table."""

    verb = "ddl"
    needs = "schema"
    answers = "text"
    model_class: type[Any]

    def __repr__(self) -> str:
        return _call("ddl", self.model_class.__name__)


@dataclass(frozen=True, slots=True, repr=False)
class EvolveOperation(Operation):
    """The table of a model takes the shape of another, `into`, with its rows kept; `rename` has new names by old ones."""

    verb = "evolve"
    needs = "evolution"
    model_class: type[Any]
    into: type[Any]
    rename: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        words = {"rename": dict(self.rename)} if self.rename else {}
        return _call("evolve", self.model_class.__name__, self.into.__name__, **words)


@dataclass(frozen=True, slots=True, repr=False)
class BeginOperation(Operation):
    """A transaction begins; inside another one, a nested one. `isolation` is a level of SQL, or the store's own."""

    verb = "begin"
    needs = "transactions"
    isolation: str | None = None

    def __repr__(self) -> str:
        level = f"isolation={self.isolation!r}" if self.isolation else ""
        return f"{_call('transaction', level)}.__enter__()"


@dataclass(frozen=True, slots=True, repr=False)
class CommitOperation(Operation):
    """The innermost transaction ends, and what it did stays."""

    verb = "commit"
    needs = "transactions"

    def __repr__(self) -> str:
        return "orm.transaction().__exit__()  # commit"


@dataclass(frozen=True, slots=True, repr=False)
class RollbackOperation(Operation):
    """The innermost transaction ends, and what it did is undone."""

    verb = "rollback"
    needs = "transactions"

    def __repr__(self) -> str:
        return "orm.transaction().__exit__()  # rollback"


def _filtered(verb: str, model_class: type[Any], filters: Any, *positional: str, **named: Any) -> str:
    name = model_class.__name__
    if isinstance(filters, Mapping) and all(map(_is_keyword, filters)):
        return _call(verb, name, *positional, data=filters, **named)
    return _call(verb, name, *positional, **({"filters": filters} if filters else {}), **named)
