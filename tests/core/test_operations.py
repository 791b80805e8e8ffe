"""Operations: frozen values whose repr is the verb that makes them."""

import dataclasses
import datetime
import decimal
import uuid

import pydantic
import pytest

from orm_testing import (
    AttachOperation,
    BeginOperation,
    ClearOperation,
    CommitOperation,
    CreateOperation,
    Field,
    GetOperation,
    Model,
    OrmTestingError,
    QueryOperation,
    RollbackOperation,
    UpdateOperation,
    all_of,
    any_of,
    none_of,
)
from orm_testing import operations as module


class User(Model):
    id: str = Field(primary_key=True)
    name: str = ""
    age: int = 0
    price: decimal.Decimal | None = None
    seen: datetime.datetime | None = None
    token: uuid.UUID | None = None


Odd = pydantic.create_model(
    "Odd",
    __base__=Model,
    id=(str, Field(primary_key=True)),
    data=(str, ""),
    filters=(str, ""),
    limit=(int, 0),
    offset=(int, 0),
    order_by=(str, ""),
    group_by=(str, ""),
    **{"class": (str, ""), "two words": (str, ""), "self": (str, ""), "model_class": (str, "")},
)


class Wide(Model):
    id: str = Field(primary_key=True)
    data: str = ""
    limit: int = 0


class Wider(Model):
    __tablename__ = "Wide"
    id: str = Field(primary_key=True)
    more: str = ""


SCOPE = {
    "User": User, "Wider": Wider, "Odd": Odd, "Wide": Wide, "Decimal": decimal.Decimal, "datetime": datetime, "UUID": uuid.UUID,
    "any_of": any_of, "all_of": all_of, "none_of": none_of,
}  # fmt: skip

CALLS = [
    "orm.create_model(User, id='u1', name='A', price=Decimal('1.10'))",
    "orm.create_model(User, id='u1', seen=datetime.datetime(2024, 1, 2, 3, 4, 5, 6), token=UUID(int=5))",
    "orm.create_model(User)",
    "orm.create_model(Odd, data={'id': 'o', 'data': 'x'})",
    "orm.create_model(Odd, data={'id': 'o', 'class': 'x', 'two words': 'y'})",
    "orm.create_model(Odd, data={'class': 'x'})",
    "orm.create_model(Odd, self='x', model_class='y')",
    "orm.get_model(User, id='u1')",
    "orm.get_model(User, filters=any_of({'age__gte': 3}, none_of(name='x')))",
    "orm.get_model(Odd, filters={'filters': 'x'})",
    "orm.get_model(Odd, filters={'class': 'x'})",
    "orm.update_model(User(id='u1'), name='B', age=3)",
    "orm.update_model(Wide(id='u1'), data={'data': 'x', 'limit': 1})",
    "orm.delete_model(User(id='u1'))",
    "orm.upsert_model(User, id='u1', name='it\\'s \"quoted\"\\n')",
    "orm.query_models(User)",
    "orm.query_models(User, age__gte=3, order_by=['-age', 'name'], limit=5, offset=10)",
    "orm.query_models(User, order_by='age', limit=0)",
    "orm.query_models(User, filters=[any_of(age=1), {'name': 'x'}], limit=1)",
    "orm.query_models(Odd, filters={'limit': 3, 'offset': 2}, limit=1)",
    "orm.count_models(User)",
    "orm.count_models(User, age__in=[1, 2])",
    "orm.count_models(User, filters=all_of(age=1))",
    "orm.model_exists(User, age__between=(1, 2))",
    "orm.model_exists(Odd, filters={'order_by': 'x'})",
    "orm.aggregate(User, 'count', 'age__sum')",
    "orm.aggregate(User, 'count', group_by=['name', 'age'], age__gt=1)",
    "orm.aggregate(Odd, 'count', filters={'group_by': 'x'}, group_by='limit')",
    "orm.clear_storage()",
    "orm.create_schema()",
    "orm.create_schema(User, Odd)",
    "orm.drop_schema(Wide)",
    "orm.schema_exists(User)",
    "orm.describe(User)",
    "orm.ddl(User)",
    "orm.evolve(Wide, Wider)",
    "orm.evolve(Wide, Wider, rename={'data': 'more'})",
    "orm.attach(User(id='u1'), 'photo', b'\\x00\\xff')",
    "orm.attachment(User(id='u1'), 'photo')",
    "orm.detach(User(id='u1'), 'photo')",
    "orm.create_many_and_verify(User, [{'id': 'a'}, {'id': 'b', 'age': 2}])",
]


def made_by(make_orm, call):
    """The operation that a call gives to its driver first."""
    orm = make_orm(User, Odd, Wide)
    asked = []
    orm.driver.execute, execute = (
        lambda operation: asked.append(operation) or execute(operation),
        orm.driver.execute,
    )
    try:
        eval(call, {**SCOPE, "orm": orm})
    except (AssertionError, OrmTestingError):
        if not asked:
            raise
    return asked[0]


@pytest.mark.parametrize("call", CALLS)
def test_the_repr_of_an_operation_makes_an_equal_one(make_orm, call):
    """Evaluated with a client and the models in scope, the repr of an operation gives an equal operation."""
    operation = made_by(make_orm, call)
    assert made_by(make_orm, repr(operation)) == operation


@pytest.mark.parametrize("call", [call for call in CALLS if "many" not in call and "(Odd" not in call])
def test_the_repr_is_a_plain_verb(make_orm, call):
    """A repr reads as a user would write the call, with no judging verb in it."""
    shown = repr(made_by(make_orm, call))
    assert shown.split("(")[0] == call.split("(")[0]
    assert "verify" not in shown


@pytest.mark.parametrize(
    ("operation", "shown"),
    [
        (CreateOperation(User, {"id": "u1"}), "orm.create_model(User, id='u1')"),
        (GetOperation(User), "orm.get_model(User)"),
        (GetOperation(User, {"id": "u1"}), "orm.get_model(User, id='u1')"),
        (QueryOperation(User, limit=0), "orm.query_models(User, limit=0)"),
        (
            QueryOperation(User, {"age": 1}, ("-age",), 2, 0),
            "orm.query_models(User, age=1, order_by=['-age'], limit=2)",
        ),
        (ClearOperation(), "orm.clear_storage()"),
        (
            AttachOperation(Wide, Wide(id="u1"), "photo", b"x" * 1000),
            "orm.attach(Wide(id='u1', data='', limit=0), 'photo', <1000 bytes, SHA-256 44f8354494a5…>)",
        ),
    ],
)
def test_a_repr_leaves_out_what_was_not_said(operation, shown):
    """What has its default is not in the repr, except a limit of 0, which means something."""
    assert repr(operation) == shown


@pytest.mark.parametrize(
    ("operation", "word"),
    [(BeginOperation(), "__enter__"), (CommitOperation(), "commit"), (RollbackOperation(), "rollback")],
)
def test_the_repr_of_a_transaction_says_which_end_it_is(operation, word):
    """Begin, commit and rollback can be told apart in a trace."""
    assert repr(operation).startswith("orm.transaction()")
    assert word in repr(operation)


KINDS = [
    kind
    for kind in vars(module).values()
    if isinstance(kind, type) and issubclass(kind, module.Operation) and kind is not module.Operation
]


@pytest.mark.parametrize("kind", KINDS)
def test_operations_are_frozen(kind):
    """No field of an operation can be set anew, and none can be added."""
    operation = kind(
        *[None] * sum(field.default is dataclasses.MISSING for field in dataclasses.fields(kind))
    )
    for name in [*(field.name for field in dataclasses.fields(kind)), "verb", "more"]:
        with pytest.raises((AttributeError, TypeError)):
            setattr(operation, name, "changed")


def test_each_operation_has_a_verb_of_its_own():
    """No two operations are carried out by one driver method, and twenty-three are known."""
    assert len({kind.verb for kind in KINDS}) == len(KINDS) == 23


def test_operations_are_compared_by_value():
    """Two operations are equal where kind, model and values are."""
    assert CreateOperation(User, {"id": "a"}) == CreateOperation(User, {"id": "a"})
    assert CreateOperation(User, {"id": "a"}) != CreateOperation(User, {"id": "b"})
    assert CreateOperation(User, {"id": "a"}) != GetOperation(User, {"id": "a"})
    assert UpdateOperation(User, User(id="a"), {}) == UpdateOperation(User, User(id="a"), {})
