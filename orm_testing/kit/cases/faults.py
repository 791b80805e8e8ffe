"""Faults: the server is gone before, during or after an operation. Nothing is called absent, and no loss is kept quiet."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import ConflictError, UnavailableError
from orm_testing.faults.proxy import Side
from orm_testing.kit.support import models
from orm_testing.kit.support.cases import Cases, stored
from orm_testing.kit.support.proxied import MOST, Link, linked, why_not
from orm_testing.marks import requires
from orm_testing.operations import (
    AttachOperation,
    BeginOperation,
    ClearOperation,
    CommitOperation,
    CountOperation,
    CreateManyOperation,
    CreateOperation,
    DeleteOperation,
    DetachOperation,
    ExistsOperation,
    GetOperation,
    Operation,
    QueryOperation,
    UpdateOperation,
    UpsertOperation,
)
from orm_testing.plugin.keys import ALTER, DECIDED
from orm_testing.results import OperationResult

Rows = list[dict[str, Any]]

LOST = (UnavailableError, ConflictError)
"""What a write may say whose outcome its client cannot know; the second where it was sent again."""

SIDES: tuple[Side, ...] = ("request", "answer")
ONE = {"room": "r", "number": 1}
NEW = {"room": "r", "number": 2, "place": 2}
SEVERAL = [{"room": "s", "number": number} for number in range(3)]

WRITES: Mapping[str, Callable[[type[Any], Any], Operation]] = {
    "create": lambda seat, _: CreateOperation(seat, NEW),
    "update": lambda seat, row: UpdateOperation(seat, row, {"taken": True, "place": 7}),
    "upsert": lambda seat, _: UpsertOperation(seat, {**ONE, "place": 7}),
    "delete": DeleteOperation,
    "clear": lambda *_: ClearOperation(),
}
ATTACHING: Mapping[str, tuple[Callable[[type[Any], Any], Operation], bytes | None]] = {
    "attach": (lambda seat, row: AttachOperation(seat, row, "ticket", b"new"), b"new"),
    "detach": (lambda seat, row: DetachOperation(seat, row, "ticket"), None),
}
"""Each with what is attached when it is done."""

READS: Mapping[str, Callable[[type[Any]], Operation]] = {
    "get": lambda seat: GetOperation(seat, ONE),
    "query": lambda seat: QueryOperation(seat, {"taken": False}),
    "count": CountOperation,
    "exists": lambda seat: ExistsOperation(seat, ONE),
}


class Faults(Cases):
    """A driver whose server is gone says so; what it says was done is done, and what it says is absent is absent."""

    Person = stored(models.Person)
    Seat = stored(models.Seat)
    Counted = stored(models.Counted)
    Drawn = stored(models.Drawn)

    @pytest.fixture
    def link(self, request: pytest.FixtureRequest, orm: OrmDsl) -> Iterator[Link]:
        """A second client of the store, by way of a proxy."""
        reason = why_not(orm)
        if reason is not None:
            self.unsupported(request, reason)
        with linked(orm, lambda: self.made(request, orm)) as link:
            assert link.client.count_models(self.Seat) == 0
            if not link.proxy.connections:
                self.unsupported(request, f"{orm.get_backend_name()} reaches its server by another address")
            yield link

    def unsupported(self, request: pytest.FixtureRequest, reason: str) -> None:
        request.node.stash[DECIDED] = ("unsupported", reason)
        pytest.skip(f"unsupported: {reason}")

    def made(self, request: pytest.FixtureRequest, orm: OrmDsl) -> Any:
        driver = self.create_driver(orm.get_backend_name())
        alter = request.config.stash.get(ALTER, None)
        if alter is not None:
            alter(driver)
        return driver

    @pytest.mark.parametrize("side", SIDES)
    @pytest.mark.parametrize("verb", WRITES)
    def test_a_write_whose_connection_is_lost_is_whole_or_nothing(
        self, orm: OrmDsl, link: Link, verb: str, side: Side
    ) -> None:
        """Wherever the connection is cut, a write that succeeded is stored, and one that was lost is whole or not at all."""
        self.swept(orm, link, side, lambda row: WRITES[verb](self.Seat, row))

    def test_a_write_whose_every_answer_is_lost_is_not_judged_by_what_is_stored(
        self, orm: OrmDsl, link: Link
    ) -> None:
        """However often it is sent again, a row that was created and whose answers were lost is no duplicate of itself."""
        for point, _ in link.points():
            for times in range(1, MOST):
                self.begun(orm)
                with link.cut(point, "answer", times=times):
                    result = link.client.driver.execute(CreateOperation(self.Seat, NEW))
                done = self.known(result)
                found = len(orm.driver.committed_rows(self.Seat))
                assert found == 2 or (not done and found == 1), (point, times, done, found)
                self.works_again(link.client, found)
                if type(result.peek()) is UnavailableError or not link.proxy.struck:
                    break
            else:
                pytest.fail(f"it was sent {MOST} times")

    @requires("bulk", "transactions")
    @pytest.mark.parametrize("side", SIDES)
    def test_several_rows_whose_connection_is_lost_are_all_or_none(
        self, orm: OrmDsl, link: Link, side: Side
    ) -> None:
        """Wherever the connection is cut, of rows created together all are stored or none, where there are transactions."""
        self.swept(orm, link, side, lambda _: CreateManyOperation(self.Seat, SEVERAL), until_lost=True)

    @requires("bulk")
    @pytest.mark.parametrize("side", SIDES)
    def test_several_rows_whose_connection_is_lost_are_whole(
        self, orm: OrmDsl, link: Link, side: Side
    ) -> None:
        """Wherever the connection is cut, rows whose creation succeeded are all stored, and of lost ones each is whole."""
        self.swept(orm, link, side, lambda _: CreateManyOperation(self.Seat, SEVERAL), rowwise=True)

    @requires("attachments")
    @pytest.mark.parametrize("side", SIDES)
    @pytest.mark.parametrize("verb", ATTACHING)
    def test_an_attachment_whose_connection_is_lost_is_whole_or_nothing(
        self, orm: OrmDsl, link: Link, verb: str, side: Side
    ) -> None:
        """Wherever the connection is cut, what is attached is what was or what is to be, and the latter once that is said."""
        operation, after = ATTACHING[verb]
        done = False
        for point, times in link.points():
            row = self.begun(orm)
            orm.attach(row, "ticket", b"old")
            with link.cut(point, side, times=times):
                done = self.known(link.client.driver.execute(operation(self.Seat, row)))
            found = orm.driver.attachment_of(self.Seat, ONE, "ticket")
            assert found == after or (not done and found == b"old"), (point, done, found)
            self.works_again(link.client, 1)
        assert done

    @pytest.mark.parametrize("side", SIDES)
    @pytest.mark.parametrize("verb", READS)
    def test_a_read_whose_connection_is_lost_says_so(
        self, orm: OrmDsl, link: Link, verb: str, side: Side
    ) -> None:
        """A read answers as ever, or says `UnavailableError`: never that what is stored is absent."""
        orm.create_and_verify(self.Seat, ONE)
        operation = READS[verb](self.Seat)
        told = orm.driver.execute(operation)
        assert told.success
        with link.cut(1, side):
            result = link.client.driver.execute(operation)
        assert link.proxy.struck
        if result.success:
            assert result.data == told.data
        else:
            assert type(result.error) is UnavailableError, result
        self.works_again(link.client, 1)

    def test_while_the_server_is_gone_nothing_is_known(self, orm: OrmDsl, link: Link) -> None:
        """With nobody there each operation is `UnavailableError`; when the server is back, all is as it was and works."""
        row = orm.create_and_verify(self.Seat, ONE)
        operations = [
            *(each(self.Seat, row) for each in WRITES.values()),
            *(each(self.Seat) for each in READS.values()),
        ]
        attaches = "attachments" in orm.driver.capabilities
        if attaches:
            orm.attach(row, "ticket", b"old")
            operations += [each(self.Seat, row) for each, _ in ATTACHING.values()]
        before = orm.driver.committed_rows(self.Seat)
        clients = [link.another() for _ in operations]
        assert all(client.get_model(self.Seat, ONE).success for client in clients)
        link.proxy.refuse()
        link.proxy.cut()
        for result in self.at_once(clients, operations):
            assert type(result.error) is UnavailableError, result
        link.proxy.let_through()
        assert orm.driver.committed_rows(self.Seat) == before
        assert not attaches or orm.driver.attachment_of(self.Seat, ONE, "ticket") == b"old"
        for client in clients:
            self.works_again(client, 1)
        assert clients[0].create_model(self.Seat, NEW).success
        assert len(orm.driver.committed_rows(self.Seat)) == 2

    def at_once(
        self, clients: Sequence[OrmDsl], operations: Sequence[Operation]
    ) -> list[OperationResult[Any]]:
        """Each operation by its own client: some of them wait for a server that is gone for as long as they may."""
        with ThreadPoolExecutor(len(operations)) as threads:
            drivers = [client.driver for client in clients]
            return list(threads.map(lambda driver, operation: driver.execute(operation), drivers, operations))

    @requires("transactions")
    @pytest.mark.parametrize("side", SIDES)
    def test_a_transaction_whose_connection_is_lost_is_whole_or_nothing(
        self, orm: OrmDsl, link: Link, side: Side
    ) -> None:
        """Wherever it is cut, what a transaction said was written is stored when it said that it was committed, or never."""
        committed, said = False, list[int]()
        for point, times in link.points(until_lost=True):
            assert orm.clear_storage().success
            with link.cut(point, side, times=times):
                committed, said = self.transaction(link.client)
            found = [row["number"] for row in orm.driver.committed_rows(self.Seat)]
            assert found == said or (not committed and found == []), (point, times, said, found)
            self.works_again(link.client, len(found))
        assert committed
        assert said == [0, 1]

    def transaction(self, client: OrmDsl) -> tuple[bool, list[int]]:
        """Two rows in a transaction: whether it was committed, and the numbers of the rows that it said it wrote."""
        execute = client.driver.execute
        if not self.known(execute(BeginOperation())):
            return False, []
        said = [
            number
            for number in range(2)
            if self.known(execute(CreateOperation(self.Seat, {"room": "s", "number": number})))
        ]
        return self.known(execute(CommitOperation())), said

    def known(self, result: OperationResult[Any]) -> bool:
        """Whether it succeeded; where it did not, that it was lost."""
        assert result.success or type(result.error) in LOST, result
        return result.success

    def swept(
        self,
        orm: OrmDsl,
        link: Link,
        side: Side,
        operation: Callable[[Any], Operation],
        *,
        rowwise: bool = False,
        until_lost: bool = False,
    ) -> None:
        """The operation with its connection cut at each point, until it is through before it comes to that.

        `rowwise`: what was lost may be done for some of the rows. `until_lost`: at each point, also as often as it is sent.
        """
        row = self.begun(orm)
        before = orm.driver.committed_rows(self.Seat)
        assert orm.driver.execute(operation(row)).success
        after = orm.driver.committed_rows(self.Seat)
        done = False
        for point, times in link.points(until_lost=until_lost):
            row = self.begun(orm)
            with link.cut(point, side, times=times):
                done = self.known(link.client.driver.execute(operation(row)))
            found = orm.driver.committed_rows(self.Seat)
            partly = rowwise and all(row in found for row in before) and all(row in after for row in found)
            assert found == after or (not done and (partly or found == before)), (point, times, done, found)
            self.works_again(link.client, len(found))
        assert done

    def begun(self, orm: OrmDsl) -> Any:
        """One row is stored, and it is this."""
        assert orm.clear_storage().success
        return orm.create_and_verify(self.Seat, ONE)

    def works_again(self, client: OrmDsl, number: int) -> None:
        """The server is there: the client says at most once that it was not, and then what is stored."""
        result = client.driver.execute(CountOperation(self.Seat))
        if not result.success:
            assert type(result.error) is UnavailableError, result
            result = client.driver.execute(CountOperation(self.Seat))
        assert result.success, result
        assert result.data == number
