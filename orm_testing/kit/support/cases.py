"""`Cases`, the class of one theme, and `stored`, by which it names its models."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from orm_testing.base import MultiBackendTestBase
from orm_testing.schema import ModelSchema, schema_of

if TYPE_CHECKING:
    from orm_testing.kit.adopting import DriverKit

M = TypeVar("M")


class stored(Generic[M]):  # noqa: N801  (it is read as a word: `Person = stored(models.Person)`)
    """A model of the kit, as a theme's cases name it: `self.Person` is the class that the adopter stores for it."""

    def __init__(self, model: type[M]) -> None:
        self.kits = model

    def __get__(self, instance: "Cases | None", owner: "type[Cases]") -> type[M]:
        if instance is None:
            return self.kits
        adopters: type[M] = instance.model(schema_of(self.kits))
        return adopters


class Cases(MultiBackendTestBase):
    """One theme of the kit: a class of cases for every driver, whose docstring says what the theme is."""

    kit: ClassVar["Callable[[], DriverKit] | None"] = None
    """Makes an instance of the class that adopted this theme."""

    asynchronous: ClassVar[bool] = False
    """Whether it is the async drivers of the backends that are held to it."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """The cases are found whatever a project says of the names of its own tests."""
        super().__init_subclass__(**kwargs)
        for name, value in vars(cls).items():
            if name.startswith("test_"):
                value.__test__ = True

    def model(self, schema: ModelSchema) -> type[Any]:
        """The class that is stored for one of the kit's models."""
        kit = type(self).kit
        return schema.model_class if kit is None else kit().model(schema)

    @classmethod
    def kits_models(cls) -> list[type[Any]]:
        """The kit's own models that the theme's cases name, in the order of their naming."""
        named: dict[type[Any], None] = {}
        for owner in reversed(cls.__mro__):
            named |= {value.kits: None for value in vars(owner).values() if isinstance(value, stored)}
        return list(named)

    def get_test_models(self) -> Sequence[type[Any]]:
        return [self.model(schema_of(model)) for model in self.kits_models()]
