"""`Proxy`: stands on loopback before a server, forwards what both sides say, and fails as it is told."""

import selectors
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self, TypeVar

T = TypeVar("T")
Side = Literal["request", "answer"]
"""What a client says, and what the server says to it."""

_CHUNK = 1 << 16
_FULL = 1 << 20
_WAITS = 5.0
_RESET = struct.pack("ii", 1, 0)


class Proxy:
    """A server on loopback that forwards to another one: `with Proxy("127.0.0.1", 5432) as proxy: … proxy.port`.

    What it is told holds when the call returns: nothing is forwarded after a `cut`, and nobody connects after `refuse`.
    It serves from one thread of its own, which ends with the `with`.
    """

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._selector = selectors.DefaultSelector()
        self._bell, self._button = socket.socketpair()
        self._bell.setblocking(False)
        self._asked: list[Callable[[], None]] = []
        self._lock = threading.Lock()
        self._ends: set[_End] = set()
        self._listener: socket.socket | None = None
        self._held = False
        self._ended = False
        self._fuse: _Fuse | None = None
        self.connections = 0
        """How many clients have come so far."""
        self.struck = False
        """Whether what `cut_at` was told has begun to happen."""

    def __enter__(self) -> Self:
        self._place = _bound(0)
        self.port: int = self._place.getsockname()[1]
        self._listen()
        self._selector.register(self._bell, selectors.EVENT_READ)
        self._thread = threading.Thread(
            target=self._serve, name=f"orm_testing-proxy-{self.port}", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do(self._end)
        self._thread.join()
        for each in (self._place, self._bell, self._button):
            each.close()
        self._selector.close()

    def refuse(self) -> None:
        """From now on nobody can connect; who is connected stays so."""
        self._do(self._stop_listening)

    def cut(self) -> None:
        """End every connection, both to clients and to the server, without a word; new ones are welcome."""
        self._do(self._cut)

    def cut_at(self, number: int, side: Side, *, times: int = 1) -> None:
        """End every connection when this side begins to speak for the `number`-th time from now; what it says is lost.

        It begins anew where the other side spoke last: a message is lost whole, however many packets it has. What comes
        next is lost as well, until so many were lost: as often as a client sends again.
        """

        def arm() -> None:
            self._fuse, self.struck = _Fuse(number, side, times), False

        self._do(arm)

    def hang(self) -> None:
        """From now on forward nothing; who is connected stays so, and who connects is not answered."""
        self._do(lambda: self._hold(held=True))

    def let_through(self) -> None:
        """From now on forward everything again, and what was held back; let everybody connect."""
        self._do(self._let_through)

    def _do(self, work: Callable[[], T]) -> T:
        """Have the thread that serves do it between two turns."""
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(work())
            except BaseException as error:  # noqa: BLE001  (raised again for the caller)
                done.set_exception(error)

        with self._lock:
            self._asked.append(run)
        self._button.send(b"!")
        return done.result()

    def _serve(self) -> None:
        while not self._ended:
            for key, events in self._selector.select():
                if key.fileobj is self._bell:
                    self._answer_bell()
                elif key.fileobj is self._listener:
                    self._welcome()
                elif key.data in self._ends:
                    self._move(key.data, events)

    def _answer_bell(self) -> None:
        with suppress(BlockingIOError):
            self._bell.recv(_CHUNK)
        with self._lock:
            asked, self._asked = self._asked, []
        for work in asked:
            work()

    def _listen(self) -> None:
        if self._listener is None:
            self._listener = _bound(self.port)
            self._listener.listen()
            self._listener.setblocking(False)
            self._selector.register(self._listener, selectors.EVENT_READ)

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None

    def _welcome(self) -> None:
        assert self._listener is not None
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        self.connections += 1
        try:
            server = socket.create_connection(self._upstream, _WAITS)
        except OSError:
            _reset(client)
            return
        one, other = _End("request", client), _End("answer", server)
        one.other, other.other = other, one
        for end in (one, other):
            end.socket.setblocking(False)
            with suppress(OSError):
                end.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ends.add(end)
            self._watch(end)

    def _move(self, end: "_End", events: int) -> None:
        try:
            if events & selectors.EVENT_READ and not self._hear(end):
                return
            if events & selectors.EVENT_WRITE:
                self._say(end)
        except OSError:
            self._drop(end)

    def _hear(self, end: "_End") -> bool:
        """False where nothing is left of the connection after it."""
        said = end.socket.recv(_CHUNK)
        other = end.other
        if said and not end.speaks:
            end.speaks, other.speaks = True, False
            if self._burnt(end.side):
                return False
        if said:
            other.waiting += said
        else:
            end.closed = True
        self._say(other)
        return end in self._ends

    def _say(self, end: "_End") -> None:
        if end.waiting:
            with suppress(BlockingIOError):
                del end.waiting[: end.socket.send(end.waiting)]
        if not end.waiting and end.other.closed:
            if end.closed:
                self._drop(end)
                return
            end.socket.shutdown(socket.SHUT_WR)
        self._watch(end)
        self._watch(end.other)

    def _watch(self, end: "_End") -> None:
        events = 0
        if not self._held:
            if not end.closed and len(end.other.waiting) < _FULL:
                events |= selectors.EVENT_READ
            if end.waiting:
                events |= selectors.EVENT_WRITE
        if events == end.watched:
            return
        if not end.watched:
            self._selector.register(end.socket, events, end)
        elif not events:
            self._selector.unregister(end.socket)
        else:
            self._selector.modify(end.socket, events, end)
        end.watched = events

    def _burnt(self, side: Side) -> bool:
        fuse = self._fuse
        if fuse is None or fuse.side != side:
            return False
        fuse.number -= 1
        if fuse.number > 0:
            return False
        fuse.times -= 1
        if not fuse.times:
            self._fuse = None
        self.struck = True
        self._cut()
        return True

    def _cut(self) -> None:
        for end in list(self._ends):
            self._forget(end)
            _reset(end.socket)

    def _drop(self, end: "_End") -> None:
        for each in (end, end.other):
            self._forget(each)
            each.socket.close()

    def _forget(self, end: "_End") -> None:
        if end.watched:
            self._selector.unregister(end.socket)
            end.watched = 0
        self._ends.discard(end)

    def _hold(self, *, held: bool) -> None:
        self._held = held
        for end in self._ends:
            self._watch(end)

    def _let_through(self) -> None:
        self._fuse = None
        self._listen()
        self._hold(held=False)

    def _end(self) -> None:
        self._stop_listening()
        self._cut()
        self._ended = True


@dataclass(slots=True)
class _Fuse:
    """What is still to come: so many messages of this side that are let through but the last, and so many that are lost."""

    number: int
    side: Side
    times: int


class _End:
    """One end of a connection: its socket, and what is waiting to be said to it."""

    other: "_End"

    def __init__(self, side: Side, of: socket.socket) -> None:
        self.side: Side = side
        self.socket = of
        self.waiting = bytearray()
        self.speaks = False
        self.closed = False
        self.watched = 0


def _bound(port: int) -> socket.socket:
    """A socket at this port of loopback. One of them keeps the port while none listens there."""
    made = socket.socket()
    with suppress(OSError):
        made.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_REUSEPORT", socket.SO_REUSEADDR), 1)
    made.bind(("127.0.0.1", port))
    return made


def _reset(of: socket.socket) -> None:
    """Close it so that the other side hears of it at once, whatever was still to be said."""
    with suppress(OSError):
        of.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    of.close()
