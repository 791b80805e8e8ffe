"""The products that speak DynamoDB's protocol, known by how their fingerprints begin, and how each differs."""

from dataclasses import dataclass, replace

AMAZON = "Amazon DynamoDB"
LOCAL = "DynamoDB Local"
DYNALITE = "dynalite"
MOTO = "moto"
UNKNOWN = "a server that speaks DynamoDB's protocol"


@dataclass(frozen=True, slots=True)
class Traits:
    """What a product does as DynamoDB itself does."""

    transactions: bool = True
    """Whether it has TransactWriteItems."""

    compares_documents: bool = True
    """Whether two maps or lists are equal to it exactly where they are."""

    compares_utf8: bool = True
    """Whether text is in the order of its code points, beyond U+D7FF too."""

    indexes_at_once: bool = True
    """Whether a global secondary index knows what was written just before. DynamoDB itself takes its time."""

    tables_at_once: bool = False
    """Whether a table is made and dropped as fast as an item. DynamoDB itself takes seconds."""

    nested: int = 150
    """How deep the parentheses of an expression nest before it is refused, or before the product reads for minutes."""

    largest_item: int = 400 * 1024

    alone: bool = False
    """Whether nobody writes while we hold the lock of the library that plays it in this process."""


_TRAITS = {
    DYNALITE: Traits(
        transactions=False, compares_documents=False, compares_utf8=False, tables_at_once=True, nested=4
    ),
    MOTO: Traits(compares_documents=False, tables_at_once=True, largest_item=405_000, alone=True),
    LOCAL: Traits(tables_at_once=True),
}
_MOTO_SERVER = "moto server"


def traits_of(fingerprint: str) -> Traits:
    """How the product of this fingerprint differs; one that is not known is taken for DynamoDB itself."""
    if fingerprint.startswith(_MOTO_SERVER):
        return replace(_TRAITS[MOTO], alone=False)
    for name, traits in _TRAITS.items():
        if fingerprint.startswith(name):
            return traits
    return Traits(indexes_at_once=False)
