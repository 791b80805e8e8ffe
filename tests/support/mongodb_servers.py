"""The products that serve `mongodb` in tests, and servers of FerretDB of a test's own."""

import subprocess
import time
from contextlib import contextmanager

import pytest
from ports import free_port

from orm_testing import UnavailableError
from orm_testing.services.product import Instance
from orm_testing_drivers.mongodb.service import MongoProduct

both = pytest.mark.parametrize("product", ["ferretdb", "mongomock"])


class Ferretdb(MongoProduct):
    local_programs = ("ferretdb",)


@contextmanager
def serving(folder):
    """A server started as the library starts it; its process and its URL, by which the user may do everything."""
    product = Ferretdb()
    installation = product.find_local()
    if isinstance(installation, str):
        pytest.skip(installation)
    instance = Instance(installation, folder / "data", folder / "state", free_port(), "pass word/@")
    for made in (instance.data, instance.sockets):
        made.mkdir()
    product.initialise(instance, lambda arguments: None)
    process = subprocess.Popen(
        product.command(instance), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = product.url("127.0.0.1", instance.port, instance.password)
    try:
        awaited(product, url)
        yield process, url
    finally:
        process.kill()
        process.wait()


def awaited(product, url):
    deadline = time.monotonic() + 10
    while True:
        try:
            return product.ask(url, 1)
        except UnavailableError:
            if time.monotonic() > deadline:
                raise
