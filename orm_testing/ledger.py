"""The ledger: what is known to fail on a driver, entry by entry, so that anything else that fails is news.

A file `known_failures.toml` stands beside the driver's module and speaks of the kit; the decorator `known_failure` speaks of
one's own tests. Both are strict: what passes, or fails in another way than the entry says, fails the run.
"""

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from orm_testing.errors import ConfigurationError, nearest

FILE_NAME = "known_failures.toml"
TABLE = "known_failure"
Kind = Literal["ours", "upstream", "never"]
KINDS: tuple[str, ...] = get_args(Kind)
"""Whose it is: the driver's, the product's, or nobody's, since it will stay so."""

_TOO_BROAD = frozenset({"object", "BaseException", "Exception", "OrmTestingError", "OperationError"})
_VERSION = re.compile(r"\d+(?:\.\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFailure:
    """One entry: which tests fail, on which product, in which way, and why that is left so."""

    test: str = ""
    """`Theme::test_name[parameters]`, where `*` stands for anything. Empty for a decorated test, which knows itself."""

    kind: Kind
    raises: str
    """The class of the error, or one that it derives from."""

    reason: str
    product: str = ""
    """How the fingerprint of the product begins; empty for whatever serves the backend."""

    versions: str = ""
    """The versions of the product that it is known of, as a specifier: `>=1.24,<2`. Empty for all."""

    link: str = ""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, str):
                raise ConfigurationError(f"{field.name} of a known failure is text, not {value!r}.")
        for name in ("reason", "raises"):
            if not getattr(self, name).strip():
                raise ConfigurationError(f"a known failure has to say its {name}.")
        if self.kind not in KINDS:
            raise ConfigurationError(
                f"the kind of a known failure is one of {', '.join(KINDS)}, not {self.kind!r}."
            )
        if self.raises in _TOO_BROAD:
            raise ConfigurationError(f"raises={self.raises!r} would take any failure for the known one.")
        if self.versions:
            if not self.product:
                raise ConfigurationError("versions of a known failure are those of a product: name it.")
            self._specifiers()

    def is_of(self, test: str) -> bool:
        """Whether the entry is about this test of the kit."""
        return _pattern(self.test).fullmatch(test) is not None

    def is_on(self, fingerprint: str) -> bool:
        """Whether the entry is about the product, in its version, that says this of itself."""
        if not fingerprint.startswith(self.product):
            return False
        if not self.versions:
            return True
        version = _VERSION.search(fingerprint, len(self.product))
        return version is not None and self._specifiers().contains(version[0], prereleases=True)

    def is_met_by(self, error: BaseException) -> bool:
        """Whether this error is the one that the entry expects."""
        return self.raises in {cls.__name__ for cls in type(error).__mro__}

    def _specifiers(self) -> Any:
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            return SpecifierSet(self.versions)
        except InvalidSpecifier as error:
            raise ConfigurationError(
                f"versions={self.versions!r} is not a range of versions, such as '>=1.24,<2'."
            ) from error


def ledgers(driver: type[Any]) -> list[Path]:
    """The files that speak of a driver: beside its own module, and beside those of the classes that it derives from."""
    files = [getattr(inspect.getmodule(cls), "__file__", None) for cls in driver.__mro__]
    found = dict.fromkeys(Path(file).with_name(FILE_NAME) for file in files if file)
    return [path for path in found if path.is_file()]


@cache
def read(path: Path) -> Sequence[KnownFailure]:
    """The entries of a file; `ConfigurationError` with its place for what is wrong in it."""
    import tomllib

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from error
    tables = content.pop(TABLE, [])
    if content or not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ConfigurationError(f"{path} holds tables [[{TABLE}]] and nothing else.")
    return [_entry(path, number, table) for number, table in enumerate(tables, 1)]


def _entry(path: Path, number: int, table: Mapping[str, Any]) -> KnownFailure:
    where = f"{path}, entry {number}"
    known = get_type_hints(KnownFailure)
    if unknown := next((name for name in table if name not in known), None):
        raise ConfigurationError(f"{where}: {unknown!r} is no part of an entry.{nearest(unknown, known)}")
    if missing := [name for name in ("test", "product", "kind", "raises", "reason") if not table.get(name)]:
        raise ConfigurationError(f"{where}: it has to say its {', '.join(missing)}.")
    try:
        return KnownFailure(**table)
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error}") from error


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)
