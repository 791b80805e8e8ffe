"""Sessions that work at the same time, and the isolation between them, mean the same on every backend that has them."""

import pytest
from everywhere import BACKENDS

from orm_testing import (
    AccessError,
    AsyncMultiBackendTestBase,
    ConfigurationError,
    ConflictError,
    DuplicateKeyError,
    Field,
    Model,
    MultiBackendTestBase,
    UnsupportedError,
    requires,
)


class Account(Model):
    id: str = Field(primary_key=True)
    balance: int = 0


class Base(MultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Account]


@requires("sessions")
class TestSessions(Base):
    def test_each_worker_writes_in_its_own_session(self, orm):
        """What each worker writes is stored, and the answers come in the order of the workers."""

        def work(client, worker):
            return client.create_and_verify(Account, id=f"a{worker.number}")

        assert [made.id for made in orm.concurrently(4, work)] == ["a0", "a1", "a2", "a3"]
        orm.query_and_verify_count(Account, 4)

    def test_one_of_several_wins(self, orm):
        """Of several that create the same row at the same time, exactly one succeeds."""
        results = orm.concurrently(
            4, lambda client, worker: client.create_model(Account, id="a", balance=worker.number)
        )
        (winner,) = [result.data for result in results if result]
        assert {type(result.error) for result in results if not result} == {DuplicateKeyError}
        orm.get_and_verify_exists(Account, id="a", balance=winner.balance)

    def test_the_first_error_is_raised_with_its_worker(self, orm):
        """The error of a worker reaches the test, and says which worker it was."""

        def work(client, worker):
            if worker.number == 1:
                raise ValueError("mine")
            return client.count_models(Account)

        with pytest.raises(ValueError, match="mine") as caught:
            orm.concurrently(3, work)
        assert caught.value.__notes__[0] == "in worker 1 of 3, which count from 0"

    def test_workers_do_not_wait_for_one_that_ended(self, orm):
        """Who waits for a worker that has ended is told so, instead of waiting."""

        def work(client, worker):
            if worker.number == 0:
                worker.wait()

        with pytest.raises(
            ConfigurationError, match=r"worker 0 waits for the others, and worker 1 has ended"
        ):
            orm.concurrently(2, work)

    def test_given_rows_of_workers_are_distinct(self, orm):
        """`given` makes rows that do not meet, whoever asks."""
        orm.concurrently(4, lambda client, _: [client.given(Account) for _ in range(5)])
        assert orm.count_models(Account) == 20


@requires("overlapping_transactions")
class TestOverlapping(Base):
    def test_a_transaction_is_seen_by_others_when_it_is_committed(self, orm):
        """What is written in an open transaction is its own; committed, it is everybody's."""

        def work(client, worker):
            if worker.number == 0:
                with client.transaction():
                    client.create_and_verify(Account, id="a")
                    worker.wait()
                    worker.wait()
                worker.wait()
                return None
            worker.wait()
            before = client.count_models(Account)
            worker.wait()
            worker.wait()
            return before, client.count_models(Account)

        assert orm.concurrently(2, work) == [None, (0, 1)]

    @requires("isolation_levels")
    @pytest.mark.parametrize(("isolation", "seen"), [("read committed", 5), ("repeatable read", 0)])
    def test_an_isolation_level_says_what_is_seen(self, orm, isolation, seen):
        """A change that another session commits is seen in mid-transaction, or not, as the level says."""
        orm.create_and_verify(Account, id="a")

        def work(client, worker):
            if worker.number == 0:
                with client.transaction(isolation=isolation):
                    first = client.get_model(Account, id="a").data.balance
                    worker.wait()
                    worker.wait()
                    return first, client.get_model(Account, id="a").data.balance
            worker.wait()
            client.update_model(Account(id="a"), balance=5)
            worker.wait()
            return None

        assert orm.concurrently(2, work)[0] == (0, seen)
        with orm.transaction():
            orm.get_and_verify_exists(Account, id="a", balance=5)

    def test_a_deadlock_is_a_conflict(self, orm):
        """Of two that each wait for the other's row, one gets `ConflictError`, and the other finishes."""
        orm.create_many_and_verify(Account, [{"id": "a"}, {"id": "b"}])

        def work(client, worker):
            mine, other = ("a", "b") if worker.number == 0 else ("b", "a")
            try:
                with client.transaction():
                    client.update_and_verify(Account(id=mine), balance=worker.number + 1)
                    worker.wait()
                    result = client.update_model(Account(id=other), balance=worker.number + 1)
                    if not result:
                        raise result.error
            except ConflictError:
                return "conflict"
            return worker.number + 1

        done = orm.concurrently(2, work)
        assert "conflict" in done
        (balance,) = [each for each in done if each != "conflict"]
        assert [account.balance for account in orm.all_models(Account)] == [balance, balance]

    @requires("isolation_levels")
    def test_a_serialisation_failure_is_a_conflict(self, orm):
        """Two that each read what the other writes cannot both commit at the level serializable."""
        orm.create_many_and_verify(Account, [{"id": "a", "balance": 1}, {"id": "b", "balance": 1}])

        def work(client, worker):
            try:
                with client.transaction(isolation="serializable"):
                    total = sum(account.balance for account in client.all_models(Account))
                    worker.wait()
                    result = client.update_model(Account(id="ab"[worker.number]), balance=-total)
                    if not result:
                        raise result.error
            except ConflictError:
                return "conflict"
            return "done"

        assert sorted(orm.concurrently(2, work)) == ["conflict", "done"]


@requires("users")
class TestUsers(Base):
    def test_a_read_only_user_reads_and_cannot_write(self, orm):
        """Privileges hold: reading works, each write is refused, and nothing changes."""
        account = orm.create_and_verify(Account, id="a", balance=3)
        reader = orm.as_user(read_only=True)
        assert reader.get_and_verify_exists(Account, id="a").balance == 3
        reader.expect_create_failure(Account, AccessError, id="b")
        reader.expect_update_failure(account, AccessError, balance=4)
        reader.expect_delete_failure(account, AccessError)

    def test_a_user_of_rows_writes_rows(self, orm):
        """A user who may change rows does, and sees what others wrote."""
        orm.create_and_verify(Account, id="a")
        writer = orm.as_user(read_only=False)
        writer.create_and_verify(Account, id="b")
        writer.delete_and_verify(writer.get_and_verify_exists(Account, id="a"))
        assert [account.id for account in orm.all_models(Account)] == ["b"]


class TestLevels(Base):
    @requires("transactions")
    def test_an_unknown_level_is_an_error(self, orm):
        """A level that SQL does not know is the test's mistake, and says what there is."""
        with (
            pytest.raises(
                ConfigurationError, match=r"'serialisable' is not an isolation level. Did you mean"
            ),
            orm.transaction(isolation="serialisable"),
        ):
            pass

    @requires("transactions")
    def test_a_level_that_the_backend_lacks_is_unsupported(self, orm):
        """A level is never quietly taken for another one."""
        offered = orm.driver.capabilities.get("isolation_levels", ())
        if "read uncommitted" in offered:
            with orm.transaction(isolation="read uncommitted"):
                orm.create_and_verify(Account, id="a")
            return
        with (
            pytest.raises(UnsupportedError, match="has no isolation level 'read uncommitted'"),
            orm.transaction(isolation="read uncommitted"),
        ):
            pass

    @requires("isolation_levels")
    def test_a_nested_transaction_has_the_level_of_the_outer(self, orm):
        """The level is named where the transaction begins."""
        with (
            orm.transaction(isolation="serializable"),
            pytest.raises(
                ConfigurationError, match="a nested transaction is in the isolation of the outer one"
            ),
            orm.transaction(isolation="serializable"),
        ):
            pass

    @requires("isolation_levels")
    def test_a_level_holds_for_its_transaction_alone(self, orm):
        """After a transaction with a level of its own, the next one has the store's again."""
        with orm.transaction(isolation="serializable"):
            orm.create_and_verify(Account, id="a")
        with orm.transaction():
            orm.create_and_verify(Account, id="b")
        assert orm.count_models(Account) == 2


class AsyncBase(AsyncMultiBackendTestBase):
    ENABLED_BACKENDS = BACKENDS

    def get_test_models(self):
        return [Account]


@requires("sessions")
class TestAwaitedSessions(AsyncBase):
    @pytest.mark.asyncio
    async def test_each_worker_writes_in_its_own_session(self, orm):
        """Tasks work at the same time as threads do."""

        async def work(client, worker):
            await worker.wait()
            return await client.create_and_verify(Account, id=f"a{worker.number}")

        made = await orm.concurrently(3, work)
        assert [each.id for each in made] == ["a0", "a1", "a2"]
        await orm.query_and_verify_count(Account, 3)

    @pytest.mark.asyncio
    async def test_the_first_error_is_raised_with_its_worker(self, orm):
        """The error of a task reaches the test, and those that wait for it are not left waiting."""

        async def work(client, worker):
            if worker.number == 1:
                raise ValueError("mine")
            await worker.wait()

        with pytest.raises(ValueError, match="mine") as caught:
            await orm.concurrently(2, work)
        assert caught.value.__notes__[0] == "in worker 1 of 2, which count from 0"

    @pytest.mark.asyncio
    @requires("users")
    async def test_a_read_only_user_cannot_write(self, orm):
        """Privileges hold for awaited clients."""
        await orm.create_and_verify(Account, id="a")
        reader = await orm.as_user(read_only=True)
        await reader.expect_create_failure(Account, AccessError, id="b")
        assert await reader.count_models(Account) == 1
