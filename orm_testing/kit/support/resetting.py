"""A reset in mid-test, which drivers that are made anew for each test do not have."""

import pytest

from orm_testing.driver import DriverInterface
from orm_testing.dsl.client import OrmDsl
from orm_testing.errors import ConfigurationError


def resets(orm: OrmDsl) -> bool:
    """Reset the store, and answer True; or see that a driver which has no way to do it says so, and answer False."""
    driver = orm.driver
    if driver.store is not None or type(driver).reset is not DriverInterface.reset:
        orm.reset()
        return True
    with pytest.raises(ConfigurationError):
        orm.reset()
    return False
