"""`ModelSchema`: all that a driver needs to know of a model, and the only way in which it knows a model."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pydantic
from annotated_types import MaxLen
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from orm_testing.errors import ConfigurationError, OperationError, ValueRangeError, nearest
from orm_testing.kinds import Kind, kind_of
from orm_testing.model import AutoNow, AutoNowAdd, Comment, Index, OnDelete, PrimaryKey, References, Unique
from orm_testing.structured import structure_of
from orm_testing.values import copied_row, same

_AUTO_KINDS = frozenset({"datetime", "aware_datetime", "date"})
_MARKS = (PrimaryKey, Unique, Index, AutoNow, AutoNowAdd)
"""What stands in `Annotated` as a class or as an instance alike."""
_GENERATED_KINDS = frozenset({"int", "uuid", "text"})


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """One field: its name in the model, the `column` it is stored as, and the `kind` of its values."""

    name: str
    column: str
    kind: Kind
    python_type: Any
    nullable: bool
    required: bool
    primary_key: bool
    generated: bool
    unique: bool
    index: bool
    auto_now: bool
    auto_now_add: bool
    references: References | None
    max_length: int | None
    comment: str | None

    @property
    def on_delete(self) -> OnDelete:
        return self.references.on_delete if self.references else "restrict"

    def to_json(self, value: Any) -> str:
        """The value of a field of kind `json` as canonical text: equal values give equal text."""
        try:
            return structure_of(self.python_type).text(value)
        except (TypeError, ValueError) as error:
            raise ValueRangeError(
                f"{self.name}: {value!r} has no JSON form: {error}", fields=(self.name,)
            ) from error

    def from_json(self, text: str) -> Any:
        """The value that `to_json` made the text of."""
        return structure_of(self.python_type).value(text)

    def could_be(self, value: Any) -> bool:
        """Whether a field of kind `json` can have the value, which would come back from JSON the same."""
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                return same(self.from_json(self.to_json(value)), value)
            except (OperationError, UserWarning, ValueError):
                return False


@dataclass(frozen=True, slots=True, eq=False)
class ModelSchema:
    """One model: its table, fields, key and constraints. Names in `key`, `unique` and `indexes` are of fields."""

    model_class: type[Any]
    table: str
    fields: tuple[FieldSchema, ...]
    by_name: Mapping[str, FieldSchema]
    key: tuple[str, ...]
    unique: tuple[tuple[str, ...], ...]
    indexes: tuple[tuple[str, ...], ...]
    comment: str | None
    plain: bool
    """Whether no field holds structured data, so that no stored value can be changed in place."""
    generated: FieldSchema | None
    """The key that the store makes, where it makes one."""

    @property
    def name(self) -> str:
        return self.model_class.__name__

    def key_of(self, instance: Any) -> dict[str, Any]:
        """The key of a row, by field name."""
        values = instance.__dict__
        return {name: values[name] for name in self.key}

    def copied(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A stored row, by field name, that shares nothing with this one."""
        return dict(row) if self.plain else copied_row(row)

    def values_of(self, instance: Any) -> dict[str, Any]:
        """All fields of an instance, as values that share nothing with it."""
        values = instance.__dict__
        if len(values) != len(self.fields):  # a cached property stands among them
            values = {name: values[name] for name in self.by_name if name in values}
        return self.copied(values)

    def instance(self, values: Mapping[str, Any]) -> Any:
        """An instance of these stored values, which are not validated again."""
        made: Any = object.__new__(self.model_class)
        put = object.__setattr__
        put(made, "__dict__", dict(values))
        put(made, "__pydantic_fields_set__", set(values))
        put(made, "__pydantic_extra__", {} if self.model_class.model_config.get("extra") == "allow" else None)
        private: dict[str, Any] | None = None
        if held := self.model_class.__private_attributes__:
            made_up = {name: each.get_default() for name, each in held.items()}
            private = {k: v for k, v in made_up.items() if v is not PydanticUndefined} or None
        put(made, "__pydantic_private__", private)
        return made

    def __repr__(self) -> str:
        return f"ModelSchema({self.name}, table={self.table!r})"


_described: dict[type[Any], ModelSchema] = {}


def schema_of(model_class: type[Any]) -> ModelSchema:
    """The schema of a pydantic model; `ConfigurationError`, saying what to write, where its declaration is wrong."""
    schema = _described.get(model_class)
    if schema is None:
        schema = _described[model_class] = _describe(model_class)
    return schema


def _describe(model_class: type[Any]) -> ModelSchema:
    if not is_described(model_class):
        raise ConfigurationError(
            f"{model_class!r} is not a pydantic model. Derive it from orm_testing.Model or pydantic.BaseModel; for"
            " models of another kind, write a driver whose `key_of` and `values_of` know them."
        )
    name = model_class.__name__
    if not model_class.__pydantic_complete__:
        _complete(model_class)
    fields = tuple(_field(name, field_name, info) for field_name, info in model_class.model_fields.items())
    by_name = {field.name: field for field in fields}
    if model_class.model_config.get("use_enum_values") and any(field.kind == "enum" for field in fields):
        raise ConfigurationError(
            f"{name} has use_enum_values, by which its enum fields hold no enums; declare them as what they hold."
        )
    _check_columns(name, fields)
    key = tuple(field.name for field in fields if field.primary_key)
    _check_key(name, fields, key)
    unique = tuple((field.name,) for field in fields if field.unique) + _groups(
        model_class, "__unique__", by_name
    )
    for part in {part for group in unique for part in group}:
        if by_name[part].kind == "json":
            raise ConfigurationError(f"{name}.{part} holds structured data, which cannot be unique.")
    indexes = _groups(model_class, "__indexes__", by_name)
    return ModelSchema(
        model_class=model_class,
        table=getattr(model_class, "__tablename__", name),
        fields=fields,
        by_name=by_name,
        key=key,
        unique=unique,
        indexes=tuple((field.name,) for field in fields if field.index) + indexes,
        comment=getattr(model_class, "__comment__", None),
        plain=not any(field.kind == "json" for field in fields),
        generated=next((field for field in fields if field.generated), None),
    )


def _complete(model_class: type[pydantic.BaseModel]) -> None:
    try:
        model_class.model_rebuild()
    except pydantic.errors.PydanticUndefinedAnnotation as error:
        raise ConfigurationError(
            f"{model_class.__name__} has an annotation that names {error.name!r}, which is not defined where the model is."
        ) from error


def is_described(model_class: Any) -> bool:
    """Whether `schema_of` can describe the class."""
    return isinstance(model_class, type) and issubclass(model_class, pydantic.BaseModel)


def _field(model: str, name: str, info: FieldInfo) -> FieldSchema:
    given = (mark() if mark in _MARKS else mark for mark in info.metadata)
    marks: dict[Any, Any] = {type(mark): mark for mark in given}
    kind, nullable = kind_of(info.annotation)
    primary_key = marks.get(PrimaryKey)
    references = marks.get(References)
    longest = marks.get(MaxLen)
    comment = marks.get(Comment)
    field = FieldSchema(
        name=name,
        column=info.alias or name,
        kind=kind,
        python_type=info.annotation,
        nullable=nullable,
        required=info.is_required(),
        primary_key=primary_key is not None,
        generated=primary_key is not None and primary_key.generated,
        unique=Unique in marks,
        index=Index in marks,
        auto_now=AutoNow in marks,
        auto_now_add=AutoNowAdd in marks,
        references=references,
        max_length=longest.max_length if longest else None,
        comment=comment.text if comment else info.description,
    )
    _check_field(model, field)
    return field


def _check_field(model: str, field: FieldSchema) -> None:
    where = f"{model}.{field.name}"
    if (field.auto_now or field.auto_now_add) and field.kind not in _AUTO_KINDS:
        raise ConfigurationError(
            f"{where}: auto_now and auto_now_add are for fields of type datetime or date."
        )
    if field.generated and field.kind not in _GENERATED_KINDS:
        raise ConfigurationError(
            f"{where}: a store can generate a key of type int, UUID or str, not {field.kind}."
        )
    if field.primary_key and field.nullable and not field.generated:
        raise ConfigurationError(
            f"{where}: a key is never None. Write its type without `| None`, or `generated=True` where the store makes it."
        )
    if field.primary_key and field.kind == "json":
        raise ConfigurationError(f"{where}: a key must be a plain value, not {field.python_type!r}.")
    if field.on_delete == "set_null" and not field.nullable:
        raise ConfigurationError(
            f'{where}: on_delete="set_null" needs a field that may be None: write `… | None`.'
        )
    if field.on_delete not in ("restrict", "cascade", "set_null"):
        raise ConfigurationError(
            f'{where}: on_delete is "restrict", "cascade" or "set_null", not {field.on_delete!r}.'
        )


def _check_columns(model: str, fields: tuple[FieldSchema, ...]) -> None:
    seen: dict[str, str] = {}
    for field in fields:
        if other := seen.get(field.column):
            raise ConfigurationError(
                f"{model}: the fields {other!r} and {field.name!r} are both stored as {field.column!r}."
                " Give one of them another alias."
            )
        seen[field.column] = field.name


def _check_key(model: str, fields: tuple[FieldSchema, ...], key: tuple[str, ...]) -> None:
    if not key:
        first = fields[0].name if fields else "id"
        raise ConfigurationError(
            f"{model} has no primary key. Write `{first}: … = Field(primary_key=True)`, or on a plain pydantic model"
            f" `{first}: Annotated[…, PrimaryKey()]`."
        )
    if len(key) > 1 and any(field.generated for field in fields):
        raise ConfigurationError(
            f"{model}: a generated key stands alone; this one has the parts {', '.join(key)}."
        )


def _groups(
    model_class: type[Any], attribute: str, by_name: Mapping[str, FieldSchema]
) -> tuple[tuple[str, ...], ...]:
    groups = []
    for group in getattr(model_class, attribute, ()):
        names = (group,) if isinstance(group, str) else tuple(group)
        for name in names:
            if name not in by_name:
                raise ConfigurationError(
                    f"{model_class.__name__}.{attribute} names {name!r}, which is not a field.{nearest(name, by_name)}"
                )
        groups.append(names)
    return tuple(groups)


class SchemaSet:
    """The schemas of the models that are stored together, parents before the children that refer to them.

    `successors` are models by those whose place they took: what refers to the one refers to the other.
    """

    def __init__(self, models: tuple[type[Any], ...], successors: "Successors | None" = None) -> None:
        self.successors: Successors = successors or {}
        schemas = [schema_of(model) for model in dict.fromkeys(models)]
        self._parents: dict[tuple[ModelSchema, str], ModelSchema] = {}
        self._by_class = {schema.model_class: schema for schema in schemas}
        _check_tables(schemas)
        for schema in schemas:
            for field in schema.fields:
                if field.references:
                    self._parents[schema, field.name] = self._target(schema, field, schemas)
        self.schemas = self._ordered(schemas)

    def __iter__(self) -> Any:
        return iter(self.schemas)

    def of(self, model_class: type[Any]) -> ModelSchema:
        schema = self._by_class.get(model_class)
        if schema is None:
            raise ConfigurationError(not_listed(model_class, self._by_class))
        return schema

    def parent(self, schema: ModelSchema, field: str) -> ModelSchema:
        """The model whose key the field holds."""
        return self._parents[schema, field]

    def children(self, parent: ModelSchema) -> list[tuple[ModelSchema, FieldSchema]]:
        """The fields, with their models, that refer to this model."""
        return [
            (schema, schema.by_name[name])
            for (schema, name), target in self._parents.items()
            if target is parent
        ]

    def parents(self, schema: ModelSchema) -> list[tuple[FieldSchema, ModelSchema]]:
        """The models that this model refers to, with the fields by which it does."""
        return [
            (schema.by_name[name], target)
            for (child, name), target in self._parents.items()
            if child is schema
        ]

    def _target(self, schema: ModelSchema, field: FieldSchema, schemas: list[ModelSchema]) -> ModelSchema:
        assert field.references is not None
        wanted = succeeding(field.references.model, self.successors)
        name = wanted if isinstance(wanted, str) else wanted.__name__
        known = {other.name for other in schemas}
        named = [other for other in schemas if wanted in (other.name, other.model_class)]
        target = named[0] if named else None
        where = f"{schema.name}.{field.name}"
        if len(named) > 1:
            raise ConfigurationError(
                f"{where} refers to {name!r}, and two models of this test are called so; name the class."
            )
        if target is None:
            raise ConfigurationError(
                f"{where} refers to {name!r}, which is not among the models of this test.{nearest(name, known)}"
                f" Return it from get_test_models() beside {schema.name}."
            )
        if len(target.key) != 1:
            raise ConfigurationError(
                f"{where} refers to {name}, whose key has several parts; one field cannot hold it."
            )
        held, kept = field.kind, target.by_name[target.key[0]].kind
        if held != kept:
            raise ConfigurationError(
                f"{where} holds {held}, and the key of {name}, to which it refers, {kept}."
            )
        return target

    def _ordered(self, schemas: list[ModelSchema]) -> tuple[ModelSchema, ...]:
        ordered: dict[ModelSchema, None] = {}

        def place(schema: ModelSchema, above: frozenset[ModelSchema]) -> None:
            for _, parent in self.parents(schema):
                if parent not in above and parent not in ordered:
                    place(parent, above | {parent})
            ordered.setdefault(schema)

        for schema in schemas:
            place(schema, frozenset({schema}))
        return tuple(ordered)


Successors = Mapping[type[Any], type[Any]]
"""Models that have a table now, by those that had it before them."""


def succeeded(successors: Successors, old: type[Any], new: type[Any]) -> Successors:
    """The same once `new` has taken the place of `old`."""
    now = {former: new if holder is old else holder for former, holder in successors.items()} | {old: new}
    return {former: holder for former, holder in now.items() if former is not holder}


def succeeding(wanted: type[Any] | str, successors: Successors) -> type[Any] | str:
    """The model, or its name, or what took its place since."""
    for former, holder in successors.items():
        if wanted in (former, former.__name__):
            return holder
    return wanted


def not_listed(model_class: Any, listed: Any) -> str:
    """The message for a model that the test does not list."""
    names = ", ".join(sorted(model.__name__ for model in listed)) or "none"
    name = getattr(model_class, "__name__", repr(model_class))
    return (
        f"{name} is not among the models of this test, which are: {names}. Return it from get_test_models(), or name it"
        " in pytest.mark.orm_backends(…, models=[…])."
    )


def _check_tables(schemas: list[ModelSchema]) -> None:
    seen: dict[str, ModelSchema] = {}
    for schema in schemas:
        other = seen.setdefault(schema.table, schema)
        if other is not schema:
            raise ConfigurationError(
                f"two models of this test are both stored as {schema.table!r}: {other.model_class.__qualname__} and"
                f" {schema.model_class.__qualname__}. Give one of them a `__tablename__` of its own."
            )
