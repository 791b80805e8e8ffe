"""The driver: it says each operation in the ORM's own words.

Differences from the contract: conditions are equalities; no aggregates, no relations, no times.
"""

import sqlite3

from activerecord import Record, RecordNotFoundError

from orm_testing import (
    Capabilities,
    DriverInterface,
    DuplicateKeyError,
    InvalidQueryError,
    MultipleResultsError,
    NotFoundError,
    ValidationError,
)

ABSENT = object()


class ActiveRecordDriver(DriverInterface):
    """Made anew for each test, as it writes no `reset`: the models are its own for that long, and no longer."""

    capabilities = Capabilities("backdoor", "bulk", "transactions", "unique")

    def open(self):
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.depth = 0
        self.before = {}

    def prepare(self, models):
        for model in models:
            self.before[model] = vars(model).get("backend", ABSENT)
            model.backend = self.connection
            model.create_table()

    def close(self):
        for model, backend in self.before.items():
            if backend is ABSENT:
                del model.backend
            else:
                model.backend = backend
        self.connection.close()

    def key_of(self, instance):
        return {instance.key: getattr(instance, instance.key)}

    def values_of(self, instance):
        return dict(vars(instance))

    def execute_create(self, operation):
        return operation.model_class.create(**operation.data)

    def execute_create_many(self, operation):
        self.execute_begin(operation)
        try:
            records = [operation.model_class.create(**row) for row in operation.rows]
        except Exception:
            self.execute_rollback(operation)
            raise
        self.execute_commit(operation)
        return records

    def execute_get(self, operation):
        found = self._where(operation)
        if len(found) != 1:
            error = MultipleResultsError if found else NotFoundError
            raise error(f"{len(found)} of {operation.model_class.__name__} match {operation.filters!r}")
        return found[0]

    def execute_update(self, operation):
        key = self.key_of(operation.instance)
        stored = operation.model_class.where(**key)
        if not stored:
            raise NotFoundError(f"no {operation.model_class.__name__} has the key {key!r}")
        record = operation.model_class(**{**vars(stored[0]), **operation.changes})
        record.save()
        return record

    def execute_delete(self, operation):
        operation.instance.delete()

    def execute_upsert(self, operation):
        record = operation.model_class(**operation.data)
        try:
            record.save()
        except RecordNotFoundError:
            return operation.model_class.create(**operation.data)
        return record

    def execute_query(self, operation):
        found = self._where(operation)
        for name in reversed(operation.order_by):
            field = name.removeprefix("-")
            if field not in operation.model_class.fields:
                raise InvalidQueryError(f"{operation.model_class.__name__} has no field {field!r}")
            found.sort(key=lambda record: getattr(record, field), reverse=name.startswith("-"))
        end = None if operation.limit is None else operation.offset + operation.limit
        return found[operation.offset : end]

    def execute_count(self, operation):
        return len(self._where(operation))

    def execute_exists(self, operation):
        return bool(self._where(operation))

    def execute_clear(self, operation):
        for model in self.before:
            for record in model.where():
                record.delete()

    def execute_begin(self, operation):
        self.depth += 1
        self.connection.execute(f"SAVEPOINT level_{self.depth}")

    def execute_commit(self, operation):
        self.connection.execute(f"RELEASE level_{self.depth}")
        self.depth -= 1

    def execute_rollback(self, operation):
        self.connection.execute(f"ROLLBACK TO level_{self.depth}")
        self.execute_commit(operation)

    def rows(self, model_class, key=None):
        """The backdoor: a statement of its own, past the ORM."""
        cursor = self.connection.execute(f'SELECT * FROM "{model_class.__name__}" ORDER BY 1')
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
        return [row for row in rows if all(row[name] == value for name, value in (key or {}).items())]

    def fingerprint(self):
        return f"activerecord on SQLite {sqlite3.sqlite_version}"

    def translate_error(self, error):
        if isinstance(error, RecordNotFoundError):
            return NotFoundError(str(error))
        if isinstance(error, sqlite3.IntegrityError):
            return DuplicateKeyError(str(error), fields=[str(error).rpartition(".")[2]])
        if isinstance(error, TypeError):
            return ValidationError(str(error))
        return None

    def _where(self, operation):
        model: type[Record] = operation.model_class
        if not isinstance(operation.filters, dict):
            raise InvalidQueryError("activerecord joins conditions with AND alone")
        if unknown := operation.filters.keys() - model.fields.keys():
            raise InvalidQueryError(f"{model.__name__} has no field {', '.join(sorted(unknown))}")
        return model.where(**operation.filters)
