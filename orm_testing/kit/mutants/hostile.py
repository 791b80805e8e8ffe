"""Faults that hostile text and hostile names bring to light."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from orm_testing.errors import DuplicateKeyError, NotFoundError, UnavailableError
from orm_testing.filters import LOOKUPS
from orm_testing.kit.cases.hostile_names import AstralNames, HostileNames
from orm_testing.kit.cases.hostile_values import HostileValues
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, not_found, refused, schema_in
from orm_testing.kit.mutants.selecting import (
    Answering,
    ConfusingTexts,
    LosingFields,
    Rewriting,
    Storing,
    StoringText,
    written,
)
from orm_testing.operations import CreateOperation, DeleteOperation, GetOperation, Operation, QueryOperation
from orm_testing.schema import FieldSchema


class DoublesQuotes(StoringText):
    """A quote in text is doubled, and stays so."""

    def text(self, text: str) -> str:
        return text.replace("'", "''")


class EatsBackslashes(StoringText):
    """A backslash in text is taken for an escape."""

    def text(self, text: str) -> str:
        return text.replace("\\", "")


class DoublesPerCent(StoringText):
    """A per cent sign in text is doubled, as for a format."""

    def text(self, text: str) -> str:
        return text.replace("%", "%%")


class DecodesText(StoringText):
    """Text is decoded as if it were a part of a URL."""

    def text(self, text: str) -> str:
        return unquote(text)


class EscapesMarkup(StoringText):
    """Signs of markup in text are escaped, and stay so."""

    def text(self, text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;")


class NullIsNone(StoringText):
    """The word NULL is stored as `None`."""

    def text(self, text: str) -> str | None:
        return None if text == "NULL" else text


class CutsTextAtASemicolon(StoringText):
    """Text ends where a statement might."""

    def text(self, text: str) -> str:
        return text.partition(";")[0]


class DropsKeysWithADollar(Storing):
    """A key of a dict that begins with a dollar is left out."""

    themes = (HostileValues,)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {name: part for name, part in value.items() if not str(name).startswith("$")}


class SplitsKeysAtDots(Storing):
    """A key of a dict with a dot is taken for a path."""

    themes = (HostileValues,)

    def stored(self, field: FieldSchema, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            name.partition(".")[0]: {name.partition(".")[2]: part} if "." in name else part
            for name, part in value.items()
        }


class KeysLoseTheirDots(ConfusingTexts):
    """Keys that differ in dots and slashes are one, as paths are."""

    def key(self, text: str) -> str:
        return text.replace("..", "").replace("//", "/").strip("/.")


class KeysIgnoreCase(ConfusingTexts):
    """Keys that differ in case are one."""

    def key(self, text: str) -> str:
        return text.lower()


class KeysIgnoreSpace(ConfusingTexts):
    """Keys that differ in space around them are one."""

    def key(self, text: str) -> str:
        return text.strip()


class KeysIgnoreAccents(ConfusingTexts):
    """Keys that differ in accents and other signs beyond ASCII are one."""

    def key(self, text: str) -> str:
        return text.encode("ascii", "ignore").decode()


class KeysHave255Bytes(ConfusingTexts):
    """Keys are told apart by their first 255 bytes."""

    def key(self, text: str) -> str:
        return repr(text.encode("utf-8", "surrogatepass")[:255])


class AskingForANullCharacterFails(Mutant):
    """To ask for text with a null character is an error, and not a question."""

    themes = (HostileValues,)

    def execute(self, operation: Operation) -> Result:
        asks = isinstance(operation, GetOperation | QueryOperation) and isinstance(operation.filters, Mapping)
        if asks and any("\0" in str(value) for value in operation.filters.values()):  # type: ignore[attr-defined]
            return refused(self, operation, UnavailableError("the text is no text of the store"))
        return super().execute(operation)


class AnEmptyKeyIsNoKey(Mutant):
    """A row whose key is empty text is not found."""

    themes = (HostileValues,)
    needs = ("empty_key",)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, GetOperation) and operation.filters == {"id": ""}:
            return not_found(self, operation)
        return super().execute(operation)


class QuotesEndAStatement(Rewriting):
    """Text that is looked for ends at its first quote."""

    themes = (HostileValues,)

    def condition(self, condition: Any) -> Any:
        if isinstance(condition.value, str):
            return written(condition, value=condition.value.partition("'")[0])
        return written(condition)


class AConditionIsAlwaysTrue(Mutant):
    """Text that is looked for and holds `OR` makes the condition true for every row."""

    themes = (HostileValues,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, QueryOperation) and isinstance(operation.filters, Mapping):
            told = {name: value for name, value in operation.filters.items() if " OR " not in str(value)}
            operation = replace(operation, filters=told)
        return super().execute(operation)


class DropsTheTable(Mutant):
    """Text that says to drop a table is obeyed: its rows are gone."""

    themes = (HostileValues, HostileNames)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CreateOperation) and "DROP TABLE" in str(operation.data.values()):
            for row in super().execute(QueryOperation(operation.model_class)).data:
                super().execute(DeleteOperation(operation.model_class, row))
        return result


class NamesAreLookupsFirst(Mutant):
    """A field whose name ends like a lookup is taken for the lookup of another field."""

    themes = (HostileNames,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, QueryOperation) and isinstance(operation.filters, Mapping):
            fields = schema_in(operation).by_name
            lookups = {
                name
                for name in operation.filters
                if name in fields and str(name).rpartition("__")[2] in LOOKUPS
            }
            told = {name: value for name, value in operation.filters.items() if name not in lookups}
            operation = replace(operation, filters=told)
        return super().execute(operation)


class LosesFieldsWithSpaces(LosingFields):
    """A field whose name holds a space is not stored."""

    def loses(self, column: str) -> bool:
        return " " in column


class LosesFieldsWithQuotes(LosingFields):
    """A field whose name holds a quote is not stored."""

    def loses(self, column: str) -> bool:
        return any(quote in column for quote in "'\"`")


class LosesFieldsOfOperators(LosingFields):
    """A field whose name is an operator of a store, or hidden, is not stored."""

    def loses(self, column: str) -> bool:
        return column.startswith(("$", "_"))


class LosesFieldsBeyondAscii(LosingFields):
    """A field whose name is not in ASCII is not stored."""

    themes = (HostileNames, AstralNames)

    def loses(self, column: str) -> bool:
        return not column.isascii()


class LosesFieldsOfEmoji(LosingFields):
    """A field whose name holds a character beyond U+FFFF is not stored."""

    themes = (AstralNames,)
    needs = ("astral_names",)

    def loses(self, column: str) -> bool:
        return max(column) > "\uffff"


class ReservedWordsAreTheirOwn(Answering):
    """A field under a reserved word answers with the word."""

    themes = (HostileNames,)

    def told(self, field: FieldSchema, value: Any) -> Any:
        return field.column if field.column in ("key", "value", "data") and isinstance(value, str) else value


class NamesFieldsByTheirLetters(Mutant):
    """The error of a value that is taken names the field without the signs that are no letters."""

    themes = (HostileNames,)
    needs = ("unique",)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        error = result.peek()
        if not isinstance(error, DuplicateKeyError):
            return result
        told = ["".join(char for char in name if char.isalnum()) for name in error.fields]
        return refused(self, operation, DuplicateKeyError(str(error), model=error.model, fields=told))


class WordsOfSqlAreNoTables(Mutant):
    """A table that is called by words of SQL cannot be asked."""

    themes = (HostileNames,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, QueryOperation) and schema_in(operation).table in (
            "order",
            "'; DROP TABLE x; --",
        ):
            return refused(self, operation, NotFoundError("no such table"))
        return super().execute(operation)
