"""From what a caller gives to a valid row: what a system under test made of pydantic models does before it stores."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any, NoReturn

import pydantic
from annotated_types import Ge, Gt

from orm_testing.clock import Clock
from orm_testing.errors import ValidationError, nearest
from orm_testing.kinds import bare
from orm_testing.schema import FieldSchema, ModelSchema
from orm_testing.values import same

_CAREFUL = frozenset({"datetime", "aware_datetime", "time", "json"})


class RowMaker:
    """Makes validated instances of one model, filling what the store fills: times and generated keys.

    A generated integer key is the store's to give: until it has, `new` leaves it `None`.
    """

    def __init__(self, schema: ModelSchema) -> None:
        self.schema = schema
        self._validate = schema.model_class.__pydantic_validator__.validate_python
        self._careful = tuple(field for field in schema.fields if field.kind in _CAREFUL)
        self._created = tuple(field for field in schema.fields if field.auto_now or field.auto_now_add)
        self._updated = tuple(field for field in schema.fields if field.auto_now)
        self._generated = schema.generated
        self._awaited = _least(schema)

    def new(self, data: Mapping[str, Any], clock: Clock, *, kept: Mapping[str, Any] | None = None) -> Any:
        """An instance of `data`, with what is absent filled; `kept` are values of the row that this one replaces."""
        self._check_names(data)
        fills: dict[str, Any] = {}
        now = clock.now() if self._created else None
        for field in self._created:
            if data.get(field.name) is None:
                keep = kept is not None and field.auto_now_add
                fills[field.name] = kept[field.name] if keep and kept else stamp(field, now)
        generated = self._generated
        awaited = generated is not None and data.get(generated.name) is None
        if awaited and generated:
            fills[generated.name] = self._awaited if generated.kind == "int" else _new_uuid(generated)
        instance = self._validated({**data, **fills} if fills else data)
        if awaited and generated and generated.kind == "int":
            instance.__dict__[generated.name] = None
        return instance

    def changed(self, current: Mapping[str, Any], changes: Mapping[str, Any], clock: Clock) -> dict[str, Any]:
        """What an update writes: `changes`, valid together with the row's other values, and its times."""
        self._check_names(changes)
        schema = self.schema
        for name in schema.key:
            if name in changes and not same(changes[name], current[name]):
                raise ValidationError(
                    f"{schema.name}.{name} is the key of the row and cannot be changed by an update.",
                    model=schema.name,
                    fields=(name,),
                )
        now = clock.now() if self._updated else None
        fills = {field.name: stamp(field, now) for field in self._updated if changes.get(field.name) is None}
        wanted = {**changes, **fills}
        instance = self._validated({**current, **wanted})
        made = instance.__dict__
        return {
            name: made[name] for name in made if name in wanted or not same(made[name], current.get(name))
        }

    def _check_names(self, data: Mapping[str, Any]) -> None:
        by_name = self.schema.by_name
        if not data.keys() <= by_name.keys():
            unknown = sorted(data.keys() - by_name.keys(), key=str)
            hint = nearest(str(unknown[0]), by_name)
            raise ValidationError(
                f"{self.schema.name} has no field {', '.join(map(repr, unknown))}.{hint}",
                model=self.schema.name,
                fields=map(str, unknown),
            )

    def _validated(self, data: Mapping[str, Any]) -> Any:
        try:
            instance = self._validate(data, by_name=True, by_alias=True)
        except pydantic.ValidationError as error:
            named = {field.column: field.name for field in self.schema.fields}
            places = [
                tuple(named.get(str(part), str(part)) for part in problem["loc"])
                for problem in error.errors()
            ]
            problems = [
                f"{'.'.join(place) or self.schema.name}: {problem['msg']}"
                for place, problem in zip(places, error.errors(), strict=True)
            ]
            raise ValidationError(
                f"{self.schema.name} refuses the data: {'; '.join(problems)}",
                model=self.schema.name,
                fields=dict.fromkeys(place[0] for place in places if place),
            ) from error
        for field in self._careful:
            value = instance.__dict__[field.name]
            if value is not None:
                instance.__dict__[field.name] = self._exact(field, value)
        return instance

    def _exact(self, field: FieldSchema, value: Any) -> Any:
        """The value as it will come back, or `ValidationError` where it could not come back the same."""
        if field.kind == "json":
            try:
                copy = field.from_json(field.to_json(value))
            except pydantic.ValidationError:
                copy = None
            if not same(copy, value):
                self._refuse(
                    field, f"{value!r} would not come back the same from JSON; give the field a precise type."
                )
            return copy
        if field.kind == "aware_datetime":
            try:
                return value.astimezone(datetime.UTC)
            except OverflowError:
                self._refuse(field, f"{value!r} has no time in UTC between the years 1 and 9999.")
        if value.tzinfo is not None:
            kind = "AwareDatetime" if field.kind == "datetime" else "a time without a zone"
            self._refuse(field, f"the field is naive, and {value!r} has a time zone; declare {kind}.")
        return value

    def _refuse(self, field: FieldSchema, why: str) -> NoReturn:
        raise ValidationError(
            f"{self.schema.name}.{field.name}: {why}", model=self.schema.name, fields=(field.name,)
        )


def stamp(field: FieldSchema, now: datetime.datetime | None) -> Any:
    """The time of a write as a value of the field: naive and aware ones are both UTC."""
    assert now is not None
    if field.kind == "date":
        return now.date()
    return now if field.kind == "aware_datetime" else now.replace(tzinfo=None)


def _least(schema: ModelSchema) -> int:
    """What stands for an integer key that the store has yet to make, where the model wants one."""
    metadata = schema.model_class.model_fields[schema.generated.name].metadata if schema.generated else ()
    bounds = [
        getattr(mark, "ge", None) or getattr(mark, "gt", -1) + 1
        for mark in metadata
        if isinstance(mark, Ge | Gt)
    ]
    return max([1, *bounds])


def _new_uuid(field: FieldSchema) -> Any:
    return uuid.uuid4() if bare(field.python_type) is uuid.UUID else uuid.uuid4().hex
