"""`client`: one of boto3's clients, for an endpoint or for moto in this process, that says what it asks."""

import importlib.util
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from orm_testing.services.product import StandIn
from orm_testing_drivers.aws.endpoint import endpoint
from orm_testing_drivers.nosql.clients import Heard

CONNECT_SECONDS = 2
READ_SECONDS = 10
ATTEMPTS = 3


def client(
    service: str, url: str, *, heard: Heard | None = None, timeout: float | None = None, **settings: Any
) -> Any:
    """A client of boto3 for the server at this URL, or for moto in this process where the URL is empty.

    It reads nothing of the user's environment or files. With a `timeout` it asks once and waits so long; else it
    retries in botocore's standard mode. Other settings are those of botocore's `Config`.
    """
    from orm_testing_drivers.aws.session import make

    waits = {"connect_timeout": timeout or CONNECT_SECONDS, "read_timeout": timeout or READ_SECONDS}
    retries = {"mode": "standard", "total_max_attempts": 1 if timeout else ATTEMPTS}
    settings = {**waits, "retries": retries, **settings}
    if url:
        made = make(service, endpoint(url), **settings)
    else:
        from orm_testing_drivers.aws import in_process

        made = make(service, in_process.where(service), **settings)
        in_process.answer(made)
    if heard is not None:
        hear(made, heard)
    return made


def hear(made: Any, heard: Heard) -> None:
    """Tell `heard` of each request of this client from now on; each page of an answer is a request, a retry is not."""

    def told(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        heard(model.name, dict(params))

    made.meta.events.register_first("provide-client-params", told)


def stand_in(service: str, *modules: str) -> StandIn | str:
    """moto, by name and version, where it can be imported with the modules that the service needs besides."""
    try:
        missing = [name for name in ("moto", "boto3", *modules) if importlib.util.find_spec(name) is None]
    except (ImportError, ValueError) as error:
        return f"moto cannot be imported: {error}"
    if missing:
        return f"there is no Python module {' nor '.join(missing)} (pip install 'orm-testing[{service}]')"
    return StandIn(f"moto {version('moto')}")
