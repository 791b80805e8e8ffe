"""`Servers`: what one process of a run knows of its servers; each is got once, by whoever comes first."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from orm_testing.errors import ConfigurationError, OrmTestingError, UnavailableError
from orm_testing.services import ladder, private, runs, state
from orm_testing.services.ladder import Found, Settings
from orm_testing.services.product import Installation, Product, StandIn
from orm_testing.services.records import Folder, Record
from orm_testing.services.server import STAND_IN, Server
from orm_testing.services.urls import masked, place, scrubbed


class Servers:
    """The servers of a run, as one of its processes sees them."""

    def __init__(self, settings: Settings, checkout: Path, run: str, worker: str = "main") -> None:
        self.settings = settings
        self.checkout = state.digest(str(checkout))
        self.run = runs.Run(run)
        self.worker = worker
        self._guard = threading.Lock()
        self._guards: dict[str, threading.Lock] = {}
        self._ways: dict[str, Found | str] = {}
        self._records: dict[str, tuple[Record, Folder | None]] = {}
        self._failures: dict[str, ConfigurationError] = {}
        self._journals: dict[Path, tuple[Product, str]] = {}
        self._given_up = threading.Event()
        self._starting: ThreadPoolExecutor | None = None

    def unavailable(self, product: Product) -> str | None:
        """Why no way of getting the product applies here, or None; asked once."""
        way = self._way(product)
        return way if isinstance(way, str) else None

    def foreseen(self, product: Product) -> str | None:
        """How the fingerprint will begin of what this run will have; None where only the server itself can tell."""
        way = self._way(product)
        if isinstance(way, str):
            return None
        if isinstance(way.offer, StandIn):
            return way.offer.title
        return (way.offer.title or product.title) if isinstance(way.offer, Installation) else None

    def ready(self, product: Product) -> bool:
        """Whether the product's server was had, and not lost for good since."""
        return product.name in self._records and product.name not in self._failures

    @property
    def begun(self) -> bool:
        """Whether the run's servers are being had already."""
        return self._starting is not None

    def begin(self, products: Sequence[Product]) -> None:
        """Get all of these at once, each in a thread of its own; `server` waits for its own."""
        by_name = {product.name: product for product in products if product.name not in self._records}
        if by_name and not self.begun:
            self._starting = ThreadPoolExecutor(len(by_name), thread_name_prefix="orm_testing-service")
            for product in by_name.values():
                self._starting.submit(self._begun, product)

    def server(self, product: Product) -> Server:
        """The product's server, which answers; one that died is started anew. A failure is told again, not tried again."""
        with self._guarded(product.name):
            if product.name in self._failures:
                raise self._failures[product.name]
            known = self._records.get(product.name)
            if known is None or not _answers(*known):
                try:
                    known = self._records[product.name] = self._obtained(product)
                except ConfigurationError as error:
                    self._failures[product.name] = error
                    raise
            return self._handed_out(product, *known)

    def told(self) -> dict[str, str]:
        """For the report: by its name, which way each server was had, and what it is."""
        told = {}
        for name, (record, folder) in self._records.items():
            if record.way == STAND_IN:
                told[name] = f"{STAND_IN}, {record.fingerprint}"
            elif folder is None:
                told[name] = f"given, {record.fingerprint}, at {masked(record.url)}"
            else:
                kept = ", kept" if self._is_kept(folder) else ""
                told[name] = record.told() + kept
        return told

    def leave(self) -> list[str]:
        """Remove what this process made on servers that stay; what could not be removed, one sentence each."""
        self._given_up.set()
        if self._starting is not None:
            self._starting.shutdown()
        complaints = []
        for journal, (product, url) in self._journals.items():
            try:
                _undo(product, url, journal)
            except UnavailableError:
                pass  # a server that is gone; where it was given, a later run looks again
            except Exception as error:  # noqa: BLE001  (of a stranger's product; told at the end of the run)
                complaints.append(
                    f"databases of this run are left on {masked(url)}: {scrubbed(str(error), url)}"
                )
        self._journals.clear()
        self.run.leave()
        return complaints

    def kept(self, name: str) -> Folder:
        """Where this checkout keeps a server."""
        return Folder(state.where() / "kept" / self.checkout / name)

    def _begun(self, product: Product) -> None:
        with suppress(ConfigurationError):
            if self.unavailable(product) is None:
                self.server(product)

    def _way(self, product: Product) -> Found | str:
        if product.name in self._failures:
            raise self._failures[product.name]
        if product.name not in self._ways:
            self._ways[product.name] = ladder.first(product, self.settings.choices.get(product.name))
        return self._ways[product.name]

    def _obtained(self, product: Product) -> tuple[Record, Folder | None]:
        way = self._way(product)
        if isinstance(way, str):
            raise ConfigurationError(way)
        if isinstance(way.offer, StandIn):
            return Record(product.name, way.way, "", f"{way.offer.title} in process"), None
        try:
            self.run.join()
            if way.way == "given":
                return self._asked(product, str(way.offer)), None
            return self._started(product, way)
        except OSError as error:
            raise ConfigurationError(f"{product.name} ({way.way}): {error}") from error

    def _asked(self, product: Product, url: str) -> Record:
        try:
            ladder.check_confirmed(product, url, self.settings)
            fingerprint = product.ask(url, self.settings.patience)
        except OrmTestingError as error:
            source = self.settings.choices[product.name].source
            raise ConfigurationError(
                f"{product.name}, given by {source} as {masked(url)}: {scrubbed(str(error), url)}"
            ) from error
        record = Record(product.name, "given", url, fingerprint)
        self._undo_what_dead_runs_left(product, record, self._journals_of(record, None))
        return record

    def _started(self, product: Product, way: Found) -> tuple[Record, Folder]:
        kept = self.kept(product.name)
        found = kept.record()
        choice = self.settings.choices.get(product.name)
        fits = found is not None and (choice is None or choice.wanted == found.way)
        keeps = self.settings.keep or fits
        parts = ("kept", self.checkout) if keeps else ("runs", self.run.name)
        folder = Folder(state.directory(*parts) / product.name)
        failure = state.directory("runs", self.run.name) / f"{product.name}.failure"
        with state.locked(folder.lock, f"starting {product.title}"):
            record = folder.record()
            if record is not None and folder.answers(record) and (fits or not keeps):
                self._undo_what_dead_runs_left(product, record, folder.journals)
                return record, folder
            if failure.exists():
                raise ConfigurationError(failure.read_text(encoding="utf-8"))
            try:
                return self._start(product, way, folder), folder
            except (ConfigurationError, OSError) as error:
                folder.remove()
                told = f"{product.name} ({way.way}): {error}"
                with suppress(OSError):
                    failure.write_text(told, encoding="utf-8")
                raise ConfigurationError(told) from error
            except BaseException:
                folder.remove()
                raise

    def _start(self, product: Product, way: Found, folder: Folder) -> Record:
        patience, given_up = self.settings.patience, self._given_up
        if way.way == "container":
            from orm_testing.services import container

            labels = {"orm_testing.checkout": self.checkout, "orm_testing.run": self.run.name}
            return container.start(product, folder, patience, given_up, labels)
        assert isinstance(way.offer, Installation)
        return private.start(product, way.way, way.offer, folder, patience, given_up)

    def _handed_out(self, product: Product, record: Record, folder: Folder | None) -> Server:
        journal = None
        if record.way != STAND_IN and (folder is None or self._is_kept(folder)):
            journals = self._journals_of(record, folder)
            journals.mkdir(parents=True, exist_ok=True)
            journal = journals / f"{self.run.name}-{self.worker}"
            self._journals[journal] = (product, record.url)
        prefix = f"orm_testing_{self.checkout}_{self.run.name}_{self.worker}"
        return Server(product.name, record.way, record.url, record.fingerprint, prefix, journal)

    def _is_kept(self, folder: Folder) -> bool:
        return folder.path == self.kept(folder.name).path

    def _journals_of(self, record: Record, folder: Folder | None) -> Path:
        if folder is not None:
            return folder.journals
        return state.directory("journals") / state.digest(f"{record.product} {place(record.url)}", 16)

    def _undo_what_dead_runs_left(self, product: Product, record: Record, journals: Path) -> None:
        by_run = [(journal.name.partition("-")[0], journal) for journal in journals.glob("*-*")]
        dead = runs.dead({run for run, _ in by_run}) if by_run else ()
        for run, journal in by_run:
            if run in dead:
                with suppress(Exception):  # a later run looks again
                    _undo(product, record.url, journal)

    @contextmanager
    def _guarded(self, name: str) -> Iterator[None]:
        with self._guard:
            guard = self._guards.setdefault(name, threading.Lock())
        with guard:
            yield


def _answers(record: Record, folder: Folder | None) -> bool:
    """A given server is the user's to watch."""
    return folder is None or folder.answers(record)


def _undo(product: Product, url: str, journal: Path) -> None:
    """Drop the databases that a journal names, and the journal; a name that is none of ours is left alone."""
    try:
        names = journal.read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return
    product.remove(url, [name for name in names if name.startswith("orm_testing_")])
    journal.unlink(missing_ok=True)
