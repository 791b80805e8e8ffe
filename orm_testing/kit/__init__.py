"""The kit: one suite that says everything the contract says, for anyone's driver.

It is adopted by a class that derives from `DriverKit` and names the backends of the driver in `ENABLED_BACKENDS`.
"""

import importlib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from orm_testing.kit.adopting import AsyncDriverKit, DriverKit
    from orm_testing.kit.exploring import explore

pytest.register_assert_rewrite("orm_testing.kit.cases", "orm_testing.kit.support")

__all__ = ["AsyncDriverKit", "DriverKit", "explore"]

_MODULE_OF = {"AsyncDriverKit": "adopting", "DriverKit": "adopting", "explore": "exploring"}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
