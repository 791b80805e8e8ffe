"""Hostile text and names: what breaks out of quotes, what stores and languages give a meaning, what looks like nothing."""

from typing import Any

from pydantic import create_model

from orm_testing.model import Field, Model

TEXTS = {
    "ends a statement": "'; DROP TABLE \"Note\"; --", "is always true": "' OR '1'='1", "union": '" UNION SELECT * FROM "Note" --', "quote": "'", "double quote": '"',
    "backtick": "`", "backslash": "\\", "escaped quote": "\\'", "backslash last": "a\\", "per cent": "%", "underscore": "_", "star": "*", "brackets": "[a-z]*",
    "format of C": "%s%n%d", "format of Python": "{0.__class__}", "template": "${7*7}#{7*7}", "parameter": ":name", "numbered parameter": "$1", "question mark": "?",
    "operator": "$where", "operator as JSON": '{"$gt": ""}', "path": "a.b.c", "dollar path": "$a.b", "traversal": "../../etc/passwd", "windows": "C:\\nul", "slash": "a/b//c",
    "url": "a%2Fb%00?x=1&y=2#z", "separators": "a:b|c,d;e\tf", "null as a word": "NULL", "number": "1e309", "keyword": "select", "comment": "/* -- */ #",
    "line end": "a\r\nb\n", "space before": " leading", "space after": "trailing ", "space alone": " ", "markup": "<script>&amp;</script>", "spread sheet": "=1+1",
    "right to left": "\u202edrow", "no width": "\u200b", "emoji": "\U0001f4a9", "flag": "\U0001f1e9\U0001f1ea", "zalgo": "Z\u0351\u036b\u0343", "long": "a" * 1000, "null character": "a\x00b",
    "null character alone": "\x00", "lone surrogate": "\ud800", "prototype": "__proto__",
}  # fmt: skip
"""By what is hostile about each."""

NAMES = (
    "select", "order", "User's", 'quo"te', "back`tick", "with space", "per%cent", "%(name)s", "co:lon", "ques?tion", "dash-ed", "ünï", "back\\slash", "a/b", "../up",
    "semi;colon", "#hash", "{0}", "(0)", "1st", "null", "rowid", "group by", "'; DROP TABLE x; --", "tab\there", "a,b", "dot.ted", "$dollar", "text__contains", "日本", "[0]", "[a]", "a[0]", "[",
)  # fmt: skip
"""Of tables and of fields."""

RESERVED = ("_id", "constructor", "$set", "key", "value", "id", "data", "copy", "self", "None")
"""Names of columns that stores or this language use themselves: for fields that have them as their alias."""

EMOJI = "\U0001f600"


class Note(Model):
    """Text as a key, as a unique value, and within a structure."""

    id: str = Field(primary_key=True)
    title: str | None = Field(None, unique=True)
    body: str | None = None
    tags: dict[str, Any] | None = None


def named(table: str, fields: tuple[str, ...]) -> type[Model]:
    """A model of this table with these fields of text, the first of which is unique and the others have an index."""
    declared: dict[str, Any] = {
        name: (str | None, Field(None, unique=not place, index=bool(place), comment=name))
        for place, name in enumerate(fields)
    }
    key: dict[str, Any] = {"the key": (str, Field(primary_key=True))}
    made = create_model(table, __base__=Model, **key, **declared)
    made.__tablename__ = table
    return made


class Proto(Model):
    """Its column is the word by which JavaScript calls what an object takes its other parts from."""

    number: int = Field(primary_key=True)
    word: str | None = Field(None, alias="__proto__", unique=True)


def _aliased() -> type[Model]:
    declared: dict[str, Any] = {
        f"field_{place}": (str | None, Field(None, alias=name)) for place, name in enumerate(RESERVED)
    }
    return create_model("Aliased", __base__=Model, number=(int, Field(primary_key=True)), **declared)


BY_NAME = {name: named(name, (name,)) for name in NAMES}
"""A model for each name, which is that of its table and of its only field besides the key."""

WIDE = named("Wide", NAMES)
"""A model that has them all."""

ALIASED = _aliased()

ASTRAL = named(EMOJI, (EMOJI, "plain"))
