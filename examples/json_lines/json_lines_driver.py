"""Rows of any model in a file of JSON lines: each says a table, a row, and whether it is gone; the last of a key counts."""

import json
import tempfile

import orm_testing as ot


class JsonLinesDriver(ot.DriverInterface):
    capabilities = ot.Capabilities(
        "clock", "decimal_scale", "empty_key", "float_infinity", "float_nan", "negative_zero", "null_character_in_text",
        datetime_precision="microsecond", filtering="client", ordering="client", integer_bits=None,
    )  # fmt: skip

    def open(self):
        self.file = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  (`close` closes it)

    def close(self):
        self.file.close()

    def reset(self, operation=None):
        self.file.truncate(self.file.seek(0))

    execute_clear = reset

    def execute_create(self, operation):
        row = self.maker(operation).new(operation.data, self.clock)
        if self.execute_query(self.like(row)):
            raise ot.DuplicateKeyError(f"{row!r} is there", model=type(row).__name__, fields=self.key_of(row))
        return self.write(row)

    def execute_get(self, operation):
        if len(found := self.execute_query(operation)) == 1:
            return found[0]
        error = ot.MultipleResultsError if found else ot.NotFoundError
        raise error(f"{len(found)} rows match {operation.filters!r}", model=operation.model_class.__name__)

    def execute_update(self, operation):
        row = self.values_of(self.execute_get(self.like(operation.instance)))
        changes = self.maker(operation).changed(row, operation.changes, self.clock)
        return self.write(ot.schema_of(operation.model_class).instance({**row, **changes}))

    def execute_delete(self, operation):
        self.write(self.execute_get(self.like(operation.instance)), gone=True)

    def execute_upsert(self, operation):
        row = self.maker(operation).new(operation.data, self.clock)
        kept = next(map(self.values_of, self.execute_query(self.like(row))), None)
        return self.write(self.maker(operation).new(operation.data, self.clock, kept=kept))

    def execute_query(self, operation):
        self.client_work, schema, rows = ("filter", "order"), ot.schema_of(operation.model_class), {}
        self.file.seek(0)
        for table, texts, gone in map(json.loads, self.file):
            if table == schema.table:
                row = {name: schema.by_name[name].from_json(text) for name, text in texts.items()}
                rows[tuple(row[name] for name in schema.key)] = None if gone else row
        return list(map(schema.instance, ot.select_rows(filter(None, rows.values()), operation)))

    def execute_count(self, operation):
        return len(self.execute_query(operation))

    def execute_exists(self, operation):
        return bool(self.execute_query(operation))

    def translate_error(self, error):
        return ot.ValueRangeError(str(error)) if isinstance(error, UnicodeEncodeError) else None

    def maker(self, operation):
        return ot.RowMaker(ot.schema_of(operation.model_class))

    def like(self, instance):
        return ot.QueryOperation(type(instance), self.key_of(instance))

    def write(self, row, *, gone=False):
        schema = ot.schema_of(type(row))
        texts = {field.name: field.to_json(getattr(row, field.name)) for field in schema.fields}
        self.file.write(json.dumps([schema.table, texts, gone], ensure_ascii=False) + "\n")
        return row
