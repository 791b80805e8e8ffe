"""Many new rows at once, all or none, by what the product has for it."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from orm_testing_drivers.dynamodb.errors import condition_failed
from orm_testing_drivers.dynamodb.writing import (
    MOST_BYTES,
    MOST_ITEMS,
    Action,
    action_size,
    batches,
    check_room,
    in_one_go,
)

_MOST_KEYS = 100

Creating = Sequence[Sequence[Action]]
"""What creates each row: the row itself, and an item for each of its unique values."""


def insert_by_transactions(client: Any, creating: Creating) -> None:
    """As few transactions as take the rows; what the first ones wrote is removed where a later one fails."""
    parts = list(_together(creating))
    for part in parts:
        check_room(part)
    _in_turn(client, [(part, lambda part=part: in_one_go(client, part)) for part in parts])  # type: ignore[misc]


def insert_one_by_one(client: Any, creating: Creating) -> None:
    """For a product without transactions, on which a row is one item."""

    def put(action: Action) -> None:
        try:
            client.put_item(**action.arguments)
        except ClientError as error:
            if condition_failed(error):
                raise action.refused() from error
            raise

    _in_turn(client, [([action], lambda action=action: put(action)) for (action,) in creating])  # type: ignore[misc]


def insert_alone(client: Any, creating: Creating) -> None:
    """In batches, which have no conditions: for moto in this process, of which nobody else gets an answer meanwhile.

    Its transactions copy the whole table for each of their items.
    """
    from orm_testing_drivers.aws.in_process import one_at_a_time

    actions = list(chain.from_iterable(creating))
    with one_at_a_time:
        for start in range(0, len(actions), _MOST_KEYS):
            _check_free(client, actions[start : start + _MOST_KEYS])
        batches(
            client, [(_table(each), {"PutRequest": {"Item": each.arguments["Item"]}}) for each in actions]
        )


def _check_free(client: Any, actions: Sequence[Action]) -> None:
    asked: dict[str, dict[str, Any]] = {}
    for action in actions:
        asked.setdefault(_table(action), {"Keys": [], "ConsistentRead": True})["Keys"].append(action.key)
    taken: list[tuple[str, Any]] = []
    while asked:
        answer = client.batch_get_item(RequestItems=asked)
        taken += [(table, item) for table, items in answer["Responses"].items() for item in items]
        asked = answer.get("UnprocessedKeys") or {}
    for action in actions:
        if any(table == _table(action) and item.items() >= action.key.items() for table, item in taken):
            raise action.refused()


def _in_turn(client: Any, steps: Sequence[tuple[Sequence[Action], Callable[[], None]]]) -> None:
    """Take step after step; where one fails, take back those before it."""
    done: list[Action] = []
    for actions, step in steps:
        try:
            step()
        except BaseException:
            batches(client, [(_table(each), {"DeleteRequest": {"Key": each.key}}) for each in done])
            raise
        done += actions


def _together(creating: Creating) -> Iterator[list[Action]]:
    """Rows, each with its unique values, by as many as a transaction takes."""
    part: list[Action] = []
    size = 0
    for actions in creating:
        more = sum(map(action_size, actions))
        if part and (len(part) + len(actions) > MOST_ITEMS or size + more > MOST_BYTES):
            yield part
            part, size = [], 0
        part += actions
        size += more
    yield part


def _table(action: Action) -> str:
    return str(action.arguments["TableName"])
