"""Overlapping transactions: what sessions see of each other's blocks, while they are open and after."""

from contextlib import suppress

from orm_testing.dsl.client import OrmDsl
from orm_testing.dsl.sessions import Worker
from orm_testing.kit.support.models import PlainCases
from orm_testing.marks import requires


@requires("transactions", "overlapping_transactions")
class Overlapping(PlainCases):
    """Until a block has ended well, what it wrote is its own affair; then it is everybody's."""

    def test_others_see_what_is_committed(self, orm: OrmDsl) -> None:
        """What an open block created, changed and deleted is its own affair; once it ends well, it is everybody's."""
        orm.create_and_verify(self.Person, id="changed", name="Ann")
        orm.create_and_verify(self.Person, id="deleted")

        def look(client: OrmDsl) -> list[tuple[str, str]]:
            return [(row.id, row.name) for row in client.all_models(self.Person)]

        def work(client: OrmDsl, worker: Worker) -> list[list[tuple[str, str]]]:
            if worker.number:
                worker.wait()
                before = look(client)
                worker.wait()
                worker.wait()
                return [before, look(client)]
            with client.transaction():
                client.create_and_verify(self.Person, id="created")
                with client.transaction():
                    client.update_and_verify(self.Person(id="changed"), name="Eve")
                    client.delete_and_verify(self.Person(id="deleted"))
                worker.wait()
                worker.wait()
            worker.wait()
            return [look(client)]

        (after,), seen = orm.concurrently(2, work)
        assert seen[0] == [("changed", "Ann"), ("deleted", "nobody")]
        assert seen[1] == after == [("changed", "Eve"), ("created", "nobody")]

    def test_others_see_nothing_of_what_is_undone(self, orm: OrmDsl) -> None:
        """A block that ends with an error was never seen by another session, before its end or after it."""

        def work(client: OrmDsl, worker: Worker) -> list[int]:
            if worker.number:
                worker.wait()
                inside = client.count_models(self.Person)
                worker.wait()
                worker.wait()
                return [inside, client.count_models(self.Person)]

            with suppress(KeyError), client.transaction():
                client.create_and_verify(self.Person, id="a")
                worker.wait()
                worker.wait()
                raise KeyError("mine")
            worker.wait()
            return []

        assert orm.concurrently(2, work)[1] == [0, 0]
