"""A second client of a test's store, which reaches the server through a proxy that can fail."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from orm_testing.dsl.client import OrmDsl
from orm_testing.faults.proxy import Proxy, Side
from orm_testing.services.server import Server

MOST = 50
"""At how many points of one operation its connection is cut, and how often at one of them, at most."""


@dataclass(frozen=True, slots=True)
class Link:
    """`client` comes by way of `proxy`, and so does `another()`; the client of the test does not."""

    proxy: Proxy
    client: OrmDsl
    another: Callable[[], OrmDsl]

    @contextmanager
    def cut(self, number: int, side: Side, *, times: int = 1) -> Generator[None]:
        """What is done within has its connection cut, as `Proxy.cut_at` says; afterwards everything is let through."""
        self.proxy.cut_at(number, side, times=times)
        try:
            yield
        finally:
            self.proxy.let_through()

    def points(self, *, until_lost: bool = False) -> Iterator[tuple[int, int]]:
        """Where something can be cut and how often, one after the other, until it is through before it comes to that.

        `until_lost`: at each point once, and then as often as a client that sends again may try.
        """
        for point in range(1, MOST):
            for times in (1, MOST) if until_lost else (1,):
                yield point, times
                if not self.proxy.struck:
                    assert point > 1, "nothing was said that could be cut"
                    return


def why_not(orm: OrmDsl) -> str | None:
    """Why no proxy can stand before the test's server; None where one can."""
    store = orm.driver.store
    server = store.server if store is not None else None
    if server is None or server.stands_in:
        return f"{orm.get_backend_name()} needs no server whose connection could be lost"
    if _place(server) is None:
        return f"the URL of {orm.get_backend_name()}'s server names no host with a port"
    return None


@contextmanager
def linked(orm: OrmDsl, make: Callable[[], Any]) -> Generator[Link]:
    """Another driver or more, which `make` makes, on the same store: they find the server where the proxy listens.

    A driver connects to where its store's `server` says; the connections that the store itself has are left alone.
    """
    store = orm.driver.store
    assert store is not None
    server = store.server
    assert server is not None
    place = _place(server)
    assert place is not None
    drivers: list[Any] = []

    def another() -> OrmDsl:
        drivers.append(driver := make())
        driver.backend_name, driver.clock, driver.store = orm.get_backend_name(), orm.clock, store
        driver.setup_backend(orm.context.models)
        return OrmDsl(orm.context.session(driver, alone=True), driver)

    with Proxy(*place) as proxy:
        store.server = replace(server, url=_by_way_of(server.url, proxy.port))
        try:
            yield Link(proxy, another(), another)
        finally:
            proxy.let_through()
            for driver in drivers:
                with suppress(Exception):  # what it is connected to was cut
                    driver.close()
            store.server = server


def _place(server: Server) -> tuple[str, int] | None:
    parts = urlsplit(server.url)
    try:
        port = parts.port
    except ValueError:  # several hosts
        return None
    return (parts.hostname, port) if parts.hostname and port else None


def _by_way_of(url: str, port: int) -> str:
    parts = urlsplit(url)
    who, at, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{who}{at}127.0.0.1:{port}").geturl()
