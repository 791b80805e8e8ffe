"""Rules: what a model says of its fields besides their types holds for what is stored."""

import pydantic

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import DuplicateKeyError
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.marks import requires
from orm_testing.model import Field, Model


class Ruled(Model):
    """A key that the store makes and the model bounds, and a field that follows from another."""

    id: pydantic.PositiveInt | None = Field(None, primary_key=True, generated=True)
    low: int = 0
    high: int = 0

    @pydantic.model_validator(mode="after")
    def _high_is_at_least_low(self) -> "Ruled":
        self.high = max(self.high, self.low)
        return self


@requires("autoincrement")
class Rules(Cases):
    """What validators derive is stored, and what the store makes suits the model."""

    Ruled = stored(Ruled)

    def test_a_generated_key_may_be_bounded(self, orm: OrmDsl) -> None:
        """A model that wants a positive key gets one for each row, also after a create that failed."""
        first = orm.create_and_verify(self.Ruled)
        orm.expect_create_failure(self.Ruled, DuplicateKeyError, id=first.id)
        second = orm.create_and_verify(self.Ruled)
        assert min(first.id or 0, second.id or 0) > 0
        assert first.id != second.id

    def test_what_a_validator_derives_is_stored(self, orm: OrmDsl) -> None:
        """A field that the model derives from the one that is written is written with it, by a create, an update and an upsert."""
        row = orm.create_and_verify(self.Ruled, low=3)
        updated = orm.update_and_verify(row, low=5)
        read = orm.get_and_verify_exists(self.Ruled, low=5)
        upserted = orm.upsert_and_verify(self.Ruled, id=row.id, low=7)
        assert [each.high for each in (row, updated, read, upserted)] == [3, 5, 5, 7]
        orm.query_and_verify_count(self.Ruled, 1, high=7)
