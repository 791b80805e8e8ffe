"""The themes, one per module, in the order in which they are reported."""

from orm_testing.kit.cases.create import Create
from orm_testing.kit.support.cases import Cases

THEMES: tuple[type[Cases], ...] = (Create,)
