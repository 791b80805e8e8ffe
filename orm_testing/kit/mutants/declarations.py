"""What mutants are made of whose fault is what they say of themselves."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

from orm_testing.capabilities import Capabilities
from orm_testing.kit.cases.capabilities import Declarations
from orm_testing.kit.mutants.mutant import Mutant


class Declaring(Mutant):
    """A mutant that declares something else than the driver's author did."""

    themes = (Declarations,)

    def setup_backend(self, models: Sequence[type[Any]]) -> None:
        super().setup_backend(models)
        own: Capabilities = vars(self).setdefault("_own_capabilities", self.capabilities)
        self.capabilities = self.declared(own)

    @abstractmethod
    def declared(self, own: Capabilities) -> Capabilities:
        """What it declares in the place of this."""


class Withholding(Declaring):
    """A mutant that can do what it does not declare."""

    def declared(self, own: Capabilities) -> Capabilities:
        return own.without(*self.needs)


class Overstating(Declaring):
    """A mutant that declares a value which is not its own."""

    value: ClassVar[dict[str, tuple[Any, Any]]]
    """What it declares of a capability, and what where that is its own value."""

    def declared(self, own: Capabilities) -> Capabilities:
        return own | {
            name: other if own.get(name) == one else one for name, (one, other) in self.value.items()
        }
