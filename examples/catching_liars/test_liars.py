"""A green result means something: a backend that lies fails the verb that it lies to."""

import pytest

from orm_testing import DuplicateKeyError, Field, Model, OperationError, VerificationError


class Visitor(Model):
    id: str = Field(primary_key=True)
    active: bool = True
    visits: int = 0


def on(backend):
    """The mark that runs a test on one of the liars."""
    return pytest.mark.orm_backends(backend, models=[Visitor])


@on("forgets")
def test_a_create_that_is_not_stored(orm):
    """A row that is returned and not stored fails every verb that creates."""
    with pytest.raises(VerificationError, match="is not in the store"):
        orm.create_and_verify(Visitor, id="v1")
    with pytest.raises(VerificationError, match="is not in the store"):
        orm.upsert_and_verify(Visitor, id="v1")
    with pytest.raises(VerificationError, match="is not in the store"):
        orm.create_many_and_verify(Visitor, [{"id": "v1"}])
    with pytest.raises(VerificationError, match="is not in the store"):
        orm.given(Visitor)


@on("forgets")
def test_a_bare_create_that_is_not_stored(orm):
    """The bare verb answers and does not judge: this is the test that a liar passes."""
    result = orm.create_model(Visitor, id="v1")
    assert result.success
    assert result.instance.id == "v1"


@on("keeps_deleted")
def test_a_delete_that_deletes_nothing(orm):
    """A row that is still there after its delete fails the verb."""
    visitor = orm.create_and_verify(Visitor, id="v1")
    with pytest.raises(VerificationError, match="the row is still in the store"):
        orm.delete_and_verify(visitor)


@on("half_writes")
def test_a_refusal_that_writes(orm):
    """The right error does not make up for a store that changed."""
    orm.create_and_verify(Visitor, id="v1", visits=1)
    with pytest.raises(VerificationError, match="the store changed all the same"):
        orm.expect_create_failure(Visitor, DuplicateKeyError, id="v1", visits=9)


@on("resets_others")
def test_an_update_that_changes_too_much(orm):
    """A field that the update did not name is as it was before."""
    visitor = orm.create_and_verify(Visitor, id="v1", visits=7)
    with pytest.raises(VerificationError, match="the field 'visits' differs"):
        orm.update_and_verify(visitor, active=False)


@on("skips_rows")
def test_a_query_that_leaves_rows_out(orm):
    """A query whose count suits the test is still held against the store."""
    orm.create_many_and_verify(Visitor, [{"id": "v1"}, {"id": "v2"}])
    with pytest.raises(VerificationError, match="means other rows"):
        orm.query_and_verify_count(Visitor, 1)


@on("answers_ones")
def test_a_value_of_another_type(orm):
    """`True` is never `1`."""
    with pytest.raises(VerificationError, match="a bool, and a int"):
        orm.create_and_verify(Visitor, id="v1", active=True)


@on("never_rolls_back")
def test_a_rollback_that_undoes_nothing(orm):
    """What a transaction wrote before it was rolled back is gone, or the verb fails."""
    with (
        pytest.raises(VerificationError, match="its writes are still there"),
        orm.expect_rollback(ValueError),
    ):
        orm.create_and_verify(Visitor, id="v1")
        raise ValueError


@on("dead")
def test_a_dead_backend_is_not_an_empty_one(orm):
    """Absent is not broken: a backend that cannot say has not said that the row is absent."""
    with pytest.raises(VerificationError, match="the backend did not say that the row is absent"):
        orm.get_and_verify_not_exists(Visitor, id="v1")


@on("dead")
def test_a_dead_backend_refuses_nothing(orm):
    """`UnavailableError` satisfies no expectation of a failure that does not name it exactly."""
    with pytest.raises(VerificationError, match="got UnavailableError"):
        orm.expect_create_failure(Visitor, OperationError, id="v1")
