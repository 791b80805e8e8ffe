"""What PostgreSQL has its own way with: values at the edges of its types, text, JSON, and keys that it makes."""

import math
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from orm_testing import CreateOperation, Field, Model, ValueRangeError
from orm_testing.values import same


class Thing(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    real: float | None = None
    exact: Decimal | None = Field(None, allow_inf_nan=True)
    text: str | None = None
    short: str | None = Field(None, max_length=3)
    raw: bytes | None = None
    uid: UUID | None = None
    took: timedelta | None = None
    held: dict[str, Any] | None = None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("real", math.nan),
        ("real", -math.inf),
        ("real", 5e-324),
        ("exact", Decimal("NaN")),
        ("exact", Decimal("-Infinity")),
        ("exact", Decimal("1.10")),
        ("exact", Decimal("1E-16383")),
        ("exact", Decimal("9" * 5000)),
        ("took", timedelta.max),
        ("took", timedelta.min),
        ("took", timedelta(microseconds=-1)),
        ("held", {"whole": 1, "real": 1.0, "large": 1e16, "small": 5e-324, "text": '1e16 "1e16'}),
        ("held", {"b": 1, "aa": [None, True, -(2**70)], "": {"\U0001f600": "\\"}}),
    ],
    ids=repr,
)
def test_values_at_the_edge_come_back_the_same_and_are_found(postgres_dsl, field, value):
    """Stored, read by key, found by an equality filter and through the backdoor, with the types that they had."""
    orm = postgres_dsl(Thing)
    orm.create_and_verify(Thing, **{field: value})
    assert same(getattr(orm.get_and_verify_exists(Thing, id=1), field), value)
    assert orm.count_models(Thing, **{field: value}) == 1
    assert orm.count_models(Thing, **{f"{field}__in": [value, None]}) == 1
    assert orm.count_models(Thing, **{f"{field}__ne": value}) == 0
    [row] = orm.driver.rows(Thing, {field: value})
    assert same(row[field], value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", 2**63),
        ("text", "a\0b"),
        ("text", "half \ud800 a pair"),
        ("exact", Decimal("1E-16384")),
        ("exact", Decimal("1E+200000")),
        ("held", {"a": math.nan}),
        ("held", {"a": "\0"}),
    ],
    ids=repr,
)
def test_what_postgresql_cannot_hold_is_a_value_range_error(postgres_dsl, field, value):
    """Nothing is stored in its place, and a transaction goes on after it."""
    orm = postgres_dsl(Thing)
    with orm.transaction():
        orm.create_and_verify(Thing, text="before")
        assert type(orm.create_model(Thing, **{field: value}).error) is ValueRangeError
        orm.create_and_verify(Thing, text="after")
    assert orm.count_models(Thing) == 2


def test_json_tells_one_from_one_point_nought(postgres_dsl):
    """As JSONB the two are equal; as the model reads them they are not."""
    orm = postgres_dsl(Thing)
    orm.create_and_verify(Thing, held={"a": 1})
    assert orm.count_models(Thing, held={"a": 1}) == 1
    assert orm.count_models(Thing, held={"a": 1.0}) == 0
    assert orm.count_models(Thing, held__ne={"a": 1.0}) == 1


def test_text_with_a_null_character_equals_and_precedes_none_that_is_stored(postgres_dsl):
    """A question that names such text has an answer, which is the one that the order of code points gives."""
    orm = postgres_dsl(Thing)
    for text in ("a", "a\x01", "b"):
        orm.create_and_verify(Thing, text=text)
    counts = {"": 0, "__ne": 3, "__contains": 0, "__lt": 1, "__lte": 1, "__gt": 2, "__gte": 2}
    assert {lookup: orm.count_models(Thing, {f"text{lookup}": "a\0"}) for lookup in counts} == counts


def test_text_is_ordered_by_code_point_whatever_the_database_does(postgres_dsl):
    """Each text column is collated so by itself, and `lower` folds ASCII alone in it."""
    orm = postgres_dsl(Thing)
    texts = ["Z", "a", "z", "É", "é", "\U0001f600"]
    orm.create_many_and_verify(Thing, [{"text": text, "short": text} for text in reversed(texts)])
    assert [thing.text for thing in orm.query_models(Thing, order_by="text").data] == texts
    assert orm.count_models(Thing, text__icontains="É") == 1
    assert orm.count_models(Thing, short__iendswith="Z") == 2
    with orm.driver.store.connect() as raw:
        found = raw.execute(
            "SELECT DISTINCT collation_name FROM information_schema.columns WHERE column_name IN ('text', 'short')"
        ).fetchall()
    assert found == [("C",)]


def test_columns_are_those_that_people_ship(postgres_dsl):
    """No number, time or structure is text in disguise."""
    orm = postgres_dsl(Thing)
    with orm.driver.store.connect() as raw:
        found = raw.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'Thing' ORDER BY ordinal_position"
        ).fetchall()
    assert dict(found) == {
        "id": "bigint", "real": "double precision", "exact": "numeric", "text": "text", "short": "character varying",
        "raw": "bytea", "uid": "uuid", "took": "interval", "held": "jsonb",
    }  # fmt: skip


def test_extremes_of_uuids_and_bytes(postgres_dsl):
    """Versions before 18 have no min and max of these."""
    orm = postgres_dsl(Thing)
    for number in (2, 1, 3):
        orm.create_and_verify(Thing, uid=UUID(int=number), raw=bytes([number, 255]))
    found = orm.aggregate(Thing, "uid__min", "uid__max", "raw__min", "raw__max")
    assert list(found.values()) == [UUID(int=1), UUID(int=3), b"\x01\xff", b"\x03\xff"]
    assert set(orm.aggregate(Thing, "uid__max", "raw__min", id=99).values()) == {None}


def test_keys_that_the_store_makes_come_after_those_given(postgres_dsl):
    """A key below the last one moves nothing."""
    orm = postgres_dsl(Thing)
    assert orm.create_and_verify(Thing).id == 1
    orm.create_and_verify(Thing, id=10)
    orm.create_and_verify(Thing, id=5)
    orm.create_and_verify(Thing, id=-3)
    assert orm.create_and_verify(Thing).id == 11


def test_one_statement_is_one_round_trip(postgres):
    """A create tells the server of no transaction: it commits by itself."""
    driver = postgres(Thing)
    result = driver.execute(CreateOperation(Thing, {"text": "x"}))
    assert [statement.split()[0] for statement, _ in result.statements] == ["INSERT", "COMMIT"]
    with driver.store.connect() as other:
        assert other.execute('SELECT text FROM "Thing"').fetchall() == [("x",)]
