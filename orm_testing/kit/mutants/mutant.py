"""`Mutant`: one deliberate fault, in anyone's driver."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from orm_testing.driver import DriverInterface
from orm_testing.kit.support.cases import Cases

if TYPE_CHECKING:
    _Driver = DriverInterface
else:
    _Driver = object


class Mutant(_Driver):
    """A few methods that stand before those of any driver's class, and break one promise. The docstring names the fault.

    Most write `execute`: they change the operation that the driver is given, or the result that it answers.
    """

    themes: ClassVar[Sequence[type[Cases]]]
    """The themes of the kit that are meant to catch it."""

    needs: ClassVar[Sequence[str]] = ()
    """The capabilities without which a driver has nothing there to break."""

    on_server: ClassVar[bool] = False
    """Whether it shows only where there is a server, to which the connection can be lost."""


def mutate(driver: Any, mutant: type[Mutant]) -> None:
    """Give the driver, and every session that it makes, the fault."""
    own = type(driver)
    driver.__class__ = type(own.__name__, (mutant, own), {"__module__": own.__module__})
