"""What the clients of several sessions tell the test, on every backend that has them; what the sessions do is the kit's."""

import pytest
from everywhere import BACKENDS

from orm_testing import (
    AccessError,
    AsyncMultiBackendTestBase,
    ConfigurationError,
    Field,
    Model,
    MultiBackendTestBase,
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
