"""A server in a container, by testcontainers, where a Docker engine answers."""

import importlib.util
import os
import secrets
import socket
import threading
import time
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from orm_testing.errors import ConfigurationError, UnavailableError
from orm_testing.services.processes import last_of
from orm_testing.services.product import Product
from orm_testing.services.records import Folder, Record

LABEL = "orm_testing.server"
_ENGINE = "npipe:////./pipe/docker_engine" if os.name == "nt" else "unix:///var/run/docker.sock"
_ENGINE_ANSWERS_WITHIN = 0.5
_BETWEEN_QUESTIONS = 0.05
_ONE_QUESTION = 5.0
_reaper = threading.Lock()


def why_not() -> str | None:
    """Why there can be no containers here, or None; an engine that hangs costs half a second, not the run."""
    if importlib.util.find_spec("testcontainers") is None:
        return "testcontainers is not installed (pip install 'orm-testing[docker]')"
    engine = os.environ.get("DOCKER_HOST") or _ENGINE
    try:
        answer = _pinged(engine)
    except OSError as error:
        return f"no Docker engine answers at {engine} ({error})"
    return None if answer else f"what answers at {engine} is not a Docker engine"


def start(
    product: Product, folder: Folder, patience: float, given_up: threading.Event, labels: dict[str, str]
) -> Record:
    """Start a container, and answer when its server does; the time to fetch an image is not counted."""
    began = time.perf_counter()
    password = secrets.token_hex(16)
    mark = secrets.token_hex(8)
    folder.begin(product.stop_signal)
    (folder.path / "container").write_text(mark, encoding="ascii")
    try:
        container = _made(product, password, {LABEL: mark, **labels})
    except Exception as error:
        raise ConfigurationError(f"the image {product.image} cannot be used: {error}") from error
    try:
        url = _run(product, container, password)
        wrapped = container.get_wrapped_container()
        try:
            fingerprint = _awaited(product, url, wrapped, patience, given_up)
        except ConfigurationError as error:
            raise ConfigurationError(f"{error}{last_of(_logs(wrapped).splitlines())}") from error
    finally:
        container.get_docker_client().client.close()
    seconds = time.perf_counter() - began
    record = Record(product.name, "container", url, fingerprint, seconds, container=wrapped.id)
    folder.write(record)
    return record


def _made(product: Product, password: str, labels: dict[str, str]) -> Any:
    module: Any = importlib.import_module("testcontainers.core.container")
    container = module.DockerContainer(product.image)
    container.with_envs(**product.container_environment(password))
    container.with_kwargs(labels=labels)
    if product.container_command:
        container.with_command(list(product.container_command))
    container.ports[str(product.container_port)] = ("127.0.0.1", None) if _is_here(container) else None
    return container


def _run(product: Product, container: Any, password: str) -> str:
    """Start the container, without the reaper of testcontainers: ours is removed by the next run, if not by this one."""
    config: Any = importlib.import_module("testcontainers.core.config").testcontainers_config
    try:
        with _reaper:
            theirs, config.ryuk_disabled = config.ryuk_disabled, True
            try:
                container.start()
            finally:
                config.ryuk_disabled = theirs
        port = int(container.get_exposed_port(product.container_port))
        return product.url(container.get_container_host_ip(), port, password)
    except Exception as error:
        raise ConfigurationError(f"the image {product.image} does not start: {error}") from error


def remove(mark: str) -> None:
    """Remove the container that carries this mark, by its id; an engine that is gone runs none."""
    docker: Any = importlib.import_module("docker")
    with suppress(docker.errors.DockerException, OSError):
        client = docker.from_env(timeout=10)
        try:
            for each in client.containers.list(all=True, filters={"label": f"{LABEL}={mark}"}):
                each.remove(force=True, v=True)
        finally:
            client.close()


def logs(record: Record) -> str:
    """What the container said so far."""
    docker: Any = importlib.import_module("docker")
    try:
        client = docker.from_env(timeout=10)
        try:
            return _logs(client.containers.get(record.container))
        finally:
            client.close()
    except (docker.errors.DockerException, OSError) as error:
        raise ConfigurationError(f"the log of {record.product} cannot be read: {error}") from error


def _awaited(product: Product, url: str, container: Any, patience: float, given_up: threading.Event) -> str:
    deadline = time.monotonic() + patience
    while True:
        left = deadline - time.monotonic()
        try:
            return product.ask(url, max(min(left, _ONE_QUESTION), _BETWEEN_QUESTIONS))
        except UnavailableError as error:
            silence = str(error)
        container.reload()
        if container.status in {"exited", "dead", "removing"}:
            raise ConfigurationError(f"the container of {product.title} ended before it answered.")
        if given_up.wait(_BETWEEN_QUESTIONS):
            raise ConfigurationError(f"starting {product.title} was given up.")
        if left <= 0:
            raise ConfigurationError(
                f"{product.title} did not answer within {patience:g} s (--orm-service-timeout): {silence}"
            )


def _is_here(container: Any) -> bool:
    """Whether containers' ports are reached on this machine's loopback, so that nobody else is to reach them."""
    client = container.get_docker_client()
    return client.get_connection_mode().value == "docker_host" and client.host() in {"localhost", "127.0.0.1"}


def _logs(container: Any) -> str:
    return str(container.logs(tail=1000).decode(errors="replace"))


def _pinged(engine: str) -> bool:
    """Whether a Docker engine answers there; what cannot be asked cheaply is believed."""
    parts = urlsplit(engine)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        address: Any = parts.path
    elif parts.scheme in {"tcp", "http"}:
        connection = socket.socket()
        address = (parts.hostname, parts.port or 2375)
    else:
        return parts.scheme in {"ssh", "https"} or os.path.exists(parts.path)  # noqa: PTH110  (a named pipe is no file)
    with connection:
        connection.settimeout(_ENGINE_ANSWERS_WITHIN)
        connection.connect(address)
        if os.environ.get("DOCKER_TLS_VERIFY"):
            return True
        connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
        return connection.recv(64).startswith(b"HTTP/1.")
