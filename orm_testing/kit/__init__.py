"""The kit: one suite that says everything the contract says, for anyone's driver.

It is adopted by a class that derives from `DriverKit` and names the backends of the driver in `ENABLED_BACKENDS`.
"""

import pytest

pytest.register_assert_rewrite("orm_testing.kit.cases", "orm_testing.kit.support")

from orm_testing.kit.adopting import DriverKit  # noqa: E402  (its cases are rewritten as they are imported)

__all__ = ["DriverKit"]
