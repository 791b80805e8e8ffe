"""A store that only ever writes down what happened; what is stored now is read from that."""

import pydantic

import orm_testing as ot


class DiaryDriver(ot.DriverInterface):
    def open(self):
        self.diary = []  # the system under test: connect to yours here

    def fingerprint(self):
        return "a diary of this process"

    def reset(self):
        self.diary.clear()

    def execute_create(self, operation):
        row = operation.model_class(**operation.data)
        if self.place(row) in self.rows_now():
            raise ot.DuplicateKeyError(f"{self.place(row)} is taken", fields=self.key_of(row))
        return self.write(row)

    def execute_get(self, operation):
        found = self.execute_query(operation)
        if len(found) != 1:
            error = ot.MultipleResultsError if found else ot.NotFoundError
            raise error(f"{len(found)} rows match {operation.filters!r}")
        return found[0]

    def execute_update(self, operation):
        row = self.rows_now()[self.place(operation.instance)]
        return self.write(operation.model_class(**{**row, **operation.changes}))

    def execute_upsert(self, operation):
        return self.write(operation.model_class(**operation.data))

    def execute_delete(self, operation):
        place = self.place(operation.instance)
        self.diary.append((place, self.rows_now()[place] and None))

    def execute_query(self, operation):
        model = operation.model_class
        rows = [row for (name, _), row in self.rows_now().items() if name == model.__name__]
        return [model(**row) for row in ot.select_rows(rows, operation)]

    def execute_count(self, operation):
        return len(self.execute_query(ot.QueryOperation(operation.model_class, operation.filters)))

    def translate_error(self, error):
        known = {KeyError: ot.NotFoundError, pydantic.ValidationError: ot.ValidationError}
        return known[type(error)](str(error)) if type(error) in known else None

    def rows_now(self):
        return {place: row for place, row in dict(self.diary).items() if row is not None}

    def place(self, row):
        return type(row).__name__, tuple(self.key_of(row).values())

    def write(self, row):
        self.diary.append((self.place(row), self.values_of(row)))
        return row
