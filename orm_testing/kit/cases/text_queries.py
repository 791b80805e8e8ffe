"""Queries of text: what it contains, begins and ends with, by code point and with or without case."""

from collections.abc import Sequence

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.everything import Everything

TEXTS = (
    "alice", "Alice", "ALICE", "al%ce", "al_ce", "al*ce", "al.ce", "al\\ce", "[al]ce", "^al$", "Ångström", "ångström", "", "straße",
    "STRASSE", "\u212aelvin", "kelvin", "e\u0301", "\u00e9", "\U0001f600 grin", "\ue000", "a'b\"c", " alice", "alice ", "a\nb", None,
)  # fmt: skip
"""Stored, each in a row whose `id` is its place here."""

WORDS = tuple(text for text in TEXTS if text is not None)

FOUND = [
    ("contains", "lic", ["alice", "Alice", " alice", "alice "]),
    ("contains", "", list(WORDS)),
    ("contains", "%", ["al%ce"]),
    ("contains", "_", ["al_ce"]),
    ("contains", "*", ["al*ce"]),
    ("contains", ".", ["al.ce"]),
    ("contains", "\\", ["al\\ce"]),
    ("contains", "[al]", ["[al]ce"]),
    ("contains", "$", ["^al$"]),
    ("contains", "'", ["a'b\"c"]),
    ("contains", "\n", ["a\nb"]),
    ("contains", "\u00e9", ["\u00e9"]),
    ("contains", "e\u0301", ["e\u0301"]),
    ("contains", "\U0001f600", ["\U0001f600 grin"]),
    ("contains", "no such text", []),
    ("contains", "LI", ["ALICE"]),
    ("icontains", "LI", ["alice", "Alice", "ALICE", " alice", "alice "]),
    ("icontains", "Å", ["Ångström"]),
    ("icontains", "NGSTR", ["Ångström", "ångström"]),
    ("icontains", "k", ["kelvin"]),
    ("icontains", "ss", ["STRASSE"]),
    ("icontains", "L%C", ["al%ce"]),
    ("icontains", "", list(WORDS)),
    ("startswith", "al", ["alice", "al%ce", "al_ce", "al*ce", "al.ce", "al\\ce", "alice "]),
    ("startswith", "al_", ["al_ce"]),
    ("startswith", "AL", ["ALICE"]),
    ("startswith", "^", ["^al$"]),
    ("startswith", " ", [" alice"]),
    ("startswith", "", list(WORDS)),
    ("istartswith", "aLI", ["alice", "Alice", "ALICE", "alice "]),
    ("istartswith", "å", ["ångström"]),
    ("istartswith", "al.", ["al.ce"]),
    ("istartswith", "K", ["kelvin"]),
    ("endswith", "ce", ["alice", "Alice", "al%ce", "al_ce", "al*ce", "al.ce", "al\\ce", "[al]ce", " alice"]),
    ("endswith", "%ce", ["al%ce"]),
    ("endswith", "CE", ["ALICE"]),
    ("endswith", " ", ["alice "]),
    ("endswith", "\u0301", ["e\u0301"]),
    ("endswith", "", list(WORDS)),
    ("iendswith", "ICE", ["alice", "Alice", "ALICE", " alice"]),
    ("iendswith", "_CE", ["al_ce"]),
    ("iendswith", "STRÖM", []),
    ("exact", "alice", ["alice"]),
    ("exact", "", [""]),
    ("exact", "\u00e9", ["\u00e9"]),
    ("exact", "STRASSE", ["STRASSE"]),
    ("ne", "alice", [text for text in WORDS if text != "alice"]),
    ("in", ["ALICE", "straße", "alice  "], ["ALICE", "straße"]),
    ("not_in", WORDS[2:], ["alice", "Alice"]),
    ("gt", "\u00e9", ["\u212aelvin", "\U0001f600 grin", "\ue000"]),
    ("gte", "\ue000", ["\U0001f600 grin", "\ue000"]),
    ("lt", " b", ["", " alice"]),
    ("between", ["A", "Z"], ["Alice", "ALICE", "STRASSE"]),
]

ASCENDING = (
    "", " alice", "ALICE", "Alice", "STRASSE", "[al]ce", "^al$", "a\nb", "a'b\"c", "al%ce", "al*ce", "al.ce", "al\\ce", "al_ce",
    "alice", "alice ", "e\u0301", "kelvin", "straße", "Ångström", "ångström", "\u00e9", "\u212aelvin", "\ue000", "\U0001f600 grin",
)  # fmt: skip


class TextQueries(Cases):
    """Text is compared by code point and minds case; the lookups with `i` fold the letters of ASCII, and no sign is a wildcard."""

    Everything = stored(Everything)

    def load(self, orm: OrmDsl) -> None:
        """Texts that differ in little, and `None`."""
        for number, text in enumerate(TEXTS):
            orm.create_and_verify(self.Everything, id=number, text=text)

    @pytest.mark.parametrize("lookup", list(dict.fromkeys(lookup for lookup, _, _ in FOUND)))
    def test_what_a_lookup_finds(self, orm: OrmDsl, lookup: str) -> None:
        """The lookup finds the texts that it means, each sign standing for itself, and never `None`."""
        asked = [(value, expected) for name, value, expected in FOUND if name == lookup]
        found = [(value, self._texts(orm, {f"text__{lookup}": value})) for value, _ in asked]
        assert found == asked

    def test_order_is_by_code_point(self, orm: OrmDsl) -> None:
        """Capitals come before small letters, letters with accents and signs beyond U+FFFF after them, `None` last."""
        assert self._texts(orm, {}, order_by=["text"]) == [*ASCENDING, None]
        assert self._texts(orm, {}, order_by=["-text"]) == [*reversed(ASCENDING), None]

    def _texts(
        self, orm: OrmDsl, filters: dict[str, object], order_by: Sequence[str] = ()
    ) -> list[str | None]:
        result = orm.query_models(self.Everything, filters, order_by=order_by)
        assert result.success, result.error
        return [row.text for row in result.data]
