"""`Evolution`: what becomes of a table's fields and rows when one model takes the place of another."""

import datetime
import enum
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import pydantic

from orm_testing.clock import Clock
from orm_testing.errors import (
    ConfigurationError,
    DuplicateKeyError,
    OperationError,
    SchemaError,
    ValidationError,
    nearest,
)
from orm_testing.kinds import bare, member_of, stored_form
from orm_testing.rows import stamp
from orm_testing.schema import FieldSchema, ModelSchema

Row = dict[str, Any]


class Evolution:
    """From `old` to `new`, two models of one table; `ConfigurationError` where that is no evolution.

    A field stays where both have its name, or `rename` says which name it has now; what is not left over is added or
    dropped. The rows that `rows` makes are what every driver is to make of the old ones.
    """

    def __init__(self, old: ModelSchema, new: ModelSchema, rename: Mapping[str, str]) -> None:
        self.old, self.new = old, new
        _check(old, new, rename)
        self.became: dict[str, str] = {
            name: now
            for name in old.by_name
            if (now := rename.get(name, name)) in new.by_name
            and (name in rename or name not in rename.values())
        }
        """The fields that stay, by their old names, with their new ones."""
        self.origin = {now: name for name, now in self.became.items()}
        _check_key(self)
        self.added = tuple(field for field in new.fields if field.name not in self.origin)
        self.dropped = tuple(field for field in old.fields if field.name not in self.became)
        self.retyped = tuple(
            field
            for field in new.fields
            if field.name in self.origin and not _holds_all(self.was(field), field)
        )
        """The fields whose values become others."""
        self._adapters: dict[str, pydantic.TypeAdapter[Any]] = {}

    def was(self, field: FieldSchema) -> FieldSchema:
        """The old field that became this one."""
        return self.old.by_name[self.origin[field.name]]

    def rows(self, stored: Sequence[Mapping[str, Any]], clock: Clock) -> list[Row]:
        """The rows by their new names, in the order of the old ones; an error of the tree where one cannot be made."""
        made = [self._row(row, clock) for row in stored]
        for names in self.new.unique:
            seen: set[Any] = set()
            for row in made:
                values = tuple(row[name] for name in names)
                if None not in values and values in seen:
                    shown = ", ".join(f"{name}={row[name]!r}" for name in names)
                    raise DuplicateKeyError(
                        f"several rows of {self.new.name} would have {shown}, which is to be unique",
                        model=self.new.name,
                        fields=names,
                    )
                seen.add(values)
        return made

    def is_told(self, field: FieldSchema) -> bool:
        """Whether the field's values follow from the old rows and the model, and are not made anew."""
        if field.name in self.origin:
            return self.was(field).nullable <= field.nullable or self._has_plain_default(field)
        return self._has_plain_default(field)

    def _has_plain_default(self, field: FieldSchema) -> bool:
        made_anew = self.new.model_class.model_fields[field.name].default_factory is not None
        return not made_anew and not (field.auto_now or field.auto_now_add)

    def _row(self, was: Mapping[str, Any], clock: Clock) -> Row:
        row: Row = {}
        retyped = {field.name for field in self.retyped}
        for field in self.new.fields:
            origin = self.origin.get(field.name)
            value = None if origin is None else was[origin]
            if value is not None and field.name in retyped:
                value = self._converted(field, value, was)
            if value is None and (origin is None or not field.nullable):
                value = self._default(field, row, clock)
            row[field.name] = value
        return row

    def _default(self, field: FieldSchema, row: Row, clock: Clock) -> Any:
        info = self.new.model_class.model_fields[field.name]
        value = None
        if not info.is_required():
            value = info.get_default(call_default_factory=True, validated_data=row)
        elif field.auto_now or field.auto_now_add:
            value = stamp(field, clock.now())
        if value is None and not field.nullable:
            raise SchemaError(
                f"{self.new.name}.{field.name} is never None, and there are rows that have no value for it."
                f" Give the field a default: it fills them.",
                model=self.new.name,
                fields=(field.name,),
            )
        return value

    def _converted(self, field: FieldSchema, value: Any, row: Mapping[str, Any]) -> Any:
        """What the new field makes of an old value, as pydantic reads it; text takes the text of any value."""
        old = self.was(field)
        try:
            if old.kind == "json" and field.kind in ("json", "text"):
                text = old.to_json(value)
                return self._read(field, text) if field.kind == "text" else field.from_json(text)
            if isinstance(value, enum.Enum):
                value = stored_form(value)
                if field.kind == "enum":
                    return member_of(field.python_type, value)
            if field.kind == "json" and old.kind == "text":
                return field.from_json(value)
            if isinstance(value, datetime.datetime) and field.kind in ("datetime", "aware_datetime"):
                naive = field.kind == "datetime"
                return value.replace(tzinfo=None if naive else datetime.UTC)
            return self._read(field, _text(value) if field.kind == "text" else value)
        except (pydantic.ValidationError, OperationError, ValueError, KeyError) as error:
            key = {name: row[name] for name in self.old.key}
            why = error.errors()[0]["msg"] if isinstance(error, pydantic.ValidationError) else str(error)
            raise ValidationError(
                f"{self.new.name}.{field.name} cannot hold {value!r} of the row {key!r}: {why}",
                model=self.new.name,
                fields=(field.name,),
            ) from error

    def _read(self, field: FieldSchema, value: Any) -> Any:
        adapter = self._adapters.get(field.name)
        if adapter is None:
            info = self.new.model_class.model_fields[field.name]
            annotated: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
            adapter = self._adapters[field.name] = pydantic.TypeAdapter(annotated)
        return adapter.validate_python(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


def _holds_all(old: FieldSchema, new: FieldSchema) -> bool:
    """Whether every value of the old field is, as it is, one of the new."""
    if old.kind != new.kind:
        return False
    if old.kind in ("enum", "json"):
        return bool(bare(old.python_type) == bare(new.python_type))
    return new.max_length is None or (old.max_length is not None and old.max_length <= new.max_length)


def _check(old: ModelSchema, new: ModelSchema, rename: Mapping[str, str]) -> None:
    if old.table != new.table:
        raise ConfigurationError(
            f"evolve({old.name}, {new.name}): they are of different tables, {old.table!r} and {new.table!r}. Write"
            f" `__tablename__ = {old.table!r}` in {new.name}."
        )
    for names, model in ((rename, old), (rename.values(), new)):
        for name in names:
            if name not in model.by_name:
                raise ConfigurationError(
                    f"evolve({old.name}, {new.name}): rename names {name!r}, which is not a field of {model.name}."
                    f"{nearest(name, model.by_name)}"
                )
    if len(set(rename.values())) < len(rename):
        raise ConfigurationError(
            f"evolve({old.name}, {new.name}): rename gives two fields one name: {dict(rename)!r}."
        )


def _check_key(evolution: Evolution) -> None:
    old, new = evolution.old, evolution.new
    same = tuple(evolution.became.get(name) for name in old.key) == new.key and all(
        _form(old.by_name[evolution.origin[name]]) == _form(new.by_name[name]) for name in new.key
    )
    if not same:
        raise ConfigurationError(
            f"evolve({old.name}, {new.name}): the key can be renamed, and else stays as it is: its fields, their types"
            f" and lengths, and who makes it. It was {', '.join(old.key)}, and would be {', '.join(new.key)}."
        )


def _form(field: FieldSchema) -> Any:
    python_type = bare(field.python_type) if field.kind == "enum" else None
    return field.kind, python_type, field.max_length, field.generated
