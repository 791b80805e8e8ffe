"""Money that several sessions move at the same time, on a file of SQLite and on a real PostgreSQL."""

from orm_testing import AccessError, ConflictError, Field, Model, MultiBackendTestBase, requires


class Account(Model):
    id: str = Field(primary_key=True)
    balance: int = Field(ge=0, default=100)


class Bank(MultiBackendTestBase):
    ENABLED_BACKENDS = ["sqlite_file", "postgres"]

    def get_test_models(self):
        return [Account]


def move(client, one, other, amount):
    """Take from one account and give to the other, both or neither; whoever is in the way raises `ConflictError`."""
    with client.transaction():
        for key, change in ((one, -amount), (other, amount)):
            account = client.get_and_verify_exists(Account, id=key)
            result = client.update_model(account, balance=account.balance + change)
            if not result:
                raise result.error


class TestAtTheSameTime(Bank):
    def test_an_account_is_opened_once(self, orm):
        """Four customers want the same number, and one gets it."""
        opened = orm.concurrently(4, lambda client, worker: client.create_model(Account, id="a").success)
        assert sorted(opened) == [False, False, False, True]

    def test_each_customer_has_an_account(self, orm):
        """Four sessions write at the same time, and nothing is lost."""
        orm.concurrently(4, lambda client, worker: client.create_and_verify(Account, id=f"a{worker.number}"))
        orm.query_and_verify_count(Account, 4, balance=100)


@requires("overlapping_transactions")
class TestTransfers(Bank):
    def test_crossing_transfers_lose_no_money(self, orm):
        """Two transfers in opposite directions may deadlock; the one that gives way changes nothing."""
        orm.create_many_and_verify(Account, [{"id": "a"}, {"id": "b"}])

        def cross(client, worker):
            try:
                move(client, *(("a", "b") if worker.number else ("b", "a")), 10)
            except ConflictError:
                return "gave way"
            return "moved"

        assert "moved" in orm.concurrently(2, cross)
        orm.query_and_verify_count(Account, 2)

    def test_who_reads_both_and_writes_one_is_stopped(self, orm):
        """Together the accounts must not go below zero; at the level serializable only one withdrawal passes."""
        orm.create_many_and_verify(Account, [{"id": "a", "balance": 30}, {"id": "b", "balance": 30}])

        def withdraw(client, worker):
            try:
                with client.transaction(isolation="serializable"):
                    total = sum(account.balance for account in client.all_models(Account))
                    worker.wait()
                    if total >= 60:
                        result = client.update_model(Account(id="ab"[worker.number]), balance=0)
                        if not result:
                            raise result.error
            except ConflictError:
                return "stopped"
            return "withdrawn"

        assert sorted(orm.concurrently(2, withdraw)) == ["stopped", "withdrawn"]


@requires("users")
class TestAuditors(Bank):
    def test_an_auditor_reads_and_does_not_write(self, orm):
        """A user made for the test sees the accounts and cannot touch them."""
        account = orm.create_and_verify(Account, id="a")
        auditor = orm.as_user(read_only=True)
        auditor.get_and_verify_exists(Account, id="a", balance=100)
        auditor.expect_update_failure(account, AccessError, balance=0)
