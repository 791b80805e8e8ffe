"""The smallest useful driver: rows of any model on a shelf of the standard library."""

import shelve

import pydantic

import orm_testing as ot


class ShelfDriver(ot.DriverInterface):
    def open(self):
        self.shelf = shelve.Shelf({})  # the system under test: connect to yours here

    def execute_create(self, operation):
        row = operation.model_class(**operation.data)
        if self.place(row) in self.shelf:
            raise ot.DuplicateKeyError(f"{self.place(row)} is taken", fields=self.key_of(row))
        return self.put(row)

    def execute_get(self, operation):
        found = self.execute_query(operation)
        if len(found) != 1:
            error = ot.MultipleResultsError if found else ot.NotFoundError
            raise error(f"{len(found)} rows match {operation.filters!r}")
        return found[0]

    def execute_update(self, operation):
        row = self.shelf[self.place(operation.instance)]
        return self.put(operation.model_class(**{**row, **operation.changes}))

    def execute_delete(self, operation):
        del self.shelf[self.place(operation.instance)]

    def execute_query(self, operation):
        model = operation.model_class
        rows = [row for place, row in self.shelf.items() if place.startswith(f"{model.__name__}/")]
        return [model(**row) for row in ot.select_rows(rows, operation)]

    def translate_error(self, error):
        known = {KeyError: ot.NotFoundError, pydantic.ValidationError: ot.ValidationError}
        return known[type(error)](str(error)) if type(error) in known else None

    def place(self, row):
        return f"{type(row).__name__}/{self.key_of(row)}"

    def put(self, row):
        self.shelf[self.place(row)] = self.values_of(row)
        return row
