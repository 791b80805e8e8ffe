"""A product for tests of the machinery, whose servers are real processes that speak a protocol of one line.

The environment says what happens: FAKE_LOCAL=absent|die|slow|mute, FAKE_INITIALISE=full|fails, FAKE_STAND_IN=1,
FAKE_COSTS=1, FAKE_PLAYS=1.
"""

import errno
import getpass
import os
import socket
import sys
from pathlib import Path

from orm_testing import Capabilities, ConfigurationError, DriverInterface, UnavailableError
from orm_testing.backends import Backend, registry
from orm_testing.services.product import Installation, Product, StandIn
from orm_testing.store import Store

SCRIPT = Path(__file__).with_name("fake_server.py")


class FakeProduct(Product):
    name = "fake"
    title = "Fake"
    schemes = ("fake", "fakes")
    users = (getpass.getuser(),)
    how_to_get = {"no-such-manager": "no-such-manager install fake", "pip": "pip install fake"}
    image = "fake:1"
    container_port = 7
    container_health = ("fake-health",)

    def find_local(self):
        if os.environ.get("FAKE_LOCAL") == "absent":
            return "fake-server is not on PATH."
        return Installation({"server": Path(sys.executable)}, "1.0")

    def find_stand_in(self):
        return StandIn("fakemock 2.0") if os.environ.get("FAKE_STAND_IN") else super().find_stand_in()

    def is_played(self, fingerprint):
        return bool(os.environ.get("FAKE_PLAYS"))

    def needs_confirmation(self, url):
        return "Each call costs money." if os.environ.get("FAKE_COSTS") else None

    def initialise(self, instance, run):
        if os.environ.get("FAKE_INITIALISE") == "full":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(instance.data))
        if os.environ.get("FAKE_INITIALISE") == "fails":
            run([sys.executable, "-c", "raise SystemExit('the planets are wrong')"])
        run([sys.executable, "-c", f"import os; os.mkdir({str(instance.data / 'databases')!r})"])

    def command(self, instance):
        behaviour = os.environ.get("FAKE_LOCAL", "well")
        server = instance.installation.programs["server"]
        return [
            str(server),
            str(SCRIPT),
            str(instance.data),
            str(instance.port),
            instance.password,
            behaviour,
        ]

    def url(self, host, port, password):
        return f"fake://root:{password}@{host}:{port}/"

    def container_environment(self, password):
        return {"FAKE_PASSWORD": password}

    def ask(self, url, timeout):
        answer = said(url, "hello", timeout)
        if answer == "wrong password":
            raise ConfigurationError(f"the password was refused ({url})")
        return answer

    def remove(self, url, names):
        for name in names:
            said(url, f"drop {name}")


class OtherProduct(FakeProduct):
    name = "other"
    title = "Other"
    schemes = ("other",)

    def url(self, host, port, password):
        return f"other://root:{password}@{host}:{port}/"


class FakeStore(Store):
    """A database on the server, which has to answer at each reset; rows are kept here."""

    made = 0

    def open(self, directory):
        self.url = self.server.url
        self.table = {}
        if self.server.stands_in:
            return
        FakeStore.made += 1
        self.name = f"{self.server.prefix}_{FakeStore.made}"
        self.server.made(self.name)
        assert said(self.url, f"create {self.name}") == "ok"

    def close(self):
        if self.server.stands_in:
            return
        said(self.url, f"drop {self.name}")

    def prepare(self, schemas):
        pass

    def reset(self):
        self.fingerprint()
        self.table.clear()

    def mark(self):
        pass

    def unmark(self):
        pass

    def rows(self, schema, key, connection=None):
        rows = [instance.model_dump() for instance in self.table.values()]
        return [row for row in rows if not key or all(row[name] == value for name, value in key.items())]

    def count(self, schema, connection=None):
        return len(self.table)

    def connect(self):
        raise NotImplementedError

    def fingerprint(self):
        return self.server.fingerprint if self.server.stands_in else said(self.url, "hello")


class FakeDriver(DriverInterface):
    capabilities = Capabilities("bulk", "sessions")

    @classmethod
    def capabilities_on(cls, product):
        """The stand-in has no sessions; no server of this world has bulk, which only a server can tell."""
        return cls.capabilities.without("sessions") if product.startswith("fakemock") else cls.capabilities

    def open(self):
        self.capabilities = self.capabilities_on(self.store.fingerprint()).without("bulk")

    def execute_create(self, operation):
        created = operation.model_class(**operation.data)
        self.store.table[created.id] = created
        return created


def said(url, command, timeout=5.0):
    """What the server at a URL answers to a command."""
    user, _, place = url.partition("://")[2].rpartition("@")
    host, _, port = place.strip("/").partition(":")
    try:
        with socket.create_connection((host, int(port)), timeout) as connection:
            connection.sendall(f"{user.partition(':')[2]}\n{command}\n".encode())
            answer = connection.makefile().readline().strip()
    except OSError as error:
        raise UnavailableError(f"{host}:{port} does not answer: {error}") from error
    if not answer and command != "list":
        raise UnavailableError(f"{host}:{port} said nothing")
    return answer


def register():
    """Make the backends `fake` and `other` known."""
    registry.register(
        "fake", Backend(driver=FakeDriver, store=FakeStore, service=FakeProduct, aliases=("fakesql",))
    )
    registry.register("other", Backend(driver=FakeDriver, store=FakeStore, service=OtherProduct))
