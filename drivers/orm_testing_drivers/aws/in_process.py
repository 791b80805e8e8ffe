"""moto, for our clients alone: others, and whatever else in this process speaks HTTP, are left as they are.

Its state is shared by all clients of the process, in an account of our own. moto's own `mock_aws` of a test empties
the state of all accounts when it begins and when it ends.
"""

import functools
import re
import threading
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse  # type: ignore[import-untyped]
from moto.backends import get_backend
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber as of_mock_aws
from moto.core.request import normalize_request
from werkzeug.exceptions import HTTPException

from orm_testing.errors import ConfigurationError
from orm_testing_drivers.aws.endpoint import REGION, Endpoint

ACCOUNT = "707070707070"
"""The account in which moto keeps what our clients store; that of `mock_aws` is another one."""

_WITHOUT_REGIONS = "aws"
"""The one place of a service that moto keeps in no region."""

one_at_a_time = threading.RLock()
"""Held while moto answers, which makes each request atomic; and by whoever touches its memory directly."""


def where(service: str) -> Endpoint:
    """The address at which moto plays the service. Nothing is ever sent there."""
    return Endpoint(f"https://{service}.{REGION}.amazonaws.com")


def answer(client: Any) -> None:
    """Let moto answer what this client asks, in this process."""
    client.meta.events.unregister("before-send", of_mock_aws)
    client.meta.events.register_first("before-send", _answered)


def backend(service: str) -> Any:
    """What moto itself holds of a service: hold `one_at_a_time` while you use it."""
    of_account = get_backend(service)[ACCOUNT]  # type: ignore[call-overload]
    return of_account[REGION if REGION in of_account else _WITHOUT_REGIONS]


def _answered(request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
    """As moto's own hook, which looks through all services for each request."""
    request.headers["x-moto-account-id"] = ACCOUNT
    address = request.url.partition("?")[0]
    methods = (method for url, method in _methods(event_name.split(".")[1]) if url.match(address))
    method = next(methods, None)
    if method is None:
        raise ConfigurationError(f"moto has no answer to {request.method} {address}")
    with one_at_a_time:
        asked = normalize_request(request)
        try:
            status, headers, body = method(asked, asked.raw_url, asked.headers)
        except HTTPException as error:
            status, headers, body = error.code, error.get_headers(), error.get_body()
    return AWSResponse(request.url, status, headers, MockRawResponse(body))


@functools.cache
def _methods(service: str) -> list[tuple[re.Pattern[str], Any]]:
    return [(re.compile(url), method) for url, method in backend(service).urls.items()]
