"""`Endpoint`: where a service answers, and as whom it is asked, as a URL says it."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from orm_testing.errors import ConfigurationError

REGION = "us-east-1"
"""The region where the URL names none."""

_NOBODY = ("ormtesting", "ormtesting")
"""The key and the secret where the URL gives none: servers that people run for tests take any of letters and digits."""

_AMAZON = re.compile(r"(^|\.)(amazonaws\.com(\.cn)?|api\.aws|amazonaws\.eu)\.?$")
_OPTIONS = ("region", "profile", "token")
_FORM = "write http://[key:secret@]host:port or https://…"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`http(s)://[key:secret@]host:port[/path][?region=…][&token=…]`, or `[&profile=…]` in the place of key and secret."""

    address: str
    """Scheme, host and port."""

    path: str = ""
    """What follows them, without slashes at its ends."""

    region: str = REGION
    key: str = _NOBODY[0]
    secret: str = field(default=_NOBODY[1], repr=False)
    token: str | None = field(default=None, repr=False)
    profile: str | None = None
    """The profile of the user's own configuration that says who asks: read only where the URL names it."""


def of_amazon(url: str) -> str | None:
    """Why a URL has to be confirmed, where it is one of AWS itself."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    if not _AMAZON.search(host):
        return None
    return f"{host} is AWS itself, where tests cost money and may meet what others own."


def endpoint(url: str) -> Endpoint:
    """What the URL says; `ConfigurationError` where it is none, which whoever gave it shows."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:  # which may show a part of the secret
        raise ConfigurationError(f"it is no URL: {_FORM}, and %2F for a slash in the secret.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigurationError(f"{_FORM}.")
    options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    unknown = sorted(options.keys() - set(_OPTIONS))
    if unknown:
        raise ConfigurationError(f"{unknown[0]!r} means nothing here. Known are: {', '.join(_OPTIONS)}.")
    given = parts.username is not None
    if given and not (parts.username and parts.password):
        raise ConfigurationError("give both, key and secret, or neither.")
    if given and "profile" in options:
        raise ConfigurationError("give key and secret, or a profile.")
    key, secret = (unquote(parts.username or ""), unquote(parts.password or "")) if given else _NOBODY
    shown = f"[{host}]" if ":" in host else host
    return Endpoint(
        f"{parts.scheme}://{shown}" + (f":{port}" if port is not None else ""),
        unquote(parts.path.strip("/")),
        options.get("region") or REGION,
        key,
        secret,
        options.get("token") or None,
        options.get("profile") or None,
    )
