"""Servers of Redis with settings of a test's own, each for that test alone."""

import shutil
import subprocess
import time
from contextlib import contextmanager

import pytest
from ports import free_port

from orm_testing.services.server import Server
from orm_testing_drivers.redis.connection import opened
from orm_testing_drivers.redis.errors import translated

needs_server = pytest.mark.external_services
PRODUCTS = (pytest.param("redis_server", marks=needs_server), "fakeredis")


@contextmanager
def serving(folder, *settings):
    """A server with these settings: its process, and itself as a user gives it; names of stores are as hard as can be."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not on PATH")
    port = free_port()
    command = [
        program,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(folder),
        *settings,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        wait_for(url)
        yield process, Server("redis", "given", url, "Redis", f"orm_testing_[a-z]^*?\\\\{port}")
    finally:
        process.kill()
        process.wait()


def wait_for(url, seconds=10):
    """Until something answers there."""
    deadline = time.monotonic() + seconds
    with opened(url, seconds=1) as client:
        while True:
            try:
                return client.ping()
            except Exception as error:
                if translated(error) is None or time.monotonic() > deadline:
                    raise
                time.sleep(0.005)
