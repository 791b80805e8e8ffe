"""`Model` and `Field`: how a test says what is stored.

A `Model` is a pydantic model and `Field` is pydantic's own, with the words that storage needs. The same words
stand as `Annotated` metadata on any pydantic model: `id: Annotated[str, PrimaryKey()]`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import pydantic
from pydantic.fields import FieldInfo

from orm_testing.errors import ConfigurationError

OnDelete = Literal["restrict", "cascade", "set_null"]


@dataclass(frozen=True, slots=True)
class PrimaryKey:
    """The field is the key, or a part of it. `generated`: the store makes it (autoincrement, UUID)."""

    generated: bool = False


@dataclass(frozen=True, slots=True)
class Unique:
    """No two rows have the same value; `None` is no value."""


@dataclass(frozen=True, slots=True)
class Index:
    """The store keeps an index of the field, where it can."""


@dataclass(frozen=True, slots=True)
class AutoNow:
    """The field is set to the time of each write, unless the write names it."""


@dataclass(frozen=True, slots=True)
class AutoNowAdd:
    """The field is set to the time of the create, unless the create names it."""


@dataclass(frozen=True, slots=True)
class References:
    """The field holds the key of a row of another model: the class, or its name."""

    model: type[Any] | str
    on_delete: OnDelete = "restrict"


@dataclass(frozen=True, slots=True)
class Comment:
    """What the store's own description of the column says."""

    text: str


class Model(pydantic.BaseModel):
    """A stored model. What concerns several fields, or the table, is declared on the class.

    `__tablename__` (default: the class's name), `__comment__`,
    `__unique__ = [("tenant", "email")]` and `__indexes__ = [("city", "age")]`.
    """

    model_config = pydantic.ConfigDict(extra="forbid")

    __tablename__: ClassVar[str]
    __comment__: ClassVar[str]
    __unique__: ClassVar[Sequence[Sequence[str]]]
    __indexes__: ClassVar[Sequence[Sequence[str]]]


def Field(  # noqa: N802  (it stands where pydantic's Field stands)
    default: Any = ...,
    *,
    primary_key: bool = False,
    generated: bool = False,
    unique: bool = False,
    index: bool = False,
    auto_now: bool = False,
    auto_now_add: bool = False,
    references: type[Any] | str | None = None,
    on_delete: OnDelete | None = None,
    comment: str | None = None,
    **pydantic_options: Any,
) -> Any:
    """Pydantic's `Field`, with what storage needs besides.

    Args:
        default: As in pydantic, as are all options not named here (`ge`, `max_length`, `default_factory`, …).
        primary_key: The key; several make a composite key.
        generated: The store makes the key: autoincrement for `int`, a random UUID for `UUID` and `str`.
        unique: No two rows share a value.
        index: The store keeps an index of the field.
        auto_now: Set to the time of each write.
        auto_now_add: Set to the time of the create.
        references: Another model, or its name, whose key this field holds.
        on_delete: What becomes of this row when that one goes: `restrict` (the default), `cascade` or `set_null`.
        comment: The comment on the column.
        **pydantic_options: Handed to pydantic's `Field` as they are.
    """
    if "default_factory" in pydantic_options:
        info: FieldInfo = pydantic.Field(**pydantic_options)
    else:
        info = pydantic.Field(default, **pydantic_options)
    if primary_key or generated:
        info.metadata.append(PrimaryKey(generated=generated))
    if references is not None:
        info.metadata.append(References(references, on_delete or "restrict"))
    elif on_delete is not None:
        raise ConfigurationError(f"on_delete={on_delete!r} needs references=…, the model whose row may go.")
    if comment is not None:
        info.metadata.append(Comment(comment))
    info.metadata.extend(
        mark()
        for asked, mark in ((unique, Unique), (index, Index), (auto_now, AutoNow), (auto_now_add, AutoNowAdd))
        if asked
    )
    return info
