"""`DynamoCollection`: the rows of one model in its table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError  # type: ignore[import-untyped]

from orm_testing.errors import ConflictError, ValueRangeError
from orm_testing.filters import Group
from orm_testing_drivers.aws.errors import code_of
from orm_testing_drivers.dynamodb import sentinels
from orm_testing_drivers.dynamodb.access import Access, access_to
from orm_testing_drivers.dynamodb.errors import condition_failed
from orm_testing_drivers.dynamodb.expressions import Speech
from orm_testing_drivers.dynamodb.many import insert_alone, insert_by_transactions, insert_one_by_one
from orm_testing_drivers.dynamodb.products import Traits
from orm_testing_drivers.dynamodb.tables import Table
from orm_testing_drivers.dynamodb.values import number
from orm_testing_drivers.dynamodb.writing import (
    Action,
    Item,
    Values,
    batches,
    changing,
    in_one_go,
    overtaken,
    put_new,
    refusing,
    removing,
)
from orm_testing_drivers.nosql.collection import Collection, Key, Row, Selected, Selection
from orm_testing_drivers.nosql.pending import Change

_ATTEMPTS = 20
_FAILED = "ConditionalCheckFailedException"


class DynamoCollection(Collection):
    """Where fields are unique, a write is a transaction with an item for each unique value that it takes or gives up."""

    def __init__(self, table: Table, namespace: str, client: Any, traits: Traits) -> None:
        super().__init__(table.schema)
        self.table = table
        self._namespace = namespace
        self._client = client
        self._traits = traits
        self._speech = Speech(table, traits)
        self._unique = bool(table.schema.unique) and traits.transactions

    def insert(self, row: Row) -> None:
        if self._unique:
            in_one_go(self._client, self._creating(row))
            return
        try:
            self._client.put_item(**put_new(self.table, self.table.item(row)))
        except ClientError as error:
            if condition_failed(error):
                raise self.taken(self.schema.key, row) from error
            raise

    def insert_many(self, rows: Sequence[Row]) -> None:
        creating = [self._creating(row) for row in rows]
        if self._traits.alone:
            insert_alone(self._client, creating)
        elif self._traits.transactions:
            insert_by_transactions(self._client, creating)
        else:
            insert_one_by_one(self._client, creating)

    def find(self, key: Key) -> Row | None:
        item = self._item(key)
        return None if item is None else self.table.row(item)

    def change(self, old: Row, new: Row) -> bool:
        key = self.table.key(self.key_of(old))
        before, after = self.table.item(old), self.table.item(new)
        changed = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
        if not changed:
            return True
        arguments = changing(self.table, key, before, after, self._minded(changed))
        refused = overtaken(self.table, self.key_of(old))
        values = self._values(old, new).actions()
        try:
            if values:
                in_one_go(self._client, [Action("Update", arguments, refused, key), *values])
            else:
                self._client.update_item(**arguments)
        except ConflictError:
            return False
        except ClientError as error:
            if code_of(error) == _FAILED:
                return False
            raise
        return True

    def put(self, row: Row) -> None:
        item = self.table.item(row)
        if not self._unique:
            self._client.put_item(TableName=self.table.name, Item=item)
            return
        for _ in range(_ATTEMPTS):
            try:
                in_one_go(self._client, self._replacing(self.find(self.key_of(row)), row, item))
            except ConflictError:
                continue
            return
        raise self._contended(self.key_of(row))

    def remove(self, key: Key) -> bool:
        try:
            asked = self.table.key(key)
        except ValueRangeError:
            return False
        if not self._unique:
            try:
                self._client.delete_item(**removing(self.table, asked, {}, ()))
            except ClientError as error:
                if condition_failed(error):
                    return False
                raise
            return True
        for _ in range(_ATTEMPTS):
            row = self.find(key)
            if row is None:
                return False
            arguments = removing(self.table, asked, self.table.item(row), self._unique_columns())
            deleting = Action("Delete", arguments, overtaken(self.table, key), asked)
            try:
                in_one_go(self._client, [deleting, *self._values(row, None).actions()])
            except ConflictError:
                continue
            return True
        raise self._contended(key)

    def select(self, selection: Selection) -> Selected:
        access = access_to(self._speech, selection)
        if access.nothing:
            return Selected([])
        ordered = access.ordered or not selection.order
        cuts = ordered and not access.rest.parts
        wanted = selection.offset + selection.limit if cuts and selection.limit is not None else None
        rows: list[Row] = []
        for page in self._pages(access, wanted):
            rows += map(self.table.row, page["Items"])
            if wanted is not None and len(rows) >= wanted:
                break
        if cuts:
            rows = rows[selection.offset : wanted]
        return Selected(rows, access.rest, ordered, cuts)

    def count(self, where: Group) -> int | None:
        access = access_to(self._speech, Selection(where))
        if access.nothing:
            return 0
        if access.rest.parts:
            return None
        access.arguments["Select"] = "COUNT"
        return sum(int(page["Count"]) for page in self._pages(access))

    def clear(self) -> None:
        """The rows as they are found, and the items for their unique values."""
        access = Access()
        access.arguments["ConsistentRead"] = True
        for page in self._pages(access):
            rows = [self.table.row(item) for item in page["Items"]]
            requests = [(self.table.name, {"DeleteRequest": {"Key": self._key_of(row)}}) for row in rows]
            if self._unique:
                requests += [
                    (self._namespace, {"DeleteRequest": {"Key": {sentinels.KEY: {"S": key}}}})
                    for row in rows
                    for key in sentinels.sentinels(self.table, row)
                ]
            batches(self._client, requests)

    def next_keys(self, number_of_keys: int) -> int:
        answer = self._client.update_item(
            TableName=self._namespace,
            Key=sentinels.counter(self.table),
            UpdateExpression="ADD #0 :0",
            ExpressionAttributeNames={"#0": sentinels.NUMBER},
            ExpressionAttributeValues={":0": {"N": str(number_of_keys)}},
            ReturnValues="UPDATED_NEW",
        )
        return int(answer["Attributes"][sentinels.NUMBER]["N"]) - number_of_keys + 1

    def key_given(self, key: int) -> None:
        try:
            self._client.update_item(
                TableName=self._namespace,
                Key=sentinels.counter(self.table),
                UpdateExpression="SET #0 = :0",
                ConditionExpression="attribute_not_exists(#0) OR #0 < :0",
                ExpressionAttributeNames={"#0": sentinels.NUMBER},
                ExpressionAttributeValues={":0": {"N": number(max(key, 0))}},
            )
        except ClientError as error:
            if code_of(error) != _FAILED:
                raise

    def as_stored(self, row: Row) -> Row:
        return self.table.row(self.table.item(row))

    def writing(self, change: Change, values: Values) -> Action:
        """What makes the change that a transaction wants of a row; the unique values go to `values`."""
        if self._unique:
            values.write(self.table, change.before, change.after)
        key = self.table.key(change.key)
        if change.before is None:
            assert change.after is not None
            refused = refusing(self.table, self.schema.key, change.after)
            return Action("Put", put_new(self.table, self.table.item(change.after)), refused, key)
        before, lost = self.table.item(change.before), overtaken(self.table, change.key)
        minding = self._minded([field.column for field in self.schema.fields if field.column not in key])
        if change.after is None:
            return Action("Delete", removing(self.table, key, before, minding), lost, key)
        arguments = changing(self.table, key, before, self.table.item(change.after), minding)
        verb = "Update" if "UpdateExpression" in arguments else "ConditionCheck"
        return Action(verb, arguments, lost, key)

    def _minded(self, columns: Sequence[str]) -> list[str]:
        """Of these columns those that can be compared with what they were."""
        if self._traits.compares_documents:
            return list(columns)
        structured = {field.column for field in self.schema.fields if field.kind == "json"}
        return [column for column in columns if column not in structured]

    def _creating(self, row: Row) -> list[Action]:
        put = put_new(self.table, self.table.item(row))
        refused = refusing(self.table, self.schema.key, row)
        return [Action("Put", put, refused, self._key_of(row)), *self._values(None, row).actions()]

    def _values(self, before: Row | None, after: Row | None) -> Values:
        values = Values(self._namespace)
        if self._unique:
            values.write(self.table, before, after)
        return values

    def _key_of(self, row: Row) -> Item:
        return self.table.key(self.key_of(row))

    def _replacing(self, old: Row | None, row: Row, item: Item) -> list[Action]:
        key = self.key_of(row)
        arguments = put_new(self.table, item)
        if old is not None:
            arguments = removing(self.table, {}, self.table.item(old), self._unique_columns())
            arguments["Item"] = item
            del arguments["Key"]
        putting = Action("Put", arguments, overtaken(self.table, key), self.table.key(key))
        return [putting, *self._values(old, row).actions()]

    def _unique_columns(self) -> list[str]:
        names = dict.fromkeys(name for group in self.schema.unique for name in group)
        return [self.schema.by_name[name].column for name in names]

    def _item(self, key: Key) -> Mapping[str, Any] | None:
        try:
            asked = self.table.key(key)
        except ValueRangeError:
            return None
        answer = self._client.get_item(TableName=self.table.name, Key=asked, ConsistentRead=True)
        found: Mapping[str, Any] | None = answer.get("Item")
        return found

    def _pages(self, access: Access, wanted: int | None = None) -> Iterator[Mapping[str, Any]]:
        request = access.request() | {"TableName": self.table.name}
        ask = self._client.query if access.by_key else self._client.scan
        if wanted is not None and "FilterExpression" not in request:
            request["Limit"] = wanted
        while True:
            page = ask(**request)
            yield page
            if not page.get("LastEvaluatedKey"):
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _contended(self, key: Key) -> ConflictError:
        return ConflictError(f"others write {self.schema.name} {key!r} all the time", model=self.schema.name)
