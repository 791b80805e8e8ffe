"""What may be said of a URL, and whether it is one of the product that it is given for."""

import re
from urllib.parse import urlsplit

from orm_testing.errors import ConfigurationError, nearest
from orm_testing.services.product import Product
from orm_testing.services.server import STAND_IN

_PASSWORD = re.compile(r"(://[^:/?#@]*):.*@", re.DOTALL)
_SECRET = re.compile(r"(?i)([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)[^&#]*")


def masked(url: str) -> str:
    """The URL as it may be shown: no password in it, wherever it stood."""
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1:***@", url))


def scrubbed(text: str, url: str) -> str:
    """What somebody else said of the URL, without its password."""
    text = text.replace(url, masked(url))
    found = _PASSWORD.search(url)
    password = found[0][len(found[1]) + 1 : -1] if found else ""
    return text.replace(password, "***") if len(password) > _GUESSABLE else text


_GUESSABLE = 3


def check_scheme(product: Product, url: str, source: str) -> None:
    """Raise `ConfigurationError` for a URL of another product."""
    scheme = url.partition("://")[0].partition("+")[0].lower()
    if scheme in product.schemes and "://" in url:
        return
    expected = " or ".join(f"{each}://" for each in product.schemes)
    if "://" not in url:
        ways = ("local", "wheel", "container", STAND_IN)
        raise ConfigurationError(
            f"{source}: {masked(url)!r} is neither a way of getting {product.title} ({', '.join(ways)}) nor a URL that begins"
            f" with {expected}.{nearest(url, ways)}"
        )
    raise ConfigurationError(
        f"{source}: {masked(url)} is not a URL of {product.title}, which would begin with {expected}."
    )


def place(url: str) -> str:
    """What tells one server from another in a URL: who asks, where; no password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return masked(url)
    return f"{parts.username or ''}@{parts.netloc.rpartition('@')[2]}{parts.path}"
