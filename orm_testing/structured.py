"""Structured values as canonical JSON text: what pydantic makes of a type, in an order that equal values share."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pydantic


@dataclass(frozen=True, slots=True)
class Structure:
    """A type whose values are stored as JSON. It is kept with the annotation, so that no other takes its place."""

    python_type: Any
    adapter: pydantic.TypeAdapter[Any]
    has_sets: bool

    def text(self, value: Any) -> str:
        """Equal values give equal text; `TypeError` or `ValueError` for what has no JSON form."""
        plain = self.adapter.dump_python(value, mode="json", warnings=False)
        if self.has_sets or isinstance(value, set | frozenset):
            plain = _with_sets_in_order(value, plain)
        return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    def value(self, text: str) -> Any:
        """The value that `text` made this of."""
        return self.adapter.validate_json(text, by_name=True, by_alias=False)


_structures: dict[int, Structure] = {}
"""By the identity of the annotation, which need not be hashable."""


def structure_of(python_type: Any) -> Structure:
    found = _structures.get(id(python_type))
    if found is None:
        adapter = _adapter(python_type)
        has_sets = any(kind in repr(adapter.core_schema) for kind in ("'set'", "'frozenset'"))
        found = _structures[id(python_type)] = Structure(python_type, adapter, has_sets)
    return found


def _adapter(python_type: Any) -> pydantic.TypeAdapter[Any]:
    try:
        config = pydantic.ConfigDict(
            ser_json_bytes="base64",
            val_json_bytes="base64",
            ser_json_inf_nan="constants",
            arbitrary_types_allowed=True,
        )
        return pydantic.TypeAdapter(python_type, config=config)
    except pydantic.errors.PydanticUserError:  # a model brings its own configuration
        return pydantic.TypeAdapter(python_type)


def _with_sets_in_order(value: Any, plain: Any) -> Any:
    """The JSON form of a value, with what came of its sets sorted, however deep they lie."""
    if isinstance(plain, list) and isinstance(value, list | tuple | set | frozenset):
        made = [_with_sets_in_order(*pair) for pair in zip(value, plain, strict=True)]
        return sorted(made, key=json.dumps) if isinstance(value, set | frozenset) else made
    if not isinstance(plain, dict):
        return plain
    if isinstance(value, Mapping):
        parts = dict(zip(plain, value.values(), strict=False)) if len(plain) == len(value) else {}
    else:
        parts = _parts(value)
    return {
        name: _with_sets_in_order(parts[name], inner) if name in parts else inner
        for name, inner in plain.items()
    }


def _parts(value: Any) -> dict[str, Any]:
    """The fields of a model or a dataclass, by each name that they may have in JSON."""
    if isinstance(value, pydantic.BaseModel):
        parts = dict(value)
        for name, field in type(value).model_fields.items():
            parts.setdefault(field.serialization_alias or name, getattr(value, name))
        return parts
    names = dataclasses.fields(value) if dataclasses.is_dataclass(value) else ()
    return {field.name: getattr(value, field.name) for field in names}
