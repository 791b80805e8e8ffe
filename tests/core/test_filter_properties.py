"""What holds of all filters, orders and pages, whatever the rows."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orm_testing import Field, Model, all_of, any_of, none_of
from orm_testing.filters import holds


class Row(Model):
    id: int = Field(primary_key=True)
    age: int | None = None
    name: str | None = None


numbers = st.integers(-3, 3)
words = st.text("aAbB", max_size=2)
rows = st.lists(
    st.fixed_dictionaries({"id": st.integers(0, 50), "age": st.none() | numbers, "name": st.none() | words}),
    unique_by=lambda row: row["id"],
    max_size=12,
)
conditions = st.one_of(
    st.tuples(st.sampled_from(["age", "age__ne"]), st.none() | numbers),
    st.tuples(st.sampled_from(["age__gt", "age__gte", "age__lt", "age__lte"]), numbers),
    st.tuples(st.sampled_from(["age__in", "age__not_in"]), st.lists(st.none() | numbers, max_size=3)),
    st.tuples(st.just("age__between"), st.tuples(numbers, numbers)),
    st.tuples(st.sampled_from(["age__isnull", "name__isnull"]), st.booleans()),
    st.tuples(st.sampled_from(["name__contains", "name__istartswith", "name__iendswith"]), words),
).map(lambda pair: {pair[0]: pair[1]})
filters = st.recursive(
    conditions,
    lambda inner: st.builds(
        lambda join, parts: join(*parts),
        st.sampled_from([any_of, all_of, none_of]),
        st.lists(inner, max_size=3),
    ),
    max_leaves=6,
)
orders = st.lists(st.sampled_from(["age", "-age", "name", "-name", "id", "-id"]), max_size=3)


def stored(make_orm, data):
    orm = make_orm(Row)
    orm.create_many_and_verify(Row, data)
    return orm


def ids(orm, where, **page):
    return [row.id for row in orm.query_models(Row, filters=where, **page).data]


@settings(deadline=None)
@given(data=rows, where=filters, other=filters)
def test_groups_are_complement_union_and_intersection(make_orm, data, where, other):
    """`none_of` is the complement, `any_of` the union and `all_of` the intersection of what each part finds."""
    orm = stored(make_orm, data)
    everything = {row["id"] for row in data}
    one, two = set(ids(orm, where)), set(ids(orm, other))
    assert set(ids(orm, none_of(where))) == everything - one
    assert set(ids(orm, none_of(where, other))) == everything - one - two
    assert set(ids(orm, any_of(where, other))) == one | two
    assert set(ids(orm, all_of(where, other))) == set(ids(orm, [where, other])) == one & two


@settings(deadline=None)
@given(data=rows, where=filters)
def test_count_exists_and_query_agree(make_orm, data, where):
    """As many rows are counted as are queried, and one exists where the count is not 0."""
    orm = stored(make_orm, data)
    found = ids(orm, where)
    assert orm.count_models(Row, where) == len(found)
    assert orm.model_exists(Row, where) is bool(found)
    assert orm.aggregate(Row, "count", filters=where) == {"count": len(found)}


@settings(deadline=None)
@given(data=rows, order=orders, where=filters)
def test_order_is_total_with_none_last_and_ties_by_key(make_orm, data, order, where):
    """Each row stands rightly before the next by the first field that tells them apart, None always behind."""
    orm = stored(make_orm, data)
    found = orm.query_models(Row, filters=where, order_by=order).data
    for one, next_one in itertools.pairwise(found):
        for name in [*order, "id"]:
            mine, its = getattr(one, name.strip("-")), getattr(next_one, name.strip("-"))
            if mine != its:
                assert its is None or (mine is not None and (mine > its if name[0] == "-" else mine < its))
                break


@settings(deadline=None)
@given(data=rows, order=orders, where=filters, size=st.integers(1, 5))
def test_pages_tile_the_whole(make_orm, data, order, where, size):
    """Pages of any size, put together, are the unlimited answer: none twice, none missing."""
    orm = stored(make_orm, data)
    whole = ids(orm, where, order_by=order)
    pages = [
        ids(orm, where, order_by=order, limit=size, offset=at) for at in range(0, len(whole) + size, size)
    ]
    assert [*itertools.chain.from_iterable(pages)] == whole
    assert pages[-1] == ids(orm, where, limit=0) == []
    assert ids(orm, where, order_by=order, offset=size) == whole[size:]


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"n": 3}, True),
        ({"n": 4}, False),
        ({"n__gte": 3, "name__startswith": "A"}, True),
        ({"n__gt": 3}, False),
        ([{"n": 3}, {"name": "B"}], False),
        ({"unknown": 3}, None),
        ({"n__nearly": 3}, None),
        ({"n__contains": "x"}, None),
        (any_of(n=3), None),
        ("n", None),
    ],
)
def test_conditions_on_other_models_hold_or_cannot_be_told(filters, told):
    """Without a schema, equality and lookups are told from the row; what is not known is not guessed."""
    assert holds(filters, {"n": 3, "name": "Alice"}) is told
