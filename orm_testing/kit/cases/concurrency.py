"""Concurrency: several sessions work on one store at the same time, and nothing of what they did is lost or doubled."""

from contextlib import suppress
from threading import Event
from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.dsl.sessions import Worker
from orm_testing.errors import ConflictError, DuplicateKeyError, NotFoundError
from orm_testing.kit.cases.isolation import QUICK, declared, levels
from orm_testing.kit.support.models import PlainCases
from orm_testing.marks import requires
from orm_testing.results import OperationResult

WORKERS = 8
ROUNDS = 3
"""How often each worker does what it does."""

ATTEMPTS = 100
"""How often a worker that had to give way begins anew, before it says that this does not end."""


@requires("sessions")
class Concurrency(PlainCases):
    """Of sessions that want the same, one has it and the others are told; what they do apart is all done."""

    def test_different_rows_are_all_created(self, orm: OrmDsl) -> None:
        """Rows that sessions create at the same time are all in the store, and the answers come in the order of the workers."""

        def work(client: OrmDsl, worker: Worker) -> list[str]:
            rows = range(ROUNDS)
            return [client.create_and_verify(self.Person, id=f"{worker.number}{row}").id for row in rows]

        made = orm.concurrently(WORKERS, work)
        assert made == [[f"{worker}{row}" for row in range(ROUNDS)] for worker in range(WORKERS)]
        assert [row.id for row in orm.all_models(self.Person)] == [key for keys in made for key in keys]

    @requires("autoincrement")
    def test_counted_keys_are_distinct(self, orm: OrmDsl) -> None:
        """Keys that the store counts for several sessions at the same time are given once each."""

        def work(client: OrmDsl, worker: Worker) -> list[tuple[int | None, str]]:
            names = [f"{worker.number}{row}" for row in range(ROUNDS)]
            return [(client.create_and_verify(self.Counted, name=name).id, name) for name in names]

        made = dict(row for rows in orm.concurrently(WORKERS, work) for row in rows)
        assert len(made) == WORKERS * ROUNDS
        assert {row.id: row.name for row in orm.all_models(self.Counted)} == made

    def test_one_of_several_has_the_key(self, orm: OrmDsl) -> None:
        """Of eight that create the row of one key at the same time, exactly one succeeds, and its row is the one stored."""
        for number in range(ROUNDS):
            key = f"key {number}"

            def work(client: OrmDsl, worker: Worker, key: str = key) -> OperationResult[Any]:
                return client.create_model(self.Person, id=key, age=worker.number)

            winner = self.winner(orm.concurrently(WORKERS, work))
            orm.get_and_verify_exists(self.Person, id=key, age=winner.age)
        orm.query_and_verify_count(self.Person, ROUNDS)

    @requires("unique")
    def test_one_of_several_has_the_unique_value(self, orm: OrmDsl) -> None:
        """Of eight that create rows with one unique value at the same time, exactly one succeeds, and no other row is stored."""
        for number in range(ROUNDS):
            email = f"email {number}"

            def work(client: OrmDsl, worker: Worker, email: str = email) -> OperationResult[Any]:
                return client.create_model(self.Person, id=f"{email} {worker.number}", email=email)

            winner = self.winner(orm.concurrently(WORKERS, work))
            orm.get_and_verify_exists(self.Person, email=email, id=winner.id)
        orm.query_and_verify_count(self.Person, ROUNDS)

    @requires("unique")
    def test_one_of_several_is_given_the_unique_value(self, orm: OrmDsl) -> None:
        """Of eight that give their own rows one unique value at the same time, exactly one succeeds; the others stay as they are."""
        for number in range(WORKERS):
            orm.create_and_verify(self.Person, id=f"{number}")

        def work(client: OrmDsl, worker: Worker) -> OperationResult[Any]:
            return client.update_model(self.Person(id=f"{worker.number}"), email="one")

        winner = self.winner(orm.concurrently(WORKERS, work))
        assert [row.id for row in orm.all_models(self.Person) if row.email == "one"] == [winner.id]

    def test_one_of_several_deletes_the_row(self, orm: OrmDsl) -> None:
        """Of eight that delete one row at the same time, one finds it, the others `NotFoundError`, and it is gone."""
        orm.create_and_verify(self.Person, id="a")
        results = orm.concurrently(WORKERS, lambda client, _: client.delete_model(self.Person(id="a")))
        failed = [result.error for result in results if not result]
        assert {type(error) for error in failed} == {NotFoundError}
        assert len(failed) == WORKERS - 1
        orm.get_and_verify_not_exists(self.Person, id="a")

    def test_updates_of_different_fields_are_all_made(self, orm: OrmDsl) -> None:
        """An update writes the fields that it names: of sessions that change different ones of one row, none undoes another's."""
        orm.create_and_verify(self.Person, id="a")
        values = [{"name": f"name {number}", "age": number} for number in range(ROUNDS)]

        def work(client: OrmDsl, worker: Worker) -> object:
            field = ("name", "age")[worker.number]
            last: object = None
            for value in values:
                worker.wait()
                if self.made(client.update_model(self.Person(id="a"), {field: value[field]})):
                    last = value[field]
            return last

        name, age = orm.concurrently(2, work)
        orm.get_and_verify_exists(self.Person, id="a", name=name, age=age)

    def test_of_several_upserts_the_row_of_one_stays(self, orm: OrmDsl) -> None:
        """Upserts of one row at the same time leave one row, which is whole, as one of them gave it."""

        def work(client: OrmDsl, worker: Worker) -> bool:
            given = {"id": "a", "name": f"name {worker.number}", "age": worker.number}
            return self.made(client.upsert_model(self.Person, given))

        made = orm.concurrently(WORKERS, work)
        (row,) = orm.all_models(self.Person)
        assert row.age is not None
        assert row.name == f"name {row.age}"
        assert made[row.age]

    def test_an_update_does_not_bring_a_row_back(self, orm: OrmDsl) -> None:
        """A row that one session deletes while others update it is gone, whoever came first."""
        for number in range(ROUNDS):
            key = f"{number}"
            orm.create_and_verify(self.Person, id=key)

            def work(client: OrmDsl, worker: Worker, key: str = key) -> list[OperationResult[Any]]:
                worker.wait()
                if worker.number:
                    return [client.update_model(self.Person(id=key), age=age) for age in range(ROUNDS)]
                for _ in range(ROUNDS):  # so that the others have begun
                    assert client.get_model(self.Person, id=key).success
                return [client.delete_model(self.Person(id=key))]

            (deleted,), *updated = orm.concurrently(3, work)
            assert deleted.success
            failed = {type(result.error) for results in updated for result in results if not result}
            assert failed <= {NotFoundError, ConflictError}
            orm.get_and_verify_not_exists(self.Person, id=key)

    @requires("conditional_writes")
    def test_a_write_on_a_condition_is_judged_where_the_row_is(self, orm: OrmDsl) -> None:
        """A store that judges conditions itself lets one of two sessions create, and the loser changes nothing of the winner's row."""
        for number in range(ROUNDS):
            key = f"{number}"

            def work(client: OrmDsl, worker: Worker, key: str = key) -> OperationResult[Any]:
                return client.create_model(self.Person, id=key, name=f"of {worker.number}", age=worker.number)

            winner = self.winner(orm.concurrently(2, work))
            orm.get_and_verify_exists(self.Person, id=key, name=winner.name, age=winner.age)

    @requires("isolation_levels")
    def test_no_update_is_lost_where_a_level_prevents_it(self, orm: OrmDsl) -> None:
        """Sessions that read a number and write the next one, anew where they had to give way, have counted to the end."""
        safe = [level for level in levels(orm) if "P4" not in declared(orm).get(level, ())]
        if not safe:
            pytest.fail("no level declares that it prevents a lost update (P4)")
        orm.create_and_verify(self.Person, id="a", age=0)

        def work(client: OrmDsl) -> None:
            for _ in range(ROUNDS):
                self.count(client, safe[-1])

        orm.concurrently(3, lambda client, _: work(client))
        assert orm.get_and_verify_exists(self.Person, id="a").age == 3 * ROUNDS

    @requires("overlapping_transactions")
    def test_of_two_that_are_in_each_others_way_one_goes_on(self, orm: OrmDsl) -> None:
        """Of two blocks that each want the row that the other wrote, one gets `ConflictError` and is undone, and the other ends well."""
        for key in "ab":
            orm.create_and_verify(self.Person, id=key, age=0)

        def work(client: OrmDsl, worker: Worker) -> int | None:
            try:
                with client.transaction():
                    client.update_and_verify(self.Person(id="ab"[worker.number]), age=1 + worker.number)
                    worker.wait()
                    self.checked(
                        client.update_model(self.Person(id="ba"[worker.number]), age=1 + worker.number)
                    )
            except ConflictError:
                return None
            return 1 + worker.number

        done = orm.concurrently(2, work)
        (age,) = [each for each in done if each is not None]
        assert [row.age for row in orm.all_models(self.Person)] == [age, age]

    @requires("overlapping_transactions", "unique")
    def test_a_write_that_gave_way_to_a_block_says_so(self, orm: OrmDsl) -> None:
        """Of a write and a block that are in each other's way, each that says that it is done is stored, and the other is undone."""
        for number in range(ROUNDS):
            assert orm.clear_storage().success
            orm.create_and_verify(self.Person, id="wants")
            orm.create_and_verify(self.Person, id="has", email="one")
            for other in range(WORKERS):
                orm.create_and_verify(self.Person, id=f"{other}")
            answered = Event()

            def work(client: OrmDsl, worker: Worker, answered: Event = answered) -> bool:
                if worker.number:
                    worker.wait()
                    result = client.update_model(self.Person(id="wants"), email="one")
                    answered.set()
                    assert isinstance(result.error, DuplicateKeyError | ConflictError | None), result
                    return result.success
                with suppress(ConflictError), client.transaction():
                    for other in range(WORKERS):
                        client.update_and_verify(self.Person(id=f"{other}"), age=1)
                    client.update_and_verify(self.Person(id="has"), email=None)
                    worker.wait()
                    answered.wait(QUICK)
                    self.checked(client.update_model(self.Person(id="wants"), age=1))
                    return True
                return False

            block, written = orm.concurrently(2, work)
            rows = {row.id: row for row in orm.all_models(self.Person)}
            assert (rows["has"].email, rows["wants"].age) == ((None, 1) if block else ("one", None)), number
            assert rows["wants"].email == ("one" if written else None), number

    def count(self, client: OrmDsl, level: str) -> None:
        """One more, however often it takes."""
        for _ in range(ATTEMPTS):
            try:
                with client.transaction(isolation=level):
                    row = self.checked(client.get_model(self.Person, id="a"))
                    self.checked(client.update_model(row, age=row.age + 1))
            except ConflictError:
                continue
            return
        pytest.fail(f"a session had to give way {ATTEMPTS} times in a row")

    def winner(self, results: list[OperationResult[Any]]) -> Any:
        """The row of the one that succeeded; all others were told that it is a duplicate."""
        won = [result.data for result in results if result]
        assert {type(result.error) for result in results if not result} == {DuplicateKeyError}
        assert len(won) == 1
        return won[0]

    def made(self, result: OperationResult[Any]) -> bool:
        """Whether the write was made; not to be is to have given way."""
        assert result.error is None or isinstance(result.error, ConflictError)
        return result.success

    def checked(self, result: OperationResult[Any]) -> Any:
        if result.error is not None:
            raise result.error
        return result.data
