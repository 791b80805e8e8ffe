"""Attachments through drivers that are no database: what the backdoor is, and what is no attachment."""

import asyncio

import pytest

from orm_testing import (
    AsyncOrmDsl,
    AttachmentOperation,
    AttachOperation,
    Clock,
    DriverContractError,
    Field,
    MockDriver,
    Model,
    NotFoundError,
    Store,
    UnavailableError,
    UnsupportedError,
    VerificationError,
)
from orm_testing.dsl.context import Context
from orm_testing.threaded import ThreadedDriver


class Person(Model):
    id: str = Field(primary_key=True)


ANN = Person(id="ann")


def answering(attachment):
    """A handler that has one row, and answers so when it is asked for an attachment."""

    def handle(operation):
        if isinstance(operation, AttachmentOperation):
            if isinstance(attachment, Exception):
                raise attachment
            return attachment
        return None if isinstance(operation, AttachOperation) else [ANN]

    return handle


@pytest.fixture
def make_mock(make_orm):
    """Makes a client for some models on a driver that a handler plays."""
    return lambda handler, *models: make_orm(*models, driver=MockDriver(handler))


def test_a_driver_without_a_backdoor_is_asked_itself(make_mock):
    """As it is for rows."""
    orm = make_mock(answering(b"content"), Person)
    orm.attach(ANN, "file", b"content")
    assert [type(each).__name__ for each in orm.driver.operations].count("AttachmentOperation") == 1
    with pytest.raises(VerificationError, match="stored:   7 bytes"):
        orm.attach(ANN, "file", b"others")
    with pytest.raises(VerificationError, match="stored:   none"):
        make_mock(answering(NotFoundError("none")), Person).attach(ANN, "file", b"content")


def test_a_broken_backend_is_not_one_without_the_attachment(make_mock):
    """What is unavailable is not absent."""
    orm = make_mock(answering(UnavailableError("gone")), Person)
    for ask in (lambda: orm.attachment(ANN, "file"), lambda: orm.attach(ANN, "file", b"")):
        with pytest.raises(UnavailableError):
            ask()


def test_a_driver_that_answers_no_bytes_breaks_the_contract(make_mock):
    """Text is not taken for bytes."""
    with pytest.raises(DriverContractError, match="Return bytes"):
        make_mock(answering("content"), Person).attachment(ANN, "file")


def test_a_store_that_keeps_no_attachments_says_so():
    """Where a driver declares them and its store has no word on them."""
    with pytest.raises(UnsupportedError, match="keeps no attachments") as caught:
        Store.attachment(object.__new__(type("Shelf", (), {})), None, {}, "file")
    assert caught.value.capability == "attachments"


def test_a_driver_in_a_thread_is_asked_there(make_mock):
    """Async tests see the same backdoor."""
    from concurrent.futures import ThreadPoolExecutor

    async def scenario():
        with ThreadPoolExecutor(1) as thread:
            driver = ThreadedDriver(make_mock(answering(b"content"), Person).driver, thread)
            orm = AsyncOrmDsl(Context(driver, "mock", [Person], Clock()), driver)
            await orm.attach(ANN, "file", b"content")
            return await orm.attachment(ANN, "file")

    assert asyncio.run(scenario()) == b"content"
