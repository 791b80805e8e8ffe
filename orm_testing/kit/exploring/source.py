"""`Source`: values as Python would read them, with the imports that this needs."""

import dataclasses
import decimal
import enum
import math
import uuid
from collections.abc import Iterable, Mapping
from keyword import iskeyword
from typing import Any

from orm_testing.filters import Group

_PLAIN = (str, int, bool, bytes, type(None))
_WORDS_OF_VERBS = frozenset({"data", "filters", "order_by", "limit", "offset", "group_by"})


class Source:
    """Remembers what the code that it made has to import."""

    def __init__(self) -> None:
        self._imported: dict[str, set[str]] = {}
        self._modules: set[str] = set()
        self.local: set[str] = set()
        """What stands inside a function, and cannot be imported."""

    def imports(self) -> list[str]:
        """The lines that go before the code."""
        modules = [f"import {name}" for name in sorted(self._modules)]
        return modules + [
            f"from {module} import {', '.join(sorted(names))}"
            for module, names in sorted(self._imported.items())
        ]

    def name(self, kind: Any) -> str:
        """A class or a function by its name."""
        module, qualname = kind.__module__, kind.__qualname__
        if "<locals>" in qualname or module == "__main__":
            self.local.add(qualname.rpartition(".")[2])
            return str(qualname.rpartition(".")[2])
        self._imported.setdefault(module, set()).add(qualname.partition(".")[0])
        return str(qualname)

    def library(self, name: str, module: str = "orm_testing") -> str:
        """A name of the library's."""
        self._imported.setdefault(module, set()).add(name)
        return name

    def module(self, name: str) -> str:
        self._modules.add(name)
        return name

    def of(self, value: Any) -> str:
        """The value, as an expression."""
        kind = type(value)
        if kind in _PLAIN:
            return repr(value)
        if kind in (dict, list, tuple, set, frozenset):
            return self._several(value)
        if isinstance(value, enum.Enum):
            return self._member(value)
        if isinstance(value, Group):
            return f"{self.library(value.joined + '_of')}({', '.join(map(self.of, value.parts))})"
        return self._made(kind, value)

    def _made(self, kind: Any, value: Any) -> str:
        """What a call of its type makes."""
        if kind is float:
            return repr(value) if math.isfinite(value) else f'float("{value}")'
        if kind.__module__ == "datetime":
            self.module("datetime")
            return repr(value)
        if kind in (decimal.Decimal, uuid.UUID):
            self.name(kind)
            return repr(value)
        if hasattr(kind, "model_fields"):
            return f"{self.name(kind)}({self._fields(value, kind.model_fields)})"
        if dataclasses.is_dataclass(kind):
            return (
                f"{self.name(kind)}({self._fields(value, [each.name for each in dataclasses.fields(kind)])})"
            )
        return f"{self.name(kind)}({str(value)!r})"

    def words(self, option: str, fields: Mapping[str, str]) -> list[str]:
        """Fields as keywords of a verb, or as its option where one of them cannot be a keyword; their values are source."""
        if all(
            name.isidentifier() and not iskeyword(name) and name not in _WORDS_OF_VERBS for name in fields
        ):
            return [f"{name}={value}" for name, value in fields.items()]
        return [f"{option}={self.mapping(fields)}"]

    def mapping(self, fields: Mapping[str, str]) -> str:
        return f"{{{', '.join(f'{name!r}: {value}' for name, value in fields.items())}}}"

    def _member(self, value: enum.Enum) -> str:
        name = self.name(type(value))
        if isinstance(value, enum.Flag) or value.name is None or not value.name.isidentifier():
            return f"{name}({self.of(value.value)})"
        return f"{name}.{value.name}"

    def _several(self, value: Any) -> str:
        if isinstance(value, dict):
            return f"{{{', '.join(f'{self.of(key)}: {self.of(held)}' for key, held in value.items())}}}"
        inner = ", ".join(map(self.of, value))
        if isinstance(value, list):
            return f"[{inner}]"
        if isinstance(value, tuple):
            return f"({inner},)" if len(value) == 1 else f"({inner})"
        if isinstance(value, frozenset):
            return f"frozenset({{{inner}}})" if value else "frozenset()"
        return f"{{{inner}}}" if value else "set()"

    def _fields(self, value: Any, names: Iterable[str]) -> str:
        return ", ".join(f"{name}={self.of(getattr(value, name))}" for name in names)
