"""A write that changes rows which the verb does not speak of is caught; what references rightly change is not."""

from datetime import datetime

import pytest

from orm_testing import Field, InMemoryDriver, Model, VerificationError


class Person(Model):
    id: str = Field(primary_key=True)
    name: str = ""


class Folder(Model):
    id: str = Field(primary_key=True)
    parent: str | None = Field(None, references="Folder", on_delete="cascade")


class Moment(Model):
    id: int = Field(primary_key=True)
    at: datetime


class UpdatesAll(InMemoryDriver):
    def execute_update(self, operation):
        updated = super().execute_update(operation)
        rows = self.table(operation.model_class).rows
        for key in rows:
            rows[key] = {**rows[key], **operation.changes}
        return updated


class DeletesAll(InMemoryDriver):
    def execute_delete(self, operation):
        super().execute_delete(operation)
        self.table(operation.model_class).rows.clear()


@pytest.mark.parametrize(
    ("driver", "write"),
    [
        (UpdatesAll, lambda orm, row: orm.update_and_verify(row, name="new")),
        (DeletesAll, lambda orm, row: orm.delete_and_verify(row)),
    ],
)
def test_other_rows_that_change_are_caught(make_orm, driver, write):
    """An update without a WHERE, and a delete that empties the table, fail the verb, which shows such a row."""
    orm = make_orm(Person, driver=driver)
    row, _ = orm.create_and_verify(Person, id="a"), orm.create_and_verify(Person, id="b")
    said = r"other rows of Person( changed too)?:\n  - {'id': 'b', 'name': ''}"
    with pytest.raises(VerificationError, match=said):
        write(orm, row)


def test_a_cascade_in_one_model_is_no_lie(make_orm):
    """A row may take those with it that refer to it, in its own model too."""
    orm = make_orm(Folder)
    top = orm.create_and_verify(Folder, id="top")
    orm.create_and_verify(Folder, id="below", parent="top")
    orm.delete_and_verify(top)
    orm.query_and_verify_count(Folder, 0)


class Milliseconds(InMemoryDriver):
    capabilities = InMemoryDriver.capabilities | {"datetime_precision": "millisecond"}

    def execute_create(self, operation):
        at = operation.data["at"]
        cut = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return super().execute_create(type(operation)(operation.model_class, {**operation.data, "at": cut}))


def test_a_declared_precision_is_what_is_held_to(make_orm):
    """Milliseconds are enough where the backend declares them, and not where it does not."""
    at = datetime(2024, 1, 1, microsecond=123_456)
    orm = make_orm(Moment, driver=Milliseconds)
    assert orm.create_and_verify(Moment, id=1, at=at).at.microsecond == 123_000
    silent = type("Silent", (Milliseconds,), {"capabilities": InMemoryDriver.capabilities})
    orm = make_orm(Moment, driver=silent)
    with pytest.raises(VerificationError, match="'at' differs"):
        orm.create_and_verify(Moment, id=1, at=at)


def test_a_reset_inside_an_expected_rollback_is_said(make_orm):
    """A reset ends the transaction, so that there is nothing left to roll back."""
    orm = make_orm(Person)
    with (
        pytest.raises(VerificationError, match="the store was reset inside the block"),
        orm.expect_rollback(KeyError),
    ):
        orm.reset()
        raise KeyError
