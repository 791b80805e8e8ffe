"""Which statements may change the schema, told from their text."""

import re
from functools import lru_cache

_QUOTED = re.compile(r"""(["'`])(?:(?!\1).|\1\1)*\1""", re.DOTALL)
_HIDES_QUOTES = re.compile(r"\\|--|#|/\*")
"""What may stand before a quote that is none: an escape, or the beginning of a comment."""

_CHANGES = re.compile(
    r"\b(?:create|alter|drop|rename|comment|grant|revoke|security|import|refresh|call|execute|prepare|setval)\b"
    r"|(?<!insert )(?<!merge )(?<!replace )\binto\b"
    r"|(?:^|;) ?do\b"
)


@lru_cache(4096)
def changes_schema(statement: str) -> bool:
    """Whether a statement may change the schema, or what else a reset asks for only then. It may say so and not do it, never the other way round."""
    said = statement if _HIDES_QUOTES.search(statement) else _QUOTED.sub("q", statement)
    return bool(_CHANGES.search(" ".join(said.lower().split())))
