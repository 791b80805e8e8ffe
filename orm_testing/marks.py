"""Decorators for test methods and classes; each is a pytest mark, decided at collection."""

import pytest

from orm_testing.backends import NAME
from orm_testing.capabilities import check_known
from orm_testing.errors import ConfigurationError
from orm_testing.ledger import Kind, KnownFailure


def skip_backend(*names: str, reason: str = "") -> pytest.MarkDecorator:
    """The test does not run on these backends: `@skip_backend("redis", reason="no joins")`.

    The reason may also stand last: what holds a space is no name of a backend.
    """
    *first, last = names or ("",)
    if isinstance(last, str) and " " in last:
        names, reason = tuple(first), last
    _check("skip_backend", names)
    return pytest.mark.orm_skip(*names, reason=reason)


def only_backends(*names: str) -> pytest.MarkDecorator:
    """The test runs on these backends alone."""
    _check("only_backends", names)
    return pytest.mark.orm_only(*names)


def requires(*capabilities: str) -> pytest.MarkDecorator:
    """The test is *unsupported*, not failed, on a backend that lacks one of these capabilities."""
    if not capabilities or not all(isinstance(capability, str) for capability in capabilities):
        raise ConfigurationError(
            f'requires takes names of capabilities: @requires("transactions"). Got: {capabilities!r}'
        )
    for capability in capabilities:
        check_known(capability)
    return pytest.mark.orm_requires(*capabilities)


def known_failure(
    backend: str,
    /,
    *,
    kind: Kind,
    raises: str | type[BaseException],
    reason: str,
    product: str = "",
    versions: str = "",
    link: str = "",
) -> pytest.MarkDecorator:
    """The test fails on this backend, with this error and no other, and it is known why.

    Where it passes, or fails in another way, the run fails. `product` is how the fingerprint of the product begins, for a
    backend that several serve, and `versions` those that the failure is known of: `product="FerretDB", versions="<2"`.
    """
    _check("known_failure", (backend,))
    name = raises.__name__ if isinstance(raises, type) else raises
    entry = KnownFailure(kind=kind, raises=name, reason=reason, product=product, versions=versions, link=link)
    return pytest.mark.orm_known_failure(backend, entry=entry)


new_store = pytest.mark.orm_new_store
"""The test starts on a store newly made, where a reset of the one that served before would do for others: `@new_store`."""


def _check(decorator: str, names: tuple[str, ...]) -> None:
    if not names or not all(isinstance(name, str) and NAME.fullmatch(name) for name in names):
        raise ConfigurationError(
            f'{decorator} takes names of backends: @{decorator}("sqlite"). A reason holds a space, or is given as reason=.'
            f" Got: {names!r}"
        )
