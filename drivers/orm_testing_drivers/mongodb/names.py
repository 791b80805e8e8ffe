"""Names in the store: every table and column has one that all products take, and that reads like it where it can."""

import hashlib
import re

NONE, NAN, BY, UNIQUE = "_none:", "_nan:", "_by:", "_unique:"
"""How the fields of a document begin that stand beside its columns: see `layout`."""

KEYS = "_orm_testing_keys"
"""The collection of the numbers that keys were made of last."""

_BESIDE = (NONE, NAN, BY, UNIQUE)
_HOSTILE = re.compile(r'[%."\\\x00-\x1f\x7f\ud800-\udfff]|^[$\[]')
_ESCAPED = re.compile(r"%(?:u([0-9A-F]{4})|([0-9A-F]{2}))")
_LONGEST = 120


def escaped(name: str) -> str:
    """The name of a field: a dot would be a path, a leading dollar an operator; FerretDB takes no quotes, and `[0]` in an index for a place."""
    return _HOSTILE.sub(_escape, name) or "%"


def unescaped(name: str) -> str:
    """The name that `escaped` made this of."""
    return "" if name == "%" else _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), name)


def column_name(column: str) -> str:
    """The field that a column is stored as: neither the key's nor one that stands beside columns."""
    name = escaped(column)
    return f"%5F{name[1:]}" if name == "_id" or name.startswith(_BESIDE) else name


def collection_name(table: str) -> str:
    """The collection of a table; a long name is cut, and told from others by its digest."""
    name = escaped(table).replace("$", "%24")
    if name == KEYS:
        name = f"%5F{name[1:]}"
    if len(name.encode()) <= _LONGEST:
        return name
    digest = hashlib.sha256(table.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{name.encode()[: _LONGEST - 17].decode(errors='ignore')}~{digest}"


def _escape(found: "re.Match[str]") -> str:
    number = ord(found[0])
    return f"%u{number:04X}" if number > 0xFF else f"%{number:02X}"  # noqa: PLR2004
