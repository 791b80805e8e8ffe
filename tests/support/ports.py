"""Ports of this machine: one for a server of a test to listen at, one at which nobody listens, and how a connection ends."""

import secrets
import socket
from contextlib import contextmanager, suppress

_GIVEN_TO_NOBODY = range(12_000, 32_000)
"""Below those that systems give to whoever connects, who might take one before the server of the test listens at it."""


def free_port():
    """A port at which a server can listen."""
    while True:
        port = secrets.choice(_GIVEN_TO_NOBODY)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def refusing():
    """A port that is held, so that nobody else comes to listen, and that refuses who connects."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def end(connection):
    """Say that there is no more, and take what is still sent: to close before all was read is a reset for who talks."""
    connection.settimeout(10)
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(1000):
        pass
