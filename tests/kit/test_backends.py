"""Every backend is held to the kit."""

from everywhere import BACKENDS

from orm_testing.kit import DriverKit


class TestKit(DriverKit):
    ENABLED_BACKENDS = BACKENDS
