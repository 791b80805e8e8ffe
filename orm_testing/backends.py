"""The registry: which backends there are, and what each is made of.

A backend is found under its name in the entry point group `orm_testing.backends`, or registered by a conftest with
`register_backend`. An entry point names a `Backend`, a driver class, or a function that makes a driver.
"""

import importlib
import importlib.metadata
import importlib.util
import re
from collections.abc import Collection, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from orm_testing.errors import ConfigurationError, nearest

GROUP = "orm_testing.backends"
NAME = re.compile(r"[a-z][a-z0-9_]*")
RESERVED = frozenset(
    {
        "skip",
        "skipif",
        "xfail",
        "parametrize",
        "usefixtures",
        "filterwarnings",
        "tryfirst",
        "trylast",
        "multi_backend",
    }
    | {"asyncio", "anyio", "trio", "timeout", "flaky", "all"}
)
"""Marks that already mean something."""


@dataclass(frozen=True, slots=True)
class Backend:
    """What a backend is made of. Classes may be given as `"module:Class"`, so that none is imported before its time.

    `store` is a store class, or the name of another backend whose kind of store this one uses. `service` is the
    `Product` of `orm_testing.services` that the store is made on, where it needs a server.
    """

    driver: Any = None
    async_driver: Any = None
    store: Any = None
    aliases: Sequence[str] = ()
    extra: str | None = None
    inherits: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    service: Any = None


class Registry:
    """All backends that this process knows, by name."""

    def __init__(self) -> None:
        self._registered: dict[str, Backend] = {}
        self._installed: dict[str, importlib.metadata.EntryPoint] | None = None

    def register(self, name: str, backend: Backend) -> None:
        for mark in (name, *backend.aliases):
            if not NAME.fullmatch(mark) or mark in RESERVED or mark.startswith("orm_"):
                raise ConfigurationError(
                    f"{mark!r} cannot name a backend: a name becomes a mark, of lower-case letters, digits and _, and must"
                    " not be one that pytest or orm_testing gives a meaning."
                )
        known = self._registered.get(name)
        if known is not None and known != backend:
            raise ConfigurationError(
                f"the backend {name!r} is registered twice, differently: {known} and {backend}."
            )
        if name in self._entry_points():
            raise ConfigurationError(
                f"the backend {name!r} is installed already; register yours under another name."
            )
        self._registered[name] = backend

    def names(self) -> list[str]:
        """Every known name, sorted."""
        return sorted({*self._registered, *self._entry_points()})

    def knows(self, name: str) -> bool:
        return name in self._registered or name in self._entry_points()

    def find(self, name: str, heirs: tuple[str, ...] = ()) -> Backend:
        """The backend, with what it inherits; `ConfigurationError` for a name that is not known."""
        if name in self._registered:
            return self._inheriting(name, self._registered[name], heirs)
        if name not in self._entry_points():
            raise ConfigurationError(unknown(name, self.names()))
        found = _loaded(self._entry_points()[name])
        return self._inheriting(name, found if isinstance(found, Backend) else Backend(driver=found), heirs)

    def snapshot(self) -> dict[str, Backend]:
        """What is registered now, for `restore`."""
        return dict(self._registered)

    def restore(self, snapshot: dict[str, Backend]) -> None:
        """Forget what was registered since the snapshot."""
        self._registered = dict(snapshot)

    def _inheriting(self, name: str, backend: Backend, heirs: tuple[str, ...] = ()) -> Backend:
        if backend.inherits is None:
            return backend
        if name in heirs:
            raise ConfigurationError(
                f"the backend {name!r} inherits from itself, by way of {', '.join(heirs)}."
            )
        parent = self.find(backend.inherits, (*heirs, name))
        return replace(
            backend,
            driver=backend.driver or parent.driver,
            async_driver=backend.async_driver or (None if backend.driver else parent.async_driver),
            store=backend.store or parent.store,
            service=backend.service or (None if backend.store else parent.service),
            extra=backend.extra or parent.extra,
            inherits=None,
            options={**parent.options, **backend.options},
        )

    def _entry_points(self) -> dict[str, importlib.metadata.EntryPoint]:
        if self._installed is None:
            self._installed = {point.name: point for point in importlib.metadata.entry_points(group=GROUP)}
        return self._installed


registry = Registry()
"""The registry of this process; the pytest plugin forgets what a run registered when the run ends."""


def register_backend(
    name: str,
    driver: Any = None,
    *,
    async_driver: Any = None,
    store: Any = None,
    inherits: str | None = None,
    aliases: Sequence[str] = (),
    extra: str | None = None,
    **options: Any,
) -> None:
    """Make a backend known under `name`, usually in a conftest.

    Args:
        name: What `ENABLED_BACKENDS` will say.
        driver: The driver's class (sync or async), a function that makes one, or `"module:Class"`.
        async_driver: The driver for async tests; without one, `driver` serves them from a thread of its own.
        store: The name of a backend whose store the driver is to work on (`"sqlite"`), or a `Store` class.
        inherits: Another backend, whose parts this one has where it does not name its own.
        aliases: Further marks that select its tests (`-m sql`).
        extra: The extra of `orm-testing` that installs what the driver imports.
        **options: Handed to the driver's class as keyword arguments.
    """
    if driver is None and async_driver is None and inherits is None:
        raise ConfigurationError(
            f"register_backend({name!r}) names neither a driver nor a backend to inherit from."
        )
    if isinstance(aliases, str):
        raise ConfigurationError(f"register_backend({name!r}): aliases is a list of names, not {aliases!r}.")
    if store == name:
        raise ConfigurationError(f"register_backend({name!r}): a backend cannot take its store from itself.")
    registry.register(
        name,
        Backend(
            driver=driver,
            async_driver=async_driver,
            store=store,
            aliases=tuple(aliases),
            extra=extra,
            inherits=inherits,
            options=options,
        ),
    )


def unknown(name: str, known: Sequence[str]) -> str:
    """The message for a name that no registry knows."""
    return f"{name!r} is not a backend.{nearest(name, known)} Known are: {', '.join(known)}."


def check_known(name: str) -> None:
    """Raise `ConfigurationError` unless the registry knows the name."""
    if not registry.knows(name):
        raise ConfigurationError(unknown(name, registry.names()))


def driver_class(name: str, *, asynchronous: bool = False) -> Any:
    """What makes the backend's driver, imported: a class, or a function. None where there is no such driver."""
    backend = registry.find(name)
    return resolved(backend.async_driver if asynchronous else backend.driver, name, backend)


def make_driver(name: str, *, asynchronous: bool = False) -> Any:
    """A driver of the backend, not opened yet."""
    maker = driver_class(name, asynchronous=asynchronous)
    if maker is None and not asynchronous and driver_class(name, asynchronous=True):
        raise ConfigurationError(
            f"the backend {name!r} has an async driver alone: derive the class from AsyncMultiBackendTestBase, or, to hold"
            " the driver to the kit, from AsyncDriverKit."
        )
    if maker is None:
        raise ConfigurationError(f"the backend {name!r} has no {'async ' if asynchronous else ''}driver.")
    return maker(**registry.find(name).options)


SERVES_ASYNC: ContextVar[bool] = ContextVar("SERVES_ASYNC", default=False)
"""Whether the driver in the making is to serve async tests, for which the backend's async driver is the better one."""


def make_fitting_driver(name: str) -> Any:
    """The driver that suits the tests for which it is made: what `create_driver` makes unless it is replaced."""
    asynchronous = SERVES_ASYNC.get() and driver_class(name, asynchronous=True) is not None
    return make_driver(name, asynchronous=asynchronous)


def make_store(name: str) -> Any:
    """The backend's store, not opened yet; None where its driver needs none."""
    backend = registry.find(name)
    if isinstance(backend.store, str) and ":" not in backend.store:
        return make_store(backend.store)
    maker = resolved(backend.store, name, backend)
    return None if maker is None else maker()


def product_of(name: str) -> Any:
    """The `Product` that the backend's store is made on; None where it needs no server."""
    backend = registry.find(name)
    if isinstance(backend.store, str) and ":" not in backend.store:
        return product_of(backend.store)
    maker = resolved(backend.service, name, backend)
    return None if maker is None else maker()


def products(wanted: Collection[str] = ()) -> dict[str, Any]:
    """The products of all known backends, by their names; without those whose library is missing, unless they are wanted."""
    found: dict[str, Any] = {}
    for name in registry.names():
        try:
            if needs_server(name):
                product = product_of(name)
                found.setdefault(product.name, product)
        except ConfigurationError:
            if name in wanted:
                raise
    return dict(sorted(found.items()))


def missing_client(product: Any) -> str | None:
    """What to install, where the library is missing through which the product is asked; else None."""
    if not product.client or importlib.util.find_spec(product.client):
        return None
    extra = registry.find(product.name).extra if registry.knows(product.name) else None
    return _missing(product.name, ModuleNotFoundError(name=product.client), extra)


def needs_server(name: str) -> bool:
    """Whether the backend's store is made on a server; nothing is imported to tell."""
    if not registry.knows(name):
        return False
    backend = registry.find(name)
    if isinstance(backend.store, str) and ":" not in backend.store:
        return needs_server(backend.store)
    return backend.service is not None


def resolved(target: Any, name: str, backend: Backend) -> Any:
    """The class that `"module:Class"` names; a missing library is a `ConfigurationError` that says what to install."""
    if not isinstance(target, str):
        return target
    module, _, attribute = target.partition(":")
    try:
        loaded = importlib.import_module(module)
    except ImportError as error:
        raise ConfigurationError(_missing(name, error, backend.extra)) from error
    if not hasattr(loaded, attribute):
        raise ConfigurationError(f"the backend {name!r}: {module} has no {attribute}.")
    return getattr(loaded, attribute)


def _loaded(point: importlib.metadata.EntryPoint) -> Any:
    try:
        return point.load()
    except ImportError as error:
        raise ConfigurationError(_missing(point.name, error, None)) from error


def _missing(name: str, error: ImportError, extra: str | None) -> str:
    how = f"pip install 'orm-testing[{extra}]'" if extra else f"install what brings {error.name!r}"
    if isinstance(error, ModuleNotFoundError):
        return f"the backend {name!r} needs the module {error.name!r}, which is not installed: {how}"
    said = " ".join(str(error).split())
    return (
        f"the backend {name!r} cannot be imported{f'; {how} brings what it needs' if extra else ''}: {said}"
    )
