"""Drivers that lie: each answers what a test hopes for, and does something else."""

from orm_testing import InMemoryDriver, UnavailableError


class Forgets(InMemoryDriver):
    """Returns the row, and stores neither it nor a change to one."""

    def execute_create(self, operation):
        return operation.model_class(**operation.data)

    def execute_create_many(self, operation):
        return [operation.model_class(**row) for row in operation.rows]

    def execute_update(self, operation):
        return operation.instance.model_copy(update=operation.changes)

    execute_upsert = execute_create


class KeepsDeleted(InMemoryDriver):
    """Says that the row is deleted, and keeps it."""

    def execute_delete(self, operation):
        return None


class HalfWrites(InMemoryDriver):
    """Refuses a duplicate, as it should, after it has written over the row."""

    def execute_create(self, operation):
        table = self.table(operation.model_class)
        written = table.rows.get((operation.data["id"],))
        if written is not None:
            written.update(operation.data)
        return super().execute_create(operation)


class ResetsOthers(InMemoryDriver):
    """Writes the named fields, and puts the others back to their defaults."""

    def execute_update(self, operation):
        row = super().execute_update(operation)
        self.table(operation.model_class).rows[row.id,]["visits"] = row.visits = 0
        return row


class SkipsRows(InMemoryDriver):
    """Leaves the last row out of every answer."""

    def execute_query(self, operation):
        return super().execute_query(operation)[:-1]


class AnswersOnes(InMemoryDriver):
    """Answers `1` where the field holds `True`, as a database without booleans would."""

    def execute_create(self, operation):
        row = super().execute_create(operation)
        row.active = int(row.active)
        return row


class NeverRollsBack(InMemoryDriver):
    """Ends the transaction, and undoes nothing."""

    def execute_rollback(self, operation):
        super().execute_commit(operation)


class Dead(InMemoryDriver):
    """A server that has gone away."""

    def execute_get(self, operation):
        raise UnavailableError("connection refused")

    execute_create = execute_get
