"""Faults of keys: which are taken for one, and what of them is lost."""

import enum
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from orm_testing.errors import DuplicateKeyError
from orm_testing.kit.cases.key_types import KeyTypes
from orm_testing.kit.cases.keys import Keys
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, key_in, schema_in
from orm_testing.kit.mutants.patterns import ConfusingKeys
from orm_testing.operations import CreateOperation, Operation, QueryOperation, UpdateOperation

_WIDE = 2**62


class ComparesTheFirstPartOfAKey(ConfusingKeys):
    """Of a key of several parts only the first counts."""

    themes = (Keys,)

    def read(self, key: tuple[Any, ...]) -> Any:
        return key[0]


class RunsThePartsTogether(ConfusingKeys):
    """The parts of a key are written one after the other, with nothing between them."""

    themes = (KeyTypes,)

    def read(self, key: tuple[Any, ...]) -> Any:
        return "".join(map(repr, key)).replace("''", "")


class JoinsThePartsByASign(ConfusingKeys):
    """The parts of a key are joined by a sign, and told from signs that they hold themselves by none."""

    themes = (KeyTypes,)

    def read(self, key: tuple[Any, ...]) -> Any:
        return re.sub(r"\W+", ":", ":".join(map(str, key))) if len(key) > 1 else key


class MindsNoOrderOfParts(ConfusingKeys):
    """The parts of a key are a set."""

    themes = (KeyTypes,)

    def read(self, key: tuple[Any, ...]) -> Any:
        return set(key)


class MindsNoCaseOfKeys(ConfusingKeys):
    """Text keys that differ in case are one."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return part.casefold() if isinstance(part, str) else part


class TrimsKeys(ConfusingKeys):
    """Text keys that differ in spaces at the end are one."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return part.rstrip(" ") if isinstance(part, str) else part


class NormalisesKeys(ConfusingKeys):
    """Text keys that look alike, though their code points differ, are one."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return unicodedata.normalize("NFC", part) if isinstance(part, str) else part


class ReadsIntegersAsFloats(ConfusingKeys):
    """Whole numbers beyond 2**53 are told apart only as far as a float can."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return float(part) if isinstance(part, int) else part


class ReadsDecimalsAsFloats(ConfusingKeys):
    """Decimals are told apart only as far as a float can."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return float(part) if isinstance(part, Decimal) else part


class ReadsFloatsOfSixDigits(ConfusingKeys):
    """Floats are told apart by six digits."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return f"{part:.6g}" if isinstance(part, float) else part


class ReadsBytesAsLetters(ConfusingKeys):
    """Bytes are compared as letters, without their case."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return part.lower() if isinstance(part, bytes) else part


class EndsBytesAtANull(ConfusingKeys):
    """Null bytes at the end of a key do not count."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return part.rstrip(b"\x00") if isinstance(part, bytes) else part


class CutsTimesToSeconds(ConfusingKeys):
    """Times and instants that differ by less than a second are one."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return part.replace(microsecond=0) if isinstance(part, datetime | time) else part


class CutsSpansToSeconds(ConfusingKeys):
    """Spans of time that differ by less than a second are one."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return int(part.total_seconds()) if isinstance(part, timedelta) else part


class MindsNoYears(ConfusingKeys):
    """Days of the same name in different years are one."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return (part.month, part.day) if type(part) is date else part


class ReadsHalfOfAUuid(ConfusingKeys):
    """UUIDs are told apart by their first half."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return part.int >> 64 if isinstance(part, UUID) else part


class TellsNoMembersApart(ConfusingKeys):
    """The members of an enum are one key."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return type(part) if isinstance(part, enum.Enum) else part


class TakesFalseForTrue(ConfusingKeys):
    """`True` and `False` are one key."""

    themes = (KeyTypes,)

    def read_part(self, part: Any) -> Any:
        return bool if isinstance(part, bool) else part


class TellsFormsOfAKeyApart(Mutant):
    """A key that is taken is accepted in another form."""

    themes = (KeyTypes,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, CreateOperation) and isinstance(result.peek(), DuplicateKeyError):
            schema = schema_in(operation)
            key = key_in(schema, operation.data)
            forms = [repr([row[name] for name in schema.key]) for row in self.rows(operation.model_class)]
            if key and repr(list(key.values())) not in forms:
                return answered(self, operation, schema.instance(operation.data))
        return result


class UpdatesByTheFirstPartOfAKey(Mutant):
    """An update changes every row that shares the first part of the key."""

    themes = (Keys,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, UpdateOperation) and result.peek() is None:
            name, value = next(iter(self.key_of(operation.instance).items()))
            for other in super().execute(QueryOperation(operation.model_class, {name: value})).data:
                super().execute(UpdateOperation(operation.model_class, other, operation.changes))
        return result


class ClipsWideIntegers(Mutant):
    """A whole number that is wide is stored as the widest that it knows."""

    themes = (Keys,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, CreateOperation):
            data = {
                name: min(value, _WIDE) if type(value) is int else value
                for name, value in operation.data.items()
            }
            operation = CreateOperation(operation.model_class, data)
        return super().execute(operation)
