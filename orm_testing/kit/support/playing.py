"""Plays: transactions of several sessions whose steps happen in the order in which a script says them.

A step that has to wait for another session is left waiting, and the script goes on: whether a step waits is told by its not
being done within the play's patience. A script therefore judges only by what its sessions saw, and by which of them committed:
that is right however long anything took, and a play that was too impatient shows nothing, rather than what is not so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Event
from typing import TYPE_CHECKING, Any

from orm_testing.dsl.sessions import PATIENCE
from orm_testing.errors import ConflictError, OperationError

if TYPE_CHECKING:
    from orm_testing.dsl.client import OrmDsl
    from orm_testing.dsl.sessions import Worker
    from orm_testing.dsl.transaction import Transaction

START = {"a": 10, "b": 20}
"""The rows that a play begins with: their keys, and their values."""

Script = Callable[["Play"], bool]
"""Tells the sessions of a play what to do, and answers whether they came to what should not be."""


class Actor:
    """One session of a play, which does what it is told in a thread of its own, one step after the other.

    Its transaction begins with its first step. A `ConflictError` ends it: it is rolled back, and does nothing more.
    """

    def __init__(self, row: type[Any]) -> None:
        self._row = row
        self._steps: SimpleQueue[tuple[Callable[[], None], Event] | None] = SimpleQueue()
        self._last = Event()
        self._last.set()
        self._client: OrmDsl
        self._transaction: Transaction | None = None
        self._error: BaseException | None = None

    def serve(self, client: OrmDsl) -> None:
        """What the actor's own thread does, until it is dismissed."""
        self._client = client
        for step, done in iter(self._steps.get, None):
            try:
                if self._error is None:
                    step()
            except BaseException as error:  # noqa: BLE001  (a conflict is an outcome, and all else is raised by `ended`)
                self._error = error
                self._give_up()
            finally:
                done.set()

    def appear(self, play: Play) -> None:
        """Begin anew, in another play."""
        self._play = play
        self._error = None
        self.seen: list[Any] = []
        """What the session read: values of rows, and keys of rows that it looked for, in the order of its steps."""
        self.committed = False

    def dismiss(self) -> None:
        self._tell(self._undo)
        self._steps.put(None)

    def reads(self, key: str) -> None:
        """It sees the value of the row."""
        self._tell(lambda: self.seen.append(_answer(self._begun().get_model(self._row, id=key)).age))

    def finds(self, value: int) -> None:
        """It sees the keys of the rows that have the value."""

        def find() -> None:
            found = _answer(self._begun().query_models(self._row, age=value))
            self.seen.append([row.id for row in found])

        self._tell(find)

    def writes(self, key: str, value: int) -> None:
        self._tell(lambda: _answer(self._begun().update_model(self._stored(key), age=value)))

    def marks(self, key: str) -> None:
        """It writes to the row, and not to its value."""
        self._tell(lambda: _answer(self._begun().update_model(self._stored(key), name="marked")))

    def creates(self, key: str, value: int) -> None:
        self._tell(lambda: _answer(self._begun().create_model(self._row, id=key, age=value)))

    def commits(self) -> None:
        self._tell(self._commit)
        self._play.settle()

    def rolls_back(self) -> None:
        self._tell(self._undo)
        self._play.settle()

    def ended(self) -> bool:
        """Whether it committed, once it has done all that it was told."""
        assert self._last.wait(PATIENCE), f"a session waited for another one for {PATIENCE:g} s"
        if self._error is not None and not isinstance(self._error, ConflictError):
            raise self._error
        return self.committed

    def settle(self) -> None:
        self._last.wait(self._play.patience)

    def _tell(self, step: Callable[[], None]) -> None:
        waits = not self._last.is_set()
        self._last = Event()
        self._steps.put((step, self._last))
        if not waits:
            self.settle()

    def _begun(self) -> OrmDsl:
        if self._transaction is None:
            transaction = self._client.transaction(isolation=self._play.level)
            transaction.__enter__()
            self._transaction = transaction
        return self._client

    def _commit(self) -> None:
        transaction, self._transaction = self._transaction, None
        assert transaction is not None
        transaction.__exit__(None, None, None)
        self.committed = True

    def _undo(self) -> None:
        transaction, self._transaction = self._transaction, None
        if transaction is not None:
            transaction.__exit__(_RolledBack, _RolledBack(), None)

    def _give_up(self) -> None:
        try:
            self._undo()
        except ConflictError:
            pass
        except BaseException as error:  # noqa: BLE001  (raised by `ended`)
            self._error = error

    def _stored(self, key: str) -> Any:
        return self._row(id=key)


class Play:
    """One run of a script at one isolation level, or at the store's own where that is None."""

    def __init__(self, actors: Sequence[Actor], level: str | None, patience: float) -> None:
        self.level = level
        self.patience = patience
        """How many seconds a step may take before it is taken to wait for another session."""
        self.actors = actors
        self.one, self.two, self.three = actors
        for actor in actors:
            actor.appear(self)

    def settle(self) -> None:
        """A transaction has ended: what waited for it may go on first."""
        for actor in self.actors:
            actor.settle()

    def committed(self, *actors: Actor) -> bool:
        """Whether all of these committed, once every session has done what it was told."""
        ended = {actor: actor.ended() for actor in self.actors}
        return all(ended[actor] for actor in actors)


def shown(
    orm: OrmDsl,
    row: type[Any],
    scripts: Sequence[Script],
    levels: Sequence[str | None],
    patient: Callable[[str | None], Sequence[float]],
) -> set[str | None]:
    """The levels at which one of the scripts came to what should not be, played with one patience after another until it did."""
    actors = [Actor(row) for _ in range(3)]

    def work(client: OrmDsl, worker: Worker) -> set[str | None]:
        if worker.number:
            actors[worker.number - 1].serve(client)
            return set()
        try:
            return {
                level
                for level in levels
                if any(
                    _played(client, row, script, Play(actors, level, patience))
                    for patience in patient(level)
                    for script in scripts
                )
            }
        finally:
            for actor in actors:
                actor.dismiss()

    return orm.concurrently(1 + len(actors), work)[0]


def _played(client: OrmDsl, row: type[Any], script: Script, play: Play) -> bool:
    """Begin with the rows of `START` and no others, and play."""
    for stored in client.all_models(row):
        _answer(client.delete_model(stored))
    for key, value in START.items():
        _answer(client.create_model(row, id=key, age=value))
    came = script(play)
    play.committed()
    return came


def _answer(result: Any) -> Any:
    error: OperationError | None = result.error
    if error is not None:
        raise error
    return result.data


class _RolledBack(Exception):  # noqa: N818  (it says what becomes of the transaction, not what went wrong)
    """By which a transaction is left that is not to be committed."""
