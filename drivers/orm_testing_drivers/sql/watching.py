"""Which statements may change the schema, told from their text."""

import re
from functools import lru_cache

_QUOTED = re.compile(r"""(["'`])(?:(?!\1).|\1\1)*\1""", re.DOTALL)
_HIDES_QUOTES = re.compile(r"\\|--|#|/\*")
"""What may stand before a quote that is none: an escape, or the beginning of a comment."""

_CHANGES = re.compile(
    r"\b(?:create|alter|drop|rename|comment|grant|revoke|security|import|refresh|call|execute|prepare|setval|reassign)\b"
    r"|\blo_(?:creat|create|from_bytea|import)\b"
    r"|(?<!insert )(?<!merge )(?<!replace )\binto\b"
    r"|\bdo\b(?! (?:nothing|update)\b)"
)

_UNSETTLES = re.compile(
    r"(?:^|;)(?:\s|/\*.*?\*/|(?:--|\#)[^\n]*\n)*"
    r"(?:(?:reset|discard|use|prepare|listen|declare|load|lock|create\s+(?:or\s+replace\s+)?temp)"
    r"|set\b(?!\s+(?:transaction|local|constraints|foreign_key_checks)\b))"
    r"|(?:advisory|get)_lock|set_config",
    re.DOTALL,
)


@lru_cache(4096)
def changes_schema(statement: str) -> bool:
    """Whether a statement may change the schema, or what else a reset asks for only then. It may say so and not do it, never the other way round."""
    said = statement if _HIDES_QUOTES.search(statement) else _QUOTED.sub("q", statement)
    return bool(_CHANGES.search(" ".join(said.lower().split())))


@lru_cache(4096)
def changes_session(statement: str) -> bool:
    """Whether a statement may leave something to all that follows on the same connection: a setting, a lock, a temporary table."""
    return bool(_UNSETTLES.search(statement.lower()))
