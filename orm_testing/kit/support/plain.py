"""`Plain`: a theme that is about whole stores, on the models that most themes store."""

from orm_testing.dsl.client import OrmDsl
from orm_testing.kit.support.models import PlainCases


class Plain(PlainCases):
    """A theme that fills a store, and sees it empty."""

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
