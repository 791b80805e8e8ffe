"""What a backend can do: declared on the driver's class, proved by the kit, needed by operations."""

from collections.abc import Iterator, Mapping
from typing import Any

from orm_testing.errors import ConfigurationError, nearest

KNOWN: Mapping[str, str] = {
    "aggregates": "count, sum, avg, min and max, with group-by",
    "attachments": "a row may have named binary attachments",
    "autoincrement": "the store makes integer keys",
    "backdoor": "rows are read back independently of the system under test",
    "bulk": "several rows are created in one operation, all or none",
    "clock": "`auto_now*` read the test's clock",
    "evolution": "a populated table takes the shape of another model, with its rows kept",
    "foreign_keys": "references are enforced, with `on_delete`",
    "overlapping_transactions": "a session works while another one is inside a transaction that writes",
    "schema": "tables are created, dropped and described in mid-test",
    "sessions": "several sessions work on one store at the same time",
    "transactional_ddl": "a transaction takes back what it did to the schema",
    "transactions": "begin, commit and rollback, with nesting",
    "trio": "async tests may run on trio",
    "unique": "unique fields are enforced",
    "users": "a session may work as a user with fewer rights",
    # Values: what a test may ask instead of which backend it is on.
    "anomalies": "what each isolation level lets through, by the names of the Hermitage catalogue",
    "astral_names": "whether a table or a field may have a name with characters beyond U+FFFF, such as emoji",
    "conditional_writes": "whether the store itself judges the condition on which a row is written",
    "decimal_digits": "how many digits a Decimal may have, or None where there is no bound",
    "decimal_places": "how many digits a Decimal may have after its point, where as many are kept for them, or None",
    "datetime_precision": "the smallest step of a datetime: 'microsecond' or 'millisecond'",
    "decimal_scale": "whether a Decimal keeps its trailing zeros, its exponent and the sign of zero",
    "empty_key": "whether a key may be the empty string",
    "filtering": "who selects rows by conditions: 'store', 'client', or 'partly' the store and then the client",
    "float_least": "the smallest absolute value of a float other than zero, or None where it is any",
    "float_magnitude": "the largest absolute value of a finite float, or None where it is any",
    "isolation_levels": "the isolation levels that a transaction may ask for, weakest first",
    "integer_bits": "the width of an integer, or None where it has no bound",
    "float_infinity": "whether a float may be infinite",
    "float_nan": "whether a float may be NaN",
    "max_item_bytes": "how large a row may be in all, or None where there is no bound",
    "max_key_bytes": "how large a key may be, or None where there is no bound",
    "negative_zero": "whether a float keeps the sign of zero",
    "null_character_in_text": "whether text may hold U+0000",
    "ordering": "who puts rows in order: 'store', 'client', or 'partly' the store (by the key) and else the client",
    "structure_depth": "how deep lists and dicts may nest in each other, or None where there is no bound",
    "transaction_items": "how many rows a transaction may write, or None where there is no bound",
    "lone_surrogates_in_text": "whether text may hold half of a surrogate pair",
}


class Capabilities(Mapping[str, Any]):
    """A frozen declaration: `Capabilities("transactions", "unique", datetime_precision="microsecond")`.

    A name alone declares that the backend can; a name with a value declares the value. A capability that is
    not declared, or is declared False, is absent: `"transactions" in capabilities` is how to ask. `A | B` is both, B's values first.
    """

    __slots__ = ("_declared",)

    def __init__(self, *names: str, **values: Any) -> None:
        declared: dict[str, Any] = dict.fromkeys(names, True) | values
        for name in declared:
            check_known(name)
        self._declared = {name: value for name, value in declared.items() if value is not False}

    def __getitem__(self, name: str) -> Any:
        return self._declared[name]

    def __contains__(self, name: object) -> bool:
        return name in self._declared

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    def __or__(self, other: Mapping[str, Any]) -> "Capabilities":
        return Capabilities(**{**self._declared, **other})

    def without(self, *names: str) -> "Capabilities":
        """The same declaration less these names."""
        for name in names:
            check_known(name)
        return Capabilities(**{name: value for name, value in self._declared.items() if name not in names})

    def __repr__(self) -> str:
        return f"Capabilities({', '.join(f'{name}={value!r}' for name, value in self._declared.items())})"


def check_known(name: str) -> None:
    """Raise `ConfigurationError` unless `name` is a capability."""
    if name not in KNOWN:
        raise ConfigurationError(
            f"{name!r} is not a capability.{nearest(name, KNOWN)} Known are: {', '.join(sorted(KNOWN))}."
        )
