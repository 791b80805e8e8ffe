"""Lifecycle: a test begins with an empty store, or with what was loaded; what is stored is there for whoever opens it."""

import gc
import os
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest

from orm_testing.driver import DriverInterface
from orm_testing.dsl.client import OrmDsl
from orm_testing.kit.support.plain import Plain
from orm_testing.kit.support.resetting import resets
from orm_testing.marks import new_store, requires
from orm_testing.operations import BeginOperation

SESSIONS = 8
MOST_FILES = 4096


class Lifecycle(Plain):
    """A store is emptied by a clear, by a reset, and between tests; what is in it is there for every session."""

    def test_a_clear_removes_every_row_of_every_model(self, orm: OrmDsl) -> None:
        """After a clear nothing is stored, by anybody's word, and keys and unique values can be taken anew."""
        self.fill(orm)
        assert orm.clear_storage().success
        self.expect_empty(orm)

    def test_an_empty_store_can_be_cleared(self, orm: OrmDsl) -> None:
        """To clear an empty store is no failure, once and once more."""
        assert orm.clear_storage().success
        assert orm.clear_storage().success
        self.expect_empty(orm)

    def test_a_reset_removes_every_row_of_every_model(self, orm: OrmDsl) -> None:
        """After a reset in mid-test nothing is stored, and keys and unique values can be taken anew, time and again."""
        for _ in range(2):
            self.fill(orm)
            if resets(orm):
                self.expect_empty(orm)
                orm.reset()
            else:
                orm.clear_storage()

    @requires("autoincrement")
    def test_a_reset_counts_keys_anew(self, orm: OrmDsl) -> None:
        """The first key that the store makes after a reset is the first that it made in the test."""
        first = orm.create_and_verify(self.Counted).id
        orm.create_and_verify(self.Counted)
        if resets(orm):
            assert orm.create_and_verify(self.Counted).id == first

    @requires("transactions")
    def test_a_reset_ends_what_was_left_open(self, orm: OrmDsl) -> None:
        """A reset undoes a transaction that nobody ended, and what is written after it stays."""
        assert orm.driver.execute(BeginOperation()).success
        orm.create_model(self.Person, id="a")
        if resets(orm):
            self.expect_empty(orm)
            if "sessions" in orm.driver.capabilities:
                assert orm.concurrently(1, lambda client, _: client.count_models(self.Person)) == [1]
            assert len(orm.driver.committed_rows(self.Person)) == 1

    @pytest.mark.parametrize("time", [1, 2, 3])
    def test_a_test_finds_nothing_of_another(self, orm: OrmDsl, time: int) -> None:
        """Each of these tests leaves rows in every model, and finds an empty store, whichever comes first."""
        self.expect_empty(orm)
        orm.create_and_verify(self.Person, id=f"left by {time}")

    @new_store
    @pytest.mark.parametrize("time", [1, 2])
    def test_a_new_store_is_empty(self, orm: OrmDsl, time: int) -> None:
        """A test that asks for a new store finds it empty, and works on it; what it leaves no other such test finds."""
        self.expect_empty(orm)

    @requires("sessions")
    def test_another_session_finds_what_is_stored(self, orm: OrmDsl) -> None:
        """What one session wrote another one reads, changes and removes, and the first one finds it so."""
        made = orm.create_and_verify(self.Person, id="a", name="Ann")
        gone = orm.create_and_verify(self.Person, id="b")

        def work(client: OrmDsl, _: Any) -> Any:
            found = client.get_model(self.Person, id="a").data
            assert client.update_model(found, name="Bob").success
            assert client.delete_model(gone).success
            return found

        assert orm.concurrently(1, work) == [made]
        assert orm.get_and_verify_exists(self.Person, id="a").name == "Bob"
        orm.get_and_verify_not_exists(self.Person, id="b")

    @requires("sessions")
    def test_what_a_closed_session_wrote_stays(self, orm: OrmDsl) -> None:
        """What a session wrote is stored when it is closed, and a session opened after that finds it."""
        orm.concurrently(1, lambda client, _: client.create_and_verify(self.Person, id="a", name="Ann"))
        assert orm.get_and_verify_exists(self.Person, id="a").name == "Ann"
        assert orm.concurrently(1, lambda client, _: client.count_models(self.Person)) == [1]

    @requires("sessions")
    def test_a_closed_session_gives_back_what_it_took(self, orm: OrmDsl) -> None:
        """Sessions that were opened, used and closed hold no files and no connections."""
        held: list[DriverInterface] = []
        assert orm.count_models(self.Person) == 0
        gc.collect()  # what others left to it would be counted as given back here
        before = _open_files()
        for number in range(SESSIONS):
            session = orm.driver.session()
            held.append(session)
            client = OrmDsl(orm.context.session(session, alone=True), session)
            client.create_and_verify(self.Person, id=str(number))
            session.close()
        assert _open_files() < before + SESSIONS // 2
        assert orm.count_models(self.Person) == SESSIONS

    def test_the_fingerprint_tells_the_product(self, orm: OrmDsl) -> None:
        """It is the same each time and of each driver of the backend, says what the store says, and tells no password."""
        told = orm.driver.fingerprint()
        assert told.strip() == told != ""
        orm.create_and_verify(self.Person, id="a")
        assert orm.driver.fingerprint() == told
        assert self.opened_anew(orm) == told
        store = orm.driver.store
        if store is not None:
            assert store.fingerprint() in told
            password = urlsplit(store.server.url).password if store.server is not None else None
            assert not password or password not in told

    def opened_anew(self, orm: OrmDsl) -> str:
        """What another driver tells, made as the test's was, on the same store where there is one."""
        if "sessions" in orm.driver.capabilities:
            driver = orm.driver.session()
        elif orm.driver.store is not None:
            return orm.driver.fingerprint()
        else:
            driver = self.create_driver(orm.get_backend_name())
            driver.backend_name, driver.clock = orm.get_backend_name(), orm.clock
            driver.setup_backend(self.get_test_models())
        try:
            return driver.fingerprint()
        finally:
            driver.close()


class Loaded(Plain):
    """What a class loads is there at the start of each of its tests, whatever the last one did to it."""

    def load(self, orm: OrmDsl) -> None:
        for key in ("a", "b"):
            orm.create_and_verify(self.Person, id=key, email=f"{key}@example.com", age=1)
        if "autoincrement" in orm.driver.capabilities:
            orm.create_and_verify(self.Counted, name="loaded")

    def expect_loaded(self, orm: OrmDsl) -> None:
        people = orm.all_models(self.Person)
        assert [(row.id, row.email, row.age) for row in people] == [
            ("a", "a@example.com", 1),
            ("b", "b@example.com", 1),
        ]
        assert orm.count_models(self.Seat) == 0
        if "autoincrement" in orm.driver.capabilities:
            (counted,) = orm.all_models(self.Counted)
            assert orm.create_and_verify(self.Counted).id != counted.id

    @pytest.mark.parametrize("time", [1, 2])
    def test_what_was_removed_is_put_back(self, orm: OrmDsl, time: int) -> None:
        """A test that clears the store finds what was loaded, and so does the next."""
        self.expect_loaded(orm)
        assert orm.clear_storage().success
        assert orm.count_models(self.Person) == 0

    @pytest.mark.parametrize("time", [1, 2])
    def test_what_was_changed_is_as_it_was(self, orm: OrmDsl, time: int) -> None:
        """A test that changes rows and adds some finds what was loaded and no more, and so does the next."""
        self.expect_loaded(orm)
        first, second = orm.all_models(self.Person)
        orm.update_and_verify(first, email=None, age=50 + time)
        orm.delete_and_verify(second)
        orm.create_and_verify(self.Person, id="c", email="b@example.com")
        orm.create_and_verify(self.Seat, room="r", number=1)


def _open_files() -> int:
    """How many files and sockets this process holds open."""
    number = 0
    for descriptor in range(MOST_FILES):
        with suppress(OSError):
            os.fstat(descriptor)
            number += 1
    return number
