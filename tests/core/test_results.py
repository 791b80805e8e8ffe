"""What a driver answers."""

import pytest

from orm_testing import NotFoundError, OperationResult


@pytest.mark.parametrize("look", [lambda it: it.success, lambda it: it.error, bool, lambda it: not it])
@pytest.mark.parametrize(
    "result", [lambda: OperationResult(True, 1), lambda: OperationResult(False, None, NotFoundError("gone"))]
)
def test_reading_the_outcome_counts_as_looking(look, result):
    """Asking for success, error or truth is a look at the result."""
    result = result()
    assert not result.looked_at
    look(result)
    assert result.looked_at


@pytest.mark.parametrize(
    "touch", [repr, lambda it: it.peek(), lambda it: (it.data, it.instance, it.operation)]
)
def test_nothing_else_counts_as_looking(touch):
    """A repr, a peek or the answer alone do not say that somebody saw the failure."""
    result = OperationResult(False, None, NotFoundError("gone"))
    touch(result)
    assert not result.looked_at


def test_a_result_is_true_where_it_succeeded():
    """The truth of a result is its success, whatever its data."""
    assert OperationResult(True, 0)
    assert not OperationResult(False, 1, NotFoundError())


def test_a_result_has_the_documented_parts():
    """The four parts come in order, and the rest has harmless defaults."""
    error = NotFoundError("gone")
    result = OperationResult(False, "data", error, "row")
    assert (result.success, result.data, result.error, result.instance) == (False, "data", error, "row")
    assert (result.operation, result.backend, result.duration, tuple(result.statements)) == (
        None,
        None,
        0.0,
        (),
    )


def test_a_result_says_whether_the_store_answered_alone():
    """What the driver had to do itself is named; where that is nothing, the store served it."""
    assert OperationResult(True, []).served_by_store
    helped = OperationResult(True, [], client_work=["filter", "order"])
    assert (helped.served_by_store, helped.client_work) == (False, ("filter", "order"))


def test_the_repr_shows_the_outcome():
    """A result shows its data or its error."""
    assert repr(OperationResult(True, [1])) == "OperationResult(success=True, data=[1])"
    assert "NotFoundError('gone')" in repr(OperationResult(False, None, NotFoundError("gone")))
