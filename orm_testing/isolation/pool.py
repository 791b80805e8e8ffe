"""`Pool`: the open drivers of one worker, found again by what they can serve."""

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from orm_testing.clock import Clock
from orm_testing.errors import ConflictError, UnavailableError
from orm_testing.isolation.life import LiveDriver, Wanted, no_server
from orm_testing.services.server import Server

KEPT_OPEN = 11
"""How many drivers a worker keeps open in one place for tests to come: each may hold two connections, of a hundred that a
server has. A place is one server, or one backend that needs none: a class on many backends goes from one to the next.
"""


class Pool:
    """The open drivers of one worker."""

    def __init__(
        self,
        directory: Callable[[], Path],
        server: Callable[[str], Server | None] = no_server,
        alter: Callable[[Any], None] | None = None,
    ) -> None:
        self._directory = directory
        self._server = server
        self._alter = alter
        self._open: OrderedDict[Any, LiveDriver] = OrderedDict()
        self._failures: list[str] = []

    def begin(
        self, wanted: Wanted, clock: Clock, *, loaded: type[Any] | None, new_store: bool = False
    ) -> tuple[LiveDriver, bool]:
        """A driver at the start of a test, and whether `loaded` is still to load its data.

        Where a store is blocked by what a test left behind, or its server was lost, another one takes its place.
        """
        live = self.lease(wanted)
        if new_store and not live.renews:
            self.discard(live)
            live = self.lease(wanted)
        try:
            return live, live.start(clock, loaded=loaded, new_store=new_store)
        except (ConflictError, UnavailableError):
            self._give_up(live)
        except BaseException:
            self.discard(live)
            raise
        live = self.lease(wanted)
        try:
            return live, live.start(clock, loaded=loaded, new_store=new_store)
        except BaseException:
            self.discard(live)
            raise

    def lease(self, wanted: Wanted) -> LiveDriver:
        """An open driver: one that served before, where it can be reset, or a new one."""
        live = self._open.get(wanted.key)
        if live is not None:
            self._open.move_to_end(wanted.key)
            return live
        live = LiveDriver(wanted, self._directory, self._server, self._alter)
        if live.resets:
            beside = [key for key, other in self._open.items() if other.place == live.place]
            for key in beside[: max(len(beside) + 1 - KEPT_OPEN, 0)]:
                self._close(self._open.pop(key))
            self._open[wanted.key] = live
        return live

    def give_back(self, live: LiveDriver) -> None:
        """After the test: a driver that cannot be reset ends here."""
        if not live.resets:
            live.close()

    def discard(self, live: LiveDriver) -> None:
        """A driver that can no longer be trusted ends here; the next test gets another."""
        if self._open.pop(live.wanted.key, None) is not None:
            self._close(live)

    def _give_up(self, live: LiveDriver) -> None:
        """End a driver whose store does not answer, which its closing would only say again."""
        self._open.pop(live.wanted.key, None)
        with suppress(Exception):
            live.close()

    def close(self) -> list[str]:
        """Close every driver, each even where closing another fails; what failed, one sentence each."""
        while self._open:
            self._close(self._open.popitem()[1])
        return self._failures

    def _close(self, live: LiveDriver) -> None:
        try:
            live.close()
        except Exception as error:  # noqa: BLE001  (told at the end of the run, not in a test that has no part in it)
            name = live.wanted.backend_name
            self._failures.append(f"a driver of {name!r} did not close: {type(error).__name__}: {error}")
