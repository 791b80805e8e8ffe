"""`Plain`: a theme on the models that most themes store."""

from orm_testing.dsl.client import OrmDsl
from orm_testing.kit.support import models
from orm_testing.kit.support.cases import Cases, stored


class Plain(Cases):
    """A theme that stores a row of each model that most themes store."""

    Person = stored(models.Person)
    Seat = stored(models.Seat)
    Counted = stored(models.Counted)
    Drawn = stored(models.Drawn)

    def fill(self, orm: OrmDsl) -> None:
        """A row of each model, as none can be made twice."""
        orm.create_and_verify(self.Person, id="a", email="a@example.com", name="Ann")
        orm.create_and_verify(self.Seat, room="r", number=1)
        if "autoincrement" in orm.driver.capabilities:
            orm.create_and_verify(self.Counted, name="one")
        orm.create_and_verify(self.Drawn, name="one")

    def expect_empty(self, orm: OrmDsl) -> None:
        """No row is there, by the driver's own word and by the backdoor's, and none is in the way of new ones."""
        for model in (self.Person, self.Seat, self.Counted, self.Drawn):
            assert orm.count_models(model) == 0
            assert orm.all_models(model) == []
            assert orm.driver.rows(model) == []
        self.fill(orm)
