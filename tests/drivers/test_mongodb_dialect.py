"""What MongoDB itself is asked, of which no server could be had: documents, conditions, orders and pipelines, as they are sent."""

import math
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from bson import Decimal128

from orm_testing import Field, Model, SchemaSet, ValueRangeError, any_of
from orm_testing.aggregates import grouping, parse_aggregates
from orm_testing.filters import parse, parse_order
from orm_testing_drivers.mongodb import pipeline
from orm_testing_drivers.mongodb.dialects import FERRETDB, MONGODB, MONGOMOCK, dialect_of
from orm_testing_drivers.mongodb.filters import sorting, split
from orm_testing_drivers.mongodb.layout import Layout


class Row(Model):
    id: int = Field(primary_key=True)
    real: float | None = None
    exact: Decimal | None = Field(None, allow_inf_nan=True)
    name: str = ""
    tags: Any = None


SCHEMA = SchemaSet((Row,)).of(Row)
LAYOUT = Layout(SCHEMA, MONGODB)
NAN = math.nan


def test_the_dialect_is_told_from_the_fingerprint():
    """What is not known by name is taken for MongoDB."""
    told = [
        dialect_of(name)
        for name in ("MongoDB 8.0.4", "FerretDB v1.24.0", "mongomock 4.3.0 in process", "FerretDB")
    ]
    assert told == [MONGODB, FERRETDB, MONGOMOCK, FERRETDB]


def test_a_document_of_mongodb():
    """A Decimal128 stands alone, NaN is marked, arrays nest, and what is compared by a digest has it beside."""
    row = {"id": 1, "real": NAN, "exact": Decimal("1.50"), "name": "x", "tags": [[1.5, NAN]]}
    document = LAYOUT.document(row)
    assert len(document.pop("_by:tags")) == 64
    assert repr(document) == repr(
        {
            "_id": 1,
            "real": NAN,
            "exact": Decimal128("1.50"),
            "name": "x",
            "tags": [[1.5, NAN]],
            "_nan:real": 1,
        }
    )
    assert repr(LAYOUT.row(document)) == repr(row)
    with pytest.raises(ValueRangeError, match="34 digits"):
        LAYOUT.document({**row, "exact": Decimal("1" * 35)})


def test_columns_named_as_what_stands_beside_are_columns():
    """A field of a document is a column's, or stands beside one: never both."""

    class Named(Model):
        __unique__ = (("real", "at"),)

        id: int = Field(primary_key=True)
        at: datetime
        real: float | None = None
        text: str | None = None
        f1: str = Field("f1", alias="_by:at")
        f2: str = Field("f2", alias="_nan:real")
        f3: str = Field("f3", alias="_none:text")
        f4: str = Field("f4", alias="_unique:u0")

    layout = Layout(SchemaSet((Named,)).of(Named), MONGODB)
    row = {"id": 1, "at": datetime(2024, 1, 1, 0, 0, 0, 1), "real": NAN, "text": None}
    row |= {name: name for name in ("f1", "f2", "f3", "f4")}
    document = layout.document(row)
    beside = {"_by:at", "_nan:real", "_none:text", "_unique:u0"}
    assert document.keys() == {"_id", "at", "real", *beside, *(f"%5F{name[1:]}" for name in beside)}
    assert repr(layout.row(document)) == repr(row)


def test_an_update_writes_what_differs_and_what_stands_beside():
    """A mark goes with the NaN, and comes with the None."""
    old = {"id": 1, "real": NAN, "exact": Decimal(1), "name": "x", "tags": None}
    update, found = LAYOUT.changes(old, {**old, "real": 1.0, "exact": None})
    assert update == {
        "$set": {"real": 1.0, "_none:exact": 1},
        "$unset": {"_nan:real": "", "exact": ""},
    }
    assert found == {}
    assert LAYOUT.changes(old, dict(old)) == ({}, {})


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {}),
        ({"id": 1}, {"_id": {"$eq": 1}}),
        ({"real": 1}, {"real": {"$eq": 1.0}}),
        ({"real": NAN}, {"$or": [{"real": {"$in": []}}, {"_nan:real": {"$eq": 1}}]}),
        ({"real__ne": NAN}, {"real": {"$ne": None}, "_nan:real": {"$eq": None}}),
        ({"real__gt": 1.5}, {"$or": [{"real": {"$gt": 1.5}}, {"_nan:real": {"$eq": 1}}]}),
        ({"real__lte": 1.5}, {"real": {"$lte": 1.5}, "_nan:real": {"$eq": None}}),
        ({"real__gte": NAN}, {"_nan:real": {"$eq": 1}}),
        ({"real__gt": NAN}, {"_id": {"$in": []}}),
        ({"real__lt": NAN}, {"real": {"$ne": None}, "_nan:real": {"$eq": None}}),
        ({"real__lte": NAN}, {"real": {"$ne": None}}),
        ({"exact__in": [None, Decimal("1.0")]}, {"exact": {"$in": [None, Decimal128("1.0")]}}),
        ({"exact__not_in": [None, 2]}, {"exact": {"$nin": [None, Decimal128("2")]}}),
        ({"exact": Decimal("1" * 35)}, {"exact": {"$in": []}}),
        ({"name__iendswith": "a.k\x00é"}, {"name": {"$regex": r"[aA]\x2e[kK]\x00é\z"}}),
        ({"name__startswith": "$"}, {"name": {"$regex": r"^\x24"}}),
        ({"name__contains": ""}, {"name": {"$ne": None}}),
        (any_of(), {"_id": {"$in": []}}),
        (any_of(name="a", id=1), {"$or": [{"name": {"$eq": "a"}}, {"_id": {"$eq": 1}}]}),
    ],
    ids=repr,
)
def test_conditions_as_they_are_sent(filters, expected):
    """NaN is known by its mark alone, since no comparison of MongoDB finds it as the contract wants it."""
    query, rest = split(parse(filters, SCHEMA), LAYOUT)
    assert query == expected
    assert rest.parts == ()


def test_what_cannot_be_encoded_is_not_sent():
    """A comparison with more digits than there are is left to the driver, with its whole group."""
    query, rest = split(parse([any_of(exact__lt=Decimal("1" * 35), id=1), {"id__gt": 0}], SCHEMA), LAYOUT)
    assert query in ({"_id": {"$gt": 0}}, {"$and": [{"_id": {"$gt": 0}}]})
    assert len(rest.parts) == 1


def test_an_order_as_it_is_sent():
    """The marks of None and NaN stand before the column, and no path twice."""
    order = parse_order(["-real", "name", "-name"], SCHEMA)
    assert sorting(order, LAYOUT) == [
        ("_none:real", 1),
        ("_nan:real", -1),
        ("real", -1),
        ("name", 1),
        ("_id", 1),
    ]


def test_a_pipeline_as_it_is_sent():
    """NaN is no minimum while there is a number, and always the maximum; values are counted, for a sum of none is None."""
    names = ("count", "real__min", "real__max", "id__sum", "exact__max")
    aggregates, fields = parse_aggregates(names, SCHEMA), grouping(["name"], SCHEMA)
    assert pipeline.can(aggregates, fields, LAYOUT)
    stage = pipeline.grouped(aggregates, fields, LAYOUT)
    assert stage["_id"] == {"g0": "$name"}
    assert stage["a3"] == {"$sum": "$_id"}
    number = {"$cond": [{"$eq": [{"$ifNull": ["$_nan:real", 0]}, 1]}, None, "$real"]}
    assert (stage["a1"], stage["nan1"]) == ({"$min": number}, {"$sum": "$_nan:real"})
    answers = [
        {
            "_id": {},
            "a0": 3,
            "a1": 1.5,
            "n1": 2,
            "nan1": 1,
            "a2": 1.5,
            "n2": 2,
            "nan2": 1,
            "a3": 7,
            "n3": 3,
            "n4": 0,
        },
        {
            "_id": {"g0": "x"},
            "a0": 1,
            "a1": None,
            "n1": 1,
            "nan1": 1,
            "n2": 0,
            "a3": 1,
            "n3": 1,
            "n4": 1,
            "nan4": 1,
        },
    ]
    assert repr(pipeline.rows(answers, aggregates, fields)) == repr(
        [
            {
                "name": "x",
                "count": 1,
                "real__min": NAN,
                "real__max": None,
                "id__sum": 1,
                "exact__max": Decimal("NaN"),
            },
            {"name": None, "count": 3, "real__min": 1.5, "real__max": NAN, "id__sum": 7, "exact__max": None},
        ]
    )
    assert not pipeline.can(parse_aggregates(["exact__sum"], SCHEMA), [], LAYOUT)
    assert not pipeline.can(parse_aggregates(["count"], SCHEMA), grouping(["exact"], SCHEMA), LAYOUT)
