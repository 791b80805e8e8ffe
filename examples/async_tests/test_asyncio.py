"""The same verbs, awaited, with pytest-asyncio."""

import pytest

from orm_testing import AsyncMultiBackendTestBase, DuplicateKeyError, Field, Model, requires

pytestmark = pytest.mark.asyncio


class Account(Model):
    owner: str = Field(primary_key=True)
    balance: int = 0


class TestAccounts(AsyncMultiBackendTestBase):
    ENABLED_BACKENDS = ["inmemory", "sqlite", "sqlite_file"]

    def get_test_models(self):
        return [Account]

    async def test_create(self, orm):
        """A created account is in the store as it was returned."""
        orm_client, _ = orm
        account = await orm_client.create_and_verify(Account, owner="alice")
        assert account.balance == 0
        await orm.expect_create_failure(Account, DuplicateKeyError, owner="alice")

    async def test_change_and_delete(self, orm):
        """A change is stored, and a deleted account is gone."""
        account = await orm.create_and_verify(Account, owner="alice", balance=10)
        await orm.update_and_verify(account, balance=20)
        await orm.query_and_verify_count(Account, 1, balance__gt=10)
        await orm.delete_and_verify(account)

    @requires("transactions")
    async def test_transfer(self, orm):
        """A transfer that fails half-way leaves both accounts as they were."""
        alice = await orm.create_and_verify(Account, owner="alice", balance=10)
        await orm.create_and_verify(Account, owner="bob")
        async with orm.expect_rollback(RuntimeError):
            await orm.update_and_verify(alice, balance=0)
            raise RuntimeError("the line went dead")
        async with orm.transaction():
            await orm.update_and_verify(alice, balance=5)
        await orm.get_and_verify_exists(Account, owner="alice", balance=5)
