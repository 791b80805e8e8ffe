"""Faults of pages."""

from dataclasses import replace
from typing import Any

from orm_testing.errors import InvalidQueryError
from orm_testing.kit.cases.pages import Pages
from orm_testing.kit.cases.queries import Queries
from orm_testing.kit.mutants.mutant import Mutant
from orm_testing.kit.mutants.parts import Result, answered, refused
from orm_testing.kit.mutants.selecting import Paging
from orm_testing.operations import Operation, QueryOperation


class OneMoreThanTheLimit(Paging):
    """A page has one row more than its limit."""

    themes = (Pages,)

    def page(self, limit: Any, offset: Any) -> tuple[Any, Any]:
        return limit + 1 if limit else limit, offset


class OneLessThanTheLimit(Paging):
    """A page has one row less than its limit."""

    themes = (Pages,)

    def page(self, limit: Any, offset: Any) -> tuple[Any, Any]:
        return limit - 1 if limit else limit, offset


class LimitZeroIsAll(Paging):
    """A limit of 0 is none."""

    themes = (Pages,)

    def page(self, limit: Any, offset: Any) -> tuple[Any, Any]:
        return limit or None, offset


class IgnoresTheLimit(Paging):
    """A page has all rows."""

    themes = (Pages,)

    def page(self, limit: Any, offset: Any) -> tuple[Any, Any]:
        return None, offset


class IgnoresTheOffset(Paging):
    """Every page begins with the first row."""

    themes = (Pages,)

    def page(self, limit: Any, offset: Any) -> tuple[Any, Any]:
        return limit, 0


class IgnoresTheOffsetWithoutALimit(Paging):
    """An offset without a limit is none."""

    themes = (Pages,)

    def page(self, limit: Any, offset: Any) -> tuple[Any, Any]:
        return limit, 0 if limit is None else offset


class OffsetCountsFromOne(Paging):
    """An offset of 1 is that of the first row."""

    themes = (Pages,)

    def page(self, limit: Any, offset: Any) -> tuple[Any, Any]:
        return limit, max(offset - 1, 0)


class OffsetCountsPages(Paging):
    """An offset is taken for the number of a page."""

    themes = (Pages,)

    def page(self, limit: Any, offset: Any) -> tuple[Any, Any]:
        return limit, offset * limit if limit else offset


class CapsPages(Paging):
    """A page has at most eight rows, whatever its limit."""

    themes = (Pages,)

    def page(self, limit: Any, offset: Any) -> tuple[Any, Any]:
        return min(limit or 8, 8) if limit != 0 else 0, offset


class WrapsBeyondTheEnd(Mutant):
    """A page beyond the end is the first one again."""

    themes = (Pages,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if isinstance(operation, QueryOperation) and result.data == [] and operation.offset:
            return super().execute(replace(operation, offset=0))
        return result


class TakesThePageBeforeItSelects(Mutant):
    """Rows that do not match take places in a page."""

    themes = (Pages,)

    def execute(self, operation: Operation) -> Result:
        result = super().execute(operation)
        if not isinstance(operation, QueryOperation) or result.peek() is not None or not operation.filters:
            return result
        page = super().execute(replace(operation, filters={})).data
        matching = super().execute(replace(operation, limit=None, offset=0)).data
        keys = [self.key_of(row) for row in matching]
        return answered(self, operation, [row for row in page if self.key_of(row) in keys])


class RefusesLargePages(Mutant):
    """A limit or an offset of more than 32 bits is refused."""

    themes = (Pages,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, QueryOperation):
            numbers = [number for number in (operation.limit, operation.offset) if type(number) is int]
            if max(numbers, default=0) >= 2**31:
                return refused(self, operation, InvalidQueryError("the page is too large"))
        return super().execute(operation)


class TakesAnyPage(Mutant):
    """A limit or an offset below 0 is taken for 0."""

    themes = (Queries,)

    def execute(self, operation: Operation) -> Result:
        if isinstance(operation, QueryOperation):
            limit, offset = operation.limit, operation.offset
            if type(limit) is int and limit < 0:
                operation = replace(operation, limit=0)
            if type(offset) is int and offset < 0:
                operation = replace(operation, offset=0)
        return super().execute(operation)
