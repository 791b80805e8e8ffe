"""`Written`: the keys of what our clients wrote since the last reset, told from their requests."""

from collections.abc import Iterator, Mapping
from typing import Any

_WRITES = frozenset({"BatchWriteItem", "DeleteItem", "PutItem", "TransactWriteItems", "UpdateItem"})

Key = dict[str, Any]


class Written:
    """By table, the keys of items that may be there. Writes of others are not heard."""

    def __init__(self) -> None:
        self._columns: dict[str, list[str]] = {}
        self._keys: dict[str, dict[Any, Key]] = {}

    def table(self, definition: Mapping[str, Any]) -> None:
        """From now on requests to this table are understood."""
        columns = [key["AttributeName"] for key in definition["KeySchema"]]
        self._columns[definition["TableName"]] = columns

    def hear(self, operation: str, arguments: Mapping[str, Any]) -> bool:
        """Whether the request writes; its keys are kept."""
        if operation not in _WRITES:
            return False
        for table, place in _places(arguments):
            self.add(table, place)
        return True

    def add(self, table: str, place: Mapping[str, Any]) -> None:
        """An item, or its key alone."""
        if table in self._columns:
            key = {column: place[column] for column in self._columns[table]}
            known = tuple([(kind, content) for value in key.values() for kind, content in value.items()])
            self._keys.setdefault(table, {})[known] = key

    def keys(self) -> dict[str, list[Key]]:
        return {table: list(keys.values()) for table, keys in self._keys.items()}

    def clear(self) -> None:
        self._keys.clear()


def _places(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for table, requests in arguments.get("RequestItems", {}).items():
        for request in requests:
            for each in request.values():
                yield table, each.get("Item") or each["Key"]
    for action in arguments.get("TransactItems", ()):
        for each in action.values():
            yield each["TableName"], each.get("Item") or each["Key"]
    if "TableName" in arguments:
        yield arguments["TableName"], arguments.get("Item") or arguments["Key"]
