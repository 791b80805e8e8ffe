"""A backend that has a stand-in and a server, between which its driver differs on purpose."""

import tempfile
from pathlib import Path

import pytest
from fake_projects import CONFTEST
from fake_service import FakeProduct

from orm_testing.cli import main
from orm_testing.services import runs
from orm_testing.services.ladder import Settings
from orm_testing.services.servers import Servers

TWOFOLD = (
    CONFTEST.replace("register()", "")
    + """
from orm_testing import InMemoryDriver, NotFoundError
from orm_testing.backends import Backend, registry

class TwofoldStore(FakeStore):
    def reset(self):
        InMemoryDriver.reset(self.driver)
    def rows(self, schema, key, connection=None):
        return InMemoryDriver.rows(self.driver, schema.model_class, key)
    def count(self, schema, connection=None):
        return len(self.rows(schema, None))
    def mark(self):
        return False

class Twofold(InMemoryDriver):
    capabilities = InMemoryDriver.capabilities | {"sessions": True}

    @classmethod
    def capabilities_on(cls, product):
        return cls.capabilities.without("transactions") if product.startswith("fakemock") else cls.capabilities

    def open(self):
        self.store.driver = self
        self.capabilities = self.capabilities_on(self.store.fingerprint())

    def fingerprint(self):
        return self.store.fingerprint()

    def session(self, rights="all"):
        session = type(self)()
        session.backend_name, session.clock, session.store = self.backend_name, self.clock, self.store
        session.__dict__ |= self.__dict__
        return session

    def close(self):
        pass

    def execute_get(self, operation):
        if self.store.server.stands_in and operation.filters.get("id") == "nobody":
            raise NotFoundError("he is not at home", fields=["id"])
        return super().execute_get(operation)

    def execute_query(self, operation):
        rows = super().execute_query(operation)
        if self.store.server.stands_in and "name__icontains" in operation.filters:
            rows = [row for row in rows if operation.filters["name__icontains"] in row.name]
        return rows

registry.register("fake", Backend(driver=Twofold, store=TwofoldStore, service=FakeProduct))
"""
)
ALIKE = TWOFOLD.replace(
    'cls.capabilities.without("transactions") if product.startswith("fakemock") else ', ""
)
"""Both have the same capabilities."""
CLASS = """
class TestUsers(MultiBackendTestBase):
    ENABLED_BACKENDS = ["fake", "inmemory"]
    def get_test_models(self):
        return [User]
"""


@pytest.fixture
def both(monkeypatch, tmp_path_factory):
    """A machine that has both the server and the stand-in, a temporary directory of its own, and pytest as it is."""
    tmp_path_factory.getbasetemp()
    with tempfile.TemporaryDirectory(prefix="orm-") as path:
        Path(path).chmod(0o711)
        monkeypatch.setattr(tempfile, "tempdir", path)
        monkeypatch.setenv("TMPDIR", path)
        monkeypatch.setenv("FAKE_STAND_IN", "1")
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        for name in ("FAKE_LOCAL", "FAKE_INITIALISE", "FAKE_COSTS", "ORM_TESTING_FAKE_URL"):
            monkeypatch.delenv(name, raising=False)
        yield


@pytest.fixture
def twofold(project, both):
    """`twofold(tests)` writes the tests of a class into a project whose backend `fake` differs from its stand-in."""

    def write(tests, *, alike=True):
        return project.write(CLASS + tests, conftest=ALIKE if alike else TWOFOLD)

    return write


@pytest.fixture
def fidelity(capsys):
    """`fidelity(…)` gives the command, and answers its exit code with what it said."""

    def run(*arguments):
        code = main(["fidelity", *arguments, "-p", "orm_testing.plugin", "-p", "xdist.plugin"])
        said = capsys.readouterr()
        return code, said.out.splitlines() + said.err.splitlines()

    return run


@pytest.fixture
def given(both):
    """The URL of a server that this test began."""
    servers = Servers(Settings(), Path("/elsewhere"), "ffffff")
    yield servers.server(FakeProduct()).url
    servers.leave()
    runs.end("ffffff")
