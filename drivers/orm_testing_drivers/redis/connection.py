"""How clients of Redis are made, to a server of a URL or to a stand-in, and how what they ask is heard."""

import os
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.connection import ConnectionPool, parse_url
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from orm_testing.errors import ConfigurationError, UnavailableError
from orm_testing_drivers.nosql.clients import Heard
from orm_testing_drivers.redis.errors import translated
from orm_testing_drivers.redis.scripts import NAMES

CONNECT_SECONDS = 2.0
ANSWER_SECONDS = 20.0
_BATCH = 1000
_OLDEST = "Redis 6.2"


def opened(url: str, heard: Heard | None = None, seconds: float = ANSWER_SECONDS) -> redis.Redis:
    """A client that tries each request once: what was lost on the way may have been done.

    What a URL says of decoding and of the protocol does not count; bytes are exact.
    """
    path = urlsplit(url).path.strip("/")
    if path and not path.isdecimal() and not url.startswith("unix:"):
        raise ConfigurationError(
            f"the URL of Redis ends with the number of a database, and not with {path!r}."
        )
    try:
        parse: Any = parse_url
        options: dict[str, Any] = {
            **parse(url),
            "socket_connect_timeout": min(seconds, CONNECT_SECONDS),
            "socket_timeout": seconds,
            "decode_responses": False,
            "protocol": 2,
            "retry": Retry(NoBackoff(), 0),
            "retry_on_timeout": False,
        }
        pool = ConnectionPool(**options)
        pool.connection_class(**pool.connection_kwargs)  # which says at once what it does not take
    except (ValueError, TypeError) as error:
        raise ConfigurationError(f"the URL of Redis is not one that redis-py takes: {error}") from error
    client: redis.Redis = hear(redis.Redis.from_pool(pool), heard)
    return client


def hear(client: Any, heard: Heard | None) -> Any:
    """The client, whose requests are heard from now on."""
    if heard is None:
        return client
    send = client.execute_command

    def execute_command(*words: Any, **options: Any) -> Any:
        script = NAMES.get(words[1]) if words[0] == "EVALSHA" else None
        heard(f"EVALSHA {script}" if script else str(words[0]), words[2:] if script else words[1:])
        return send(*words, **options)

    client.execute_command = execute_command
    return client


def asked(url: str, seconds: float) -> str:
    """Product and version of what answers; as `Product.ask`."""
    with opened(url, seconds=seconds) as client:
        try:
            said = client.execute_command("HELLO", 2)
        except ResponseError as error:
            if "unknown command" in str(error).lower():
                raise ConfigurationError(
                    f"what answers is older than {_OLDEST}, or no Redis: {error}"
                ) from error
            raise _refused(error) from error
        except RedisError as error:
            raise _refused(error) from error
        told = _pairs(said)
        mode, role = told.get("mode", "standalone"), told.get("role", "master")
        if mode != "standalone":
            raise ConfigurationError(f"the server runs as {mode}, and the driver needs a single server.")
        if role != "master":
            raise ConfigurationError(f"the server is a {role}, which takes no writes; give its master.")
        return f"{told.get('server', 'redis').capitalize()} {told.get('version', '')}".strip()


def _pairs(said: Any) -> dict[str, str]:
    flat = [part for pair in said.items() for part in pair] if isinstance(said, dict) else said
    texts = [part.decode(errors="replace") if isinstance(part, bytes) else str(part) for part in flat]
    return dict(zip(texts[::2], texts[1::2], strict=False))


def _refused(error: RedisError) -> ConfigurationError | UnavailableError:
    if isinstance(error, redis.exceptions.InvalidResponse):
        return ConfigurationError(f"what answers does not speak Redis' protocol: {error}")
    if isinstance(error, redis.exceptions.AuthenticationError):
        return ConfigurationError(
            f"the server does not know who asks; write redis://:password@… or redis://user:password@…: {error}"
        )
    known = translated(error)
    if isinstance(known, UnavailableError):
        return known
    return ConfigurationError(str(error))


def keys_of(client: Any, namespaces: Sequence[str]) -> list[bytes]:
    """All keys of these namespaces of ours, whoever wrote them; the server goes on serving others meanwhile."""
    begins = tuple(f"{name}:".encode() for name in namespaces)
    common: bytes = os.path.commonprefix(begins) or b""  # noqa: RUF071  (no paths)
    escaped = re.sub(rb"([\\*?\[\]^-])", rb"\\\1", common)
    found = client.scan_iter(match=escaped + b"*", count=_BATCH) if begins else ()
    return list(dict.fromkeys(key for key in found if key.startswith(begins)))


def remove(client: Any, namespaces: Sequence[str]) -> None:
    """Remove all keys of these namespaces of ours."""
    keys = keys_of(client, namespaces)
    for first in range(0, len(keys), _BATCH):
        client.unlink(*keys[first : first + _BATCH])
