"""Faults of text: of what is stored of it."""

import unicodedata
from typing import Any

from orm_testing.kit.cases.hostile_values import HostileValues
from orm_testing.kit.cases.limits import Limits
from orm_testing.kit.cases.values import Values
from orm_testing.kit.mutants.selecting import Storing
from orm_testing.schema import FieldSchema


class StripsText(Storing):
    """Space around text is lost."""

    themes = (Values, HostileValues)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value.strip() if field.kind == "text" else value


class StripsTheEndOfText(Storing):
    """Space at the end of text is lost, as in columns of fixed width."""

    themes = (Values, HostileValues)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value.rstrip(" ") if field.kind == "text" else value


class NormalisesText(Storing):
    """Text is put into the composed normal form."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return unicodedata.normalize("NFC", value) if field.kind == "text" else value


class FoldsCompatibleLetters(Storing):
    """Ligatures and letters of full width are stored as plain ones."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        composed = field.kind == "text" and unicodedata.is_normalized("NFC", value)
        return unicodedata.normalize("NFKC", value) if composed else value


class CutsTextAtTheNullCharacter(Storing):
    """Text ends at its first null character."""

    themes = (Values, HostileValues)
    needs = ("null_character_in_text",)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value.partition("\0")[0] if field.kind == "text" else value


class EmptyTextIsNone(Storing):
    """The empty text is stored as `None`."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value or None if field.kind == "text" and field.nullable else value


class TextHasThreeBytesPerCharacter(Storing):
    """Characters beyond U+FFFF are stored as question marks."""

    themes = (Values, HostileValues)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return "".join("?" if char > "\uffff" else char for char in value) if field.kind == "text" else value


class LosesSignsOfNoWidth(Storing):
    """Signs that show nothing are left out of text."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return (
            "".join(char for char in value if unicodedata.category(char) != "Cf")
            if field.kind == "text"
            else value
        )


class LineEndsAreOne(Storing):
    """A carriage return is lost before the end of a line."""

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value.replace("\r\n", "\n") if field.kind == "text" else value


class TextHas64Kilobytes(Storing):
    """Text is cut after 65,535 characters."""

    themes = (Limits,)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        return value[:65_535] if field.kind == "text" else value
