"""`Claims`: objects that say which row has a unique value, each made on the condition that there is none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from orm_testing.errors import DuplicateKeyError
from orm_testing_drivers.s3.layout import Layout
from orm_testing_drivers.s3.objects import Objects
from orm_testing_drivers.s3.values import json_bytes

Taken = Callable[[Sequence[str], Mapping[str, Any]], DuplicateKeyError]


class Claims:
    """The claims of a row are made before it is written, and given up after it is changed or removed."""

    def __init__(self, layout: Layout, objects: Objects, taken: Taken) -> None:
        self._layout = layout
        self._objects = objects
        self._taken = taken

    @contextmanager
    def undone(self) -> Iterator[list[str]]:
        """What the block notes as made is removed where the block fails."""
        made: list[str] = []
        try:
            yield made
        except BaseException:
            self.give_up(made)
            raise

    def make(
        self, row: Mapping[str, Any], name: str, groups: Sequence[Sequence[str]] | None = None
    ) -> list[str]:
        """Claim the row's values, or those of these groups; the claims made. `DuplicateKeyError`, with none made."""
        with self.undone() as made:
            for names, claim in self._layout.claims(row).items():
                if groups is not None and names not in groups:
                    continue
                if not self._objects.put_new(claim, json_bytes({"row": name})):
                    raise self._taken(self._first_taken(row, name, names, groups), row)
                made.append(claim)
        return made

    def difference(
        self, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> tuple[list[str], list[tuple[str, ...]]]:
        """The claims of the old row that the new one does not have, and the groups that the new one has to claim."""
        before, after = self._layout.claims(old), self._layout.claims(new)
        gone = [claim for claim in before.values() if claim not in after.values()]
        return gone, [names for names, claim in after.items() if claim not in before.values()]

    def give_up(self, names: Sequence[str]) -> None:
        if names:
            self._objects.remove_all(names)

    def _first_taken(
        self, row: Mapping[str, Any], name: str, names: Sequence[str], groups: Sequence[Any] | None
    ) -> Sequence[str]:
        """Of a new row whose key is taken as well, the key."""
        if groups is None and self._objects.get(name) is not None:
            return self._layout.schema.key
        return names
