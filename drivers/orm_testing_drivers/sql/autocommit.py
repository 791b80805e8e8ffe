"""`AutocommitWork`: what is shared by products whose connections commit each statement by itself."""

from typing import Any

import sqlalchemy as sa

from orm_testing.operations import Operation
from orm_testing.schema import SchemaSet
from orm_testing_drivers.sql.work import SqlWork

_AT_ONCE = frozenset({"create", "get", "query", "count", "exists", "aggregate"})


class AutocommitWork(SqlWork):
    """The server is told of a transaction only where there is more to it than one statement."""

    def __init__(self, schemas: SchemaSet) -> None:
        super().__init__(schemas)
        self._verb = ""

    def run(self, connection: sa.Connection, operation: Operation) -> Any:
        self._verb = operation.verb
        return super().run(connection, operation)

    def begin_unit(self, connection: sa.Connection, *, writes: bool) -> sa.Transaction:
        transaction = super().begin_unit(connection, writes=writes)
        if self._verb not in _AT_ONCE:
            try:
                self.tell_begin(connection)
            except BaseException:
                self.undo(transaction)
                raise
        return transaction

    def tell_begin(self, connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")
