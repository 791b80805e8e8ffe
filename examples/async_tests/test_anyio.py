"""The same again with anyio, whose tests run on asyncio and on trio."""

import pytest

from orm_testing import AsyncMultiBackendTestBase, Field, Model, requires

pytestmark = pytest.mark.anyio


class Message(Model):
    id: int | None = Field(None, primary_key=True, generated=True)
    text: str


class OfMessages(AsyncMultiBackendTestBase):
    def get_test_models(self):
        return [Message]


class TestMessages(OfMessages):
    ENABLED_BACKENDS = ["inmemory", "sqlite"]

    @pytest.fixture(params=["asyncio"])
    def anyio_backend(self, request):
        """The event loops that every driver of the class can run on."""
        return request.param

    async def test_create(self, orm):
        """A created message is found again."""
        message = await orm.create_and_verify(Message, text="hello")
        await orm.get_and_verify_exists(Message, id=message.id)


@requires("trio")
class TestMessagesOnTrio(OfMessages):
    ENABLED_BACKENDS = ["inmemory", "sqlite"]

    @pytest.fixture(params=["trio"])
    def anyio_backend(self, request):
        """Only trio: a driver that is bound to asyncio is unsupported here."""
        return request.param

    async def test_create(self, orm):
        """A sync driver serves from a thread of its own, whatever the event loop is."""
        message = await orm.create_and_verify(Message, text="hello")
        await orm.get_and_verify_exists(Message, id=message.id)


@pytest.mark.orm_backends("inmemory", models=[Message])
async def test_in_a_plain_function(orm):
    """An async function that is marked takes an async client, on asyncio and on trio."""
    await orm.create_and_verify(Message, text="hello")
    assert await orm.count_models(Message) == 1
