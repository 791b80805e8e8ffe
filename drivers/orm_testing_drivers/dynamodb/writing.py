"""Writes as DynamoDB takes them: single ones with a condition, and several at once, with what stands for unique values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from orm_testing.errors import ConflictError, DuplicateKeyError, OperationError, ValueRangeError
from orm_testing_drivers.dynamodb import sentinels
from orm_testing_drivers.dynamodb.errors import FAILED, reasons_of
from orm_testing_drivers.dynamodb.expressions import LONGEST, MOST_OPERATORS, Words
from orm_testing_drivers.dynamodb.tables import Table
from orm_testing_drivers.dynamodb.values import Attribute, item_size
from orm_testing_drivers.nosql.collection import Key, Row

MOST_ITEMS = 100
MOST_BYTES = 4 * 1024 * 1024
_BATCH = 25
_ATTEMPTS = 20

Item = dict[str, Attribute]


@dataclass(frozen=True, slots=True)
class Action:
    """One item of a transaction, and what it means where its condition does not hold."""

    verb: str
    arguments: dict[str, Any]
    refused: Callable[[], OperationError]
    key: Item


def put_new(table: Table, item: Item) -> dict[str, Any]:
    """The arguments that store an item where there is none with its key."""
    words = Words()
    absent = f"attribute_not_exists({words.name(table.hash.column)})"
    return {"TableName": table.name, "Item": item, "ConditionExpression": absent, **words.arguments(absent)}


def changing(table: Table, key: Item, old: Item, new: Item, minding: Iterable[str]) -> dict[str, Any]:
    """The arguments that turn an item into another one where these columns are still as they were."""
    words = Words()
    names = [
        name for name in dict.fromkeys([*old, *new]) if name not in key and old.get(name) != new.get(name)
    ]
    put = [f"{words.name(name)} = {words.value(new[name])}" for name in names if name in new]
    gone = [words.name(name) for name in names if name not in new]
    said = [f"SET {', '.join(put)}"] if put else []
    if gone:
        said.append(f"REMOVE {', '.join(gone)}")
    still = _still(table, old, minding, words)
    made = {"TableName": table.name, "Key": key, "ConditionExpression": still}
    if said:
        made["UpdateExpression"] = " ".join(said)
    return made | _fitting(words, still, " ".join(said))


def removing(table: Table, key: Item, old: Item, minding: Iterable[str]) -> dict[str, Any]:
    """The arguments that delete an item where these columns are still as they were."""
    words = Words()
    said = _still(table, old, minding, words)
    return {"TableName": table.name, "Key": key, "ConditionExpression": said, **_fitting(words, said)}


def _fitting(words: Words, *said: str) -> dict[str, Any]:
    words.operators = 2 * len(words.names)
    if not all(map(words.fits, said)):
        raise ValueRangeError(
            f"a write that minds or changes {len(words.names)} fields takes more than an expression of DynamoDB may have,"
            f" which is {LONGEST:,} bytes and {MOST_OPERATORS} operators"
        )
    return words.arguments(*said)


def _still(table: Table, old: Item, minding: Iterable[str], words: Words) -> str:
    """An update of what is not there would make it, so that it is there is said in any case."""
    said = [f"attribute_exists({words.name(table.hash.column)})"]
    for column in minding:
        name = words.name(column)
        said.append(
            f"{name} = {words.value(old[column])}" if column in old else f"attribute_not_exists({name})"
        )
    return " AND ".join(said)


class Values:
    """The unique values that a transaction takes and gives up, of all its rows."""

    def __init__(self, namespace: str) -> None:
        self._namespace = namespace
        self._taken: dict[str, tuple[str, Callable[[], OperationError]]] = {}
        self._given_up: dict[str, str] = {}

    def write(self, table: Table, before: Row | None, after: Row | None) -> None:
        """What changes with this row; `DuplicateKeyError` where another row of the transaction takes the same value."""
        old, new = sentinels.sentinels(table, before), sentinels.sentinels(table, after)
        for key in old.keys() - new.keys():
            assert before is not None
            self._given_up[key] = sentinels.owner(table, before)
        for key in [key for key in new if key not in old]:
            assert after is not None
            refused = refusing(table, new[key], after)
            if key in self._taken:
                raise refused()
            self._taken[key] = (sentinels.owner(table, after), refused)

    def actions(self) -> list[Action]:
        """One item for each value, whether it is taken, given up, or handed on."""
        return [
            *(self._take(key, owner, refused) for key, (owner, refused) in self._taken.items()),
            *(self._give_up(key, owner) for key, owner in self._given_up.items() if key not in self._taken),
        ]

    def _take(self, key: str, owner: str, refused: Callable[[], OperationError]) -> Action:
        words = Words()
        held_by = self._given_up.get(key, owner)
        said = self._free(words, held_by)
        item = {sentinels.KEY: {"S": key}, sentinels.OWNER: {"S": owner}}
        arguments = {"TableName": self._namespace, "Item": item, "ConditionExpression": said}
        return Action("Put", arguments | words.arguments(said), refused, {sentinels.KEY: {"S": key}})

    def _give_up(self, key: str, owner: str) -> Action:
        words = Words()
        said = self._free(words, owner)
        place: Item = {sentinels.KEY: {"S": key}}
        arguments = {"TableName": self._namespace, "Key": place, "ConditionExpression": said}
        return Action("Delete", arguments | words.arguments(said), _handed_on, place)

    def _free(self, words: Words, owner: str) -> str:
        key, row = words.name(sentinels.KEY), words.name(sentinels.OWNER)
        return f"attribute_not_exists({key}) OR {row} = {words.value({'S': owner})}"


def _handed_on() -> ConflictError:
    return ConflictError("a unique value went from one row to another meanwhile")


def refusing(table: Table, names: Sequence[str], row: Mapping[str, Any]) -> Callable[[], DuplicateKeyError]:
    """What to raise where another row has these values already."""
    shown = ", ".join(f"{name}={row[name]!r}" for name in names)
    return lambda: DuplicateKeyError(
        f"{table.schema.name} has a row with {shown} already", model=table.schema.name, fields=names
    )


def overtaken(table: Table, key: Key) -> Callable[[], ConflictError]:
    """What to raise where a row is not any more as it was read."""
    return lambda: ConflictError(
        f"{table.schema.name} {key!r} was written by another session meanwhile", model=table.schema.name
    )


def check_room(actions: Sequence[Action]) -> None:
    """`ValueRangeError` where a transaction is more than DynamoDB takes."""
    if len(actions) > MOST_ITEMS:
        raise ValueRangeError(
            f"a transaction of DynamoDB writes {MOST_ITEMS} items at most, and this one has {len(actions)}: its rows, and"
            " one for each unique value that they take or give up"
        )
    size = sum(action_size(action) for action in actions)
    if size > MOST_BYTES:
        raise ValueRangeError(
            f"a transaction of DynamoDB has {MOST_BYTES:,} bytes at most, and this one {size:,}"
        )


def action_size(action: Action) -> int:
    return item_size(action.arguments.get("Item") or action.arguments.get("Key") or {}) + item_size(
        action.arguments.get("ExpressionAttributeValues", {})
    )


def in_one_go(client: Any, actions: Sequence[Action]) -> None:
    """Write all or nothing. Raises what the first item means whose condition does not hold.

    Two transactions that meet cancel each other; who was only in the way of another tries again.
    """
    items = [{action.verb: action.arguments} for action in actions]
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            client.transact_write_items(TransactItems=items)
        except ClientError as error:
            reasons = reasons_of(error)
            for action, reason in zip(actions, reasons, strict=False):
                if reason == FAILED:
                    raise action.refused() from error
            if {*reasons} - {"None"} != {"TransactionConflict"} or attempt == _ATTEMPTS:
                raise
        else:
            return


def batches(client: Any, requests: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Put and delete items, with no conditions, in batches; what a batch left undone is asked for again."""
    for start in range(0, len(requests), _BATCH):
        asked: dict[str, list[dict[str, Any]]] = {}
        for name, request in requests[start : start + _BATCH]:
            asked.setdefault(name, []).append(request)
        while asked:
            asked = client.batch_write_item(RequestItems=asked).get("UnprocessedItems") or {}
