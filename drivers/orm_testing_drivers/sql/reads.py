"""What each reading operation does on one connection."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import sqlalchemy as sa

from orm_testing.aggregates import average, grouping, parse_aggregates
from orm_testing.errors import MultipleResultsError, NotFoundError
from orm_testing.filters import Condition, Group, check_page, parse, parse_order
from orm_testing.operations import (
    AggregateOperation,
    CountOperation,
    ExistsOperation,
    GetOperation,
    QueryOperation,
    shown,
)
from orm_testing.schema import SchemaSet
from orm_testing_drivers.sql.queries import Queries
from orm_testing_drivers.sql.rows import ModelTable, Row

_MOST = 2**63 - 1


class Reads:
    """Answers what is asked of the tables of some models."""

    queries: ClassVar[Queries]

    def __init__(self, schemas: SchemaSet, tables: Iterable[ModelTable]) -> None:
        self.schemas = schemas
        self.tables = {table.schema.model_class: table for table in tables}

    def get(self, connection: sa.Connection, operation: GetOperation) -> Any:
        rows = self.rows_of(operation.model_class)
        where = parse(operation.filters, rows.schema)
        key = self._key_in(where, rows)
        if key:
            found = connection.execute(rows.select_one, key).all()
        else:
            query = rows.select.where(self.queries.where(rows.table, where)).limit(2)
            found = connection.execute(query).all()
        if len(found) == 1:
            return rows.instance(found[0])
        name = rows.schema.name
        kind, count = (MultipleResultsError, "several rows") if found else (NotFoundError, "no row")
        raise kind(f"{count} of {name} matched {shown(operation.filters)}", model=name)

    def query(self, connection: sa.Connection, operation: QueryOperation) -> list[Any]:
        rows = self.rows_of(operation.model_class)
        check_page(operation.limit, operation.offset, rows.schema)
        order = parse_order(operation.order_by, rows.schema)
        where = self.queries.where(rows.table, parse(operation.filters, rows.schema))
        query = rows.select.where(where).order_by(*self.queries.order(rows.table, order))
        if operation.limit is not None:
            query = query.limit(min(operation.limit, _MOST))
        if operation.offset:
            query = query.offset(min(operation.offset, _MOST))
        return [rows.instance(row) for row in connection.execute(query)]

    def count(self, connection: sa.Connection, operation: CountOperation) -> int:
        rows = self.rows_of(operation.model_class)
        where = self.queries.where(rows.table, parse(operation.filters, rows.schema))
        query = sa.select(sa.func.count()).select_from(rows.table).where(where)
        return connection.execute(query).scalar_one()

    def exists(self, connection: sa.Connection, operation: ExistsOperation) -> bool:
        rows = self.rows_of(operation.model_class)
        where = self.queries.where(rows.table, parse(operation.filters, rows.schema))
        query = sa.select(sa.literal(1)).select_from(rows.table).where(where).limit(1)
        return connection.execute(query).first() is not None

    def aggregate(self, connection: sa.Connection, operation: AggregateOperation) -> list[Row]:
        rows = self.rows_of(operation.model_class)
        aggregates = parse_aggregates(operation.aggregates, rows.schema)
        fields = grouping(operation.group_by, rows.schema)
        where = self.queries.where(rows.table, parse(operation.filters, rows.schema))
        groups = [rows.table.c[field.name] for field in fields]
        query = (
            sa.select(*groups, *self.queries.aggregates(rows.table, aggregates))
            .select_from(rows.table)
            .where(where)
            .group_by(*groups)
            .order_by(*self.queries.order(rows.table, [(field, False) for field in fields]))
        )
        answer = []
        for row in connection.execute(query):
            found = {field.name: row[place] for place, field in enumerate(fields)}
            for place, aggregate in enumerate(aggregates):
                value, count = row[len(fields) + 2 * place : len(fields) + 2 * place + 2]
                if aggregate.function == "avg" and aggregate.field:
                    value = average(value, count, aggregate.field)
                found[aggregate.name] = value
            answer.append(found)
        return answer

    def rows_of(self, model_class: type[Any]) -> ModelTable:
        found = self.tables.get(model_class)
        return found if found is not None else self.tables[self.schemas.of(model_class).model_class]

    def _key_in(self, where: Group, rows: ModelTable) -> Row | None:
        """The parameters of `select_one`, where the filters are just the key."""
        parts: Sequence[Any] = where.parts
        if len(parts) != len(rows.schema.key):
            return None
        key: Row = {}
        for part in parts:
            if not isinstance(part, Condition) or part.lookup != "exact" or part.value is None:
                return None
            nearest, side = self.queries.bound(part.field, part.value)
            if side or not part.field.primary_key:
                return None
            key[f"key {part.field.name}"] = nearest
        return key if len(key) == len(parts) else None
